"""Smooth bounds that keep a law finite outside the range in which it was measured.

A Newton step may leave c_e > 0 for an iteration; a law must then still be a number and have a
finite slope, or the step is lost. What happens at the ends of the lithiation: ``materials.ends``.
"""

from __future__ import annotations

from typing import Any

from mesode.materials.ops import NUMPY, Ops

SALT_FLOOR = 1.0  # value that the bounded c_e takes where c_e is zero [mol/m^3]
SALT_ROUNDING = 10.0  # half width of the rounded corner at the upper bound of c_e [mol/m^3]


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
