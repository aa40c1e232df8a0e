"""If this fails, each factorisation asks the system for its memory again."""

from __future__ import annotations

import ctypes
import platform
import resource

from petsc4py import PETSc

import pytest
from scipy import sparse

from mesode.numerics.kept_memory import keep_freed_memory
from mesode.numerics.linear import configure_direct, factor

SIZE = 350  # of a grid whose factors are beyond 32 MB, up to which the library keeps blocks anyway


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


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the C library is not that of GNU")
def test_a_factorisation_takes_the_memory_of_the_one_before():
    A = grid()
    ksp, _ = factor(None, A, configure_direct)
    A.stateIncrease()  # as new values would
    factor(ksp, A, configure_direct)
    before = pages_asked_for()
    for _ in range(3):
        A.stateIncrease()
        factor(ksp, A, configure_direct)
    factors = ksp.getPC().getFactorMatrix().getMumpsInfog(9)  # entries, or millions where negative
    pages = 3 * factors * 8 / resource.getpagesize()
    assert pages > 3 * 32e6 / resource.getpagesize()
    assert pages_asked_for() - before < 0.05 * pages


def test_other_libraries_are_left_alone(monkeypatch):
    keep_freed_memory.cache_clear()
    monkeypatch.setattr(ctypes, "CDLL", lambda _name: object())
    assert not keep_freed_memory()
    keep_freed_memory.cache_clear()
