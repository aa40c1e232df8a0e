"""Materials from a file of the Battery Parameter eXchange (BPX): blocks ``bpx`` of materials.

What the file has replaces the preset's, what the case gives beside it comes first. Each part that
is read is checked by the package ``bpx``; a file may lack the others. The formats 0.x and 1.x have
the same keys for these parts, but for the concentration of the salt. In the units of mesode::

    D_s, kappa, D_e       constants, expressions of x or tables, with their activation energy
    ocp                   with dU/dT (T - T_ref) where both are expressions or numbers; one that
                          rises somewhere as points between the limits of the stoichiometry
    branches              OCP (lithiation), OCP (delithiation); hysteresis.decay = constant/2
    i_0                   F k sqrt((c_e/c_e0) sto (1 - sto))
    macmullin             1 / transport efficiency
    tdf                   1, as BPX means it, or a number "Thermodynamic factor" in User-defined

Rates refer to the file's own temperature of reference, and are brought to 25 degC. Radius, surface
and thickness are of the section, not of a material, and are left alone.
"""

from __future__ import annotations

import ast
import math
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, Self

import numpy as np
from pydantic import ValidationError, model_validator
from pydantic_core import PydanticCustomError

from mesode.config.base import Block, Finding, entry, findings_of, problem, problems
from mesode.config.files import InputFile
from mesode.config.laws import law_forms
from mesode.constants import FARADAY, GAS_CONSTANT, T_REF
from mesode.errors import InputError
from mesode.inputs import read_json
from mesode.materials.expressions import expression_law

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import ValidationInfo

VERSIONS: Final = ("0", "1")
_SALT: Final = "Initial concentration [mol.m-3]"
_POTENTIALS: Final = {
    "lithiation": "OCP (lithiation) [V]",
    "delithiation": "OCP (delithiation) [V]",
}
#: Keys of an electrode that are none of its material.
_OF_ELECTRODES: Final = (
    "Thickness [m]",
    "Porosity",
    "Transport efficiency",
    "Conductivity [S.m-1]",
    "Particle",
)
_ENTROPIC: Final = "Entropic change coefficient [V.K-1]"
_POINTS: Final = 201
_SI: Final = {"diffusivity": "m^2/s", "conductivity": "S/m", "voltage": "V"}


class BpxFile(Block):
    """A BPX file."""

    file: InputFile = entry("Name of the BPX file (JSON).")


class BpxHost(BpxFile):
    """An electrode of a BPX file."""

    electrode: Literal["negative", "positive"] = entry("Electrode of the file.")
    particle: str | None = entry("Which material of a blend; none where there is one.", None)


class WithBpx(Block):
    """A material some of whose values may come from a BPX file."""

    @model_validator(mode="after")
    def _from_file(self, info: ValidationInfo) -> Self:
        source = getattr(self, "bpx", None)
        if source is None:
            return self
        try:
            found = self._missing(source, info)
        except PydanticCustomError as error:
            raise problems(findings_of(error, ("bpx",))) from None
        return self.model_copy(update=found)

    def _missing(self, source: BpxFile, info: ValidationInfo) -> dict[str, Any]:
        """Return the values of the file that are not given beside it."""
        forms, found = law_forms(type(self)), {}
        for key, value in values_of(source, type(self).__name__).items():
            if getattr(self, key) is None:
                found[key] = forms[key].parse(value, info) if key in forms else value
        hysteresis = getattr(self, "hysteresis", None)
        decay = _decay(source) if isinstance(source, BpxHost) else None
        if decay is not None and hysteresis is not None and hysteresis.decay is None:
            found["hysteresis"] = hysteresis.model_copy(update={"decay": decay})
        return found


def values_of(source: BpxFile, kind: str) -> dict[str, Any]:
    """Return what a BPX file says of a material, as it would stand in the case; numbers are SI.

    Raises:
        PydanticCustomError: another version, a missing or a wrong key; all of them.
    """
    data = _read(source.file)
    if isinstance(source, BpxHost):
        return _host(data, source)
    return _electrolyte(data) if kind == "ElectrolyteSpec" else _separator(data)


def note_of(source: BpxFile) -> str:
    """Return where the values come from, for the notes of a case."""
    header = _read(source.file)["Header"]
    title = header.get("Title") or "no title"
    return f"{Path(source.file).name}, BPX {header['BPX']} ({title})"


def drops_entropy(source: BpxFile) -> bool:
    """Tell whether a file has dU/dT that could not be put into the potential."""
    if not isinstance(source, BpxHost):
        return False
    particle = _particle(_read(source.file), source)
    return bool(particle.get(_ENTROPIC)) and "T - " not in str(_ocp(particle, T_REF))


