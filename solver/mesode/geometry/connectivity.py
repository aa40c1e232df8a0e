"""Which cells have a conducting path to a boundary: graph search over shared facets. No DOLFINx.

A particle without electronic path to the collector, or a pore without ionic path to the counter
electrode, would make the matrix singular; here it is found before the solve.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from mesode.errors import MeshError
from mesode.geometry.arrays import MeshArrays, cell_areas
from mesode.geometry.facets import all_facets, interior_facets, tagged

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    type IntArray = npt.NDArray[np.int64]
    type BoolArray = npt.NDArray[np.bool_]

_NAMED = 3  # particles of a part that are told by number


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """A connected set of cells: their numbers, area [um^2] and the particles they belong to."""

    cells: IntArray
    area: float
    particles: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Connectivity:
    """Paths of a set of phases to a boundary.

    ``label`` (m,): -1 outside the phases, 0 with a path to the boundary, k + 1 for the cells of
    ``isolated[k]``, which is ordered by decreasing area.
    """

    phases: tuple[str, ...]
    boundary: str
    label: npt.NDArray[np.int32]
    connected_area: float
    isolated: tuple[Component, ...]

    @property
    def isolated_cells(self) -> BoolArray:
        """Return the mask (m,) of cells of these phases without a path."""
        return np.asarray(self.label > 0)

    @property
    def isolated_area(self) -> float:
        """Return the area [um^2] without a path."""
        return sum(c.area for c in self.isolated)


def components(mesh: MeshArrays, phases: Sequence[str], boundary: str) -> Connectivity:
    """Find the cells of ``phases`` that reach ``boundary`` through shared facets.

    Args:
        mesh: the mesh.
        phases: names of the conducting phases; names absent from the mesh are ignored.
        boundary: name of a boundary line.

    Raises:
        MeshError: the mesh has no such boundary.
    """
    if boundary not in mesh.boundaries:
        msg = f"the mesh has no boundary {boundary!r}; it has {sorted(mesh.boundaries)}"
        raise MeshError(msg)
    tags = [mesh.phases[name] for name in phases if name in mesh.phases]
    inside = np.isin(mesh.cell_phase, tags)
    number, group = label_groups(mesh, inside)
    touching = boundary_cells(mesh, boundary)
    rooted = np.zeros(number, dtype=bool)
    rooted[group[touching[inside[touching]]]] = True
    area = cell_areas(mesh)
    total = np.bincount(group[inside], weights=area[inside], minlength=number)
    loose = np.flatnonzero(~rooted & (np.bincount(group[inside], minlength=number) > 0))
    loose = loose[np.lexsort((loose, -total[loose]))]
    rank = np.zeros(number, dtype=np.int32)
    rank[loose] = np.arange(1, len(loose) + 1)
    label = np.where(inside, rank[group], -1).astype(np.int32)
    return Connectivity(
        phases=tuple(phases),
        boundary=boundary,
        label=label,
        connected_area=float(np.sum(area[label == 0])),
        isolated=_isolated(mesh, label, area, len(loose)),
    )


def describe(found: Connectivity) -> list[str]:
    """Return one sentence on all isolated parts, none without any; for logs and the manifest."""
    through = " and ".join(found.phases)
    path = f"no path through {through} to {found.boundary}"
    network = found.connected_area + found.isolated_area
    parts = [(_who(part), part.area) for part in found.isolated]
    return grouped(parts, f"what is {through}", network, (f"has {path}", f"have {path}"))


def grouped(
    parts: Sequence[tuple[str, float]], whole: str, area: float, lack: tuple[str, str]
) -> list[str]:
    """Return one sentence on parts of a kind: number, share, the largest; none without any.

    Args:
        parts: name and area [um^2] of each.
        whole: what they are a part of.
        area: of the whole [um^2].
        lack: what one of them lacks, what several lack.
    """
    if not parts:
        return []
    lost = sum(part for _, part in parts)
    name, largest = max(parts, key=lambda part: part[1])
    share = f"{100 * lost / area:.3g} % of {whole}"
    if len(parts) == 1:
        return [f"{name} of {lost:.4g} um^2, {share}, {lack[0]}"]
    return [
        f"{len(parts)} parts of {lost:.4g} um^2 in all, {share}, {lack[1]}; the largest is {name} "
        f"of {largest:.4g} um^2"
    ]


def _who(part: Component) -> str:
    if not part.particles:
        return f"a region ({len(part.cells)} cells)"
    numbers = ", ".join(str(p) for p in part.particles[:_NAMED])
    more = len(part.particles) - _NAMED
    several = f" and {more} more" if more > 0 else ""
    return f"particle{'s' if len(part.particles) > 1 else ''} {numbers}{several}"


def facet_neighbours(mesh: MeshArrays) -> IntArray:
    """Return the pairs of cells (k, 2) that share a facet."""
    return interior_facets(mesh).cells


def boundary_cells(mesh: MeshArrays, boundary: str) -> IntArray:
    """Return the cells with a facet on a boundary line; on an internal line those of both sides."""
    facets = all_facets(mesh)
    cells = np.unique(facets.cells[tagged(mesh, facets, boundary)])
    return cells[cells >= 0]


def label_groups(mesh: MeshArrays, inside: BoolArray) -> tuple[int, IntArray]:
    """Return the number of groups and the group of each cell; facets outside the mask cut.

    Cells outside the mask are groups of one.
    """
    pairs = facet_neighbours(mesh)
    pairs = pairs[inside[pairs].all(axis=1)]
    size = len(mesh.cells)
    ones = np.ones(len(pairs), dtype=np.int8)
    graph = coo_array((ones, (pairs[:, 0], pairs[:, 1])), shape=(size, size))
    number, group = connected_components(graph, directed=False)
    return int(number), group.astype(np.int64)


def _isolated(
    mesh: MeshArrays, label: npt.NDArray[np.int32], area: npt.NDArray[np.float64], number: int
) -> tuple[Component, ...]:
    order = np.argsort(label, kind="stable")
    bounds = np.searchsorted(label[order], np.arange(1, number + 2))
    found = []
    for low, high in itertools.pairwise(bounds):
        cells = order[low:high]
        inside = np.unique(mesh.particle[cells])
        numbers = tuple(int(p) for p in inside if p >= 0)
        found.append(Component(cells=cells, area=float(area[cells].sum()), particles=numbers))
    return tuple(found)
