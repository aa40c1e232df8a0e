"""Laws from tables: monotone cubic (PCHIP) or linear between points, linear beyond the ends.

The pieces are picked by a balanced tree of ``ops.where``, so that the same law serves arrays and
UFL, and a table of 50 points nests six deep instead of fifty.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

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
    pieces = table_pieces(x, y, method)

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


def table_pieces(
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
        d = _monotone_slopes(x, y)
        h = np.diff(x)
        cubic = (d[:-1] + d[1:] - 2.0 * slopes) / h**2
        square = (3.0 * slopes - 2.0 * d[:-1] - d[1:]) / h
        rows = np.stack([cubic, square, d[:-1], y[:-1]], axis=1).tolist()
        inner = [(float(a), tuple(row)) for a, row in zip(x[:-1], rows, strict=True)]
        first, last = float(d[0]), float(d[-1])
    before = (float(x[0]), (first, float(y[0])))
    after = (float(x[-1]), (last, float(y[-1])))
    return (before, *inner, after)


def evaluate_pieces(
    pieces: tuple[_Piece, ...], x: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Return the values of a table at many points at once."""
    # a piece but the first begins at its left end
    place = np.searchsorted([left for left, _ in pieces[1:]], x, side="right")
    most = max(len(coefficients) for _, coefficients in pieces)
    table = np.array([(0.0,) * (most - len(c)) + c for _, c in pieces])[place]
    distance = x - np.array([left for left, _ in pieces])[place]
    value = table[:, 0]
    for column in table.T[1:]:
        value = value * distance + column
    return value


def _monotone_slopes(
    x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Return slopes at the points for which the cubic is monotone wherever the data are.

    Written out because scipy.interpolate takes half a second to load. Source: Fritsch and Butland,
    SIAM J. Sci. Stat. Comput. 5 (1984) 300; ends as in Moler, Numerical Computing (2004), 3.4.
    """
    h, m = np.diff(x), np.diff(y) / np.diff(x)
    if len(m) == 1:
        return np.repeat(m, 2)
    left, right = 2.0 * h[1:] + h[:-1], h[1:] + 2.0 * h[:-1]
    inner = np.zeros(len(m) - 1)
    same = m[:-1] * m[1:] > 0.0
    inner[same] = (left + right)[same] / (left[same] / m[:-1][same] + right[same] / m[1:][same])
    first = _end_slope(h[0], h[1], m[0], m[1])
    last = _end_slope(h[-1], h[-2], m[-1], m[-2])
    return np.concatenate([[first], inner, [last]])


def _end_slope(h0: float, h1: float, m0: float, m1: float) -> float:
    """Return the one-sided three-point slope, limited so that the end stays monotone."""
    slope = ((2.0 * h0 + h1) * m0 - h0 * m1) / (h0 + h1)
    if slope * m0 <= 0.0:
        return 0.0
    return 3.0 * m0 if m0 * m1 <= 0.0 and abs(slope) > 3.0 * abs(m0) else slope


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
