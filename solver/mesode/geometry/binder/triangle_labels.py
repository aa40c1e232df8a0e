"""Mend a two-part division of triangles: no sharp corners, no crumbs. Lengths in micrometres."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from mesode.geometry.arrays import doubled_areas
from mesode.geometry.ragged import spread

if TYPE_CHECKING:
    import numpy.typing as npt

    type FloatArray = npt.NDArray[np.float64]
    type IntArray = npt.NDArray[np.int64]
    type Index = npt.NDArray[np.int32]

_ROUNDS = 12
_ONE_WAY = 6  # from this round on, parts only leave the shape: the changes come to an end
_SHARP = np.radians(32.0)  # corners below this change sides
_BLUNT = np.radians(125.0)  # a corner beyond this is too near the line across
_CRUMB = 1.0  # parts with less area, in squared mesh sizes, change sides


def smooth_labels(
    points: FloatArray, triangles: Index, neighbours: Index, label: IntArray, size: float
) -> None:
    """Change labels 0 and 1 in place until no corner is sharp, no slit narrow, no part a crumb.

    Args:
        points: (n, 2) [um].
        triangles: (m, 3).
        neighbours: (m, 3), the triangle opposite each corner, -1 outside.
        label: (m,), -1 for triangles that are of neither part and stay so.
        size: mesh size [um].
    """
    area = 0.5 * np.abs(doubled_areas(points, triangles.astype(np.int64)))
    for turn in range(_ROUNDS):
        changed = _change_crumbs(neighbours, label, area, _CRUMB * size**2)
        sharp = np.union1d(
            _sharp(points, triangles, neighbours, label),
            _flat(points, triangles, neighbours, label),
        )
        if turn >= _ONE_WAY:
            sharp = sharp[label[sharp] == 1]
        label[sharp] = 1 - label[sharp]
        if not changed and len(sharp) == 0:
            return


def _change_crumbs(neighbours: Index, label: IntArray, area: FloatArray, limit: float) -> bool:
    """Give small connected parts to the other side; tell whether there were any."""
    beside = np.where(neighbours < 0, -1, label[neighbours])
    same = (beside == label[:, None]) & (label[:, None] >= 0)
    row, corner = np.nonzero(same)
    graph = coo_array(
        (np.ones(len(row)), (row, neighbours[row, corner])), shape=(len(label), len(label))
    )
    _, part = connected_components(graph, directed=False)
    total = np.bincount(part, weights=area)
    # a part without a line to the other side has nobody to go to
    met = np.zeros(len(total), dtype=bool)
    met[part[np.any((beside == 1 - label[:, None]), axis=1) & (label >= 0)]] = True
    crumbs = (label >= 0) & met[part] & (total[part] < limit)
    # one side at a time: neighbouring crumbs must not swap sides
    chosen = crumbs & (label == 1) if np.any(crumbs & (label == 1)) else crumbs
    label[chosen] = 1 - label[chosen]
    return bool(np.any(chosen))


def _sharp(points: FloatArray, triangles: Index, neighbours: Index, label: IntArray) -> IntArray:
    """Return the triangles in corners between two lines that are too sharp."""
    node, along, direct = _half_lines(points, triangles, neighbours, label)
    order = np.lexsort((along, node))
    node, along, direct = node[order], along[order], direct[order]
    last = np.flatnonzero(np.append(node[1:] != node[:-1], True))
    first = np.concatenate(([0], last[:-1] + 1))
    following = np.arange(1, len(node) + 1)
    following[last] = first
    opening = (along[following] - along) % (2 * np.pi)
    several = following != np.arange(len(node))
    bad = several & (opening < _SHARP) & (direct | direct[following])
    return _triangles_in(points, triangles, label, node[bad], along[bad], opening[bad])


def _flat(points: FloatArray, triangles: Index, neighbours: Index, label: IntArray) -> IntArray:
    """Return the triangles that are a narrow slit between a line and a corner of another line."""
    node, _, _ = _half_lines(points, triangles, neighbours, label)
    on_line = np.zeros(len(points), dtype=bool)
    on_line[node] = True
    beside = np.where(neighbours < 0, -1, label[neighbours])
    row, corner = np.nonzero(
        (label[:, None] >= 0) & (beside == 1 - label[:, None]) & on_line[triangles]
    )
    tip = points[triangles[row, corner]]
    first, second = (points[triangles[row, (corner + k) % 3]] - tip for k in (1, 2))
    length = np.hypot(*first.T) * np.hypot(*second.T)
    cosine = np.sum(first * second, axis=1) / np.maximum(length, 1e-12)
    return np.asarray(row[cosine < np.cos(_BLUNT)])


def _half_lines(
    points: FloatArray, triangles: Index, neighbours: Index, label: IntArray
) -> tuple[IntArray, FloatArray, npt.NDArray[np.bool_]]:
    """Return node, direction and whether it parts 0 from 1, of every line end."""
    beside = np.where(neighbours < 0, -1, label[neighbours])
    triangle, corner = np.nonzero((label[:, None] > beside) & (label[:, None] >= 0))
    direct = beside[triangle, corner] == 0
    start = triangles[triangle, (corner + 1) % 3]
    end = triangles[triangle, (corner + 2) % 3]
    node = np.concatenate((start, end)).astype(np.int64)
    other = np.concatenate((end, start))
    offset = points[other] - points[node]
    return node, np.arctan2(offset[:, 1], offset[:, 0]), np.concatenate((direct, direct))


def _triangles_in(
    points: FloatArray,
    triangles: Index,
    label: IntArray,
    node: IntArray,
    along: FloatArray,
    opening: FloatArray,
) -> IntArray:
    """Return the triangles at ``node`` that lie within ``opening`` after direction ``along``."""
    if len(node) == 0:
        return np.empty(0, dtype=np.int64)
    centres, first, number = np.unique(node, return_index=True, return_counts=True)
    place = np.searchsorted(centres, triangles)
    place[place == len(centres)] = 0
    row, corner = np.nonzero((centres[place] == triangles) & (label[:, None] >= 0))
    sector = place[row, corner]
    # a node may have several such corners; ``node`` comes sorted
    each, offset = spread(number[sector])
    row, sector = row[each], first[sector][each] + offset
    ray = points[triangles[row]].mean(axis=1) - points[node[sector]]
    turn = (np.arctan2(ray[:, 1], ray[:, 0]) - along[sector]) % (2 * np.pi)
    return np.unique(row[turn < opening[sector]])
