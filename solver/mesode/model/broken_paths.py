"""Which active material still has a path for electrons when bodies have come off each other.

The conductors of a section fall into bodies, which are joined by the facets at which they stick to
each other. A facet joins while less than ``OPEN`` of its toughness is spent, to the collector too.
What is not joined to the collector is lost; damage does not heal, so it stays lost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from mesode.mesh.ordering import corner_numbers
from mesode.section_names import COLLECTOR

if TYPE_CHECKING:
    import numpy.typing as npt

    from mesode.model.cell import Cell
    from mesode.model.cohesion import Seam

    type FloatArray = npt.NDArray[np.float64]
    type IntArray = npt.NDArray[np.int64]

OPEN = 0.99  # mean damage of a facet from which on it joins nothing


class BrokenPaths:
    """Active material without a path, of all ranks (collective).

    Args:
        cell: The cell.
        seam: Where bodies stick to each other, None where they nowhere do.
        foot: Where they stick to the collector, None where what is on it is one with it.
    """

    def __init__(self, cell: Cell, seam: Seam | None, foot: Seam | None) -> None:
        self._comm = cell.domain.comm
        domain, part = cell.domain, cell.conductor_domain
        owned = np.arange(part.mesh.topology.index_map(2).size_local)
        corners = corner_numbers(part.mesh)
        self._size = 1 + max(self._comm.allgather(int(corners.max(initial=0))))
        links = self._gather(corners[owned][:, [0, 1, 0, 2]].reshape(-1, 2))
        self._body = self._components(links)
        of_host = np.isin(domain.cell_tag[part.cells[owned]], domain.tags(cell.hosts))
        self._hosts = self._gather(self._body[corners[owned][of_host, 0]])
        self._areas = self._gather(domain.cell_areas[part.cells[owned][of_host]])
        first = np.full(len(domain.cell_tag), -1)
        first[part.cells] = corners[:, 0]
        held = np.sort(domain.line(COLLECTOR))
        if foot is not None:
            held = held[~np.isin(held, foot.joint.facets)]
        always = self._gather(first[domain.cells_at(held)])
        self._always = self._body[always[always >= 0]]
        self._between = _Facets(seam, first) if seam else None
        self._on = _Facets(foot, first) if foot else None

    def _gather[T: np.generic](self, own: npt.NDArray[T]) -> npt.NDArray[T]:
        return np.concatenate(self._comm.allgather(own))

    def _components(self, links: IntArray) -> IntArray:
        ones = np.ones(len(links), dtype=np.int8)
        graph = coo_array((ones, links.T), shape=(self._size, self._size))
        return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)

    def _ends(self, facets: _Facets | None) -> IntArray:
        """Return the bodies on the sides of the facets that still join, shape (n, sides)."""
        if facets is None:
            return np.empty((0, 2), dtype=np.int64)
        return self._body[self._gather(facets.joining())]

    def lost(self) -> float:
        """Return the area of active material without a path over all of it."""
        joined = self._components(self._ends(self._between))
        roots = self._always
        if self._on is not None:
            roots = np.concatenate([roots, self._ends(self._on)[:, 0]])
        alive = np.isin(joined[self._hosts], joined[roots])
        return float(1.0 - self._areas[alive].sum() / self._areas.sum())


class _Facets:
    """Facets of a joint between conductors that this rank counts.

    Args:
        seam: The joint.
        first: A corner of each cell of the section that conducts, -1 of others.
    """

    def __init__(self, seam: Seam, first: IntArray) -> None:
        owned = np.arange(seam.line.mesh.topology.index_map(1).size_local)
        place = np.searchsorted(seam.joint.facets, seam.line.cells[owned])
        ends = first[seam.joint.cells[place]]
        there = (ends >= 0).all(axis=1)
        self._seam, self._mine, self._ends = seam, owned[there], ends[there]

    def joining(self) -> IntArray:
        """Return a corner on each side of those that still join, shape (n, sides)."""
        damage = self._seam.damage.value
        means = damage.x.array[damage.function_space.dofmap.list[self._mine]].mean(axis=1)
        found: IntArray = self._ends[means < OPEN]
        return found
