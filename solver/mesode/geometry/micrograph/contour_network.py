"""Lines between phases as a network of arcs, from smooth maps of the phases.

The pixel centres are split into triangles; inside a triangle whose corners belong to different
phases runs a line, through the points of its sides at which the two maps are equal. Each line is
found once and belongs to both phases, so polygons made of the arcs share their lines exactly.
Three phases meet in a point inside a triangle. No two lines cross or touch elsewhere, so a phase
that touches itself at the corner of a pixel is never pinched to zero width; whether it is joined
there would depend on how the pixels were cut into triangles, and is decided before
(:mod:`.topology`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from mesode.geometry.micrograph.arcs import Arcs
from mesode.geometry.micrograph.phase_maps import winner

if TYPE_CHECKING:
    import numpy.typing as npt

    type FloatArray = npt.NDArray[np.float64]
    type IntArray = npt.NDArray[np.int64]
    type Labels = npt.NDArray[np.uint8]
    type Maps = npt.NDArray[np.float32]

_END = 0.15  # crossings keep this share of a side from its ends: no two of them coincide


@dataclass(frozen=True, slots=True, kw_only=True)
class _Segments:
    """Directed pieces ``start`` to ``end`` (n,) with the phases beside them."""

    start: IntArray
    end: IntArray
    left: IntArray
    right: IntArray


def contour_arcs(maps: Maps) -> Arcs:
    """Return the lines between the phases, in pixels, row 0 at y = 0, borders at whole numbers.

    Args:
        maps: (phases, rows, columns); a pixel belongs to the phase with the largest map.
    """
    # Border nodes repeat the outermost pixels: the phases are mirrored there.
    values = np.pad(maps, ((0, 0), (1, 1), (1, 1)), mode="edge")
    _, rows, columns = values.shape
    flat = values.reshape(len(values), -1)
    label = winner(flat)
    triangles = _mixed_triangles(label.reshape(rows, columns))
    nodes = np.column_stack([a.ravel() for a in _node_places(rows, columns)])
    points, segments = _cut_triangles(triangles, label, flat, nodes, columns)
    chain, count, piece = _chains(segments, len(points))
    left, right = segments.left[piece], segments.right[piece]
    return Arcs(points=points[chain], count=count, left=left, right=right)


def _node_places(rows: int, columns: int) -> tuple[FloatArray, FloatArray]:
    def places(number: int) -> FloatArray:
        centres = np.arange(number - 2) + 0.5
        return np.concatenate(([0.0], centres, [number - 2.0]))

    x, y = np.meshgrid(places(columns), places(rows))
    return x, y


def _mixed_triangles(label: Labels) -> IntArray:
    """Return the triangles (n, 3) of grid nodes, counter-clockwise, that are not of one phase."""
    columns = label.shape[1]
    corners = (label[:-1, :-1], label[:-1, 1:], label[1:, 1:], label[1:, :-1])
    mixed = np.any([corners[0] != c for c in corners[1:]], axis=0)
    row, column = np.nonzero(mixed)
    a = row * columns + column
    b, c, d = a + 1, a + columns + 1, a + columns
    triangles = np.concatenate((np.column_stack((a, b, c)), np.column_stack((a, c, d))))
    flat = label.ravel()[triangles]
    different = (flat[:, 0] != flat[:, 1]) | (flat[:, 1] != flat[:, 2])
    return np.asarray(triangles[different])


def _cut_triangles(
    triangles: IntArray, label: Labels, values: Maps, nodes: FloatArray, columns: int
) -> tuple[FloatArray, _Segments]:
    """Return the points of the network and the pieces of line in all triangles."""
    corner, after = label[triangles], triangles[:, [1, 2, 0]]
    crossed = corner != corner[:, [1, 2, 0]]
    low, high = (pick(triangles, after)[crossed] for pick in (np.minimum, np.maximum))
    pairs, inverse = _each_once(low, high, columns)
    number = np.full(triangles.shape, -1)  # of the point on side k, from corner k to corner k + 1
    number[crossed] = inverse
    points = _crossings(pairs, label, values, nodes)

    triple = np.all(number >= 0, axis=1)
    pieces = []
    for k in range(3):  # corner k alone on the left: sides k and k - 1 are crossed
        alone = ~triple & (number[:, k] >= 0) & (number[:, k - 1] >= 0)
        other = corner[alone, (k + 1) % 3]
        pieces.append((number[alone, k], number[alone, k - 1], corner[alone, k], other))
    centre = len(points) + np.arange(np.sum(triple))
    for k in range(3):  # into the triple point, corner k on the left of the way
        left, right = corner[triple, k], corner[triple, (k + 1) % 3]
        pieces.append((number[triple, k], centre, left, right))
    points = np.concatenate((points, points[number[triple]].mean(axis=1)))
    start, end, left, right = (np.concatenate(part) for part in zip(*pieces, strict=True))
    left, right = left.astype(np.int64), right.astype(np.int64)
    turned = left > right  # one direction for each pair of phases: pieces follow one another
    start, end = np.where(turned, end, start), np.where(turned, start, end)
    low, high = np.minimum(left, right), np.maximum(left, right)
    return points, _Segments(start=start, end=end, left=low, right=high)


def _each_once(low: IntArray, high: IntArray, columns: int) -> tuple[IntArray, IntArray]:
    """Return the different pairs of neighbours (m, 2), sorted, and the number (n,) of each pair.

    A node has sides to three nodes of higher numbers, so each side has a place of its own in an
    array, where those that there are can be marked: nothing needs to be sorted.
    """
    steps = np.array([1, columns, columns + 1])
    place = 3 * low + (high - low >= columns) + (high - low > columns)
    there = np.zeros(int(place.max(initial=-1)) + 1, dtype=bool)
    there[place] = True
    places = np.flatnonzero(there)
    number = np.empty(len(there), dtype=np.int64)
    number[places] = np.arange(len(places))
    node = places // 3
    return np.column_stack((node, node + steps[places % 3])), number[place]


def _crossings(pairs: IntArray, label: Labels, values: Maps, nodes: FloatArray) -> FloatArray:
    """Return where the maps of the two end phases are equal on each side, (n, 2)."""
    first, second = pairs.T
    own, other = label[first], label[second]
    ends = ((own, first), (other, first), (other, second), (own, second))
    here, there, beyond, back = (values[at].astype(np.float64) for at in ends)
    lead, behind = here - there, beyond - back
    total = lead + behind
    along = np.where(total > 0, lead / np.where(total > 0, total, 1.0), 0.5)
    along = np.clip(along, _END, 1 - _END)[:, None]
    return np.asarray(nodes[first] + along * (nodes[second] - nodes[first]))


def _chains(segments: _Segments, points: int) -> tuple[IntArray, IntArray, IntArray]:
    """Join the pieces to arcs: their points, how many each has, and the first piece of each."""
    start, end = segments.start, segments.end
    number = len(start)
    stop = np.bincount(np.concatenate((start, end)), minlength=points) != 2
    leading = np.full(points, -1)
    leading[end] = np.arange(number)
    before = np.where(stop[start], -1, leading[start])
    heads, before = _open_rings(before)
    head, rank = _ranks(before)
    place = np.empty(number, dtype=np.int64)
    place[heads] = np.arange(len(heads))
    arc = place[head]
    count = np.bincount(arc, minlength=len(heads)) + 1
    first = np.cumsum(count) - count
    chain = np.empty(number + len(heads), dtype=np.int64)
    chain[first] = start[heads]
    chain[first[arc] + rank + 1] = end
    return chain, count, heads


def _open_rings(before: IntArray) -> tuple[IntArray, IntArray]:
    """Return the pieces with which arcs begin, and what is before each piece, -1 for nothing.

    A ring begins with the piece of the lowest number.
    """
    begins = np.flatnonzero(before < 0)
    number = len(before)
    follows = np.flatnonzero(before >= 0)
    links = coo_array((np.ones(len(follows)), (follows, before[follows])), shape=(number, number))
    _, group = connected_components(links)
    _, lowest = np.unique(group, return_index=True)
    is_open = np.zeros(len(lowest), dtype=bool)
    is_open[group[begins]] = True
    rings = np.sort(lowest[~is_open])
    before = before.copy()
    before[rings] = -1
    return np.concatenate((begins, rings)), before


def _ranks(before: IntArray) -> tuple[IntArray, IntArray]:
    """Return the first piece of the arc of each piece, and how many pieces come before it.

    Every piece looks twice as far back each time: as many rounds as the longest arc has doublings.
    """
    far, rank = before.copy(), (before >= 0).astype(np.int64)
    head = np.where(far < 0, np.arange(len(far)), far)
    left = np.flatnonzero(far >= 0)
    while len(left):
        ahead = far[left]
        add, beyond = rank[ahead], far[ahead]
        head[left] = head[ahead]
        rank[left] += add
        far[left] = beyond
        left = left[beyond >= 0]
    return head, rank
