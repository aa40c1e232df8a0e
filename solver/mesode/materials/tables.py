"""Laws from tables: monotone cubic (PCHIP) or linear between points, linear beyond the ends.

The pieces are picked by a balanced tree of ``ops.where``, so that the same law serves arrays and
UFL, and a table of 50 points nests six deep instead of fifty.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.interpolate import PchipInterpolator

from mesode.materials.law import Law
from mesode.materials.ops import NUMPY, Ops

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

VARIABLES = ("sto", "c_e", "T")
METHODS = ("pchip", "linear")


def table_law(
    points: Sequence[Sequence[float]],
    *,
    of: str = "sto",
    unit: str = "1",
    method: str = "pchip",
    name: str = "table",
    source: str = "",
    assumed: bool = False,
) -> Law:
    """Build a law from (x, y) points.

    Args:
        points: at least two pairs, x strictly increasing, SI values.
        of: the variable x: sto, c_e [mol/m^3] or T [K].
        unit: unit of y.
        method: "pchip" (monotone where the data are, C1) or "linear".
        name: shown to the user.
        source: citation.
        assumed: true where nobody measured the values.

    Raises:
        ValueError: if the points cannot make a function; says which point.
    """
    if of not in VARIABLES:
        raise ValueError(f"a table is of one of {', '.join(VARIABLES)}, not of {of!r}")
    if method not in METHODS:
        raise ValueError(f"table method is one of {', '.join(METHODS)}, not {method!r}")
    x, y = _checked(points)
    pieces = _pieces(x, y, method)

    def function(*, ops: Ops = NUMPY, **state: Any) -> Any:
        return _evaluate(pieces, state[of], ops)

    return Law(
        name=name,
        function=function,
        variables=(of,),
        unit=unit,
        valid={of: (float(x[0]), float(x[-1]))},
        source=source,
        assumed=assumed,
    )


def _checked(
    points: Sequence[Sequence[float]],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    if len(points) < 2:
        raise ValueError(f"a table needs at least two points, got {len(points)}")
    for number, point in enumerate(points, start=1):
        if len(point) != 2:
            raise ValueError(f"point {number} of the table is {list(point)}, expected [x, y]")
    x, y = np.array(points, dtype=np.float64).T
    if not np.all(np.isfinite(x) & np.isfinite(y)):
        raise ValueError("a table must hold finite numbers only")
    for number, (left, right) in enumerate(pairwise(x), start=2):
        if right <= left:
            raise ValueError(
                f"x of a table must increase: point {number} has {right:g} after {left:g}"
            )
    return x, y


_Piece = tuple[float, tuple[float, ...]]  # left end, coefficients in x - left, highest power first


def _pieces(
    x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], method: str
) -> tuple[_Piece, ...]:
    """Return the polynomial of each interval, with the linear ends in front and behind."""
    slopes = np.diff(y) / np.diff(x)
    if method == "linear":
        inner: list[_Piece] = [
            (float(a), (float(m), float(b))) for a, m, b in zip(x[:-1], slopes, y[:-1], strict=True)
        ]
        first, last = float(slopes[0]), float(slopes[-1])
    else:
        curve = PchipInterpolator(x, y)
        inner = [(float(a), tuple(float(c) for c in curve.c[:, k])) for k, a in enumerate(x[:-1])]
        first, last = (float(v) for v in curve.derivative()(x[[0, -1]]))
    before = (float(x[0]), (first, float(y[0])))
    after = (float(x[-1]), (last, float(y[-1])))
    return (before, *inner, after)


def _evaluate(pieces: tuple[_Piece, ...], x: Any, ops: Ops) -> Any:
    """Evaluate by bisection over the pieces; a piece but the first begins at its left end."""
    if len(pieces) == 1:
        left, coefficients = pieces[0]
        return _horner(coefficients, x - left)
    middle = len(pieces) // 2
    low, high = pieces[:middle], pieces[middle:]
    return ops.where(x, high[0][0], _evaluate(low, x, ops), _evaluate(high, x, ops))


def _horner(coefficients: tuple[float, ...], x: Any) -> Any:
    value: Any = coefficients[0]
    for coefficient in coefficients[1:]:
        value = value * x + coefficient
    return value
