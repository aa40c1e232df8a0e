"""A homogenised cell as a parameter set of PyBaMM: a Python module that needs PyBaMM alone.

Its ``get_parameter_values()`` returns the dictionary for ``pybamm.ParameterValues``. Laws stand in
it as tables, straight between points. A half cell is for ``{"working electrode": "positive"}``,
where discharge lithiates, as here; of a full section the electrode is the negative one.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from mesode import __version__
from mesode.constants import T_REF
from mesode.exchange.curves import Curve, curve_of, entropic_change, exchange_current
from mesode.exchange.left_out import left_out_of_pybamm

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mesode.exchange.effective import EffectiveCell, EffectiveElectrode, EffectiveHost
    from mesode.materials.law import Law

_VOLTS: Final = 5e-5
_RELATIVE: Final = 1e-4
_PHASES: Final = ("Primary: ", "Secondary: ")
_METAL: Final = {  # lithium metal: neither of the section
    "Negative electrode thickness [m]": 1e-4,
    "Negative electrode conductivity [S.m-1]": 1.0776e7,
    "Negative electrode OCP [V]": 0.0,
    "Negative electrode OCP entropic change [V.K-1]": 0.0,
    "Lithium metal partial molar volume [m3.mol-1]": 1.3e-5,
}
_CODE: Final = '''
def _law(name):
    """Return a number, or a function of the variable and of the temperature."""
    law = LAWS[name]
    x, y, E_a = (np.array(law["x"]), np.array(law["y"]), law["E_a"])

    def function(value, T=T_REF):
        base = pybamm.Interpolant(x, y, value, name) if len(x) else float(y[0])
        return base * pybamm.exp(E_a / pybamm.constants.R * (1 / T_REF - 1 / T)) if E_a else base

    return function if len(x) or E_a else float(y[0])


def _of_sto(name):
    """Return a potential or its entropic change, of the stoichiometry alone."""
    law = _law(name)
    return (lambda sto: law(sto)) if callable(law) else law


def _exchange(name):
    """Return i_0: of the lithiation, times that of the salt over their common value."""
    sto, salt = _law(name + ", lithiation"), _law(name + ", salt")
    common = REFERENCES[name]

    def function(c_e, c_s_surf, c_s_max, T):
        of_sto = sto(c_s_surf / c_s_max, T) if callable(sto) else sto
        return of_sto * (salt(c_e) if callable(salt) else salt) / common

    return function


def _of_metal(name):
    """Return i_0 of lithium metal."""
    law = _law(name)
    return lambda c_e, c_Li, T: law(c_e, T) if callable(law) else law


def get_parameter_values():
    """Return the dictionary for pybamm.ParameterValues."""
    values = dict(NUMBERS)
    for name in LAWS:
        kind, key = name.partition(", ")[::2]
        if kind == "law":
            values[key] = _law(name)
        elif kind == "potential":
            values[key] = _of_sto(name)
        elif kind == "metal":
            values[key] = _of_metal(name)
        elif key.endswith(", salt"):
            values[key.removesuffix(", salt")] = _exchange(name.removesuffix(", salt"))
    return values
'''


def pybamm_text(cell: EffectiveCell) -> str:
    """Return the module."""
    laws: dict[str, Curve] = dict(_laws(cell))
    references = {
        name.removesuffix(", salt"): law.y[0]
        if law.constant
        else float(np.interp(1e3, law.x, law.y))
        for name, law in laws.items()
        if name.endswith(", salt")
    }
    half = cell.counter is None
    option = '{"working electrode": "positive"}' if half else ""
    told = [f"assumed: {text}" for text in cell.assumed]
    told += [f"not in here: {text}" for text in left_out_of_pybamm(cell)]
    lines = [
        f'"""PyBaMM parameters of {json.dumps(cell.title)[1:-1]!s}, by mesode {__version__}.',
        "",
        "    import pybamm",
        "    values = pybamm.ParameterValues(get_parameter_values())",
        f"    model = pybamm.lithium_ion.DFN({option})",
        "",
        *told,
        '"""',
        "",
        "import numpy as np",
        "import pybamm",
        "",
        f"T_REF = {T_REF!r}",
        f"NUMBERS = {json.dumps(_numbers(cell), indent=4)}",
        f"REFERENCES = {json.dumps(references, indent=4)}",
        "LAWS = {",
        *(f"    {json.dumps(name)}: {json.dumps(asdict(law))}," for name, law in laws.items()),
        "}",
        "",
    ]
    return "\n".join(lines) + _CODE


def _sides(cell: EffectiveCell) -> Iterator[tuple[str, EffectiveElectrode]]:
    yield ("Positive" if cell.counter is None else "Negative"), cell.working
    if cell.counter is not None:
        yield "Positive", cell.counter


def _phases(electrode: EffectiveElectrode) -> Iterator[tuple[str, EffectiveHost]]:
    several = len(electrode.hosts) > 1
    for number, host in enumerate(electrode.hosts[: len(_PHASES)]):
        yield (_PHASES[number] if several else ""), host


