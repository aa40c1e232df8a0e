"""The linear solvers: their PETSc options, and why one failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from petsc4py import PETSc

if TYPE_CHECKING:
    from collections.abc import Sequence

IN_TURN_PREFIX = "mesode_in_turn_"
# INFOG(1) of MUMPS, users' guide section 8
MUMPS_ERRORS = {
    -6: "the matrix is singular in its structure: an unknown has no equation",
    -7: "out of memory",
    -8: "the workspace is too small; raise mat_mumps_icntl_14 in numerics.petsc",
    -9: "the workspace is too small; raise mat_mumps_icntl_14 in numerics.petsc",
    -10: "the matrix is singular: a part of the section is held by nothing, or the state is lost",
    -13: "out of memory; take a coarser mesh or a machine with more memory",
    -19: "out of memory; take a coarser mesh or a machine with more memory",
}


def configure_direct(ksp: PETSc.KSP) -> None:
    """Set up a sparse direct solve with MUMPS; PETSc keeps the symbolic analysis."""
    ksp.setType(PETSc.KSP.Type.PREONLY)
    pc = ksp.getPC()
    pc.setType(PETSc.PC.Type.LU)
    pc.setFactorSolverType("mumps")


def configure_in_turn(ksp: PETSc.KSP, groups: Sequence[PETSc.IS]) -> None:
    """Set up a solve of groups of unknowns one after the other, each by a direct solve.

    For a block lower triangular matrix this is exact, and cheaper than one factorisation of all:
    the fill of a sparse factor grows with the square of the unknowns per node.
    """
    ksp.setOptionsPrefix(IN_TURN_PREFIX)
    ksp.setType(PETSc.KSP.Type.PREONLY)
    pc = ksp.getPC()
    pc.setType(PETSc.PC.Type.FIELDSPLIT)
    pc.setFieldSplitType(PETSc.PC.CompositeType.MULTIPLICATIVE)
    pc.setFieldSplitIS(*((str(k), group) for k, group in enumerate(groups)))
    # the sub-solvers come into being when the preconditioner is set up, and read their options then
    database = PETSc.Options()
    for k in range(len(groups)):
        database[f"{IN_TURN_PREFIX}fieldsplit_{k}_ksp_type"] = "preonly"
        database[f"{IN_TURN_PREFIX}fieldsplit_{k}_pc_type"] = "lu"
        database[f"{IN_TURN_PREFIX}fieldsplit_{k}_pc_factor_mat_solver_type"] = "mumps"
    ksp.setFromOptions()


def failure(ksp: PETSc.KSP) -> str:
    """Return why the last solve failed, an empty text where it did not (collective)."""
    if ksp.getConvergedReason() >= 0:
        return ""
    pc = ksp.getPC()
    in_turn = pc.getType() == PETSc.PC.Type.FIELDSPLIT
    solvers = [sub.getPC() for sub in pc.getFieldSplitSubKSP()] if in_turn else [pc]
    codes = [solver.getFactorMatrix().getMumpsInfog(1) for solver in solvers]
    code = next((code for code in codes if code < 0), None)
    if code is None:
        return f"the linear solver failed (PETSc reason {ksp.getConvergedReason()})"
    text = MUMPS_ERRORS.get(code, "see the MUMPS users' guide")
    return f"MUMPS could not factor the matrix, INFOG(1) = {code}: {text}"
