"""How far a network reaches from its collector, and the layer up to there. Micrometres.

Particles keep a gap to the line ``top``, so films and bridges end below it and no group touches
both sides. Such a network is measured up to a line that runs through its last particles.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from mesode.geometry.connectivity import label_groups
from mesode.geometry.parts import Axis, percolating, touching
from mesode.survey.networks import carries
from mesode.survey.particles import mean_diameter

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from mesode.geometry.arrays import MeshArrays
    from mesode.geometry.parts import Part

    type FloatArray = npt.NDArray[np.float64]
    type IntArray = npt.NDArray[np.int64]

#: Share of the thickness that a network must reach to be measured.
LEAST_REACH = 0.8
_SNAP = 1e-3  # of the shortest edge at the line: nearer points are put onto it
_Y = Axis.THROUGH_PLANE


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """The layer of an electrode that a network is measured in, from the collector up.

    ``reach``: distance from the collector to the farthest point of what touches it; ``height``
    of the layer, None where the network ends too early; ``mesh`` and ``part`` of the layer.
    """

    reach: float
    height: float | None
    mesh: MeshArrays
    part: Part


def layer_of(mesh: MeshArrays, part: Part, phases: Sequence[str]) -> Layer:
    """Return the layer in which a network is measured through the plane.

    The whole electrode where a group touches both sides. Otherwise, if what touches the
    collector reaches ``LEAST_REACH`` of the thickness, up to half a mean particle diameter (at
    most half the reach) below its farthest point.
    """
    thickness = part.high[_Y] - part.low[_Y]
    if np.any(percolating(mesh, part, phases, _Y)):
        return Layer(reach=thickness, height=thickness, mesh=mesh, part=part)
    reach = _reach(mesh, part, phases)
    if reach < LEAST_REACH * thickness:
        return Layer(reach=reach, height=None, mesh=mesh, part=part)
    height = reach - min(mean_diameter(mesh, part.cells), reach) / 2
    up = -1.0 if part.prefix else 1.0
    level = _base(part) + up * height
    cut, cell = cut_at(mesh, level, up)
    low = (part.low[0], level if part.prefix else part.low[1])
    high = (part.high[0], part.high[1] if part.prefix else level)
    below = replace(part, cells=part.cells[cell], low=low, high=high)
    return Layer(reach=reach, height=height, mesh=cut, part=below)


def _base(part: Part) -> float:
    """Return the height of the line where the electrode has its collector."""
    return part.high[_Y] if part.prefix else part.low[_Y]


def _reach(mesh: MeshArrays, part: Part, phases: Sequence[str]) -> float:
    """Return the distance from the collector to the farthest point of what touches it."""
    inside = part.cells & carries(mesh, phases)
    number, group = label_groups(mesh, inside)
    touched = np.zeros(number, dtype=bool)
    touched[group[inside & touching(mesh, part, _Y, _base(part))]] = True
    y = mesh.points[mesh.cells[inside & touched[group]], _Y]
    return float(np.max(np.abs(y - _base(part)), initial=0.0))


def cut_at(mesh: MeshArrays, level: float, up: float = 1.0) -> tuple[MeshArrays, IntArray]:
    """Return the mesh below a horizontal line, and the cell that each of its cells is of.

    Cells that the line crosses are divided, so that it consists of facets; points next to it are
    put onto it. Boundary lines are left out. ``up`` -1 keeps what is above instead.
    """
    points, above = _snapped(mesh, level, up)
    signs = np.sign(above)[mesh.cells]
    crossed = (signs.max(axis=1) > 0) & (signs.min(axis=1) < 0)
    kept = np.flatnonzero((signs.max(axis=1) <= 0) & (signs.min(axis=1) < 0))
    added: dict[tuple[int, int], int] = {}
    triangles: list[tuple[int, int, int]] = []
    origin: list[int] = []
    for cell in np.flatnonzero(crossed).tolist():
        ring = _ring_below(mesh.cells[cell].tolist(), above, added, len(points))
        for second, third in itertools.pairwise(ring[1:]):
            triangles.append((ring[0], second, third))
            origin.append(cell)
    of = np.concatenate((kept, np.asarray(origin, dtype=np.int64)))
    new = np.asarray(triangles, dtype=np.int64).reshape(-1, 3)
    cut = replace(
        mesh,
        points=np.concatenate((points, _crossings(points, above, added, level))),
        cells=np.concatenate((mesh.cells[kept], new)),
        cell_phase=mesh.cell_phase[of],
        particle=mesh.particle[of],
        facets=np.empty((0, 2), dtype=np.int64),
        facet_tag=np.empty(0, dtype=np.int32),
        boundaries={},
    )
    return cut, of


def _snapped(mesh: MeshArrays, level: float, up: float) -> tuple[FloatArray, FloatArray]:
    """Return the points, those next to the line on it, and how far each is above it."""
    above = up * (mesh.points[:, _Y] - level)
    near = above[mesh.cells]
    corners = mesh.points[mesh.cells[(near.min(axis=1) <= 0) & (near.max(axis=1) >= 0)]]
    edges = np.hypot(*(corners - np.roll(corners, 1, axis=1)).transpose(2, 0, 1))
    above[np.abs(above) <= _SNAP * float(np.min(edges, initial=np.inf))] = 0.0
    points = mesh.points.copy()
    points[above == 0, _Y] = level
    return points, above


def _ring_below(
    corners: list[int], above: FloatArray, added: dict[tuple[int, int], int], first: int
) -> list[int]:
    """Return the corners of the lower piece of a cell; new points are noted in ``added``."""
    ring = []
    for start, end in zip(corners, corners[1:] + corners[:1], strict=True):
        if above[start] <= 0:
            ring.append(start)
        if above[start] * above[end] < 0:
            edge = (min(start, end), max(start, end))
            ring.append(first + added.setdefault(edge, len(added)))
    return ring


def _crossings(
    points: FloatArray, above: FloatArray, edges: dict[tuple[int, int], int], level: float
) -> FloatArray:
    """Return where the line crosses some edges."""
    low, high = np.asarray(list(edges), dtype=np.int64).reshape(-1, 2).T
    share = above[low] / (above[low] - above[high])
    x = points[low, 0] + share * (points[high, 0] - points[low, 0])
    return np.column_stack((x, np.full(len(x), level)))
