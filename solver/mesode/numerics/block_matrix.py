"""A matrix of blocks: each is assembled by itself, then all are put where they belong.

PETSc looks for the place of each entry of each element, in rows that hold the columns of all
unknowns; in the Jacobian of a cell that takes as long as to compute them. The rows of a block are
short, and where its entries stand in the whole is found once.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any, Final, Protocol

from petsc4py import PETSc

import numpy as np
from dolfinx import fem
from dolfinx.fem import petsc as fem_petsc

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mpi4py import MPI

    import numpy.typing as npt

    type Integers = npt.NDArray[np.integer[Any]]
    type FloatArray = npt.NDArray[np.float64]


#: Components of a field that DOLFINx's own matrix takes at most.
MOST_COMPONENTS: Final = 9


class BlockMatrix:
    """The blocks of a matrix and where their entries stand in it (all methods collective).

    Args:
        comm: Ranks that share the matrix.
        forms: Compiled bilinear forms by row and column, None for a block that is zero.
        sizes: Number of unknowns of each block that this rank owns.
        bcs: Dirichlet conditions: their rows and columns are zero, with one on the diagonal.
        kept: More blocks, which are the same at all states and free of conditions.
        shifted: And those that are added times the shift.
    """

    def __init__(
        self,
        comm: MPI.Intracomm,
        forms: Sequence[Sequence[Any]],
        sizes: Sequence[int],
        bcs: Sequence[fem.DirichletBC] = (),
        kept: Sequence[Sequence[Sequence[Any]]] = (),
        shifted: Sequence[Sequence[Any]] = (),
    ) -> None:
        self._comm, self._bcs, self._size = comm, list(bcs), sum(sizes)
        self._number = _Numbers(comm, sizes)
        self._blocks = _blocks(forms)
        kept_blocks = [*chain.from_iterable(map(_blocks, kept))]
        shifted_blocks = _blocks(shifted)
        every = (*self._blocks, *kept_blocks, *shifted_blocks)
        self._places = [(i, j, *block.places()) for i, j, block in every]
        self._kept, self._shifted = map(_values, (kept_blocks, shifted_blocks))

    def create(self) -> PETSc.Mat:
        """Return a matrix that ``assemble`` can fill, as its duplicates are."""
        empty = np.empty(0, dtype=PETSc.IntType)
        rows, columns = [empty], [empty]
        for i, j, own, others in self._places:
            rows.append(self._number.owned(i, own))
            columns.append(self._number(j, others))
        matrix = PETSc.Mat().create(self._comm)
        matrix.setSizes(((self._size, None), (self._size, None)))
        matrix.setType(PETSc.Mat.Type.AIJ)
        matrix.setPreallocationCOO(
            np.concatenate(rows).astype(PETSc.IntType),
            np.concatenate(columns).astype(PETSc.IntType),
        )
        return matrix

    def assemble(self, matrix: PETSc.Mat, shift: float = 0.0) -> None:
        """Assemble all blocks at what is loaded into a matrix that ``create`` has made."""
        values = [block.assemble(self._bcs) for _, _, block in self._blocks]
        values += [self._kept, shift * self._shifted]
        matrix.setValuesCOO(np.concatenate(values), addv=PETSc.InsertMode.INSERT)


def _blocks(forms: Sequence[Sequence[Any]]) -> list[tuple[int, int, _Block]]:
    """Return the blocks of forms with their row and column."""
    return [
        (i, j, _block(form))
        for i, row in enumerate(forms)
        for j, form in enumerate(row)
        if form is not None
    ]


def _values(blocks: Sequence[tuple[int, int, _Block]]) -> FloatArray:
    """Return all entries of blocks, one after the other."""
    return np.concatenate([np.empty(0), *(block.assemble([]).copy() for _, _, block in blocks)])


class _Numbers:
    """Numbers in the vector of all unknowns, which goes by rank, then by block."""

    def __init__(self, comm: MPI.Intracomm, sizes: Sequence[int]) -> None:
        owned = np.array(comm.allgather(list(sizes)))  # by rank and block
        of_rank = owned.sum(axis=1)
        self._first = np.cumsum(owned, axis=0) - owned  # unknown of a rank, among those of a block
        begin = (np.cumsum(of_rank) - of_rank)[:, None] + np.cumsum(owned, axis=1) - owned
        self._ahead, self._rank = begin - self._first, comm.rank

    def __call__(self, block: int, unknowns: Integers) -> Integers:
        """Return the numbers of unknowns that are given by their number in a block."""
        owner = np.searchsorted(self._first[:, block], unknowns, side="right") - 1
        numbers: Integers = unknowns + self._ahead[owner, block]
        return numbers

    def owned(self, block: int, unknowns: Integers) -> Integers:
        """Return the numbers of unknowns of this rank, given as counted on it in a block."""
        return self(block, unknowns + self._first[self._rank, block])


class _Block(Protocol):
    """A block with its pattern."""

    def places(self) -> tuple[Integers, Integers]:
        """Return row, as counted on this rank, and column of each entry of the owned rows."""

    def assemble(self, bcs: list[fem.DirichletBC]) -> FloatArray:
        """Return the entries in this order."""


def _block(form: Any) -> _Block:
    components = {space.dofmaps[0].index_map_bs for space in form.function_spaces}
    even = len(components) == 1 and max(components) <= MOST_COMPONENTS
    return _EvenBlock(form) if even else _UnevenBlock(form)


class _EvenBlock:
    """As many components in the rows as in the columns: DOLFINx's own matrix, the quicker one."""

    def __init__(self, form: Any) -> None:
        self._form, self._matrix = form, fem.create_matrix(form)
        self._rows = self._matrix.index_map(0).size_local
        self._entries = int(self._matrix.indptr[self._rows])

    def places(self) -> tuple[Integers, Integers]:
        matrix = self._matrix
        size = matrix.block_size[0]
        pairs = np.diff(matrix.indptr[: self._rows + 1])
        rows = size * np.repeat(np.arange(self._rows), pairs)
        columns = size * matrix.index_map(1).local_to_global(matrix.indices[: self._entries])
        part = np.arange(size)
        shape = (self._entries, size, size)
        return (
            np.broadcast_to(rows[:, None, None] + part[None, :, None], shape).ravel(),
            np.broadcast_to(columns[:, None, None] + part[None, None, :], shape).ravel(),
        )

    def assemble(self, bcs: list[fem.DirichletBC]) -> FloatArray:
        matrix = self._matrix
        matrix.set_value(0.0)
        fem.assemble_matrix(matrix, self._form, bcs=bcs)
        matrix.scatter_reverse()
        entries: FloatArray = matrix.data[: self._entries * matrix.block_size[0] ** 2]
        return entries


class _UnevenBlock:
    """A scalar beside a vector, or long vectors: only PETSc's matrix takes that."""

    def __init__(self, form: Any) -> None:
        self._form, self._matrix = form, fem_petsc.create_matrix(form)

    def places(self) -> tuple[Integers, Integers]:
        self.assemble([])  # places without an entry would be given up
        starts, columns, _ = self._matrix.getValuesCSR()
        return np.repeat(np.arange(len(starts) - 1), np.diff(starts)), columns

    def assemble(self, bcs: list[fem.DirichletBC]) -> FloatArray:
        self._matrix.zeroEntries()
        fem_petsc.assemble_matrix(self._matrix, self._form, bcs=bcs)
        self._matrix.assemble()
        entries: FloatArray = self._matrix.getValuesCSR()[2]
        return entries
