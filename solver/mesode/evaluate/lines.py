"""Straight lines through points, with the standard error of what they tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    type FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Line:
    """y = intercept + slope x; error of the slope (NaN where none is left over); R^2."""

    slope: float
    intercept: float
    error: float
    r2: float

    def at(self, x: npt.ArrayLike) -> FloatArray:
        """Return y at x."""
        return np.asarray(self.intercept + self.slope * np.asarray(x))


def straight_line(x: FloatArray, y: FloatArray) -> Line:
    """Return the line of least squares through at least two points."""
    dx, dy = x - x.mean(), y - y.mean()
    slope = float(dx @ dy / (dx @ dx))
    left = dy - slope * dx
    return Line(slope, float(y.mean() - slope * x.mean()), *_quality(left, dx, dy, len(x) - 2))


def line_through_origin(x: FloatArray, y: FloatArray) -> Line:
    """Return the line of least squares through the origin."""
    slope = float(x @ y / (x @ x))
    return Line(slope, 0.0, *_quality(y - slope * x, x, y, len(x) - 1))


def _quality(left: FloatArray, x: FloatArray, y: FloatArray, free: int) -> tuple[float, float]:
    """Return the error of the slope and R^2."""
    error = float(np.sqrt(left @ left / free / (x @ x))) if free > 0 else float("nan")
    total = float(y @ y)
    return error, 1.0 - float(left @ left) / total if total else float("nan")
