"""Points on the outline of a shape, one mesh size apart. All lengths in micrometres."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.spatial import cKDTree

if TYPE_CHECKING:
    import numpy.typing as npt

    type FloatArray = npt.NDArray[np.float64]
    type IntArray = npt.NDArray[np.int64]
    type BoolArray = npt.NDArray[np.bool_]

_FINE = 8  # places on the outline per mesh size
_MIN_RING = 5  # points of a closed outline
_SPACING = 0.5  # smallest distance of two points, in mesh sizes


def outline_nodes(
    shape: shapely.Geometry,
    area: shapely.Geometry,
    lines: cKDTree,
    size: float,
    distance: float,
) -> FloatArray:
    """Return points (n, 2) [um] on the outline of a shape.

    Args:
        shape: polygons [um].
        area: the points lie inside it; prepared.
        lines: points of lines to keep away from.
        size: spacing along the outline [um].
        distance: least distance [um] from ``lines``.
    """
    rings = [
        ring
        for polygon in shapely.get_parts(shape)
        for ring in (polygon.exterior, *polygon.interiors)
    ]
    fine = shapely.segmentize(np.array(rings, dtype=object), size / _FINE)
    coordinates, owner = shapely.get_coordinates(fine, return_index=True)
    clear = np.isinf(lines.query(coordinates, distance_upper_bound=distance)[0])
    clear[clear] = shapely.contains_xy(area, *coordinates[clear].T)
    nodes = [np.empty((0, 2))]
    for first, last in _spans(owner):
        nodes += _ring_nodes(coordinates[first : last - 1], clear[first : last - 1], size)
    return _spaced(np.concatenate(nodes), _SPACING * size)


def _spans(owner: IntArray) -> list[tuple[int, int]]:
    """Return first and last plus one of each ring."""
    ends = np.concatenate(([0], np.flatnonzero(np.diff(owner)) + 1, [len(owner)])).tolist()
    return list(itertools.pairwise(ends))


def _ring_nodes(points: FloatArray, clear: BoolArray, size: float) -> list[FloatArray]:
    """Return the points on each clear stretch of one ring; ``points`` without the closing one."""
    if np.all(clear):
        closed = np.concatenate((points, points[:1]))
        return [_even(closed, size, closed_ring=True)]
    if not np.any(clear):
        return []
    turn = int(np.argmin(clear))
    points, clear = np.roll(points, -turn, axis=0), np.roll(clear, -turn)
    change = np.flatnonzero(np.diff(np.concatenate(([0], clear.astype(np.int8), [0]))))
    return [
        _even(points[start:end], size, closed_ring=False)
        for start, end in change.reshape(-1, 2).tolist()
    ]


def _even(line: FloatArray, size: float, *, closed_ring: bool) -> FloatArray:
    """Return points about ``size`` apart, moved so that chords leave the area as it is."""
    along = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))))
    number = round(along[-1] / size)
    if closed_ring and number < _MIN_RING:
        return np.empty((0, 2))
    if along[-1] < _SPACING * size:
        return np.asarray(line[len(line) // 2][None])
    number = max(number, 1)
    index = np.searchsorted(along, np.linspace(0, along[-1], number + 1) - 1e-9)
    index = np.unique(np.minimum(index, len(line) - 1))
    nodes = line[index]
    bulge, length = _bulges(line, index)
    normal = _right_normals(nodes, closed_ring=closed_ring)
    shift = np.zeros(len(nodes))
    rate = bulge / np.maximum(length, 1e-12)
    shift[1:-1] = 0.5 * (rate[:-1] + rate[1:])
    if closed_ring:
        shift[0] = shift[-1] = 0.5 * (rate[0] + rate[-1])
    nodes = nodes + np.clip(shift, -0.2 * size, 0.2 * size)[:, None] * normal
    return np.asarray(nodes[:-1] if closed_ring else nodes)


def _bulges(line: FloatArray, index: IntArray) -> tuple[FloatArray, FloatArray]:
    """Return the area between line and chord, positive to the right of it, and the chords."""
    x, y = (line - line[0]).T
    cross = np.concatenate(([0.0], np.cumsum(x[:-1] * y[1:] - x[1:] * y[:-1])))
    start, end = index[:-1], index[1:]
    back = x[end] * y[start] - x[start] * y[end]
    length = np.hypot(x[end] - x[start], y[end] - y[start])
    return 0.5 * (cross[end] - cross[start] + back), np.asarray(length)


def _right_normals(nodes: FloatArray, *, closed_ring: bool) -> FloatArray:
    tangent = np.gradient(nodes, axis=0)
    if closed_ring:
        tangent[0] = tangent[-1] = nodes[1] - nodes[-2]
    tangent /= np.maximum(np.hypot(*tangent.T), 1e-12)[:, None]
    return np.column_stack((tangent[:, 1], -tangent[:, 0]))


def _spaced(nodes: FloatArray, distance: float) -> FloatArray:
    """Return the nodes without those too close to an earlier one."""
    keep = np.ones(len(nodes), dtype=bool)
    pairs = cKDTree(nodes).query_pairs(distance, output_type="ndarray") if len(nodes) else []
    for first, second in _ordered(pairs).tolist():
        if keep[first]:
            keep[second] = False
    return nodes[keep]


def _ordered(pairs: npt.ArrayLike) -> IntArray:
    """Return pairs with the smaller number first, in the order of the first."""
    pairs = np.sort(np.asarray(pairs, dtype=np.int64).reshape(-1, 2), axis=1)
    return np.asarray(pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))])
