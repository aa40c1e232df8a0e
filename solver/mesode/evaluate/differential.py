"""dQ/dV and dV/dQ of a half cycle.

The voltage goes in one direction while the charge grows. dQ/dV is the difference of the charge at
two voltages a fixed distance apart, dV/dQ that of the voltage at two charges: both are exact means
of the derivative over that distance, which is the resolution and the smoothing in one. Rows at
which the voltage does not go on in its direction (rests, holds, what comes back after them, noise)
are left out of dQ/dV.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from mesode.evaluate.formula import Formula

if TYPE_CHECKING:
    import numpy.typing as npt

    type FloatArray = npt.NDArray[np.float64]

DIFFERENTIAL: Final = Formula(
    "dQ/dV = (Q(V + δ/2) − Q(V − δ/2))/δ",
    "the curve is near enough to equilibrium that a peak is a plateau of the material; current "
    "moves and broadens peaks",
    "definition",
)
GRID: Final = 5e-3  # [V] distance of two points of dQ/dV; rows of a run are 2 mV apart
LEAST: Final = 20  # points below which a half cycle has no derivative
_POINTS = 200  # of dV/dQ
_MOVES = 1e-6  # [V] from one row to the next; less is a hold
_PROMINENCE = 0.05  # of the largest dQ/dV, above its surroundings: a peak


@dataclass(frozen=True, slots=True)
class Curve:
    """A derivative ``y`` over ``x``."""

    x: FloatArray
    y: FloatArray

    def __len__(self) -> int:
        return len(self.x)


_EMPTY = Curve(np.empty(0), np.empty(0))


def differential_capacity(V: FloatArray, Q: FloatArray, grid: float = GRID) -> Curve:
    """Return dQ/dV over the voltage of a half cycle; empty where its rows are too few.

    Args:
        V: Voltage [V], falling (discharge) or rising (charge) on the whole.
        Q: Charge that has passed, growing; any unit.
        grid: Distance of two points [V].

    Returns:
        Negative where the voltage falls, so that both directions can share one plot.
    """
    if len(V) < LEAST:
        return _EMPTY
    way = 1.0 if V[-1] > V[0] else -1.0
    ahead = np.maximum.accumulate(way * V)
    fresh = np.append(True, np.diff(ahead) > _MOVES)
    volts, charge = (way * V)[fresh], Q[fresh]
    if len(volts) < LEAST:
        return _EMPTY
    points = np.arange(volts[0], volts[-1], grid)
    if len(points) < LEAST:
        return _EMPTY
    slope = np.diff(np.interp(points, volts, charge)) / grid
    return Curve(way * 0.5 * (points[1:] + points[:-1]), way * slope)


def differential_voltage(V: FloatArray, Q: FloatArray, points: int = _POINTS) -> Curve:
    """Return dV/dQ over the charge of a half cycle; empty where its rows are too few.

    Args:
        V: Voltage [V].
        Q: Charge that has passed, growing; any unit.
        points: Number of points over all charge.
    """
    fresh = np.append(True, np.diff(np.maximum.accumulate(Q)) > 0.0) if len(Q) else np.empty(0)
    if len(Q) < LEAST or fresh.sum() < LEAST:
        return _EMPTY
    grid = np.linspace(Q[fresh][0], Q[fresh][-1], points + 1)
    slope = np.diff(np.interp(grid, Q[fresh], V[fresh])) / np.diff(grid)
    return Curve(0.5 * (grid[1:] + grid[:-1]), slope)


def peaks(curve: Curve) -> list[int]:
    """Return the rows of the peaks of |y|, in the order of the curve."""
    if not len(curve):
        return []
    from scipy import signal  # slow to load, and the figures of a run need no peaks

    size = np.abs(curve.y)
    found, _ = signal.find_peaks(size, prominence=_PROMINENCE * size.max())
    return [int(k) for k in found]
