"""An order of unknowns and cells that does not depend on ranks, partition or numbering.

Everything is named by the vertices of the input mesh: a part of a cell (vertex, edge, inside) by
its own ones, and where a part has several values, a value by its place among them. The places are
counted along barycentric coordinates that begin at the part's lowest vertex, so that two cells,
two ranks and a sub-mesh of facets, which may each see a part the other way round, count alike. That
covers all elements whose values belong to points: Lagrange of any degree, discontinuous ones,
quadrature points, in cells and on facets. A number of the whole section or of a part of it is named
by its place among them, which is the same on all ranks. Sorted by name, the values of a field on
all ranks become one array, on rank 0.
"""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING, Any

import basix
import numpy as np

from mesode.errors import MeshError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt
    from dolfinx.fem import FunctionSpace
    from dolfinx.mesh import Mesh

    type FloatArray = npt.NDArray[np.float64]
    type IntArray = npt.NDArray[np.int64]

NONE = -1
_SAME = 1e-9  # of barycentric coordinates: rounding decides no place


def corner_numbers(mesh: Mesh) -> IntArray:
    """Return the vertices of the input mesh at the corners of each local cell, one row a cell."""
    geometry = mesh.geometry
    numbers = np.asarray(geometry.input_global_indices, dtype=np.int64)
    corners = np.asarray(geometry.dofmaps[0])
    return numbers[corners].reshape(corners.shape)


def dof_names(space: FunctionSpace) -> IntArray:
    """Return the names of the owned unknowns of a space (not of its components), one row each.

    A row holds the sorted vertices of the part of the cell, ``NONE`` where it has fewer than the
    cell, and last the place among the values of that part.

    Raises:
        MeshError: the unknowns of the element are not values at points.
    """
    dofmap = space.dofmap
    owned = dofmap.index_map.size_local
    corners = corner_numbers(space.mesh)
    names = np.full((owned, corners.shape[1] + 1), NONE, dtype=np.int64)
    if _is_of_parts(space):
        names[:, 0] = np.arange(*dofmap.index_map.local_range)
        return names
    points = _points(space)
    for part, inside in _parts(space):
        order = np.argsort(corners[:, part], axis=1)
        vertices = np.take_along_axis(corners[:, part], order, axis=1)
        places = _places(points[np.ix_(inside, part)], order)
        for j, place in zip(inside, places, strict=True):
            dofs = dofmap.list[:, j]
            mine = dofs < owned
            names[dofs[mine], : len(part)] = vertices[mine]
            names[dofs[mine], -1] = place[mine]
    return names


def _parts(space: FunctionSpace) -> Iterator[tuple[list[int], list[int]]]:
    """Yield the corners of each part of a cell that has unknowns, and those of its dof map."""
    layout = space.dofmap.dof_layout
    kind = basix.CellType[space.mesh.topology.cell_type.name]
    for dimension, parts in enumerate(basix.topology(kind)):
        for k, part in enumerate(parts):
            inside = [int(j) for j in layout.entity_dofs(dimension, k)]
            if inside:
                yield list(part), inside


def _points(space: FunctionSpace) -> FloatArray:
    """Return the barycentric coordinates of the points that the unknowns of a cell belong to."""
    element: Any = space.element
    try:
        at_points = element.interpolation_ident
        points = np.asarray(element.interpolation_points, dtype=np.float64)
    except RuntimeError:
        at_points = False
    if not at_points:
        msg = f"{space.ufl_element()}: its unknowns are not values at points, and have no order"
        raise MeshError(msg)
    return np.column_stack([1.0 - points.sum(axis=1), points])


def _places(points: FloatArray, order: IntArray) -> IntArray:
    """Return the place of each point of a part of a cell, in each cell: shape (points, cells).

    Args:
        points: Barycentric coordinates with respect to the corners of the part.
        order: For each cell, the corners of the part from the lowest vertex on.

    Raises:
        MeshError: the points are others where the part is seen the other way round.
    """
    found = np.zeros((len(points), len(order)), dtype=np.int64)
    sequence = _sequence(points)
    for permutation in permutations(range(order.shape[1])):
        seen = points[:, permutation]
        place = _sequence(seen)
        if not np.allclose(seen[place], points[sequence], atol=_SAME):
            msg = "the points of the element do not lie evenly: no order of them fits all ranks"
            raise MeshError(msg)
        found[place[:, None], (order == permutation).all(axis=1)] = np.arange(len(points))[:, None]
    return found


def _sequence(points: FloatArray) -> IntArray:
    """Return the points sorted by their coordinates, the first one first."""
    return np.lexsort(np.round(points / _SAME).T[::-1])


def _is_of_parts(space: FunctionSpace) -> bool:
    """Tell whether an unknown inside of a cell is one that it shares with others."""
    topology = space.mesh.topology
    inside = space.dofmap.dof_layout.entity_dofs(topology.dim, 0)
    cells = topology.index_map(topology.dim).size_global
    return len(inside) == 1 and bool(space.dofmap.index_map.size_global < cells)


class Order:
    """The order of the owned unknowns of a space over all ranks (collective).

    ``names`` are those of ``dof_names``, sorted; on rank 0 only, empty elsewhere.
    """

    def __init__(self, space: FunctionSpace) -> None:
        self.comm, self._block = space.mesh.comm, int(space.dofmap.index_map_bs)
        own = dof_names(space)
        parts = self.comm.gather(own)
        self._counts = [len(part) for part in parts or ()]
        self.names = np.concatenate(parts) if parts else own[:0]
        self._sorted = np.lexsort(self.names.T[::-1])
        self.names = self.names[self._sorted]
        self.size = int(space.dofmap.index_map.size_global) * self._block

    def gather[T: np.generic](self, owned: npt.NDArray[T]) -> npt.NDArray[T] | None:
        """Return the values of all ranks in this order, on rank 0."""
        parts = self.comm.gather(np.ascontiguousarray(owned))
        if parts is None:
            return None
        rows = np.concatenate(parts).reshape(-1, self._block)
        return np.asarray(rows[self._sorted].ravel())

    def scatter(self, values: FloatArray | None) -> FloatArray:
        """Return the values that this rank owns; rank 0 gives those of all."""
        parts = None
        if self.comm.rank == 0 and values is not None:
            rows = np.empty((self.size // self._block, self._block))
            rows[self._sorted] = values.reshape(-1, self._block)
            parts = np.split(rows, np.cumsum(self._counts)[:-1])
        return np.asarray(self.comm.scatter(parts)).ravel()


class BlockOrder:
    """The order of a block vector: that of each space, one after the other (collective)."""

    def __init__(self, spaces: list[FunctionSpace]) -> None:
        self._orders = [Order(space) for space in spaces]
        self._owned = [s.dofmap.index_map.size_local * s.dofmap.index_map_bs for s in spaces]
        self.sizes = [order.size for order in self._orders]

    def gather(self, owned: FloatArray) -> FloatArray | None:
        """Return the values of all ranks in this order, on rank 0."""
        pieces = np.split(owned, np.cumsum(self._owned)[:-1])
        found = [order.gather(piece) for order, piece in zip(self._orders, pieces, strict=True)]
        values = [part for part in found if part is not None]
        return np.concatenate(values) if values else None

    def scatter(self, values: FloatArray | None) -> FloatArray:
        """Return the values that this rank owns; rank 0 gives those of all."""
        pieces: list[FloatArray | None] = [None] * len(self.sizes)
        if values is not None:
            pieces = list(np.split(values, np.cumsum(self.sizes)[:-1]))
        return np.concatenate(
            [order.scatter(piece) for order, piece in zip(self._orders, pieces, strict=True)]
        )
