"""The section as DOLFINx sees it: one mesh, phases and boundaries by name, sub-meshes, interfaces.

Lengths are metres from here on (the geometry package works in micrometres). All functions that
take a communicator or a domain are collective.

An interface between two sets of phases is a list of integration entities ``(cell, local facet)``
pairs with the first set first, so that ``"+"`` is always that side, on every rank. The mesh is
always partitioned with shared-facet ghosts: without them the facets between ranks vanish from
interface integrals, silently.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from mpi4py import MPI

import basix.ufl
import numpy as np
import ufl
from dolfinx import mesh as dmesh
from dolfinx.graph import adjacencylist
from dolfinx.io import distribute_entity_data
from dolfinx.mesh import GhostMode

from mesode.errors import MeshError

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt
    from dolfinx.mesh import EntityMap, Mesh, MeshTags

    from mesode.geometry.arrays import MeshArrays

    type _Entities = list[tuple[int, npt.NDArray[np.int32]]]

MICROMETRE = 1e-6  # [m], the geometry's unit of length


@dataclass(frozen=True, slots=True)
class Subdomain:
    """A sub-mesh of some phases, or of lines between them.

    ``cells`` are the parent's cells, or facets, in sub-mesh order.
    """

    mesh: Mesh
    entity_map: EntityMap
    phases: tuple[str, ...]
    cells: npt.NDArray[np.int32]


@dataclass(frozen=True)
class Domain:
    """A distributed mesh with named phases and boundaries.

    ``cell_tag`` and ``particle`` hold one value per local cell, ghosts included; particle is -1
    outside the particles.
    """

    mesh: Mesh
    phases: dict[str, int]
    boundaries: dict[str, int]
    cell_tag: npt.NDArray[np.int32]
    particle: npt.NDArray[np.int32]
    facet_tags: MeshTags

    @property
    def comm(self) -> MPI.Intracomm:
        """The communicator of the mesh."""
        return self.mesh.comm

    @property
    def original_cells(self) -> npt.NDArray[np.int64]:
        """Number of each local cell, ghosts included, in the mesh that was distributed."""
        return np.asarray(self.mesh.topology.original_cell_index)

    @cached_property
    def dx(self) -> ufl.Measure:
        """Volume measure of the whole mesh, subdomain ids are phase tags."""
        return ufl.Measure("dx", domain=self.mesh, subdomain_data=self._volumes)

    def dx_of(self, chosen: npt.NDArray[np.bool_], **metadata: Any) -> ufl.Measure:
        """Volume measure of some local cells; they may be parts of phases."""
        cells = np.flatnonzero(chosen[: self._owned_cells]).astype(np.int32)
        number = self._volumes[-1][0] + 1
        self._volumes.append((number, cells))
        return self.dx(number, metadata=metadata)

    @cached_property
    def n_cells(self) -> int:
        """Number of cells over all ranks."""
        return int(self.mesh.topology.index_map(2).size_global)

    @cached_property
    def cell_areas(self) -> npt.NDArray[np.float64]:
        """Area of each local cell, ghosts included [m^2]."""
        geometry = self.mesh.geometry
        a, b, c = geometry.x[geometry.dofmaps[0].reshape(-1, 3)][..., :2].swapaxes(0, 1)
        edges = np.stack([b - a, c - a], axis=-1)
        areas: npt.NDArray[np.float64] = 0.5 * np.abs(np.linalg.det(edges))
        return areas

    def tags(self, phases: Iterable[str]) -> tuple[int, ...]:
        """Return the tags of the phases that this section has."""
        return tuple(self.phases[name] for name in phases if name in self.phases)

    def cells(self, phases: Iterable[str]) -> npt.NDArray[np.int32]:
        """Return the local cells (ghosts included) of the phases."""
        return np.flatnonzero(np.isin(self.cell_tag, self.tags(phases))).astype(np.int32)

    def subdomain(self, phases: Iterable[str]) -> Subdomain:
        """Build the sub-mesh of the phases (collective)."""
        phases = tuple(phases)
        cells = self.cells(phases)
        if self.comm.allreduce(len(cells)) == 0:
            msg = f"no cell of the mesh belongs to {', '.join(phases)}"
            raise MeshError(msg)
        return self._submesh(2, cells, phases)

    def _submesh(
        self, dimension: int, entities: npt.NDArray[np.int32], phases: tuple[str, ...]
    ) -> Subdomain:
        submesh, entity_map, _, _ = dmesh.create_submesh(self.mesh, dimension, entities)
        parent = entity_map.sub_topology_to_topology(
            np.arange(len(entities), dtype=np.int32), inverse=False
        )
        return Subdomain(submesh, entity_map, phases, parent)

    def lines_between(
        self,
        plus: Iterable[str],
        minus: Iterable[str],
        *,
        on: str | None = None,
        off: str | None = None,
    ) -> Subdomain:
        """Build the mesh of the facets between two phase sets, as in ``interface`` (collective).

        Its fields are seen from both sides of the measure ``dS`` of the same sets.
        """
        plus, minus = tuple(plus), tuple(minus)
        facets, _ = self._between(plus, minus, on, off)
        return self._submesh(1, facets, (*plus, *minus))

    def facets_between(self, plus: Iterable[str], minus: Iterable[str]) -> npt.NDArray[np.int32]:
        """Return the local facets between two phase sets, ghosts included, in rising order."""
        return self._between(plus, minus, None, None)[0]

    def line_mesh(self, boundary: str, phases: Iterable[str]) -> Subdomain:
        """Build the mesh of the facets of a boundary that phases touch (collective)."""
        phases = tuple(phases)
        facets = self.line(boundary)
        first, last = self._ends(facets)
        mask = np.isin(self.cell_tag, self.tags(phases))
        return self._submesh(1, np.sort(facets[mask[first] | mask[last]]), phases)

    @cached_property
    def inner_facets(self) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
        """Interior facets, ghosts included, and their two cells, shape (n,) and (n, 2)."""
        cells_of = self.mesh.topology.connectivity(1, 2)
        facets = np.flatnonzero(np.diff(cells_of.offsets) == 2).astype(np.int32)
        first = cells_of.offsets[facets]
        return facets, np.stack([cells_of.array[first], cells_of.array[first + 1]], axis=1)

    def _between(
        self, plus: Iterable[str], minus: Iterable[str], on: str | None, off: str | None
    ) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
        """Return the facets between two phase sets, ghosts included, and their cells, plus first.

        ``on`` keeps the facets of an internal line alone, ``off`` leaves them out.
        """
        facets, pairs = self.inner_facets
        for line, wanted in ((on, True), (off, False)):
            if line is not None:
                chosen = np.isin(facets, self.line(line)) == wanted
                facets, pairs = facets[chosen], pairs[chosen]
        is_plus = np.isin(self.cell_tag[pairs], self.tags(plus))
        is_minus = np.isin(self.cell_tag[pairs], self.tags(minus))
        forward, backward = is_plus[:, 0] & is_minus[:, 1], is_plus[:, 1] & is_minus[:, 0]
        pairs = np.where(backward[:, None], pairs[:, ::-1], pairs)[forward | backward]
        return facets[forward | backward], pairs

    def _local_facet(
        self, facets: npt.NDArray[np.int32], cells: npt.NDArray[np.int32]
    ) -> npt.NDArray[np.int32]:
        facets_of = self.mesh.topology.connectivity(2, 1).array.reshape(-1, 3)
        return np.argmax(facets_of[cells] == facets[:, None], axis=1).astype(np.int32)

    def interface(
        self,
        plus: Iterable[str],
        minus: Iterable[str],
        *,
        on: str | None = None,
        off: str | None = None,
    ) -> npt.NDArray[np.int32]:
        """Return (cell, local facet, cell, local facet) of owned facets between two phase sets.

        Shape (4 n,), the cell of ``plus`` first. ``on`` keeps the facets of an internal line alone,
        ``off`` leaves them out.
        """
        facets, pairs = self._between(plus, minus, on, off)
        return self._entities(facets, pairs)

    def _entities(
        self, facets: npt.NDArray[np.int32], pairs: npt.NDArray[np.int32]
    ) -> npt.NDArray[np.int32]:
        """Return those of ``interface`` for facets and their cells, plus first."""
        owned = facets < self.mesh.topology.index_map(1).size_local
        facets, pairs = facets[owned], pairs[owned]
        local = [self._local_facet(facets, pairs[:, side]) for side in (0, 1)]
        return np.stack([pairs[:, 0], local[0], pairs[:, 1], local[1]], axis=1).ravel()

    def line(self, boundary: str) -> npt.NDArray[np.int32]:
        """Return the local facets of a boundary or internal line, none if there is no such line."""
        found: npt.NDArray[np.int32] = self.facet_tags.find(self.boundaries.get(boundary, -1))
        return found

    def side(self, boundary: str, phases: Iterable[str]) -> npt.NDArray[np.int32]:
        """Return (cell, local facet) of owned facets of a boundary, seen from the phases.

        Shape (2 n,). Works for outer boundaries and for lines inside the section.
        """
        facets = self.facet_tags.find(self.boundaries[boundary])
        facets = facets[facets < self.mesh.topology.index_map(1).size_local]
        first, last = self._ends(facets)
        tags = self.tags(phases)
        cells = np.where(np.isin(self.cell_tag[first], tags), first, last)
        on = np.isin(self.cell_tag[cells], tags)
        facets, cells = facets[on], cells[on]
        return np.stack([cells, self._local_facet(facets, cells)], axis=1).ravel()

    def _ends(
        self, facets: npt.NDArray[np.int32]
    ) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
        """Return the first and the last cell of each facet, the same where it has one."""
        cells_of = self.mesh.topology.connectivity(1, 2)
        return (
            cells_of.array[cells_of.offsets[facets]],
            cells_of.array[cells_of.offsets[facets + 1] - 1],
        )

    def cells_at(self, facets: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
        """Return a cell of each facet: the one that it has, where it lies on a boundary."""
        return self._ends(facets)[0]

    def cells_in(self, part: Subdomain) -> npt.NDArray[np.int32]:
        """Return the number in a sub-mesh of each local cell, -1 where it has it not."""
        number = np.full(len(self.cell_tag), -1, dtype=np.int32)
        number[part.cells] = np.arange(len(part.cells), dtype=np.int32)
        return number

    def facets_of(
        self, part: Subdomain, boundary: str, phases: Iterable[str] | None = None
    ) -> npt.NDArray[np.int32]:
        """Return the facets of a sub-mesh that lie on a boundary, those owned by this rank.

        ``phases``: of some of its phases only. The sub-mesh keeps the order of the corners of its
        cells, so a facet has the same number in its cell on both meshes.
        """
        phases = part.phases if phases is None else phases
        cells, local = self.side(boundary, phases).reshape(-1, 2).T
        cell_of = self.cells_in(part)
        for dimensions in ((2, 1), (1, 2)):
            part.mesh.topology.create_connectivity(*dimensions)
        facets = part.mesh.topology.connectivity(2, 1).array.reshape(-1, 3)
        return np.asarray(facets[cell_of[cells], local], dtype=np.int32)

    def dS(
        self,
        plus: Iterable[str],
        minus: Iterable[str],
        *,
        on: str | None = None,
        off: str | None = None,
        **metadata: Any,
    ) -> ufl.Measure:
        """Interface measure, "+" on the first set of phases; ``on``, ``off`` as in interface."""
        entities = self.interface(plus, minus, on=on, off=off)
        return self._measure("dS", self._interfaces, entities, metadata)

    def dS_at(
        self, facets: npt.NDArray[np.int32], pairs: npt.NDArray[np.int32], **metadata: Any
    ) -> ufl.Measure:
        """Measure of some of the ``inner_facets``, "+" on the first of the two cells of each."""
        return self._measure("dS", self._interfaces, self._entities(facets, pairs), metadata)

    def lines_at(self, facets: npt.NDArray[np.int32], phases: Iterable[str]) -> Subdomain:
        """Build the mesh of some facets in rising order, ghosts too, of phases (collective)."""
        return self._submesh(1, facets, tuple(phases))

    def ds(self, boundary: str, phases: Iterable[str], **metadata: Any) -> ufl.Measure:
        """One-sided boundary measure, seen from the phases."""
        return self._measure("ds", self._sides, self.side(boundary, phases), metadata)

    def ds_at(self, facets: npt.NDArray[np.int32], **metadata: Any) -> ufl.Measure:
        """Measure of some facets on the boundary of the section."""
        mine = facets[facets < self.mesh.topology.index_map(1).size_local]
        cells = self.cells_at(mine)
        entities = np.stack([cells, self._local_facet(mine, cells)], axis=1).ravel()
        return self._measure("ds", self._sides, entities, metadata)

    # All measures of a kind share one list: a form takes no other.

    @cached_property
    def _volumes(self) -> _Entities:
        owned = self.cell_tag[: self._owned_cells]
        tags = sorted(self.phases.values())
        return [(tag, np.flatnonzero(owned == tag).astype(np.int32)) for tag in tags]

    @property
    def _owned_cells(self) -> int:
        return int(self.mesh.topology.index_map(2).size_local)

    @cached_property
    def _interfaces(self) -> _Entities:
        return []

    @cached_property
    def _sides(self) -> _Entities:
        return []

    def _measure(
        self, kind: str, known: _Entities, entities: npt.NDArray[np.int32], metadata: dict[str, Any]
    ) -> ufl.Measure:
        number = len(known) + 1
        known.append((number, entities))
        return ufl.Measure(kind, domain=self.mesh, subdomain_data=known, metadata=metadata)(number)


def bounding_box(
    comm: MPI.Intracomm, points: npt.NDArray[np.float64]
) -> tuple[list[float], list[float]]:
    """Return the lower left and the upper right corner [m] of the points of all ranks (collective).

    ``points`` (n, 2 or 3) may be none on a rank.
    """
    low = np.min(points[:, :2], axis=0, initial=np.inf)
    high = np.max(points[:, :2], axis=0, initial=-np.inf)
    return (
        [float(comm.allreduce(value, op=MPI.MIN)) for value in low],
        [float(comm.allreduce(value, op=MPI.MAX)) for value in high],
    )


def build_domain(comm: MPI.Intracomm, arrays: MeshArrays | None) -> Domain:
    """Distribute a mesh that rank 0 holds (collective; other ranks pass None)."""
    names = comm.bcast((arrays.phases, arrays.boundaries) if arrays is not None else None)
    if names is None:
        msg = "rank 0 has no mesh to distribute"
        raise MeshError(msg)
    msh = _distribute_cells(comm, arrays)
    tag, particle = comm.bcast(
        (arrays.cell_phase.astype(np.int32), arrays.particle.astype(np.int32))
        if arrays is not None
        else None
    )
    original = msh.topology.original_cell_index
    return Domain(
        mesh=msh,
        phases=dict(names[0]),
        boundaries=dict(names[1]),
        cell_tag=tag[original],
        particle=particle[original],
        facet_tags=_distribute_facets(msh, arrays),
    )


def _distribute_cells(comm: MPI.Intracomm, arrays: MeshArrays | None) -> Mesh:
    cells = np.empty((0, 3), dtype=np.int64)
    points = np.empty((0, 2), dtype=np.float64)
    if arrays is not None:
        cells, points = arrays.cells.astype(np.int64), MICROMETRE * arrays.points
    element = basix.ufl.element("Lagrange", "triangle", 1, shape=(2,))
    partitioner = dmesh.create_cell_partitioner(GhostMode.shared_facet, 2)
    msh = dmesh.create_mesh(comm, cells, ufl.Mesh(element), points, partitioner)
    for first, second in ((1, 2), (2, 1), (1, 0), (2, 2)):
        msh.topology.create_connectivity(first, second)
    return msh


def _distribute_facets(msh: Mesh, arrays: MeshArrays | None) -> MeshTags:
    facets = np.empty((0, 2), dtype=np.int64)
    tags = np.empty(0, dtype=np.int32)
    if arrays is not None:
        facets, tags = arrays.facets.astype(np.int64), arrays.facet_tag.astype(np.int32)
    entities, values = distribute_entity_data(msh, 1, facets, tags)
    return dmesh.meshtags_from_entities(
        msh, 1, adjacencylist(np.asarray(entities, dtype=np.int32)), np.asarray(values, np.int32)
    )
