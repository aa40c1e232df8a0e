"""Vertex spacing of a network of arcs, shorter where lines come near each other. Micrometres."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy import ndimage

from mesode.errors import GeometryError
from mesode.geometry.micrograph.arc_spacing import coarsen

if TYPE_CHECKING:
    import numpy.typing as npt

    from mesode.geometry.micrograph.arcs import Arcs

    type FloatArray = npt.NDArray[np.float64]
    type IntArray = npt.NDArray[np.int64]
    type BoolArray = npt.NDArray[np.bool_]

_CLOSE = 0.4  # of the edge length: lines nearer to each other get shorter edges
_FINEST = 4  # edges may become this much shorter than the interface size
_UNTIL = 64  # lines that still cross with edges this much shorter are kept as found


def fit_spacing(arcs: Arcs, size: FloatArray, interface_size: float) -> Arcs:
    """Return the arcs with vertices an interface size apart, closer where they come near."""
    divisor = np.ones(len(arcs), dtype=np.int64)
    coarse = coarsen(arcs, interface_size / divisor)
    change = np.ones(len(arcs), dtype=bool)
    while True:
        crowded = _crowded(coarse, size, interface_size / divisor, change)
        change = (crowded < 0) | ((crowded > 0) & (divisor < _FINEST))
        if not np.any(change):
            return coarse
        if np.any(divisor[change] > _UNTIL):
            msg = "lines of the image cross each other; use a larger image.smooth"
            raise GeometryError(msg)
        divisor[change] *= 2
        finer = np.flatnonzero(change)
        # the lines as found cross nowhere
        spacing = np.where(divisor[finer] > _UNTIL, 0.0, interface_size / divisor[finer])
        coarse = coarse.replaced(finer, coarsen(arcs.take(finer), spacing))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pieces:
    """Straight ``lines`` (n, 2, 2) of arcs ``owner`` (n,), from number ``border`` on the border's.

    ``moved`` (n,): those of an arc that is new.
    """

    lines: FloatArray
    owner: IntArray
    moved: BoolArray
    border: int

    @property
    def on_border(self) -> BoolArray:
        return np.asarray(self.owner >= self.border)


def _crowded(arcs: Arcs, size: FloatArray, spacing: FloatArray, moved: BoolArray) -> IntArray:
    """Tell for each arc: -1 it crosses a line, 1 a line is too near for its edges, else 0.

    Of two arcs that have not ``moved`` since they were compared nothing is told again: what was
    to be done about them was done.
    """
    reach = _CLOSE * np.append(spacing, np.zeros(4))
    pieces = _near_what_moved(_pieces(arcs, size, moved), float(reach.max()))
    first, second, gap = _near_pairs(pieces, size, float(reach.max()))
    state = np.zeros(len(reach), dtype=np.int64)
    for own in (pieces.owner[first], pieces.owner[second]):
        state[own[(gap > 0) & (gap <= reach[own])]] = 1
    for own in (pieces.owner[first], pieces.owner[second]):
        state[own[gap == 0]] = -1
    state[pieces.owner[_laid_on_another(pieces.lines, pieces.on_border, size)]] = -1
    return state[: len(arcs)]


def _pieces(arcs: Arcs, size: FloatArray, moved: BoolArray) -> _Pieces:
    corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]) * size
    ends = np.stack((arcs.points[arcs.piece], arcs.points[arcs.piece + 1]), axis=1)
    sides = np.stack((corners[:-1], corners[1:]), axis=1)
    owner = np.concatenate((arcs.owner[arcs.piece], len(arcs) + np.arange(4)))
    return _Pieces(
        lines=np.concatenate((ends, sides)),
        owner=owner,
        moved=np.append(moved, np.zeros(4, dtype=bool))[owner],
        border=len(arcs),
    )


def _near_what_moved(pieces: _Pieces, reach: float) -> _Pieces:
    """Return the pieces that may be within ``reach`` of one that moved, and the border.

    The image is divided into squares, wider than a piece is long, of which those are looked at
    that lie at one with a piece that moved.
    """
    drawn = ~pieces.on_border
    edge = float(np.ptp(pieces.lines[drawn], axis=1).max(initial=0.0)) + reach
    place = (pieces.lines.mean(axis=1) / edge).astype(np.int64) + 1
    marked = np.zeros(place.max(axis=0) + 2, dtype=bool)
    marked[tuple(place[pieces.moved].T)] = True
    marked = ndimage.binary_dilation(marked, np.ones((3, 3), dtype=bool))
    near = marked[tuple(place.T)] | ~drawn
    return _Pieces(
        lines=pieces.lines[near],
        owner=pieces.owner[near],
        moved=pieces.moved[near],
        border=pieces.border,
    )


def _near_pairs(
    pieces: _Pieces, size: FloatArray, reach: float
) -> tuple[IntArray, IntArray, FloatArray]:
    """Return the pairs of pieces within ``reach`` that have no end in common, and their gap.

    The second of them has moved.
    """
    segments, moved = shapely.linestrings(pieces.lines), np.flatnonzero(pieces.moved)
    first, second = shapely.STRtree(segments[moved]).query(
        segments, predicate="dwithin", distance=reach
    )
    second = moved[second]
    apart = first != second
    for i in (0, 1):
        for j in (0, 1):  # neighbours in a line, or lines that meet in a point
            apart &= np.any(pieces.lines[first, i] != pieces.lines[second, j], axis=1)
    first, second = first[apart], second[apart]
    # An arc that ends on the border touches it there, and nowhere else.
    ends = np.any((pieces.lines == 0) | (pieces.lines == size), axis=(1, 2))
    touch = pieces.on_border[first] & ends[second]
    first, second = first[~touch], second[~touch]
    return first, second, shapely.distance(segments[first], segments[second])


def _laid_on_another(pieces: FloatArray, border: BoolArray, size: FloatArray) -> IntArray:
    """Return the pieces that became the same chord as another one, or a chord of the border.

    That happens to short arcs with both ends in common, or with both on one side of the border.
    """
    on_side = ((pieces == 0) | (pieces == size)).all(axis=1).any(axis=1)
    first, last = pieces[:, 0], pieces[:, 1]
    turned = (first[:, 0] > last[:, 0]) | ((first[:, 0] == last[:, 0]) & (first[:, 1] > last[:, 1]))
    ordered = np.where(turned[:, None, None], pieces[:, ::-1], pieces).reshape(-1, 4)
    _, inverse, count = np.unique(ordered, axis=0, return_inverse=True, return_counts=True)
    twice = count[inverse.ravel()] > 1
    return np.flatnonzero((twice | on_side) & ~border)
