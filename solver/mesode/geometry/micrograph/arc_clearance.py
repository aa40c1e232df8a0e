"""Vertex spacing of a network of arcs, shorter where lines come near each other. Micrometres."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from mesode.errors import GeometryError
from mesode.geometry.micrograph.arc_spacing import coarsen

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from mesode.geometry.micrograph.contour_network import Arc

    type FloatArray = npt.NDArray[np.float64]
    type IntArray = npt.NDArray[np.int64]

_CLOSE = 0.4  # of the edge length: lines nearer to each other get shorter edges
_FINEST = 4  # edges may become this much shorter than the interface size
_UNTIL = 64  # lines that still cross with edges this much shorter are kept as found


def fit_spacing(arcs: Sequence[Arc], size: FloatArray, interface_size: float) -> list[Arc]:
    """Return the arcs with vertices an interface size apart, closer where they come near."""
    divisor = np.ones(len(arcs), dtype=np.int64)
    coarse = [coarsen(arc, interface_size) for arc in arcs]
    while True:
        crowded = _crowded(coarse, size, interface_size / divisor)
        change = (crowded < 0) | ((crowded > 0) & (divisor < _FINEST))
        if not np.any(change):
            return coarse
        if np.any(divisor[change] > _UNTIL):
            msg = "lines of the image cross each other; use a larger image.smooth"
            raise GeometryError(msg)
        divisor[change] *= 2
        for number in np.flatnonzero(change).tolist():
            fine = divisor[number] > _UNTIL  # the lines as found cross nowhere
            arc = arcs[number]
            coarse[number] = arc if fine else coarsen(arc, interface_size / divisor[number])


def _crowded(arcs: Sequence[Arc], size: FloatArray, spacing: FloatArray) -> IntArray:
    """Tell for each arc: -1 it crosses a line, 1 a line is too near for its edges, else 0."""
    corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]) * size
    lines = [*(a.points for a in arcs), *(corners[k : k + 2] for k in range(4))]
    count = np.array([len(line) - 1 for line in lines])
    owner = np.repeat(np.arange(len(lines)), count)
    pieces = np.concatenate([np.stack((p[:-1], p[1:]), axis=1) for p in lines])
    reach = _CLOSE * np.append(spacing, np.zeros(4))[owner]
    segments = shapely.linestrings(pieces)
    first, second = shapely.STRtree(segments).query(
        segments, predicate="dwithin", distance=np.maximum(reach, 0.0)
    )
    apart = first != second
    for i in (0, 1):
        for j in (0, 1):  # neighbours in a line, or lines that meet in a point
            apart &= np.any(pieces[first, i] != pieces[second, j], axis=1)
    first, second = first[apart], second[apart]
    # An arc that ends on the border touches it there, and nowhere else.
    touch = _ends_on_border(pieces, first, second, owner, len(arcs), size)
    first, second = first[~touch], second[~touch]
    gap = shapely.distance(segments[first], segments[second])
    state = np.zeros(len(lines), dtype=np.int64)
    state[owner[first[gap > 0]]] = 1
    state[owner[first[gap == 0]]] = -1
    state[owner[second[gap == 0]]] = -1
    state[owner[_laid_on_another(pieces, owner >= len(arcs), size)]] = -1
    return state[: len(arcs)]


def _laid_on_another(
    pieces: FloatArray, border: npt.NDArray[np.bool_], size: FloatArray
) -> IntArray:
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


def _ends_on_border(
    pieces: FloatArray,
    first: IntArray,
    second: IntArray,
    owner: IntArray,
    arcs: int,
    size: FloatArray,
) -> npt.NDArray[np.bool_]:
    """Tell which pairs are a piece that ends on the border and the border, or two borders."""
    on_border = np.any((pieces == 0) | (pieces == size), axis=(1, 2))
    border = owner >= arcs
    return np.asarray(
        (border[first] & (on_border[second] | border[second])) | (border[second] & on_border[first])
    )
