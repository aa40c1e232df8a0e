"""The numbers that follow from a recipe, put into the plain data of a case before it is checked."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from mesode.config.base import problem
from mesode.config.particles import HIGHEST_FRACTION
from mesode.config.recipe import FITS, Recipe, balance
from mesode.materials.presets import get_preset
from mesode.units import QuantityError, format_quantity, parse_quantity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mesode.config.base import Path
    from mesode.config.recipe import Balance

_SHAPES: Final = ("film", "bridges", "clusters")  # of the carbon-binder that take a fraction
_PLACEHOLDER: Final = 0.1  # fraction, where what it follows from is wrong and told elsewhere
_DIGITS: Final = 9  # of numbers that follow


def settle_recipes(data: Any) -> Any:
    """Return the plain data of a case with what follows from the recipes of its electrodes.

    What cannot be read is left as it is: the checks of the sections tell it.

    Raises:
        PydanticCustomError: what is wrong with a recipe, with its path.
    """
    geometry = data.get("geometry") if isinstance(data, dict) else None
    if not isinstance(geometry, dict):
        return data
    for block, materials in (("electrode", ("materials",)), ("counter", ("materials", "counter"))):
        electrode = geometry.get(block)
        if isinstance(electrode, dict) and electrode.get("recipe") is not None:
            specs = _at(data, materials)
            changed = _settled(
                electrode, specs if isinstance(specs, dict) else {}, block, materials
            )
            if changed is None:
                data = _put(data, ("geometry", block), _with_placeholders(electrode))
                continue
            data = _put(data, ("geometry", block), changed[0])
            for key, spec in changed[1].items():
                data = _put(data, (*materials, key), spec)
    return data


def _settled(
    electrode: Mapping[str, Any], specs: Mapping[str, Any], block: str, materials: Path
) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Return an electrode and its materials with what follows, None where they cannot be read."""
    place: Path = ("geometry", block)
    populations = _as_list(electrode.get("particles"))
    if not populations or not all(isinstance(each, dict) for each in populations):
        return None
    try:
        recipe = Recipe.model_validate(electrode["recipe"])
        thickness = electrode.get("thickness")
        given = None if thickness is None else parse_quantity(thickness, "length")
        hosts = _hosts(recipe, specs, place)
        densities = {name: _density(spec) for name, spec in hosts.items()}
    except (ValidationError, QuantityError, LookupError, TypeError, AttributeError):
        return None  # an unknown preset is a LookupError, too
    found = balance(recipe, densities, given, place)
    if found.particles > HIGHEST_FRACTION:
        text = f"the particles would fill {100 * found.particles:.3g} % of the electrode"
        hint = (
            f"At most {100 * HIGHEST_FRACTION:g} % can be packed: a higher porosity, or more carbon"
        )
        raise problem(text, hint, (*place, "recipe"))
    filled = _filled(populations, next(iter(hosts)), found, place)
    shape, spec = _carbon_binder(electrode, specs, recipe, found, place, materials)
    several = isinstance(electrode["particles"], list | tuple)
    whole = {
        **electrode,
        "thickness": thickness or format_quantity(_rounded(found.thickness), "length"),
        "particles": filled if several else filled[0],
        **shape,
    }
    return whole, spec


def _hosts(recipe: Recipe, specs: Mapping[str, Any], place: Path) -> dict[str, Any]:
    """Return the file's spec of each active material of the recipe, by its name."""
    active = specs["active"]
    single = "preset" in active
    if not isinstance(recipe.active, dict):
        if single or len(active) == 1:
            return {"": active if single else next(iter(active.values()))}
        hint = f"Give each its part: active: {{{', '.join(f'{name}: ...' for name in active)}}}"
        raise problem("there are several active materials", hint, (*place, "recipe", "active"))
    for name in recipe.active:
        if single or name not in active:
            known = "only one, without a name" if single else ", ".join(active)
            path = (*place, "recipe", "active", name)
            raise problem("expected the name of an active material", f"There is {known}", path)
    return {name: active[name] for name in recipe.active}


def _density(spec: Mapping[str, Any]) -> float:
    if spec.get("density") is not None:
        return parse_quantity(spec["density"], "density")
    preset: Any = get_preset("active", spec["preset"])
    return float(preset.density)


