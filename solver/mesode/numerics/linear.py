"""The linear solvers: their PETSc options, and why one failed."""

from __future__ import annotations

from petsc4py import PETSc

ORDERING, SCOTCH = "mat_mumps_icntl_7", 3
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
    database = PETSc.Options()
    if ksp.comm.size > 1 and not database.hasName(ORDERING):
        # on several ranks SCOTCH balances the work better than METIS, MUMPS's own choice
        database[ORDERING] = SCOTCH


def failure(ksp: PETSc.KSP) -> str:
    """Return why the last solve failed, an empty text where it did not (collective)."""
    if ksp.getConvergedReason() >= 0:
        return ""
    code = ksp.getPC().getFactorMatrix().getMumpsInfog(1)
    if code >= 0:
        return f"the linear solver failed (PETSc reason {ksp.getConvergedReason()})"
    text = MUMPS_ERRORS.get(code, "see the MUMPS users' guide")
    return f"MUMPS could not factor the matrix, INFOG(1) = {code}: {text}"
