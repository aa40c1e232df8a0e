"""The linear solvers: their PETSc options, workspace that grows, and why one failed."""

from __future__ import annotations

import ctypes
from contextlib import contextmanager
from functools import cache
from math import inf
from typing import TYPE_CHECKING, Any

from petsc4py import PETSc

from mesode.numerics.kept_memory import keep_freed_memory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

ORDERING, SCOTCH = "mat_mumps_icntl_7", 3
PRECISION, EXACT = "pc_precision", "double"
# MUMPS estimates its workspace before it knows the pivots; where it has to take many others than
# planned the estimate is short. Extra workspace [%] that is tried then, one after the other.
WORKSPACE, MORE_WORKSPACE = "mat_mumps_icntl_14", (100, 400, 1600)
TOO_SMALL = (-8, -9)
# INFOG(1) of MUMPS, users' guide section 8
MUMPS_ERRORS = {
    -6: "the matrix is singular in its structure: an unknown has no equation",
    -7: "out of memory",
    **dict.fromkeys(
        TOO_SMALL, f"{MORE_WORKSPACE[-1]} % more workspace than estimated is too little"
    ),
    -10: "the matrix is singular: a part of the section is held by nothing, or the state is lost",
    -13: "out of memory; take a coarser mesh or a machine with more memory",
    -19: "out of memory; take a coarser mesh or a machine with more memory",
}


def configure_direct(ksp: PETSc.KSP) -> None:
    """Set up a sparse direct solve with MUMPS; PETSc keeps the symbolic analysis.

    Options of the database may have iterations follow (``ksp_type``); the factors are always those
    of MUMPS, whose own options PETSc reads as it factors.
    """
    _configure(ksp, PETSc.PC.Type.LU)


def configure_definite(ksp: PETSc.KSP) -> None:
    """Set up the same for matrices that are symmetric and positive definite, at half the work.

    The matrix has to say so (``MatSetOption``): MUMPS then takes its pivots as they come. It also
    factors a symmetric matrix that is not definite, less exactly: see ``is_definite``.
    """
    _configure(ksp, PETSc.PC.Type.CHOLESKY)


def is_definite(ksp: PETSc.KSP) -> bool:
    """Tell whether what ``configure_definite`` has factored has no negative pivot."""
    negative: int = ksp.getPC().getFactorMatrix().getMumpsInfog(12)
    return negative == 0


def _configure(ksp: PETSc.KSP, factors: str) -> None:
    keep_freed_memory()
    ksp.setType(PETSc.KSP.Type.PREONLY)
    ksp.setFromOptions()
    pc = ksp.getPC()
    pc.setType(factors)
    pc.setFactorSolverType("mumps")
    database = PETSc.Options()
    if ksp.comm.size > 1 and not database.hasName(ORDERING):
        # on several ranks SCOTCH balances the work better than METIS, MUMPS's own choice
        database[ORDERING] = SCOTCH


@cache
def has_single_precision() -> bool:
    """Tell whether PETSc was built with MUMPS in single precision beside double."""
    return hasattr(ctypes.CDLL(PETSc.__file__), "smumps_c")


def factor(
    ksp: PETSc.KSP | None,
    matrix: PETSc.Mat,
    configure: Callable[[PETSc.KSP], None],
    *,
    improved: bool = False,
) -> tuple[Any, str]:
    """Factor a matrix; return the solver and why it failed (collective).

    A solver that has failed cannot continue: it is destroyed, and None returned in its place.

    Args:
        ksp: The solver of an earlier matrix of this pattern, whose analysis is used again, or None.
        matrix: The matrix.
        configure: Sets up a new solver.
        improved: Whether what is solved with the factors is improved until it is good enough, so
            that they may have the single precision that the options ask for.
    """
    code, fixed = 0, {} if improved and has_single_precision() else {PRECISION: EXACT}
    for extra in (None, *MORE_WORKSPACE):
        if ksp is None:
            ksp = PETSc.KSP().create(matrix.comm)
            configure(ksp)
        with petsc_options(fixed if extra is None else {**fixed, WORKSPACE: extra}):
            ksp.setOperators(matrix)
            ksp.setUp()
        code = ksp.getPC().getFactorMatrix().getMumpsInfog(1)
        if code >= 0:
            return ksp, ""
        ksp.destroy()
        ksp = None
        if code not in TOO_SMALL:
            break
    if matrix.norm(PETSc.NormType.FROBENIUS) < inf:  # false for what is not a number
        return None, f"MUMPS could not factor the matrix, INFOG(1) = {code}: {_meaning(code)}"
    return None, "the equations have no slope at this state: the matrix is not finite"


def _meaning(code: int) -> str:
    return MUMPS_ERRORS.get(code, "see the MUMPS users' guide")


@contextmanager
def petsc_options(values: Mapping[str, Any]) -> Iterator[None]:
    """Put options into PETSc's database while the context lasts; a flag has no value there."""
    database = PETSc.Options()
    before = {key: database.getString(key) for key in values if database.hasName(key)}
    for key, value in values.items():
        if value is not False:
            database[key] = None if value is True else value
    try:
        yield
    finally:
        for key in values:
            database.delValue(key)
        for key, text in before.items():
            database[key] = text