def _numbers(cell: EffectiveCell) -> dict[str, Any]:
    """Return the values that are no laws."""
    side = float(np.sqrt(cell.area))
    capacity = cell.capacity * cell.area / 3600.0
    contact = cell.materials.contact_resistance / cell.area
    thickness, porosity, macmullin = cell.separator
    found: dict[str, Any] = {
        "Electrode height [m]": side,
        "Electrode width [m]": side,
        "Nominal cell capacity [A.h]": capacity,
        "Current function [A]": capacity,
        "Contact resistance [Ohm]": contact,
        "Number of electrodes connected in parallel to make a cell": 1.0,
        "Number of cells connected in series to make a battery": 1.0,
        "Lower voltage cut-off [V]": cell.voltages[0],
        "Upper voltage cut-off [V]": cell.voltages[1],
        "Open-circuit voltage at 0% SOC [V]": cell.voltages[0],
        "Open-circuit voltage at 100% SOC [V]": cell.voltages[1],
        "Reference temperature [K]": T_REF,
        "Ambient temperature [K]": cell.temperature,
        "Initial temperature [K]": cell.temperature,
        "Initial concentration in electrolyte [mol.m-3]": cell.materials.electrolyte.concentration,
        "Separator thickness [m]": thickness,
        **_pores("Separator", porosity, macmullin),
    }
    if cell.materials.counter is not None:
        metal = cell.materials.counter
        found |= {**_METAL, "Negative electrode double-layer capacity [F.m-2]": metal.double_layer}
    for name, electrode in _sides(cell):
        found |= {
            f"{name} electrode thickness [m]": electrode.thickness,
            f"{name} electrode conductivity [S.m-1]": electrode.sigma,
            f"{name} electrode Bruggeman coefficient (electrode)": 0.0,
            **_pores(f"{name} electrode", electrode.porosity, electrode.macmullin),
        }
        for phase, host in _phases(electrode):
            found |= _of_host(name, phase, host)
    return found


def _pores(layer: str, porosity: float, macmullin: float) -> dict[str, float]:
    """Return the porosity, and b of porosity^b = 1/N_M."""
    exponent = -np.log(macmullin) / np.log(porosity) if porosity < 1.0 else 0.0
    return {
        f"{layer} porosity": porosity,
        f"{layer} Bruggeman coefficient (electrolyte)": float(exponent),
    }


def _of_host(name: str, phase: str, host: EffectiveHost) -> dict[str, Any]:
    lithium, low = host.lithium, name.lower()
    found = {
        f"{phase}Maximum concentration in {low} electrode [mol.m-3]": lithium.c_max,
        f"{phase}Initial concentration in {low} electrode [mol.m-3]": host.start * lithium.c_max,
        f"{phase}{name} electrode active material volume fraction": host.fraction,
        f"{phase}{name} particle radius [m]": host.radius,
        f"{phase}{name} electrode double-layer capacity [F.m-2]": lithium.double_layer,
    }
    hysteresis = lithium.hysteresis
    if hysteresis is not None and hysteresis.model == "one_state":
        for way in ("lithiation", "delithiation"):
            found[f"{phase}{name} particle {way} hysteresis decay rate"] = 2.0 * hysteresis.decay
        found[f"{phase}Initial hysteresis state in {low} electrode"] = hysteresis.initial
    return found


def _laws(cell: EffectiveCell) -> Iterator[tuple[str, Curve]]:
    """Yield each law with its kind and its name in PyBaMM."""
    electrolyte, T = cell.materials.electrolyte, cell.temperature
    for key, law in (
        ("Electrolyte conductivity [S.m-1]", electrolyte.kappa),
        ("Electrolyte diffusivity [m2.s-1]", electrolyte.D_e),
        ("Cation transference number", electrolyte.t_plus),
        ("Thermodynamic factor", electrolyte.tdf),
    ):
        yield f"law, {key}", curve_of(law, "c_e", T, tolerance=_tolerance(law, T))
    if cell.materials.counter is not None:
        law = cell.materials.counter.i_0
        name = "Exchange-current density for lithium metal electrode [A.m-2]"
        yield f"metal, {name}", curve_of(law, "c_e", T, tolerance=_tolerance(law, T))
    for name, electrode in _sides(cell):
        for phase, host in _phases(electrode):
            yield from _laws_of(f"{phase}{name}", host, T)


def _laws_of(who: str, host: EffectiveHost, T: float) -> Iterator[tuple[str, Curve]]:
    lithium, D = host.lithium, host.lithium.D_s
    yield (
        f"law, {who} particle diffusivity [m2.s-1]",
        curve_of(D, "sto", T, tolerance=_tolerance(D, T)),
    )
    yield f"potential, {who} electrode OCP [V]", curve_of(lithium.ocp, "sto", T, tolerance=_VOLTS)
    if lithium.hysteresis is not None:
        for way in ("lithiation", "delithiation"):
            law = getattr(lithium.hysteresis, way)
            yield (
                f"potential, {who} electrode {way} OCP [V]",
                curve_of(law, "sto", T, tolerance=_VOLTS),
            )
    yield f"potential, {who} electrode OCP entropic change [V.K-1]", entropic_change(lithium.ocp, T)
    of_sto, of_salt, _ = exchange_current(lithium, T)
    yield f"exchange, {who} electrode exchange-current density [A.m-2], lithiation", of_sto
    yield f"exchange, {who} electrode exchange-current density [A.m-2], salt", of_salt


def _tolerance(law: Law, T: float) -> float:
    return _RELATIVE * abs(float(law(sto=0.5, c_e=1e3, T=T)))
