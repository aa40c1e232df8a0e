"""Stress of silicon from the shift of its Raman line.

    sigma = (w - w_0) 2 w_0/((S_11 + 2 S_12)(p + 2 q))

with angular frequencies w, the compliances S_11 and S_12 of silicon and its deformation potentials
p and q: -0.208 GPa for each cm^-1. A line that moves down is tension, a positive stress. The stress
is taken to be the same in all directions. Amorphous silicon has its line near 480 cm^-1: a shift of
tens of cm^-1 is amorphisation, not stress.

Source: the formula and numbers are those of R. Zhang et al., Nano-Micro Lett. 16, 43 (2024),
doi 10.1007/s40820-023-01267-3, eq. 7, who write the compliances as C_11 and C_12; the sign follows
from them and is left out there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from mesode.evaluate.formula import Formula

if TYPE_CHECKING:
    import numpy.typing as npt

    type FloatArray = npt.NDArray[np.float64]

RAMAN: Final = Formula(
    "σ = (ω − ω₀) 2 ω₀/((S₁₁ + 2 S₁₂)(p + 2 q))",
    "crystalline silicon under the same stress in all directions; amorphous silicon has its line "
    "near 480 cm⁻¹, so that a shift of tens of cm⁻¹ is no stress",
    "R. Zhang et al., Nano-Micro Lett. 16, 43 (2024), doi 10.1007/s40820-023-01267-3, eq. 7",
)
W_0 = 520.0  # [1/cm] of silicon without stress
_S_11, _S_12 = 7.68e-12, -2.14e-12  # [1/Pa]
_P, _Q = -1.43e28, -1.89e28  # [1/s^2]
_ANGULAR = 2.0 * np.pi * 2.99792458e10  # [rad/s] for 1/cm


def stress(w: npt.ArrayLike, w_0: float = W_0) -> FloatArray:
    """Return the stress [Pa], positive in tension, for the place of the line [1/cm].

    Args:
        w: Place of the line [1/cm].
        w_0: Its place without stress [1/cm].
    """
    shift = _ANGULAR * (np.asarray(w, dtype=np.float64) - w_0)
    return np.asarray(shift * 2.0 * _ANGULAR * w_0 / ((_S_11 + 2.0 * _S_12) * (_P + 2.0 * _Q)))
