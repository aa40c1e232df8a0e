"""A block system F(t, u, du/dt) = 0 of DOLFINx forms as PETSc wants it: residual and Jacobian.

Each row may live on its own sub-mesh; the entity maps join them. The Jacobian is
dF/du + shift dF/du_dot. What of the rows is linear with constant coefficients is assembled once, as
matrices, see ``even_part``.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from petsc4py import PETSc

import numpy as np
import ufl
from dolfinx import fem
from dolfinx.fem import petsc as fem_petsc

from mesode.numerics.block_matrix import BlockMatrix
from mesode.numerics.derivatives import Derivatives
from mesode.numerics.even_part import split
from mesode.numerics.jit import compile_forms
from mesode.numerics.literals import with_constants
from mesode.numerics.traversers import traversers_released

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt
    from dolfinx.mesh import EntityMap, Mesh


def derivative_blocks(
    rows: Sequence[ufl.Form | None],
    functions: Sequence[fem.Function],
    derivatives: Derivatives | None = None,
) -> list[list[ufl.Form | None]]:
    """Return the Gateaux derivative of each row by each function, None where it vanishes.

    UFL walks through all that it is given, so it is given only the integrals with the function.
    ``derivatives`` remembers what has been met before.
    """
    known = derivatives or Derivatives()

    def block(integrals: list[tuple[ufl.Integral, set[Any]]], function: fem.Function) -> Any:
        depends = [integral for integral, held in integrals if function in held]
        form = known.of(depends, function, ufl.TrialFunction(function.function_space))
        return None if form.empty() else form

    def with_coefficients(row: ufl.Form | None) -> list[tuple[ufl.Integral, set[Any]]]:
        parts = [] if row is None else row.integrals()
        return [(part, set(ufl.algorithms.extract_coefficients(part))) for part in parts]

    with traversers_released():
        split = [with_coefficients(row) for row in rows]
        return [[block(integrals, function) for function in functions] for integrals in split]


def _combine(
    steady: ufl.Form | None, rate: ufl.Form | None, shift: fem.Constant
) -> ufl.Form | None:
    if rate is None:
        return steady
    return shift * rate if steady is None else steady + shift * rate


def _stays(blocks: Sequence[Sequence[ufl.Form | None]], changing: set[fem.Constant]) -> bool:
    """Tell whether blocks are the same at all states: they hold no field and no such constant."""
    forms = [block for row in blocks for block in row if block is not None]
    return not any(f.coefficients() or changing.intersection(f.constants()) for f in forms)


class BlockSystem:
    """Compiled residual and Jacobian of a block system (all methods collective).

    ``storage``: the matrix dF/du_dot where it is the same at all states, else None.

    Args:
        mesh: Mesh that the shift constant belongs to.
        rows: One UFL form per unknown.
        unknowns: Functions that hold u while a form is assembled.
        rates: Functions that hold du/dt, same spaces; None for a steady system.
        entity_maps: Maps between the sub-meshes of the unknowns and the mesh.
        bcs: Dirichlet conditions; their values must already hold in the initial state.
        time: Constant that holds t while a form is assembled, if the rows depend on it.
        moving: Called with the time of the run [s] before a form is assembled at it: it sets the
            Functions that are given in time. t counts from ``start``.
    """

    def __init__(
        self,
        mesh: Mesh,
        rows: Sequence[ufl.Form],
        unknowns: Sequence[fem.Function],
        rates: Sequence[fem.Function] | None = None,
        *,
        entity_maps: Sequence[EntityMap] = (),
        bcs: Sequence[fem.DirichletBC] = (),
        time: fem.Constant | None = None,
        moving: Callable[[float], None] | None = None,
    ) -> None:
        self.comm = mesh.comm
        self.unknowns, self.rates, self.bcs = list(unknowns), list(rates or []), list(bcs)
        self.shift, self.time = fem.Constant(mesh, 1.0), time
        self.time_step = 1.0  # [s], of the step that is being solved
        self.start = 0.0  # time of the run [s] from which t counts
        self._moving = moving
        self.spaces = [u.function_space for u in self.unknowns]
        changing = {constant for row in rows for constant in row.constants()}
        rows = [with_constants(row) for row in rows]
        known = Derivatives()
        with traversers_released():
            even = split(rows, (self.unknowns, self.rates), changing, self._held_spaces(), known)
            blocks = derivative_blocks(even.rest, self.unknowns, known)
            rate_blocks = derivative_blocks(even.rest, self.rates, known)
        stored = rate_blocks if _stays(rate_blocks, changing) else []
        if self.rates:
            blocks = [
                [_combine(a, b, self.shift) for a, b in zip(row_a, row_b, strict=True)]
                for row_a, row_b in zip(blocks, rate_blocks, strict=True)
            ]
        forms = [even.assembled, blocks, stored, even.K, even.M, even.G]
        self._forms, jacobian, stored, K, M, G = compile_forms(forms, list(entity_maps))
        sizes = self.owned_sizes
        self._jacobian = BlockMatrix(mesh.comm, jacobian, sizes, self.bcs, (K, G), M)
        self.A = self._jacobian.create()
        # the kind makes a single unknown a block vector too
        self.x = fem_petsc.create_vector(self.spaces, kind=PETSc.Vec.Type.MPI)
        self._block_sizes = self.x.getAttr("_blocks")
        self._fixed = self._constrained_rows()
        self._even = [(self.unknowns, self._made_once(K)), (self.rates, self._made_once(M))]
        self.storage = self._made_once(M, stored) if stored else None
        self._work = self.x.duplicate()

    def _held_spaces(self) -> list[Any]:
        """Return the spaces of which a condition holds something."""
        return [
            V.ufl_function_space()
            for V in self.spaces
            if any(V._cpp_object.contains(bc.function_space) for bc in self.bcs)
        ]

    def _made_once(
        self, forms: Sequence[Sequence[Any]], more: Sequence[Sequence[Any]] = ()
    ) -> PETSc.Mat | None:
        """Assemble the matrix of even blocks, None where there are none (collective)."""
        if not any(form is not None for row in (*forms, *more) for form in row):
            return None
        block_matrix = BlockMatrix(self.comm, forms, self.owned_sizes, kept=[more])
        matrix = block_matrix.create()
        block_matrix.assemble(matrix)
        return matrix

    @property
    def n_dofs(self) -> int:
        """Number of unknowns over all ranks."""
        return int(self.x.getSize())

    @property
    def owned_sizes(self) -> list[int]:
        """Number of owned unknowns of each block on this rank."""
        return [V.dofmap.index_map.size_local * V.dofmap.index_map_bs for V in self.spaces]

    def owned_slices(self) -> list[slice]:
        """Where each block's owned unknowns sit in the local part of a block vector."""
        ends = np.cumsum([0, *self.owned_sizes])
        return [slice(int(a), int(b)) for a, b in pairwise(ends)]

    def _constrained_rows(self) -> npt.NDArray[np.int32]:
        rows = [np.empty(0, dtype=np.int32)]
        for bc in self.bcs:
            # a condition on one component belongs to a sub-space
            space = bc.function_space
            block = next(k for k, V in enumerate(self.spaces) if V._cpp_object.contains(space))
            dofs, owned = bc.dof_indices()
            rows.append(dofs[:owned] + self.owned_slices()[block].start)
        return np.unique(np.concatenate(rows)).astype(np.int32)

    def load(self, vector: PETSc.Vec, functions: Sequence[fem.Function]) -> None:
        """Copy a block vector into functions, ghosts included."""
        vector.setAttr("_blocks", self._block_sizes)
        vector.ghostUpdate(addv=PETSc.InsertMode.INSERT, mode=PETSc.ScatterMode.FORWARD)
        fem_petsc.assign(vector, list(functions))

    def load_all(self, t: float, u: PETSc.Vec, u_dot: PETSc.Vec) -> None:
        """Copy a state and its rate into the functions, ghosts included."""
        self.load(u, self.unknowns)
        self.load(u_dot, self.rates)
        if self.time is not None:
            self.time.value = t
        if self._moving is not None:
            self._moving(self.start + t)

    def store(self, functions: Sequence[fem.Function], vector: PETSc.Vec) -> None:
        """Copy functions into a block vector."""
        vector.setAttr("_blocks", self._block_sizes)
        fem_petsc.assign(list(functions), vector)

    def assemble_residual(self, out: PETSc.Vec) -> None:
        """Assemble F at the loaded state."""
        out.setAttr("_blocks", self._block_sizes)
        with out.localForm() as local:
            self._assemble_forms(local.getArray())
        out.ghostUpdate(addv=PETSc.InsertMode.ADD, mode=PETSc.ScatterMode.REVERSE)
        for functions, matrix in self._even:
            if matrix is not None:
                self.store(functions, self._work)
                matrix.multAdd(self._work, out, out)
        if len(self._fixed):
            # the constrained values already hold, so their rows ask for no change
            out.getArray()[self._fixed] = 0.0

    def _assemble_forms(self, out: npt.NDArray[np.float64]) -> None:
        """Assemble what are forms into a local vector: owned rows of all blocks, then ghosts."""
        out[:] = 0.0
        owned, ghosts = self._block_sizes
        for k, form in enumerate(self._forms):
            if form is None:
                continue
            size = int(owned[k + 1] - owned[k])
            values = np.zeros(size + int(ghosts[k + 1] - ghosts[k]))
            fem.assemble_vector(values, form)
            out[owned[k] : owned[k + 1]] = values[:size]
            out[ghosts[k] : ghosts[k + 1]] = values[size:]

    def assemble_jacobian(self, matrix: PETSc.Mat, shift: float = 0.0) -> None:
        """Assemble dF/du + shift dF/du_dot at the loaded state, into ``A`` or a duplicate of it."""
        self.shift.value = shift
        self._jacobian.assemble(matrix, shift)

    def add_rate(self, rate: PETSc.Vec, base: PETSc.Vec, out: PETSc.Vec) -> None:
        """Assemble what a further rate adds to ``base``, the residual at what is loaded."""
        if self.storage is not None:
            self.storage.mult(rate, out)
            return
        rates = self.x.duplicate()
        self.store(self.rates, rates)
        rates.axpy(1.0, rate)
        self.load(rates, self.rates)
        self.assemble_residual(out)
        out.axpy(-1.0, base)
        rates.axpy(-1.0, rate)
        self.load(rates, self.rates)
        rates.destroy()

    def stored(self) -> npt.NDArray[np.float64]:
        """Return what each row stores where its unknowns are one: the sum of |dF/du_dot|.

        Rates times this is what a row adds up, and rounds, whatever the state.
        """
        one, base, added = (self.x.duplicate() for _ in range(3))
        found, places = np.zeros(len(self.spaces)), self.owned_slices()
        self.assemble_residual(base)
        for place in places:
            one.set(0.0)
            one.getArray()[place] = 1.0
            self.add_rate(one, base, added)
            rows = np.abs(added.getArray(readonly=True))
            found += [rows[where].sum() for where in places]
        for vector in (one, base, added):
            vector.destroy()
        return np.array(self.comm.allreduce(found))
