"""Thin layers of triangles inside the hosts along their surface with the pores. Micrometres.

Where lithium has not come far yet its concentration falls within a layer thinner than a triangle.
Smaller triangles everywhere along a surface are many; layers that are thin across it and as long
as before along it are few. The surface itself stays as it is: the triangles of the host draw back
from it by about half of their height, and layers that grow inward fill the strip. Where a surface
ends, or is not a simple line, the layers run out to nothing.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mesode.geometry.arrays import doubled_areas

if TYPE_CHECKING:
    import numpy.typing as npt

    type FloatArray = npt.NDArray[np.float64]
    type IntArray = npt.NDArray[np.int64]
    type BoolArray = npt.NDArray[np.bool_]

_DRAW_BACK = 0.5  # part of the height of the triangles at the surface that the layers take
_ROW = _DRAW_BACK * np.sqrt(0.75)  # the same for triangles of equal sides, over their edge
_GROWTH = 2.0  # the most that a layer is thicker than the one outside of it
_SHARP = 0.5  # least cosine between the lines at a node and their mean: no sharper corners
_LEAST_AREA = 0.25  # part of its area that a triangle that draws back must keep
_TRIES = 6  # each draws back half as far


@dataclass(frozen=True, slots=True, kw_only=True)
class Layers:
    """What layers are asked for.

    ``hosts`` and ``pores``: names of phases; layers are on the side of the hosts. ``first``:
    thickness of the outermost layer [um].
    """

    hosts: frozenset[str]
    pores: frozenset[str]
    first: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Layered:
    """Triangles with layers: all points [um], those that are new behind the old ones.

    ``cells`` (m, 3) and ``source`` (m,): a triangle of the mesh before, to whose part of the
    section it belongs.
    """

    points: FloatArray
    cells: IntArray
    source: IntArray


@dataclass(frozen=True, slots=True)
class _Lines:
    """Edges where a host meets pores, the host to their left, and nodes on no other rim of one."""

    edges: IntArray  # (k, 2)
    cells: IntArray  # (k,), of the host
    simple: BoolArray  # by node


def number_of_layers(first: float, edge: float) -> int:
    """Return how many layers fill their strip when each is at most twice as thick as the last.

    Args:
        first: thickness of the outermost [um].
        edge: length of the triangles at the surface [um].
    """
    return max(1, int(np.ceil(np.log2(1.0 + _ROW * edge / first) - 1e-9)))


def insert_layers(
    points: FloatArray, cells: IntArray, part: IntArray, role: IntArray, first: float, edge: float
) -> Layered:
    """Insert the layers.

    Args:
        points: (n, 2) [um].
        cells: triangles (m, 3), counter-clockwise.
        part: number of the polygon of each triangle.
        role: of each triangle: 1 in hosts, -1 in pores, 0 elsewhere.
        first: thickness of the outermost layer [um].
        edge: length of the triangles at the surface [um].
    """
    lines = _find_lines(cells, part, role, len(points))
    inward = _inward(points, lines)
    depth = _depth(points, cells, role == 1, lines, inward)
    depth[depth <= first] = 0.0
    count = number_of_layers(first, edge)
    chosen = np.flatnonzero(depth > 0.0)
    share = _shares(first, depth[chosen], count)  # (count, nodes): where each layer ends
    new = points[chosen] + share[:, :, None] * (depth[chosen, None] * inward[chosen])
    chain = np.tile(np.arange(len(points)), (count + 1, 1))
    chain[1:, chosen] = len(points) + np.arange(count * len(chosen)).reshape(count, -1)
    drawn = np.where((role == 1)[:, None], chain[-1][cells], cells)
    strips, source = _strips(chain, lines)
    return Layered(
        points=np.concatenate((points, new.reshape(-1, 2))),
        cells=np.concatenate((drawn, strips)),
        source=np.concatenate((np.arange(len(cells)), source)),
    )


def _find_lines(cells: IntArray, part: IntArray, role: IntArray, nodes: int) -> _Lines:
    sides = cells[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2)
    cell = np.repeat(np.arange(len(cells)), 3)
    _, edge, count = np.unique(np.sort(sides, axis=1), axis=0, return_inverse=True,
                               return_counts=True)  # fmt: skip
    total = np.bincount(edge, weights=cell).astype(np.int64)
    other = np.where(count[edge] == 2, total[edge] - cell, -1)  # beyond each side; -1: nothing
    host = role[cell] == 1
    rim = host & ((other < 0) | (part[other] != part[cell]))
    line = rim & (other >= 0) & (role[other] == -1)
    on_rims = np.bincount(sides[rim].ravel(), minlength=nodes)
    on_lines = np.bincount(sides[line].ravel(), minlength=nodes)
    return _Lines(sides[line], cell[line], (on_rims == 2) & (on_lines == 2))


def _inward(points: FloatArray, lines: _Lines) -> FloatArray:
    """Return for each node where a unit of depth leads; nothing where there are no layers."""
    along = points[lines.edges[:, 1]] - points[lines.edges[:, 0]]
    normal = np.column_stack((-along[:, 1], along[:, 0])) / np.hypot(*along.T)[:, None]
    total = np.zeros_like(points)
    for end in (0, 1):
        np.add.at(total, lines.edges[:, end], normal)
    # |n1 + n2| is twice the cosine of half the turn; a unit of depth is one along both normals
    square = (total**2).sum(axis=1)
    able = lines.simple & (square > (2.0 * _SHARP) ** 2)
    return np.where(able[:, None], 2.0 * total / np.where(able, square, 1.0)[:, None], 0.0)


def _depth(
    points: FloatArray, cells: IntArray, host: BoolArray, lines: _Lines, inward: FloatArray
) -> FloatArray:
    """Return how far the host's triangles draw back at each node, 0 where they must not."""
    able = inward.any(axis=1)
    own = cells[host & able[cells].any(axis=1)]
    twice = doubled_areas(points, own)
    longest = np.max([np.hypot(*(points[own[:, k]] - points[own[:, k - 1]]).T) for k in range(3)],
                     axis=0)  # fmt: skip
    depth = np.full(len(points), np.inf)
    for corner in range(3):
        np.minimum.at(depth, own[:, corner], _DRAW_BACK * twice / longest)
    depth = np.where(able, depth, 0.0)
    for attempt in range(_TRIES):
        moved = points + depth[:, None] * inward
        squeezed = doubled_areas(moved, own) < _LEAST_AREA * twice
        crossed = _crossed(points, moved, lines)
        caught = np.unique(np.concatenate((own[squeezed].ravel(), lines.edges[crossed].ravel())))
        if len(caught) == 0:
            break
        depth[caught] *= 0.5 if attempt < _TRIES - 2 else 0.0
    return depth