def _read(file: str) -> dict[str, Any]:
    try:
        data = read_json(Path(file))
    except InputError as error:
        raise problem(error.problems[0].expected, path=("file",)) from None
    header = data.get("Header")
    version = header.get("BPX") if isinstance(header, dict) else None
    if version is None or not isinstance(data.get("Parameterisation"), dict):
        text = "expected a BPX file, with Header, BPX and Parameterisation"
        raise problem(text, path=("file",))
    if str(version).partition(".")[0] not in VERSIONS:
        text = f"the file is of BPX {version}; the versions 0.x and 1.x are read"
        raise problem(text, "Convert it with the package bpx", ("file",))
    return data


def _part(data: Mapping[str, Any], name: str) -> dict[str, Any]:
    parts = data["Parameterisation"]
    if not isinstance(parts.get(name), dict):
        text = f"the file has no {name}; it has {', '.join(parts) or 'nothing'}"
        raise problem(text, path=("file",))
    return dict(parts[name])


def _checked(kind: str, values: Mapping[str, Any], where: str) -> None:
    """Let the package bpx check a part of a file."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what bpx is made of
        import bpx.schema

        try:
            getattr(bpx.schema, kind).model_validate(dict(values))
        except ValidationError as error:
            found = {f"{where}: {e['loc'][0]}: {_words(e['msg'])}": None for e in error.errors()}
            raise problems(Finding(text, path=("file",)) for text in found) from None


def _words(message: str) -> str:
    return "required key is missing" if message == "Field required" else message


def _particle(data: Mapping[str, Any], source: BpxHost) -> dict[str, Any]:
    """Return the values of the one material of an electrode that is asked for."""
    electrode = _part(data, f"{source.electrode.capitalize()} electrode")
    several = electrode.get("Particle")
    if not isinstance(several, dict):
        if source.particle is not None:
            raise problem("this electrode has one material alone", path=("particle",))
        return electrode
    names = ", ".join(several)
    if source.particle is None:
        raise problem(f"the electrode is a blend: expected one of {names}", path=("particle",))
    if source.particle not in several:
        raise problem(f"no such material: expected one of {names}", path=("particle",))
    return dict(several[source.particle])


def _host(data: Mapping[str, Any], source: BpxHost) -> dict[str, Any]:
    particle = _particle(data, source)
    known = {key: value for key, value in particle.items() if key not in _OF_ELECTRODES}
    _checked("Particle", known, f"{source.electrode} electrode")
    reference = _reference(data)
    rate, salt = particle["Reaction rate constant [mol.m-2.s-1]"], _salt(data)
    E_k = particle.get("Reaction rate constant activation energy [J.mol-1]") or 0.0
    k = rate * _to_reference(E_k, reference)
    # the salt is kept above 0, as in the laws of the library
    c_e = "(c_e + sqrt(c_e**2 + 4))/2"
    i_0 = f"{FARADAY * k!r} * sqrt({c_e}/{float(salt)!r}*sto*(1 - sto))"
    return {
        "c_max": float(particle["Maximum concentration [mol.m-3]"]),
        **_rate("D_s", particle, "Diffusivity", "diffusivity", reference),
        "ocp": _ocp(particle, reference),
        "i_0": {"expression": i_0, "unit": "A/m^2"},
        **({"E_a_i_0": float(E_k)} if E_k else {}),
    }


def _electrolyte(data: Mapping[str, Any]) -> dict[str, Any]:
    values = _part(data, "Electrolyte")
    values.pop(_SALT, None)
    _checked("Electrolyte", values, "Electrolyte")
    reference = _reference(data)
    own = data["Parameterisation"].get("User-defined") or {}
    factor = own.get("Thermodynamic factor", 1.0)
    return {
        "concentration": float(_salt(data)),
        **_rate("kappa", values, "Conductivity", "conductivity", reference),
        **_rate("D_e", values, "Diffusivity", "diffusivity", reference),
        "t_plus": float(values["Cation transference number"]),
        "tdf": float(factor) if isinstance(factor, int | float) else 1.0,
    }


def _separator(data: Mapping[str, Any]) -> dict[str, Any]:
    values = _part(data, "Separator")
    _checked("Contact", values, "Separator")
    efficiency = values["Transport efficiency"]
    if not 0.0 < efficiency <= 1.0:
        text = f"Separator: Transport efficiency: expected a number above 0, to 1, not {efficiency}"
        raise problem(text, path=("file",))
    return {"porosity": float(values["Porosity"]), "macmullin": 1.0 / efficiency}


def _decay(source: BpxHost) -> float | None:
    constant = _particle(_read(source.file), source).get("OCP hysteresis decay constant")
    return None if constant is None else 0.5 * float(constant)


def _salt(data: Mapping[str, Any]) -> float:
    """Return the salt concentration at rest [mol/m^3]; of BPX 1.x from its state."""
    state = (data.get("State") or {}).get("Initial conditions") or {}
    old = (data["Parameterisation"].get("Electrolyte") or {}).get(_SALT)
    found = state.get("Initial electrolyte concentration [mol.m-3]", old)
    return 1000.0 if found is None else float(found)


def _reference(data: Mapping[str, Any]) -> float:
    cell = data["Parameterisation"].get("Cell") or {}
    return float(cell.get("Reference temperature [K]") or T_REF)


def _to_reference(E_a: float, reference: float) -> float:
    """Return the factor from the file's temperature of reference to 25 degC."""
    return math.exp(E_a / GAS_CONSTANT * (1.0 / reference - 1.0 / T_REF))


