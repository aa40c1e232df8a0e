"""A homogenised cell as Battery Parameter eXchange (BPX 1.1), for the package ``bpx`` to check.

A full section is a DFN, its electrode the negative one. A half cell has no place there, so that its
electrode, separator and electrolyte are a "Partial" file: as the positive electrode where it stands
above ``_POSITIVE`` against lithium at the middle of its window. What BPX has no key for is said.

Units and forms of BPX: j_0 = F k sqrt((c_e/c_e0) sto (1 - sto)), so k = 2 i_0(0.5)/F; tables are
straight between their points; energies of activation refer to 25 degC. Its constant of a hysteresis
is PyBaMM's decay rate, twice the ``decay`` here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from mesode.constants import FARADAY, T_REF
from mesode.exchange.curves import Curve, curve_of, entropic_change
from mesode.exchange.left_out import left_out_of_bpx

if TYPE_CHECKING:
    from mesode.exchange.effective import EffectiveCell, EffectiveElectrode, EffectiveHost

VERSION: Final = "1.1.0"
NEGATIVE, POSITIVE = "Negative electrode", "Positive electrode"
_POSITIVE: Final = 2.0  # [V] against lithium
_VOLTS: Final = 5e-5
_RELATIVE: Final = 1e-4


def bpx_data(cell: EffectiveCell) -> dict[str, Any]:
    """Return the file as plain data."""
    parameters: dict[str, Any] = {
        "Cell": _cell(cell),
        "Electrolyte": _electrolyte(cell),
        "Separator": _layer(*cell.separator),
    }
    full, c_e = cell.counter is not None, cell.materials.electrolyte.concentration
    working = NEGATIVE if full or _middle(cell) < _POSITIVE else POSITIVE
    parameters[working] = _electrode(cell.working, cell)
    if cell.counter is not None:
        parameters[POSITIVE] = _electrode(cell.counter, cell)
    parameters["User-defined"] = {
        "Thermodynamic factor": _at_rest(cell, "tdf"),
        **{
            f"Tortuosity of the pores of the {name.lower()}": electrode.tortuosity
            for name, electrode in ((working, cell.working), (POSITIVE, cell.counter))
            if electrode is not None
        },
    }
    return {
        "Header": {
            "BPX": VERSION,
            "Title": cell.title or "section",
            "Description": _description(cell),
            "Model": "DFN" if full else "Partial",
        },
        "Parameterisation": parameters,
        "State": {
            "Initial conditions": {
                **({"Initial state-of-charge": _charge(cell)} if full else {}),
                "Initial temperature [K]": cell.temperature,
                "Initial electrolyte concentration [mol.m-3]": c_e,
            },
            "Thermal environment": {"Ambient temperature [K]": cell.temperature},
        },
    }


def _description(cell: EffectiveCell) -> str:
    """Return what the numbers are, which of them are assumed, and what is left out."""
    return "; ".join(
        [
            "Homogenised properties of a resolved section, by mesode",
            *(f"assumed: {text}" for text in cell.assumed),
            *(f"not in this file: {text}" for text in left_out_of_bpx(cell)),
        ]
    )


def _middle(cell: EffectiveCell) -> float:
    host = cell.working.hosts[0]
    return float(host.lithium.ocp(sto=float(np.mean(host.window)), T=cell.temperature))


def _cell(cell: EffectiveCell) -> dict[str, Any]:
    return {
        "Electrode area [m2]": cell.area,
        "External surface area [m2]": 2.0 * cell.area,
        "Volume [m3]": cell.area * _thickness(cell),
        "Number of electrode pairs connected in parallel to make a cell": 1,
        "Lower voltage cut-off [V]": cell.voltages[0],
        "Upper voltage cut-off [V]": cell.voltages[1],
        "Nominal cell capacity [A.h]": cell.capacity * cell.area / 3600.0,
        "Reference temperature [K]": T_REF,
    }


def _charge(cell: EffectiveCell) -> float:
    """Return the state of charge at the start, from the first host of the electrode."""
    host = cell.working.hosts[0]
    empty, full = host.window
    return float(np.clip((host.start - empty) / (full - empty), 0.0, 1.0))


def _thickness(cell: EffectiveCell) -> float:
    counter = cell.counter.thickness if cell.counter else 0.0
    return cell.working.thickness + cell.separator[0] + counter


def _at_rest(cell: EffectiveCell, key: str) -> float:
    electrolyte = cell.materials.electrolyte
    law = getattr(electrolyte, key)
    return float(law(c_e=electrolyte.concentration, T=cell.temperature))


def _electrolyte(cell: EffectiveCell) -> dict[str, Any]:
    electrolyte, T = cell.materials.electrolyte, cell.temperature
    return {
        "Cation transference number": _at_rest(cell, "t_plus"),
        **_law("Conductivity [S.m-1]", curve_of(electrolyte.kappa, "c_e", T, tolerance=_RELATIVE)),
        **_law(
            "Diffusivity [m2.s-1]",
            curve_of(electrolyte.D_e, "c_e", T, tolerance=_RELATIVE * 3e-10),
        ),
    }


def _layer(thickness: float, porosity: float, macmullin: float) -> dict[str, Any]:
    return {
        "Thickness [m]": thickness,
        "Porosity": porosity,
        "Transport efficiency": 1.0 / macmullin,
    }


def _electrode(electrode: EffectiveElectrode, cell: EffectiveCell) -> dict[str, Any]:
    head = {
        **_layer(electrode.thickness, electrode.porosity, electrode.macmullin),
        "Conductivity [S.m-1]": electrode.sigma,
    }
    particles = {host.name: _particle(host, cell) for host in electrode.hosts}
    if len(particles) == 1:
        return {**head, **next(iter(particles.values()))}
    return {**head, "Particle": particles}


def _particle(host: EffectiveHost, cell: EffectiveCell) -> dict[str, Any]:
    lithium, T = host.lithium, cell.temperature
    D = float(lithium.D_s(sto=0.5, T=T))
    c_e = cell.materials.electrolyte.concentration
    i_0 = float(lithium.i_0(sto=0.5, c_e=c_e, T=T_REF if lithium.i_0.E_a else T))
    return {
        "Minimum stoichiometry": min(host.window),
        "Maximum stoichiometry": max(host.window),
        "Maximum concentration [mol.m-3]": lithium.c_max,
        "Particle radius [m]": host.radius,
        "Surface area per unit volume [m-1]": host.surface,
        **_law("Diffusivity [m2.s-1]", curve_of(lithium.D_s, "sto", T, tolerance=_RELATIVE * D)),
        **_potentials(host, T),
        "Reaction rate constant [mol.m-2.s-1]": 2.0 * i_0 / FARADAY,
        **_energy("Reaction rate constant [mol.m-2.s-1]", lithium.i_0.E_a),
    }


def _potentials(host: EffectiveHost, T: float) -> dict[str, Any]:
    lithium = host.lithium
    found = _law("OCP [V]", curve_of(lithium.ocp, "sto", T, tolerance=_VOLTS))
    found |= _law("Entropic change coefficient [V.K-1]", entropic_change(lithium.ocp, T))
    hysteresis = lithium.hysteresis
    if hysteresis is None:
        return found
    for key, law in (
        ("OCP (lithiation) [V]", hysteresis.lithiation),
        ("OCP (delithiation) [V]", hysteresis.delithiation),
    ):
        found |= _law(key, curve_of(law, "sto", T, tolerance=_VOLTS))
    if hysteresis.model == "one_state":
        found["OCP hysteresis decay constant"] = 2.0 * hysteresis.decay
    return found


def _law(key: str, curve: Curve) -> dict[str, Any]:
    value: Any = curve.constant
    if value is None:
        value = {"x": list(curve.x), "y": list(curve.y)}
    return {key: value, **_energy(key, curve.E_a)}


def _energy(key: str, E_a: float) -> dict[str, Any]:
    return {f"{key.partition(' [')[0]} activation energy [J.mol-1]": E_a} if E_a else {}
