"""An order of unknowns and cells that does not depend on ranks, partition or numbering.

Everything is named by the vertices of the input mesh: an unknown at a vertex by that vertex, one
on an edge by its two ends, one in a cell by its three corners; a number of the whole section or of
a part of it by its place among them, which is the same on all ranks. Sorted by name, the values of
a field on all ranks become one array, on rank 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mesode.errors import MeshError

if TYPE_CHECKING:
    import numpy.typing as npt
    from dolfinx.fem import FunctionSpace
    from dolfinx.mesh import Mesh

    type FloatArray = npt.NDArray[np.float64]
    type IntArray = npt.NDArray[np.int64]

CORNERS = (((0,), (1,), (2,)), ((1, 2), (0, 2), (0, 1)), ((0, 1, 2),))  # of the parts of a triangle
NONE = -1


def corner_numbers(mesh: Mesh) -> IntArray:
    """Return the vertices of the input mesh at the corners of each local cell, shape (n, 3)."""
    geometry = mesh.geometry
    numbers = np.asarray(geometry.input_global_indices, dtype=np.int64)
    return np.asarray(numbers[geometry.dofmaps[0]], dtype=np.int64).reshape(-1, 3)


def dof_names(space: FunctionSpace) -> IntArray:
    """Return the names of the owned unknowns of a space (not of its components), shape (n, 3).

    Raises:
        MeshError: two unknowns of the element share a part of the cell.
    """
    dofmap = space.dofmap
    owned = dofmap.index_map.size_local
    names = np.full((owned, 3), NONE, dtype=np.int64)
    if _is_of_parts(space):
        names[:, 0] = np.arange(*dofmap.index_map.local_range)
        return names
    corners = corner_numbers(space.mesh)
    for dimension, parts in enumerate(CORNERS):
        for k, part in enumerate(parts):
            inside = dofmap.dof_layout.entity_dofs(dimension, k)
            if len(inside) > 1:
                msg = f"{space.element.basix_element} has several unknowns on a part of a cell"
                raise MeshError(msg)
            for j in inside:
                dofs = dofmap.list[:, j]
                mine = dofs < owned
                names[dofs[mine], : len(part)] = np.sort(corners[mine][:, part], axis=1)
    return names


def _is_of_parts(space: FunctionSpace) -> bool:
    """Tell whether an unknown inside of a cell is one that it shares with others."""
    inside = space.dofmap.dof_layout.entity_dofs(2, 0)
    cells = space.mesh.topology.index_map(2).size_global
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
        self.names = np.concatenate(parts) if parts else np.empty((0, 3), dtype=np.int64)
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