def _crossed(points: FloatArray, moved: FloatArray, lines: _Lines) -> BoolArray:
    """Tell over which edges the strip is turned inside out."""
    before = points[lines.edges[:, 1]] - points[lines.edges[:, 0]]
    after = moved[lines.edges[:, 1]] - moved[lines.edges[:, 0]]
    return np.asarray((before * after).sum(axis=1) < _LEAST_AREA * (before**2).sum(axis=1))


def _shares(first: float, depth: FloatArray, count: int) -> FloatArray:
    """Return where each layer ends, as a part of the depth, (count, nodes).

    The outermost is ``first`` thick and each the same multiple of the last, found by bisection;
    where the depth has no room for that all are equal.
    """
    low, high = np.ones_like(depth), np.full_like(depth, 2.0 * _GROWTH)
    powers = np.arange(count)[:, None]
    for _ in range(50):
        middle = 0.5 * (low + high)
        short = first * (middle**powers).sum(axis=0) < depth
        low, high = np.where(short, middle, low), np.where(short, high, middle)
    end = np.cumsum(high**powers, axis=0)
    return np.asarray(end / end[-1])


def _strips(chain: IntArray, lines: _Lines) -> tuple[IntArray, IntArray]:
    """Return the triangles between the edges of a surface and the host that drew back."""
    start, end = lines.edges.T
    pieces = []
    for outer, inner in itertools.pairwise(chain):
        pieces.append(np.column_stack((outer[start], outer[end], inner[end])))
        pieces.append(np.column_stack((outer[start], inner[end], inner[start])))
    found = np.concatenate(pieces)
    source = np.tile(lines.cells, len(pieces))
    whole = (found != np.roll(found, 1, axis=1)).all(axis=1)
    return found[whole], source[whole]
