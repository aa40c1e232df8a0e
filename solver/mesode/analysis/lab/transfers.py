"""Which arc or peak of a spectrum is which charge transfer: told by the time constants.

Charge transfer with its film has the resistance R, beside the double layer with C, both per area of
the electrode, and an arc at

    tau = R C

of the particles, all hosts beside each other, and of the lithium metal. A true R stands beside the
arc or peak that is nearest to its tau, within half a decade. Where one is nearest to both, it is of
both, and their sum stands there. In electrodes whose electrons or ions meet resistances like R the
arc of the particles lies elsewhere, and none may be that near.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from mesode.analysis.lab.host_truths import C_DL, R_CT, law_of, quantity
from mesode.analysis.lab.source import Truth
from mesode.analysis.run_data import MATERIALS
from mesode.constants import FARADAY, GAS_CONSTANT, T_REF

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mesode.analysis.lab.source import Source, Spectrum, TrueInput

R_METAL, C_METAL = "R_ct of the metal", "C of the metal"  # names of true inputs
_NEAR: Final = 0.5  # decades
_SIDES: Final = {"particles": (R_CT, C_DL), "lithium metal": (R_METAL, C_METAL)}


def metal_truths(properties: Mapping[str, Any], salt: float, T: float) -> dict[str, TrueInput]:
    """Return the true inputs of lithium metal; none where its properties are those of none.

    Args:
        properties: Of the file.
        salt: Concentration [mol/m^3].
        T: Temperature of the run [K].
    """
    i_0 = law_of(properties, "i_0", over="c_e")(salt)
    C = law_of(properties, "double_layer")(None)
    if i_0 is None or C is None:
        return {}
    film = law_of(properties, "film_resistance")(None) or 0.0
    E_a = quantity(properties["i_0"].get("activation_energy"), "molar_energy") or 0.0

    def resistance(_sto: float | None, at: float | None) -> Truth:
        here = T if at is None else at
        warm = np.exp(-E_a / GAS_CONSTANT * (1.0 / here - 1.0 / T_REF))
        R = GAS_CONSTANT * here / (FARADAY * i_0 * warm) + film
        return Truth(float(R), f"R T/(F i_0) + film of the lithium metal, of {MATERIALS}")

    return {
        R_METAL: resistance,
        C_METAL: lambda _sto, _T: Truth(C, f"double layer of the lithium metal, of {MATERIALS}"),
    }


@dataclass(frozen=True, slots=True)
class Transfer:
    """A charge transfer: of what, its true resistance, its time constant [s]."""

    of: str
    R: Truth
    tau: float


def transfers(source: Source, spectrum: Spectrum) -> list[Transfer]:
    """Return the charge transfers of which R and C are known at the state of a spectrum."""
    found = []
    for of, names in _SIDES.items():
        R, C = (source.truth(name, spectrum.sto, spectrum.T) for name in names)
        if R is not None and C is not None and R.value * C.value > 0.0:
            found.append(Transfer(of, R, R.value * C.value))
    return found


@dataclass(frozen=True, slots=True)
class Assignment:
    """The truth beside each arc, None where it is of no transfer; what is to be said of them."""

    truths: tuple[Truth | None, ...]
    notes: tuple[str, ...]


def assign(taus: Sequence[float], known: Sequence[Transfer], kind: str) -> Assignment:
    """Put true resistances beside arcs.

    Args:
        taus: Time constant of each arc or peak [s].
        known: The charge transfers.
        kind: What they are called: arc or peak.
    """
    members: list[list[Transfer]] = [[] for _ in taus]
    notes = []
    for each in known:
        away = np.abs(np.log10(np.asarray(taus)) - np.log10(each.tau))
        if len(away) and away.min() <= _NEAR:
            members[int(np.argmin(away))].append(each)
        else:
            notes.append(f"no {kind} at the time constant of the {each.of}, {each.tau:.1g} s")
    if any(len(of_one) > 1 for of_one in members):
        both = " and ".join(each.of for each in known)
        notes.append(f"{both} have one {kind}: the sum of their resistances stands beside it")
    return Assignment(tuple(_sum(of_one) for of_one in members), tuple(notes))


def _sum(members: Sequence[Transfer]) -> Truth | None:
    if not members:
        return None
    text = "; and ".join(f"{each.of}: {each.R.text}" for each in members)
    return Truth(sum(each.R.value for each in members), text)
