"""Sub-meshes that are torn along facets: what lies on both sides of these shares no corner there.

A field on such a mesh may jump across the facets that are torn, and nowhere else; it is seen from
both sides by the interface measures of the parent. The cells are those of ``Domain.subdomain``, on
the same ranks and with the same corners, so that an entity map joins both meshes.

Around a corner at which something is torn the cells fall into groups: those that meet in facets
which are not. Cells of *loose* phases, which fill what is between bodies, would join two of them
around the end of a tear. So each piece of theirs around a corner stays with one of the bodies that
it touches, and its facet to the other one may open by as much as the next corner lets it. Where a
tear ends inside of a body the corner at its end is one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import basix.ufl
import numpy as np
import ufl
from dolfinx import mesh as dmesh
from dolfinx.graph import AdjacencyList, adjacencylist
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from mesode.mesh.domain import Subdomain
from mesode.mesh.ordering import corner_numbers

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

    from mesode.mesh.domain import Domain

    type IntArray = npt.NDArray[np.int64]
    type BoolArray = npt.NDArray[np.bool_]

_ENDS = np.array([[1, 2], [2, 0], [0, 1]])  # corners of a triangle at its sides


@dataclass(frozen=True, slots=True)
class _Whole:
    """The cells of all ranks, one row each in the order of the mesh that was distributed.

    ``number`` in that mesh, ``corners`` by their numbers in it, ``x`` of them, whether ``loose``;
    ``place``: rows in the order in which the ranks give them.
    """

    number: IntArray
    corners: IntArray
    x: npt.NDArray[np.float64]
    loose: BoolArray
    place: IntArray


def torn_subdomain(
    domain: Domain,
    phases: Iterable[str],
    torn: npt.NDArray[np.int32],
    loose: Iterable[str] = (),
) -> Subdomain:
    """Build the sub-mesh of the phases, torn along facets (collective).

    Args:
        domain: The section.
        phases: Of the sub-mesh.
        torn: Local facets of the section between two of its cells; ghosts are not looked at.
        loose: Phases of the sub-mesh that stay with what they touch.
    """
    phases = tuple(phases)
    if domain.comm.allreduce(len(torn)) == 0:
        return domain.subdomain(phases)
    cells = domain.cells(phases)
    owned = cells[cells < domain.mesh.topology.index_map(2).size_local]
    whole = _gather(domain, owned, np.isin(domain.cell_tag[owned], domain.tags(loose)))
    nodes = _torn_corners(whole, _torn_pairs(domain, torn))
    msh = _build(domain, owned, whole, nodes)
    # the cell of the section that each of its local cells is
    given = whole.number[whole.place[np.asarray(msh.topology.original_cell_index)]]
    order = np.argsort(domain.original_cells)
    parent = order[np.searchsorted(domain.original_cells, given, sorter=order)].astype(np.int32)
    topology = domain.mesh.topology
    return Subdomain(msh, dmesh.entity_map(topology, msh.topology, 2, parent), phases, parent)


def _gather(domain: Domain, owned: npt.NDArray[np.int32], loose: BoolArray) -> _Whole:
    """Collect the cells of all ranks on each (collective)."""
    geometry = domain.mesh.geometry
    x = geometry.x[geometry.dofmaps[0].reshape(-1, 3)[owned]][..., :2]
    mine = (domain.original_cells[owned], corner_numbers(domain.mesh)[owned], x, loose)
    number, corners, points, is_loose = (
        np.concatenate(parts) for parts in zip(*domain.comm.allgather(mine), strict=True)
    )
    order = np.argsort(number)
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    return _Whole(number[order], corners[order], points[order], is_loose[order], place)


def _torn_pairs(domain: Domain, torn: npt.NDArray[np.int32]) -> IntArray:
    """Return the ends of the torn facets of all ranks, numbers of corners in order (collective)."""
    topology = domain.mesh.topology
    mine = torn[torn < topology.index_map(1).size_local]
    first = topology.connectivity(1, 2).offsets[mine]
    cells = topology.connectivity(1, 2).array[first]
    side = np.argmax(topology.connectivity(2, 1).array.reshape(-1, 3)[cells] == mine[:, None], 1)
    ends = corner_numbers(domain.mesh)[cells[:, None], _ENDS[side]]
    return np.concatenate(domain.comm.allgather(np.sort(ends, axis=1)))


def _torn_corners(whole: _Whole, torn: IntArray) -> IntArray:
    """Return a number of each corner of each cell, the same where they are one, from 0."""
    corners, count = whole.corners, whole.corners.size
    one, two, is_torn = _inner_sides(corners, torn)
    loose = np.repeat(whole.loose, 3)  # by corner
    whole_ones = np.flatnonzero(~np.isin(corners, corners.ravel()[one[is_torn]]).ravel())
    first = np.unique(corners, return_inverse=True)[1].reshape(-1)
    alike = loose[one] == loose[two]
    links = [np.stack([one, two])[:, ~is_torn & alike]]
    groups = _groups(count, links)
    # each loose piece stays with the first of the groups that it meets in a facet
    mixed = np.stack([one, two])[:, ~is_torn & ~alike]
    mixed = np.where(loose[mixed[0]], mixed, mixed[::-1])  # the loose one first
    chosen = np.full(groups.max() + 1, count)
    np.minimum.at(chosen, groups[mixed[0]], mixed[1])
    there = np.flatnonzero(chosen[groups] < count)
    links.append(np.stack([there, chosen[groups[there]]]))
    # where nothing is torn a corner is one
    head = np.full(first.max() + 1, count)
    np.minimum.at(head, first[whole_ones], whole_ones)
    links.append(np.stack([whole_ones, head[first[whole_ones]]]))
    return _groups(count, links).reshape(-1, 3)


def _inner_sides(corners: IntArray, torn: IntArray) -> tuple[IntArray, IntArray, BoolArray]:
    """Return corners of cells that meet in a facet, places in the flat array, and which are torn.

    Each facet between two cells gives two pairs, one for each of its ends.
    """
    place = 3 * np.arange(len(corners))[:, None, None] + _ENDS[None]
    place, ends = place.reshape(-1, 2), corners[:, _ENDS].reshape(-1, 2)
    turned = np.argsort(ends, axis=1)
    place, ends = np.take_along_axis(place, turned, 1), np.take_along_axis(ends, turned, 1)
    order = np.lexsort(ends.T)
    same = (ends[order[1:]] == ends[order[:-1]]).all(axis=1)
    a, b = order[:-1][same], order[1:][same]
    size = int(corners.max(initial=0)) + 1
    marked = np.isin(ends[a] @ (size, 1), torn @ np.array([size, 1]))
    return place[a].ravel(), place[b].ravel(), np.repeat(marked, 2)


def _groups(count: int, links: list[IntArray]) -> IntArray:
    """Return the number of the group of each of so many things that are linked in pairs."""
    a, b = np.concatenate(links, axis=1)
    graph = coo_array((np.ones(len(a), dtype=np.int8), (a, b)), shape=(count, count))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def _build(
    domain: Domain, owned: npt.NDArray[np.int32], whole: _Whole, nodes: IntArray
) -> dmesh.Mesh:
    """Make the mesh of these corners, each cell where the section has it, ghosts too."""
    comm = domain.comm
    begin = sum(comm.allgather(len(owned))[: comm.rank])
    own = nodes[whole.place[begin : begin + len(owned)]]
    points = np.empty((0, 2))
    if comm.rank == 0:
        points = np.empty((nodes.max() + 1, 2))
        points[nodes.ravel()] = whole.x.reshape(-1, 2)
    held = _ranks(domain, owned)
    element = basix.ufl.element("Lagrange", "triangle", 1, shape=(2,))
    partitioner = (lambda *_: held._cpp_object) if comm.size > 1 else None
    msh = dmesh.create_mesh(comm, own, ufl.Mesh(element), points, partitioner)
    for first, second in ((1, 2), (2, 1), (1, 0)):
        msh.topology.create_connectivity(first, second)
    return msh


def _ranks(domain: Domain, owned: npt.NDArray[np.int32]) -> AdjacencyList:
    """Return the ranks that have each of some cells that this rank owns: itself, then the others.

    Collective.
    """
    others = domain.mesh.topology.index_map(2).index_to_dest_ranks(0)
    begin, number = others.offsets[owned], np.diff(others.offsets)[owned]
    offsets = np.concatenate([[0], np.cumsum(1 + number)])
    ranks = np.full(offsets[-1], domain.comm.rank)
    further = np.ones(len(ranks), dtype=bool)
    further[offsets[:-1]] = False
    within = np.arange(number.sum()) - np.repeat(np.cumsum(number) - number, number)
    ranks[further] = others.array[np.repeat(begin, number) + within]
    return adjacencylist(ranks.astype(np.int32), offsets.astype(np.int32))
