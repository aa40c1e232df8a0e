"""PETSc options of the linear solvers, in one place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from petsc4py import PETSc

if TYPE_CHECKING:
    from collections.abc import Sequence


IN_TURN_PREFIX = "mesode_in_turn_"


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
