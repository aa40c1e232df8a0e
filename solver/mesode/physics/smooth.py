"""Functions with a rounded corner, for laws that Newton's method has to pass."""

from __future__ import annotations

from typing import Any

import ufl

ROUNDED = 0.2  # the corner is rounded over this part of the bound


def at_least_one(x: Any) -> Any:
    """Return the larger of x and 1, with a rounded corner; x itself from 1 + ROUNDED on."""
    corner = 1 + (x - 1 + ROUNDED) ** 2 / (4 * ROUNDED)
    bent = ufl.conditional(ufl.lt(x, 1 - ROUNDED), 1, corner)
    return ufl.conditional(ufl.lt(x, 1 + ROUNDED), bent, x)
