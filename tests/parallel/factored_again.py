"""Factors a matrix again and again; prints pages asked for, and those that three factors fill."""

from __future__ import annotations

import resource
import sys

import mesode  # noqa: F401  # finds the libraries of the wheel

# isort: split
from petsc4py import PETSc

from scipy import sparse

from mesode.numerics.linear import configure_direct, factor

SIZE = 350  # of a grid whose factors are beyond 32 MB


def grid():
    line = sparse.diags([-1.0, 2.5, -1.0], [-1, 0, 1], shape=(SIZE, SIZE))
    values = sparse.csr_matrix(sparse.kronsum(line, line))
    A = PETSc.Mat().createAIJ(
        values.shape, csr=(values.indptr, values.indices, values.data), comm=PETSc.COMM_SELF
    )
    A.assemble()
    return A


def pages_asked_for():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt


A = grid()
ksp, _ = factor(None, A, configure_direct)
A.stateIncrease()  # as new values would
factor(ksp, A, configure_direct)
before = pages_asked_for()
for _ in range(3):
    A.stateIncrease()
    factor(ksp, A, configure_direct)
factors = ksp.getPC().getFactorMatrix().getMumpsInfog(9)  # entries, or millions where negative
pages = 3 * factors * 8 // resource.getpagesize()
sys.stdout.write(f"{pages_asked_for() - before} {pages}")
