"""The parts of a section that are reported on: each electrode, without foil and separator.

Everything is read from the mesh, so packed sections, micrographs and own meshes are treated
alike. Micrometres.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

from mesode.geometry.arrays import cell_areas
from mesode.geometry.connectivity import label_groups
from mesode.section_names import COLLECTOR, COUNTER, COUNTER_PREFIX, FOIL, TOP, is_counter

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

    from mesode.geometry.arrays import MeshArrays

    type BoolArray = npt.NDArray[np.bool_]

_CLOSE = 1e-6  # of the part's size: points this near to a side lie on it


class Axis(IntEnum):
    """A direction of transport: column of the coordinates."""

    IN_PLANE = 0
    THROUGH_PLANE = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """An electrode of the section: its cells and the rectangle they fill [um].

    ``prefix`` of its phase names; ``root``: boundary that feeds it electrons; ``ionic_root``:
    boundary that feeds it ions.
    """

    name: str
    prefix: str
    root: str
    ionic_root: str
    cells: BoolArray
    low: tuple[float, float]
    high: tuple[float, float]

    @property
    def area(self) -> float:
        """Return the area of the rectangle [um^2]."""
        return (self.high[0] - self.low[0]) * (self.high[1] - self.low[1])

    def owns(self, phase: str) -> bool:
        """Return whether a phase name is one of this electrode's."""
        return is_counter(phase) == bool(self.prefix)


def electrode_parts(mesh: MeshArrays) -> tuple[Part, ...]:
    """Return the working electrode and, in a full section, the counter electrode.

    The working electrode reaches from the lowest line, or from its foil, to the line ``top``;
    without such a line it is all of the mesh.
    """
    full = COUNTER_PREFIX + TOP in mesh.boundaries
    (x0, y0), (x1, y1) = mesh.points.min(axis=0), mesh.points.max(axis=0)
    bottom = _edge_of_phase(mesh, FOIL, 1, y0)
    roof = _level(mesh, TOP, y1)
    ionic = COUNTER_PREFIX + TOP if full else COUNTER
    parts = [_part(mesh, ("electrode", "", COLLECTOR, ionic), (x0, bottom), (x1, roof))]
    if full:
        floor = _level(mesh, COUNTER_PREFIX + TOP, y0)
        ceiling = _edge_of_phase(mesh, COUNTER_PREFIX + FOIL, 0, y1)
        names = ("counter electrode", COUNTER_PREFIX, COUNTER, ionic)
        parts.append(_part(mesh, names, (x0, floor), (x1, ceiling)))
    return tuple(parts)


def percolating(mesh: MeshArrays, part: Part, phases: Iterable[str], axis: Axis) -> BoolArray:
    """Return the cells of ``phases`` in connected groups that touch both sides of the part."""
    inside = part.cells & np.isin(
        mesh.cell_phase, [mesh.phases[name] for name in phases if name in mesh.phases]
    )
    number, group = label_groups(mesh, inside)
    through = np.ones(number, dtype=bool)
    for level in (part.low[axis], part.high[axis]):
        touched = np.zeros(number, dtype=bool)
        touched[group[inside & touching(mesh, part, axis, level)]] = True
        through &= touched
    return np.asarray(inside & through[group])


def touching(mesh: MeshArrays, part: Part, axis: Axis, level: float) -> BoolArray:
    """Return the cells that have a facet on the line where coordinate ``axis`` is ``level``."""
    near = _CLOSE * max(part.high[0] - part.low[0], part.high[1] - part.low[1])
    on = np.abs(mesh.points[:, axis] - level) <= near
    return np.asarray(on[mesh.cells].sum(axis=1) >= 2)


def cut_out(mesh: MeshArrays, cells: BoolArray) -> MeshArrays:
    """Return the mesh of some cells alone, without boundary lines."""
    used, renumbered = np.unique(mesh.cells[cells], return_inverse=True)
    return replace(
        mesh,
        points=mesh.points[used],
        cells=renumbered.reshape(-1, 3).astype(np.int64),
        cell_phase=mesh.cell_phase[cells],
        particle=mesh.particle[cells],
        facets=np.empty((0, 2), dtype=np.int64),
        facet_tag=np.empty(0, dtype=np.int32),
        boundaries={},
    )


def phase_area(mesh: MeshArrays, phase: str, part: Part | None = None) -> float:
    """Return the area [um^2] of a phase, in the whole mesh or in a part of it."""
    inside = mesh.cell_phase == mesh.phases.get(phase, -1)
    if part is not None:
        inside &= part.cells
    return float(np.sum(cell_areas(mesh)[inside]))


def _part(
    mesh: MeshArrays,
    names: tuple[str, str, str, str],
    low: tuple[float, float],
    high: tuple[float, float],
) -> Part:
    y = mesh.points[mesh.cells, 1].mean(axis=1)
    name, prefix, root, ionic = names
    return Part(
        name=name,
        prefix=prefix,
        root=root,
        ionic_root=ionic,
        cells=np.asarray((y > low[1]) & (y < high[1])),
        low=(float(low[0]), float(low[1])),
        high=(float(high[0]), float(high[1])),
    )


def _level(mesh: MeshArrays, boundary: str, default: float) -> float:
    """Return the height of a line; the lowest where the name stands for several."""
    facets = mesh.facets[mesh.facet_tag == mesh.boundaries.get(boundary, -1)]
    return float(mesh.points[facets, 1].min()) if len(facets) else float(default)


def _edge_of_phase(mesh: MeshArrays, phase: str, upper: int, default: float) -> float:
    """Return the upper (1) or lower (0) edge of a phase's cells."""
    y = mesh.points[mesh.cells[mesh.cell_phase == mesh.phases.get(phase, -1)], 1]
    if y.size == 0:
        return float(default)
    return float(y.max() if upper else y.min())
