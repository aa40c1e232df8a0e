"""Smooth bounds that keep a law finite outside the range in which it was measured.

A Newton step may leave 0 < sto < 1 or c_e > 0 for an iteration; a law must then still be a number
and have a finite slope, or the step is lost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mesode.materials.ops import NUMPY, Ops

if TYPE_CHECKING:
    from collections.abc import Callable

WALL = 50.0  # curvature outside the range of an OCP [V]: 0.05 beyond the end costs 0.125 V
SALT_FLOOR = 1.0  # value that the bounded c_e takes where c_e is zero [mol/m^3]
SALT_ROUNDING = 10.0  # half width of the rounded corner at the upper bound of c_e [mol/m^3]
_SLOPE_STEP = 1e-6  # of sto, for the end slope of an OCP


def smooth_floor(x: Any, at_zero: float, *, ops: Ops = NUMPY) -> Any:
    """Return x for x >> at_zero, ``at_zero`` at x = 0, and a small positive number below.

    f = (x + sqrt(x^2 + 4 at_zero^2))/2, so that f - x = at_zero^2/x for large x.
    """
    return 0.5 * (x + ops.sqrt(x * x + 4.0 * at_zero**2))


def smooth_ceiling(x: Any, high: float, rounding: float, *, ops: Ops = NUMPY) -> Any:
    """Return x for x well below ``high`` and ``high`` well above, with a rounded corner."""
    gap = x - high
    return 0.5 * (x + high - ops.sqrt(gap * gap + rounding**2))


def bounded_salt(c_e: Any, high: float, *, ops: Ops = NUMPY) -> Any:
    """Bound a salt concentration to (0, high] [mol/m^3], smoothly; about c_e in between."""
    # The floor last: the rounded corner of the ceiling is felt, minutely, down to zero.
    return smooth_floor(smooth_ceiling(c_e, high, SALT_ROUNDING, ops=ops), SALT_FLOOR, ops=ops)


def continued(curve: Callable[..., Any], low: float, high: float) -> Callable[..., Any]:
    """Continue a decreasing U(sto) [V] beyond [low, high]: end slope plus a quadratic wall.

    The result has a continuous first derivative, decreases wherever the curve does at its ends,
    and pushes a lithiation that left the range back into it.
    """
    slope_low = _end_slope(curve, low, _SLOPE_STEP)
    slope_high = _end_slope(curve, high, -_SLOPE_STEP)

    def extended(sto: Any, *, ops: Ops = NUMPY) -> Any:
        inside = ops.clip(sto, low, high)
        below = ops.where(sto, low, sto - low, 0.0 * sto)
        above = ops.where(sto, high, 0.0 * sto, sto - high)
        ends = slope_low * below + slope_high * above
        return curve(inside, ops=ops) + ends + WALL * (below * below - above * above)

    return extended


def _end_slope(curve: Callable[..., Any], end: float, step: float) -> float:
    """Return the one-sided slope at an end of the range, second order in the step."""
    values = [float(curve(end + k * step)) for k in range(3)]
    return (-3.0 * values[0] + 4.0 * values[1] - values[2]) / (2.0 * step)