def _rate(
    key: str, values: Mapping[str, Any], name: str, dimension: str, reference: float
) -> dict[str, Any]:
    """Return a rate and its activation energy."""
    unit = {"diffusivity": "m2.s-1", "conductivity": "S.m-1"}[dimension]
    E_a = float(values.get(f"{name} activation energy [J.mol-1]") or 0.0)
    variable = "sto" if key == "D_s" else "c_e"
    law = _law(values[f"{name} [{unit}]"], variable, _SI[dimension], _to_reference(E_a, reference))
    return {key: law, **({f"E_a_{key}": E_a} if E_a else {})}


def _law(value: Any, variable: str, unit: str, factor: float = 1.0) -> Any:
    """Return a law of the case from a number, a function of x or a table."""
    if isinstance(value, dict):
        points = sorted(zip(value["x"], value["y"], strict=True))
        table = [[x, y * factor] for x, y in points]
        return {"table": table, "of": variable, "unit": unit}
    text = value if isinstance(value, str) else repr(float(value))
    text = _renamed(text, variable)
    return {"expression": text if factor == 1.0 else f"{factor!r}*({text})", "unit": unit}


def _ocp(particle: Mapping[str, Any], reference: float) -> Any:
    """Return the potential, or both branches."""
    unit = _SI["voltage"]
    if all(particle.get(key) is not None for key in _POTENTIALS.values()):
        return {
            n: _falling(_law(particle[k], "sto", unit), particle) for n, k in _POTENTIALS.items()
        }
    law = _falling(_law(particle["OCP [V]"], "sto", unit), particle)
    slope = particle.get(_ENTROPIC)
    if not slope or isinstance(slope, dict) or "expression" not in law:
        return law
    change = _law(slope, "sto", "V")["expression"]
    return {**law, "expression": f"({law['expression']}) + (T - {reference!r})*({change})"}


def _falling(law: dict[str, Any], particle: Mapping[str, Any]) -> dict[str, Any]:
    """Return a potential; as points of the window of the file, where it rises beyond that."""
    if "expression" not in law:
        return law
    try:
        function = expression_law(law["expression"])
    except ValueError:
        return law  # is refused with the reason where laws are read

    def values(sto: Any) -> Any:
        with np.errstate(all="ignore"):
            return function(sto=sto, T=T_REF) + 0.0 * sto

    if np.all(np.diff(values(np.linspace(1e-3, 1.0 - 1e-3, _POINTS))) <= 0.0):
        return law
    window = (particle["Minimum stoichiometry"], particle["Maximum stoichiometry"])
    sto = np.linspace(*window, _POINTS)
    return {**_law({"x": sto.tolist(), "y": values(sto).tolist()}, "sto", law["unit"])}


class _Renamer(ast.NodeTransformer):
    """Puts our variable for x, and exponentials for functions that laws do not have."""

    def __init__(self, variable: str) -> None:
        self._variable = variable

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.Name(self._variable) if node.id == "x" else node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        signs = {"cosh": "+", "sinh": "-"}
        if isinstance(node.func, ast.Name) and node.func.id in signs and len(node.args) == 1:
            inner = ast.unparse(node.args[0])
            text = f"(exp({inner}) {signs[node.func.id]} exp(-({inner})))/2"
            return ast.parse(text, mode="eval").body
        return node


def _renamed(text: str, variable: str) -> str:
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, RecursionError, MemoryError):
        return text  # is refused with the reason where laws are read
    return ast.unparse(_Renamer(variable).visit(tree))
