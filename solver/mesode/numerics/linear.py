"""PETSc options of the linear solvers, in one place."""

from __future__ import annotations

from petsc4py import PETSc


def configure_direct(ksp: PETSc.KSP) -> None:
    """Set up a sparse direct solve with MUMPS; the symbolic analysis is kept by PETSc."""
    ksp.setType(PETSc.KSP.Type.PREONLY)
    pc = ksp.getPC()
    pc.setType(PETSc.PC.Type.LU)
    pc.setFactorSolverType("mumps")
