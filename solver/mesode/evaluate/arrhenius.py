"""Activation energy from rates at several temperatures.

A rate k(T) = k_0 exp(-E_a/(R T)) is a straight line of ln k over 1/T with slope -E_a/R. Papers take
k = 1/R_ct. With i_0 = R T/(F A R_ct) the rate itself is T/R_ct: its line is steeper by about R T,
2.5 kJ/mol.

Source: S. Arrhenius, Z. Phys. Chem. 4, 226 (1889); with 1/R_ct as in R. Zhang et al., Nano-Micro
Lett. 16, 43 (2024), doi 10.1007/s40820-023-01267-3, eq. 3.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from mesode.constants import GAS_CONSTANT
from mesode.evaluate.formula import Formula
from mesode.evaluate.lines import Line, straight_line

if TYPE_CHECKING:
    import numpy.typing as npt

    type FloatArray = npt.NDArray[np.float64]

_ZHANG = "R. Zhang et al., Nano-Micro Lett. 16, 43 (2024), doi 10.1007/s40820-023-01267-3, eq. 3"
ARRHENIUS: Final = Formula(
    "ln(1/R_ct) = const − E_a/(R T)",
    "one process with one activation energy, the same state at all temperatures; the factor T of "
    "R_ct = R T/(F i_0) is left out and makes E_a smaller by about R T, 2.5 kJ/mol",
    _ZHANG,
)
EXCHANGE: Final = Formula(
    "ln(T/R_ct) = const − E_a/(R T)",
    "one process with one activation energy, the same state at all temperatures",
    "i_0 = R T/(F A R_ct)",
)


@dataclass(frozen=True, slots=True)
class Activation:
    """Activation energy and its standard error [J/mol], and the line of ln k over 1/T."""

    E_a: float
    error: float
    line: Line


def activation_energy(T: npt.ArrayLike, k: npt.ArrayLike) -> Activation:
    """Return the activation energy of rates.

    Args:
        T: Temperatures [K], at least two.
        k: Rates, in any unit.
    """
    line = straight_line(1.0 / np.asarray(T, dtype=float), np.log(np.asarray(k, dtype=float)))
    return Activation(-GAS_CONSTANT * line.slope, GAS_CONSTANT * line.error, line)
