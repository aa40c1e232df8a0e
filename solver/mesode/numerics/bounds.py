"""Bounds of unknowns that the iterates of Newton's method respect.

Near a bound that the equations guard by a pole, as a host that is nearly full, a whole step of
Newton's method leads far beyond it, and halving it for all unknowns goes on for ever. So each value
goes at most a part of the way that is left to its bound, whatever the others do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    type FloatArray = npt.NDArray[np.float64]

PART = 0.7  # of the way that is left to a bound, the most that one step takes
BEYOND = 5e-7  # a solution may lie so far beyond a bound: rounding, the error of a time step


@dataclass(frozen=True, slots=True)
class Bounds:
    """Where bounded unknowns sit in a local vector, with their lower and upper bound."""

    places: Sequence[tuple[slice, float, float]] = ()

    def confine(self, x: FloatArray, step: FloatArray) -> None:
        """Shorten the step of each value that goes too near its bound, in place."""
        for place, low, high in self.places:
            below, above = (
                PART * (np.maximum(room, 0.0) + BEYOND)
                for room in (x[place] - low, high - x[place])
            )
            np.clip(step[place], -below, above, out=step[place])
