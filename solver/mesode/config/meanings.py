"""What people look for under other names than the keys of the case file: found by meaning."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final, get_args

from mesode.config.base import Block

if TYPE_CHECKING:
    from collections.abc import Iterator

_C_MAX = "materials.active.c_max, the largest concentration of lithium"
_RECIPE = "geometry.electrode.recipe, an electrode by weight"
_LOADING = "geometry.electrode.recipe.loading, or thickness and fraction of the particles"
_FILM = "materials.active.film_resistance, a film that does not grow"
_SEI = "materials.sei, a film that grows"

_LONGEST = 100  # characters of a key that are looked at

#: Word in a key that is not known -> where that stands. Words are in lower case.
MEANINGS: Final = {
    "sei": _SEI,
    "film": _FILM,
    "hysteresis": "materials.active.hysteresis",
    "capacity": _C_MAX,
    "qmax": _C_MAX,
    "loading": _LOADING,
    "mass": _RECIPE,
    "weight": _RECIPE,
    "wt": _RECIPE,
    "composition": _RECIPE,
    "soc": "initial.soc",
    "dod": "initial.lithiation",
    "stoichiometry": "initial.lithiation",
    "sto": "initial.lithiation",
    "current": "protocol, e.g. 'Lithiate at 5 mA/cm2 until 10 mV'",
    "crate": "protocol, e.g. 'Lithiate at C/5 until 10 mV'",
    "rate": "protocol, e.g. 'Lithiate at C/5 until 10 mV'",
    "cutoff": "protocol, e.g. 'Lithiate at C/5 until 10 mV'",
    "cycles": "protocol, a list of steps",
    "steps": "protocol, a list of steps",
    "experiment": "protocol, a list of steps",
    "young": "materials.active.E",
    "youngs": "materials.active.E",
    "modulus": "materials.active.E",
    "stiffness": "materials.active.E",
    "poisson": "materials.active.nu",
    "expansion": "materials.active.volumetric_expansion",
    "swelling": "materials.active.volumetric_expansion",
    "omega": "materials.active.partial_molar_volume",
    "diffusivity": "materials.active.D_s, materials.electrolyte.D_e",
    "diffusion": "materials.active.D_s, materials.electrolyte.D_e",
    "conductivity": "materials.active.sigma, materials.electrolyte.kappa",
    "exchange": "materials.active.i_0_ref",
    "kinetics": "materials.active.i_0_ref",
    "ocv": "materials.active.ocp",
    "potential": "materials.active.ocp",
    "transference": "materials.electrolyte.t_plus",
    "tortuosity": "macmullin of carbon_binder and separator: tortuosity over porosity",
    "radius": "diameter",
    "size": "diameter of particles, or mesh.size",
    "resolution": "mesh.size and mesh.interface",
    "timestep": "numerics.max_step",
    "dt": "numerics.max_step",
    "anode": "geometry.electrode and materials.active",
    "negative": "geometry.electrode and materials.active",
    "cathode": "geometry.counter and materials.counter",
    "positive": "geometry.counter and materials.counter",
    "binder": "carbon_binder",
    "carbon": "carbon_binder",
    "collector": "geometry.electrode.collector, materials.foil",
    "stack": "physics.top",
    "load": "physics.top",
}


def by_meaning(key: str, root: type[Block]) -> str:
    """Return where in a case file that stands which a key means, or nothing.

    That is a key of this name in another place, else one with this meaning.
    """
    if "geometry" not in root.model_fields:  # of a study, a profile
        return ""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", key[:_LONGEST]).lower()
    whole = re.sub(r"[\W_]", "", words)
    if whole not in MEANINGS and (places := _places(root).get(key)):
        return " or ".join(places[:2])
    found = (MEANINGS.get(word) for word in (whole, *re.split(r"[\W_]+", words)))
    return next((place for place in found if place), "")


@cache
def _places(root: type[Block]) -> dict[str, list[str]]:
    """Return the paths at which each key may stand: those of the working electrode first."""
    found: dict[str, list[str]] = {}
    for path in sorted(_paths(root, (), frozenset()), key=_commonness):
        text = ".".join(path)
        if text not in found.setdefault(path[-1], []):
            found[path[-1]].append(text)
    return found


def _commonness(path: tuple[str, ...]) -> tuple[bool, int, tuple[str, ...]]:
    return "counter" in path, len(path), path


def _paths(
    section: type[Block], before: tuple[str, ...], above: frozenset[type]
) -> Iterator[tuple[str, ...]]:
    for key, field in section.model_fields.items():
        yield (*before, key)
        for below in _sections_in(field.annotation):
            if below not in above:
                yield from _paths(below, (*before, key), above | {below})


def _sections_in(annotation: Any) -> Iterator[type[Block]]:
    if isinstance(annotation, type) and issubclass(annotation, Block):
        yield annotation
    for argument in get_args(annotation):
        yield from _sections_in(argument)