def _filled(
    populations: list[dict[str, Any]], first: str, found: Balance, place: Path
) -> list[dict[str, Any]]:
    """Return the populations with their fractions."""
    left = dict(found.fractions)
    filled = []
    for number, population in enumerate(populations):
        path = (*place, "particles", number)
        if population.get("inside") not in (None, "solid", {"kind": "solid"}):
            hint = "Give fraction and thickness instead of the recipe"
            raise problem("a recipe supports solid particles only", hint, (*path, "inside"))
        name = "" if "" in found.fractions else str(population.get("material", first))
        if name not in left:
            text = "expected one population of each active material of the recipe"
            raise problem(text, path=path)
        share = left.pop(name)
        filled.append({**population, "fraction": _follow(population, "fraction", share, path)})
    if left:
        text = f"expected particles of {', '.join(left)}, which the recipe has"
        raise problem(text, path=(*place, "particles"))
    return filled


def _carbon_binder(
    electrode: Mapping[str, Any],
    specs: Mapping[str, Any],
    recipe: Recipe,
    found: Balance,
    place: Path,
    materials: Path,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the shape of the carbon-binder, and its material, as far as a recipe sets them."""
    shapes = _as_list(electrode.get("carbon_binder") or "matrix")
    shape = {"kind": shapes[0]} if isinstance(shapes[0], str) else shapes[0]
    spec = specs.get("carbon_binder")
    if len(shapes) > 1 or not isinstance(shape, dict):
        hint = "Give fraction and thickness instead of the recipe"
        raise problem("a recipe sets one shape of carbon-binder", hint, (*place, "carbon_binder"))
    kind = shape.get("kind", "matrix")
    if (kind == "none") != (found.solid == 0.0):
        text = "carbon and binder of the recipe have a place where there is a carbon-binder only"
        raise problem(text, path=(*place, "carbon_binder"))
    if kind == "none" or not isinstance(spec, dict) or "preset" not in spec:
        return {}, {}
    path = (*materials, "carbon_binder")
    spec = {"density": format_quantity(_rounded(recipe.solid_density()), "density"), **spec}
    if kind == "matrix":
        value = _follow(spec, "porosity", found.matrix_porosity, path)
        return {}, {"carbon_binder": {**spec, "porosity": value}}
    if kind not in _SHAPES:
        hint = f"It may be matrix, {', '.join(_SHAPES)}"
        text = "a recipe cannot set this shape of carbon-binder"
        raise problem(text, hint, (*place, "carbon_binder"))
    inner = _own_porosity(spec)
    if inner is None:
        return {"carbon_binder": {"fraction": _PLACEHOLDER, **shape}}, {}
    fraction = found.solid / (1.0 - inner)
    if found.particles + fraction > 1.0:
        text = "the carbon-binder with its pores takes more than the particles leave"
        raise problem(text, "Less porosity of the carbon-binder, or a matrix", (*place, "recipe"))
    value = _follow(shape, "fraction", fraction, (*place, "carbon_binder"))
    return {"carbon_binder": {**shape, "fraction": value}}, {"carbon_binder": spec}


def _own_porosity(spec: Mapping[str, Any]) -> float | None:
    """Return the porosity of a carbon-binder, None where it cannot be read."""
    try:
        preset: Any = get_preset("carbon_binder", spec["preset"])
        own = preset.ionic.porosity if preset.ionic else 0.0
        porosity = parse_quantity(spec.get("porosity", own), "ratio")
    except (QuantityError, LookupError, TypeError):
        return None
    return porosity if 0.0 <= porosity < 1.0 else None


def _follow(data: Mapping[str, Any], key: str, value: float, path: Path) -> Any:
    """Return a number that follows; one that stands there already must be the same."""
    given = data.get(key)
    if given is None:
        return _rounded(value)
    if isinstance(given, int | float) and math.isclose(given, value, rel_tol=FITS):
        return given
    raise problem(f"this follows from the recipe, {value:.6g}", "Take it out", (*path, key))


def _with_placeholders(electrode: Mapping[str, Any]) -> dict[str, Any]:
    """Return an electrode in which nothing is told as missing that a recipe would give."""
    populations = _as_list(electrode.get("particles"))
    filled = [{"fraction": _PLACEHOLDER, **p} if isinstance(p, dict) else p for p in populations]
    several = isinstance(electrode.get("particles"), list | tuple)
    particles = {} if not filled else {"particles": filled if several else filled[0]}
    return {"thickness": "100 um", **electrode, **particles}


def _rounded(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")


def _as_list(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def _at(data: Any, path: Path) -> Any:
    for part in path:
        data = data.get(part) if isinstance(data, dict) else None
    return data


def _put(data: dict[str, Any], path: Path, value: Any) -> dict[str, Any]:
    head, rest = path[0], path[1:]
    key = str(head)
    return {**data, key: _put(data[key], rest, value) if rest else value}
