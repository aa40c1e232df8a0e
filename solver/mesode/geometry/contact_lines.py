"""Which polygons lie side by side, and along how much line: a graph, no union. Micrometres.

Neighbours of a section have their edges in common, so an edge of two polygons is a contact. Edges
that only one polygon has (a separator along many polygons, a corner upon a side) are compared as
straight lines that run along each other. A point is no contact. All of it is sorting: the work
grows as the number of edges does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from mesode.geometry.polygons import TOLERANCE

if TYPE_CHECKING:
    import numpy.typing as npt

    type FloatArray = npt.NDArray[np.float64]
    type IntArray = npt.NDArray[np.int64]
    type BoolArray = npt.NDArray[np.bool_]
    type ObjectArray = npt.NDArray[Any]

_NEAR = 2 * TOLERANCE  # lines that are nearer than this are one
CORNER = 1e-3  # [um] two lines that run along each other for less meet in a corner


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactLines:
    """Polygons ``first`` and ``second`` (n,) of ``number`` share a line of ``length`` (n,) [um]."""

    number: int
    first: IntArray
    second: IntArray
    length: FloatArray

    def groups(self, among: BoolArray) -> IntArray:
        """Return the group of each polygon (number,), joined by lines between those ``among``."""
        both = among[self.first] & among[self.second]
        pairs = (np.ones(int(both.sum())), (self.first[both], self.second[both]))
        _, group = connected_components(coo_array(pairs, shape=(self.number, self.number)))
        return np.asarray(group, dtype=np.int64)

    def along(self, others: BoolArray) -> FloatArray:
        """Return how long a line (number,) [um] each polygon shares with ``others``."""
        total = np.zeros(self.number)
        for own, other in ((self.first, self.second), (self.second, self.first)):
            total += np.bincount(own, self.length * others[other], self.number)
        return total


@dataclass(frozen=True, slots=True, kw_only=True)
class _Edges:
    """Edges from ``start`` to ``end`` (n, 2), numbers ``ends`` (n, 2), polygon ``owner`` (n,)."""

    start: FloatArray
    end: FloatArray
    ends: IntArray
    owner: IntArray

    def length(self) -> FloatArray:
        return np.asarray(np.hypot(*(self.end - self.start).T))


def contact_lines(polygons: ObjectArray) -> ContactLines:
    """Return the lines that polygons (n,) of a partition have in common.

    A polygon has no contact with itself; two polygons may have several.
    """
    edges = _edges(polygons)
    length = edges.length()
    low, high = edges.ends.min(axis=1), edges.ends.max(axis=1)
    key = low * (high.max(initial=0) + 1) + high  # one number for a pair of points
    order = np.argsort(key, kind="stable")
    same = key[order[1:]] == key[order[:-1]]
    one, other = order[:-1][same], order[1:][same]
    alone = np.ones(len(key), dtype=bool)
    alone[one] = alone[other] = False
    left_one, left_other, left_length = _side_by_side(edges, np.flatnonzero(alone))
    first = edges.owner[np.concatenate((one, left_one))]
    second = edges.owner[np.concatenate((other, left_other))]
    shared = np.concatenate((length[one], left_length))
    apart = first != second
    return ContactLines(
        number=len(polygons), first=first[apart], second=second[apart], length=shared[apart]
    )


def length_at(polygons: ObjectArray, y: float) -> FloatArray:
    """Return how much of the outline (n,) [um] of each polygon lies on the line at ``y``."""
    _, low, _, high = shapely.bounds(polygons).T
    there = np.flatnonzero((low < y + _NEAR) & (high > y - _NEAR))
    edges = _edges(polygons[there])
    on = (np.abs(edges.start[:, 1] - y) < _NEAR) & (np.abs(edges.end[:, 1] - y) < _NEAR)
    return np.asarray(np.bincount(there[edges.owner[on]], edges.length()[on], len(polygons)))


def _edges(polygons: ObjectArray) -> _Edges:
    rings, polygon = shapely.get_rings(polygons, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    number = _numbers(np.round(points / TOLERANCE).astype(np.int64))
    inside = np.flatnonzero((ring[1:] == ring[:-1]) & (number[1:] != number[:-1]))
    return _Edges(
        start=points[inside],
        end=points[inside + 1],
        ends=np.column_stack((number[inside], number[inside + 1])),
        owner=polygon[ring[inside]],
    )


def _numbers(places: IntArray) -> IntArray:
    """Return a number for each place (n, 2), the same for equal ones."""
    order = np.lexsort(places.T)
    new = np.any(places[order[1:]] != places[order[:-1]], axis=1)
    number = np.zeros(len(places), dtype=np.int64)
    number[order[1:]] = np.cumsum(new)
    return number


def _side_by_side(edges: _Edges, among: IntArray) -> tuple[IntArray, IntArray, FloatArray]:
    """Return the edges that run along each other, and for what length [um]."""
    segments = shapely.linestrings(np.stack((edges.start[among], edges.end[among]), axis=1))
    one, other = shapely.STRtree(segments).query(segments, predicate="dwithin", distance=_NEAR)
    one, other = among[one[one < other]], among[other[one < other]]
    direction = edges.end[one] - edges.start[one]
    length = np.hypot(*direction.T)
    direction /= length[:, None]
    across = np.column_stack((-direction[:, 1], direction[:, 0]))
    # the ends of the other edge, along this one and beside it
    ends = (edges.start[other] - edges.start[one], edges.end[other] - edges.start[one])
    s0, s1 = (np.sum(end * direction, axis=1) for end in ends)
    n0, n1 = (np.sum(end * across, axis=1) for end in ends)
    low = np.maximum(np.minimum(s0, s1), 0.0)
    high = np.minimum(np.maximum(s0, s1), length)
    slope = (n1 - n0) / np.where(np.abs(s1 - s0) > CORNER, s1 - s0, np.inf)
    beside = np.maximum(np.abs(n0 + (low - s0) * slope), np.abs(n0 + (high - s0) * slope))
    along = (high - low > CORNER) & (beside < _NEAR)
    return one[along], other[along], (high - low)[along]
