"""A material as a sheet of plain data: each value and law with unit, source, assumed or not."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from mesode.constants import C_E_REF, T_REF
from mesode.materials.law import Law
from mesode.materials.override_rules import USER
from mesode.materials.properties import Lithium, Mechanical
from mesode.materials.property_table import PROPERTIES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import numpy.typing as npt

    from mesode.materials.hysteresis import Hysteresis
    from mesode.materials.properties import AnyMaterial, Layer, Network

#: The state in which a law is evaluated, but for the variable that it is shown over.
REFERENCE: Final[Mapping[str, float]] = {"sto": 0.5, "c_e": C_E_REF, "T": T_REF}
_REFERENCE: Final[dict[str, Any]] = dict(REFERENCE)
UNITS: Final = {"sto": "1", "c_e": "mol/m^3", "T": "K"}
_UNIT_TEXT: Final = {"sto": "", "c_e": " mol/m^3", "T": " K"}
_RANGES: Final = {"sto": (0.0, 1.0), "c_e": (100.0, 2000.0), "T": (250.0, 350.0)}
_SAMPLES = 21
_DIGITS = 6
# Key of the case file under which a property is listed as assumed, where it is not its own.
_KEYS: Final = {"swelling": ("volumetric_expansion", "partial_molar_volume")}
_DEFAULTS: Final = {
    field.name: field.default
    for group in (Lithium, Mechanical)
    for field in dataclasses.fields(group)
}
# What acts only where the material has another property as well.
_WITH: Final = {"hardening": "yield_strength", "flow_exponent": "flow_rate"}
_NOT_SHOWN = (
    "name",
    "description",
    "sources",
    "assumed",
    "hysteresis",
    "layer",
    "network",
    "crystalline",
)


def material_sheet(material: AnyMaterial, preset: AnyMaterial | None = None) -> dict[str, Any]:
    """Return what a material is made of.

    Args:
        material: with the changes of a case, or a preset.
        preset: as it was before the changes; what differs is given by the user.
    """
    before = dict(_values(preset)) if preset is not None else {}
    sheet: dict[str, Any] = {"preset": material.name, "description": material.description}
    if material.sources:
        sheet["sources"] = list(material.sources)
    sheet |= {key: value for key, value in _values(material) if isinstance(value, str | bool)}
    sheet["properties"] = {
        key: _with_origin(
            key, value, material, given=preset is not None and value != before.get(key)
        )
        for key, value in _values(material)
        if not isinstance(value, str | bool)
    }
    if hysteresis := getattr(getattr(material, "lithium", None), "hysteresis", None):
        sheet["hysteresis"] = _hysteresis_sheet(hysteresis)
    if crystalline := getattr(getattr(material, "lithium", None), "crystalline", None):
        sheet["crystalline"] = dataclasses.asdict(crystalline)
    if network := getattr(getattr(material, "mechanical", None), "network", None):
        sheet["network"] = _network_sheet(network)
    if layer := getattr(material, "layer", None):
        sheet["layer"] = _layer_sheet(layer)
    told = {entry for key in sheet["properties"] for entry in _entries(key, material)}
    if others := [entry for entry in material.assumed if entry not in told]:
        sheet["assumed"] = others
    return sheet


def _hysteresis_sheet(hysteresis: Hysteresis) -> dict[str, Any]:
    numbers = {"decay": hysteresis.decay, "initial": hysteresis.initial}
    return {
        "model": hysteresis.model,
        **(numbers if hysteresis.model == "one_state" else {}),
        **({"li15si4": dataclasses.asdict(phase)} if (phase := hysteresis.li15si4) else {}),
        "lithiation": law_sheet(hysteresis.lithiation),
        "delithiation": law_sheet(hysteresis.delithiation),
    }


def _network_sheet(network: Network) -> dict[str, Any]:
    """Return what of a network relaxes, shares and times [s]."""
    terms = [{"share": t.share, "time": _rounded(t.time)} for t in network.relaxation]
    sheet: dict[str, Any] = {"permanent": _rounded(network.permanent)}
    if network.bonds is not None:
        sheet["bonds"] = {
            "share": network.bonds.share,
            "rate": _rounded(1.0 / network.bonds.time),
        }
    return {**sheet, "relaxation": terms} if terms else sheet


def _layer_sheet(layer: Layer) -> dict[str, Any]:
    return {
        "fraction": _rounded(layer.fraction),
        "particles": layer.shape,
        "radius": f"{_rounded(layer.radius)} m",
        "inside": "resolved" if layer.resolved else "uniform",
    }


def laws_of(material: AnyMaterial) -> dict[str, Law]:
    """Return the laws of a material by property."""
    return {key: value for key, value in _values(material) if isinstance(value, Law)}


def law_sheet(law: Law) -> dict[str, Any]:
    """Return a law: its value, or values over its range, with unit, range and source."""
    sheet: dict[str, Any] = {} if _is_constant(law) else {"law": law.name}
    if not law.variables:
        sheet["value"] = _rounded(law(**_REFERENCE))
    sheet["unit"] = law.unit
    if law.E_a:
        sheet["activation_energy"] = f"{law.E_a / 1e3:g} kJ/mol"
    if law.branch:
        sheet["branch"] = law.branch
    if law.valid:
        sheet["known_for"] = {
            name: f"{low:g} to {high:g}{_UNIT_TEXT[name]}"
            for name, (low, high) in law.valid.items()
        }
    if law.variables:
        sheet["values"] = _values_over_range(law)
    return {**sheet, "assumed": law.assumed, "source": law.source or "none given"}


def samples(law: Law, points: int = _SAMPLES) -> tuple[str, Any, Any]:
    """Return a variable of a law, points over its range, and the law there.

    The variable is the lithiation where the law depends on it, else the salt concentration, else
    the temperature; the others are those of the reference state. Lithiations are closer together
    near their ends, where exchange currents go with the root and potentials are steep.
    """
    over = next(name for name in REFERENCE if name in law.variables)
    low, high = law.valid.get(over, _RANGES[over])
    part = np.linspace(0.0, 1.0, points)
    if over == "sto":
        part = 0.5 - 0.5 * np.cos(np.pi * part)
    x = low + (high - low) * part
    if over == "sto":
        x = np.round(x, _DIGITS)  # as it is printed: the law is steep at the ends
    with np.errstate(all="ignore"):
        y = law(**{**_REFERENCE, over: x}) + 0.0 * x
    return over, x, y


def reference_text(law: Law, over: str) -> str:
    """Return at which values of the other variables a law is shown; nothing where there is none."""
    shown = {"sto": "lithiation 0.5", "c_e": "1000 mol/m^3", "T": "25 degC"}
    return ", ".join(shown[name] for name in REFERENCE if name in law.variables and name != over)


def _is_constant(law: Law) -> bool:
    return (law.base or law).variables == () and not law.E_a


def _values_over_range(law: Law) -> dict[str, Any]:
    over, x, y = samples(law)
    table: dict[str, Any] = {"over": f"{over} / {UNITS[over]}", "x": _list(x), "y": _list(y)}
    if at := reference_text(law, over):
        table["at"] = at
    return table


def _with_origin(key: str, value: Any, material: AnyMaterial, *, given: bool) -> dict[str, Any]:
    notes = dict(_parts(entry) for entry in _entries(key, material))
    sheet = law_sheet(value) if isinstance(value, Law) else _number_sheet(key, value, given=given)
    # the activation energy alone may be what is assumed
    sheet["assumed"] = bool(sheet["assumed"] or any(not n.startswith("E_a_") for n in notes))
    if notes:
        sheet["note"] = "; ".join(
            text if name == key else f"{name}: {text}" for name, text in notes.items()
        )
    return sheet


def _number_sheet(key: str, value: float, *, given: bool) -> dict[str, Any]:
    source, default = "sources of the preset", _DEFAULTS.get(key) == value
    if given:
        source, default = USER, False
    elif default:
        source = "default of mesode"
    return {
        "value": _rounded(value),
        "unit": PROPERTIES[key].bounds.unit,
        "assumed": default,
        "source": source,
    }


def _entries(key: str, material: AnyMaterial) -> list[str]:
    """Return what is said of a property, or of its activation energy, as assumed."""
    keys = (key, f"E_a_{key}", *_KEYS.get(key, ()))
    return [entry for entry in material.assumed if _parts(entry)[0] in keys]


def _parts(entry: str) -> tuple[str, str]:
    key, _, text = entry.partition(": ")
    return key, text


def _values(material: Any) -> Iterator[tuple[str, Any]]:
    """Yield numbers and laws of a material and of its property groups, by key."""
    for item in dataclasses.fields(material):
        value = getattr(material, item.name)
        if item.name in _NOT_SHOWN or value is None:
            continue
        if item.name in _WITH and getattr(material, _WITH[item.name]) is None:
            continue
        if dataclasses.is_dataclass(value) and not isinstance(value, Law):
            yield from _values(value)
        else:
            yield item.name, value


def _rounded(value: Any) -> float:
    return float(f"{float(value):.{_DIGITS}g}")


def _list(values: npt.NDArray[np.float64]) -> list[float]:
    return [_rounded(value) for value in values]
