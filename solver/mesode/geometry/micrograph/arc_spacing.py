"""Coarsen arcs to a given vertex spacing without changing the areas beside them.

A new vertex is the mean of the fine line over one spacing, which takes out the unevenness of
pixels. Chords and means cut corners; the vertices are moved outwards by what that took from the
area, so each arc encloses what the fine one did, and round shapes keep their length as well
(a regular polygon of the area of the circle is longer by 0.6 % with 16 sides).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mesode.geometry.micrograph.arcs import Arcs
from mesode.geometry.ragged import spread

if TYPE_CHECKING:
    import numpy.typing as npt

    type FloatArray = npt.NDArray[np.float64]
    type IntArray = npt.NDArray[np.int64]

_MIN_RING = 10  # vertices of a closed arc
_SINGLE = 0.75  # open arcs shorter than this share of the spacing become one edge
_CORRECTIONS = 4  # Newton steps; the area is quadratic in the shift
_MAX_SHIFT = 0.25  # of the edge length: more would fold the line


def coarsen(arcs: Arcs, spacing: FloatArray) -> Arcs:
    """Return the arcs with edges of about ``spacing`` (arcs,), ends and areas kept.

    An arc that has no more edges than that, or with spacing 0, stays as it is.
    """
    length = arcs.sums(arcs.steps())
    closed = arcs.closed
    wanted = np.divide(length, spacing, where=spacing > 0, out=np.full(len(arcs), np.inf))
    number = np.maximum(np.round(wanted), np.where(closed, _MIN_RING, 2))
    number[~closed & (length < _SINGLE * spacing)] = 1
    coarser = np.flatnonzero(number < arcs.count - 1)
    fine = arcs.take(coarser)
    means = _means(fine, number[coarser].astype(np.int64))
    return arcs.replaced(coarser, _restore_area(means, fine.signed_areas()))


def _means(arcs: Arcs, number: IntArray) -> Arcs:
    """Return arcs of ``number`` (arcs,) edges through means of the lines; open ends stay."""
    line = _Line(arcs)
    count = number + 1
    owner, rank = spread(count)
    step = line.length / number
    ends = rank == number[owner]
    places = np.where(ends, line.length[owner], rank * step[owner])
    half = 0.5 * step[owner]
    low, high = places - half, places + half
    closed = arcs.closed[owner]
    low = np.where(closed, low, np.maximum(low, 0.0))
    high = np.where(closed, high, np.minimum(high, line.length[owner]))
    points = (line.integral(high, owner) - line.integral(low, owner)) / (high - low)[:, None]
    points += arcs.points[arcs.first][owner]
    coarse = Arcs(points=points, count=count, left=arcs.left, right=arcs.right)
    kept = ~arcs.closed
    points[coarse.first[kept]] = arcs.points[arcs.first[kept]]
    points[coarse.last[kept]] = arcs.points[arcs.last[kept]]
    points[coarse.last[~kept]] = points[coarse.first[~kept]]
    return coarse


class _Line:
    """The integral of the place along each arc, from its first point, relative to that."""

    def __init__(self, arcs: Arcs) -> None:
        begin, steps = arcs.piece, arcs.steps()
        self.owner = arcs.owner[begin]
        self.length = arcs.sums(steps)
        relative = arcs.points - arcs.points[arcs.first][arcs.owner]
        self.start = relative[begin]
        self.slope = (relative[begin + 1] - self.start) / steps[:, None]
        self.first = first = arcs.first - np.arange(len(arcs))  # numbers of the end pieces
        self.last = arcs.last - np.arange(len(arcs)) - 1
        self.along = _sums_before(steps, first, self.owner)
        parts = 0.5 * (self.start + relative[begin + 1]) * steps[:, None]
        self.before = np.stack([_sums_before(p, first, self.owner) for p in parts.T], axis=1)
        self.whole = np.stack([arcs.sums(p) for p in parts.T], axis=1)
        self.key = self.owner + self.along / self.length[self.owner]

    def integral(self, where: FloatArray, owner: IntArray) -> FloatArray:
        """Return the integral up to ``where`` (n,) on the arcs ``owner`` (n,), (n, 2).

        Exact, for it is quadratic inside a piece. Rings go on beyond their ends.
        """
        turns = np.floor(where / self.length[owner])
        turns[where == self.length[owner]] = 0
        inside = where - turns * self.length[owner]
        piece = np.searchsorted(self.key, owner + inside / self.length[owner], side="right") - 1
        piece = np.clip(piece, self.first[owner], self.last[owner])
        part = (inside - self.along[piece])[:, None]
        own = self.before[piece] + self.start[piece] * part + 0.5 * self.slope[piece] * part**2
        return np.asarray(own + turns[:, None] * self.whole[owner])


def _sums_before(values: FloatArray, first: IntArray, owner: IntArray) -> FloatArray:
    """Return the sum of the values before each one, within its arc."""
    total = np.cumsum(values) - values
    return np.asarray(total - total[first][owner])


def _restore_area(arcs: Arcs, wanted: FloatArray) -> Arcs:
    """Move the inner vertices along their normals until each line encloses ``wanted`` (arcs,)."""
    owner, closed = arcs.owner, arcs.closed
    ahead, behind = np.arange(1, len(owner) + 1), np.arange(-1, len(owner) - 1)
    ahead[arcs.last], behind[arcs.first] = arcs.first + 1, arcs.last - 1  # of a ring
    fixed = np.zeros(len(owner), dtype=bool)
    fixed[arcs.first[~closed]] = fixed[arcs.last[~closed]] = True
    counted = np.ones(len(owner), dtype=bool)
    counted[arcs.last] = False
    for _ in range(_CORRECTIONS):
        tangent = 0.5 * (arcs.points[ahead] - arcs.points[behind])
        tangent[fixed] = 0.0
        size = np.hypot(*tangent.T)
        normal = np.column_stack((tangent[:, 1], -tangent[:, 0]))
        normal /= np.where(size > 0, size, 1.0)[:, None]
        rate = np.bincount(owner, size * counted, len(arcs))
        most = _MAX_SHIFT * rate / np.maximum(arcs.count - 2, 1)
        missing = wanted - arcs.signed_areas()
        shift = np.clip(
            np.divide(missing, rate, where=rate > 0, out=np.zeros(len(arcs))), -most, most
        )
        arcs = arcs.with_points(arcs.points + shift[owner][:, None] * normal)
    return arcs
