"""Lines between phases: many arcs in one array, so that what is done to all is done at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from mesode.geometry.ragged import spread

if TYPE_CHECKING:
    import numpy.typing as npt

    type FloatArray = npt.NDArray[np.float64]
    type IntArray = npt.NDArray[np.int64]
    type BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Arcs:
    """Arcs one after the other: ``points`` (n, 2), ``count`` (arcs,) of them to each.

    ``left``, ``right`` (arcs,): numbers of the phases beside each. An arc ends where three phases
    meet, or on the border; a closed one repeats its first point.
    """

    points: FloatArray
    count: IntArray
    left: IntArray
    right: IntArray

    def __len__(self) -> int:
        return len(self.count)

    @cached_property
    def first(self) -> IntArray:
        """Number (arcs,) of the first point of each arc."""
        return np.asarray(np.cumsum(self.count) - self.count)

    @cached_property
    def last(self) -> IntArray:
        """Number (arcs,) of the last point of each arc."""
        return self.first + self.count - 1

    @cached_property
    def owner(self) -> IntArray:
        """Arc (n,) of each point."""
        return np.repeat(np.arange(len(self)), self.count)

    @cached_property
    def piece(self) -> IntArray:
        """Number of the point at which each straight piece begins; it ends at the next one."""
        begins = np.ones(len(self.points), dtype=bool)
        begins[self.last] = False
        return np.flatnonzero(begins)

    @cached_property
    def closed(self) -> BoolArray:
        """Which arcs are rings."""
        return np.asarray(np.all(self.points[self.first] == self.points[self.last], axis=1))

    def steps(self) -> FloatArray:
        """Return the length of each piece, in the unit of the points."""
        return np.asarray(np.hypot(*(self.points[self.piece + 1] - self.points[self.piece]).T))

    def sums(self, of_pieces: FloatArray) -> FloatArray:
        """Return the sum over the pieces of each arc."""
        return np.bincount(self.owner[self.piece], of_pieces, len(self))

    def signed_areas(self) -> FloatArray:
        """Return the area between each arc and the chord of its ends, positive on its left."""
        x, y = (self.points - self.points[self.first][self.owner]).T
        begin = self.piece
        return self.sums(0.5 * (x[begin] * y[begin + 1] - x[begin + 1] * y[begin]))

    def with_points(self, points: FloatArray) -> Arcs:
        """Return the arcs with their points moved."""
        return Arcs(points=points, count=self.count, left=self.left, right=self.right)

    def take(self, numbers: IntArray) -> Arcs:
        """Return some arcs, in the order of their numbers."""
        count = self.count[numbers]
        owner, place = spread(count)
        points = self.points[self.first[numbers][owner] + place]
        left, right = self.left[numbers], self.right[numbers]
        return Arcs(points=points, count=count, left=left, right=right)

    def replaced(self, numbers: IntArray, others: Arcs) -> Arcs:
        """Return the arcs with ``others`` in the place of those of these numbers."""
        both = Arcs(
            points=np.concatenate((self.points, others.points)),
            count=np.concatenate((self.count, others.count)),
            left=np.concatenate((self.left, others.left)),
            right=np.concatenate((self.right, others.right)),
        )
        order = np.arange(len(self))
        order[numbers] = len(self) + np.arange(len(others))
        return both.take(order)
