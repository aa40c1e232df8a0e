"""If these fail, a matrix that can be factored ends a run, or the reason given is another one."""

from __future__ import annotations

from petsc4py import PETSc

import numpy as np
import pytest
from scipy import sparse

from mesode.config.petsc import PetscOptions
from mesode.numerics import linear
from mesode.numerics.linear import (
    PRECISION,
    WORKSPACE,
    configure_definite,
    configure_direct,
    factor,
    is_definite,
)

SIZE = 30


@pytest.fixture
def options():
    """PETSc's options, of which MUMPS's workspace is given back as it was."""
    database = PETSc.Options()
    yield database
    database.delValue(WORKSPACE)


def matrix(values):
    values = sparse.csr_matrix(values)
    A = PETSc.Mat().createAIJ(
        values.shape, csr=(values.indptr, values.indices, values.data), comm=PETSc.COMM_SELF
    )
    A.assemble()
    return A


def badly_pivoted():
    """A grid whose diagonal is next to nothing and whose rows differ by 1e12: pivots are put off.

    MUMPS needs more workspace for it than it estimates and gives up with INFOG(1) = -9.
    """
    line = sparse.diags([1.0, 1e-9, 1.0], [-1, 0, 1], shape=(SIZE, SIZE))
    one = sparse.eye(SIZE)
    scale = np.random.default_rng(0).choice([1e-6, 1.0, 1e6], size=SIZE * SIZE)
    return sparse.diags(scale) @ (sparse.kron(one, line) + sparse.kron(line, one))


def solves(ksp, values):
    A = matrix(values)
    x, b = A.createVecs()
    b.setArray(values @ np.ones(values.shape[0]))
    ksp.solve(b, x)
    return x.getArray() == pytest.approx(1.0, abs=1e-4)


@pytest.mark.parametrize("own", [None, 0, -50])
def test_a_workspace_that_is_too_small_is_raised(options, own):
    if own is not None:
        options[WORKSPACE] = own
    values = badly_pivoted()
    ksp, why = factor(None, matrix(values), configure_direct)
    assert why == ""
    assert solves(ksp, values)
    # what the user has asked for stands afterwards
    assert (options.getInt(WORKSPACE) if options.hasName(WORKSPACE) else None) == own


def test_the_analysis_is_used_again():
    values = badly_pivoted() + sparse.eye(SIZE * SIZE)
    first, _ = factor(None, matrix(values), configure_direct)
    second, why = factor(first, matrix(2.0 * values), configure_direct)
    assert why == ""
    assert second is first


def test_a_matrix_that_is_not_finite_is_told_as_such():
    values = sparse.eye(5).tolil()
    values[2, 2] = np.nan
    ksp, why = factor(None, matrix(values), configure_direct)
    assert ksp is None
    assert "not finite" in why


VALUES = {"ksp_type": "gmres", "pc_precision": "single", "ksp_rtol": 1e-9, "ksp_atol": 1e-12,
          "ksp_monitor": None, "ksp_view": None,
          "mat_mumps_icntl_7": 2, "mat_mumps_cntl_1": 0.1, "mat_mumps_cntl_7": 0.0}  # fmt: skip


@pytest.mark.parametrize("key", PetscOptions.model_fields)
def test_each_option_of_the_case_file_reaches_the_solver(options, capfd, key):
    given = {"ksp_type": "gmres", key: VALUES.get(key, 1)}
    for name, value in given.items():
        options[name] = value
    values = sparse.diags([1.0, 4.0, 1.0], [-1, 0, 1], shape=(SIZE, SIZE))
    try:
        ksp, why = factor(None, matrix(values), configure_direct, improved=True)
        assert (why, ksp.getType()) == ("", "gmres")
        assert solves(ksp, values)
        assert options.used(key)
    finally:
        for name in given:
            options.delValue(name)
    printed = "KSP" in capfd.readouterr().out
    assert printed == (key in ("ksp_monitor", "ksp_view"))


@pytest.fixture
def precision(options):
    yield lambda asked: options.setValue(PRECISION, asked)
    options.delValue(PRECISION)


@pytest.mark.parametrize(
    ("improved", "there", "least", "most"),
    [(True, True, 1e-9, 1e-5), (False, True, 0.0, 1e-13), (True, False, 0.0, 1e-13)],
)
def test_only_factors_whose_steps_are_improved_are_in_single_precision(
    precision, monkeypatch, improved, there, least, most
):
    precision("single")
    assert linear.has_single_precision()
    monkeypatch.setattr(linear, "has_single_precision", lambda: there)
    values = sparse.diags([-1.0, 2.1, -1.0], [-1, 0, 1], shape=(SIZE, SIZE))
    A = matrix(values)
    x, b = A.createVecs()
    b.setArray(values @ np.linspace(1.0, 2.0, SIZE))
    ksp, _ = factor(None, A, configure_direct, improved=improved)
    ksp.solve(b, x)
    off = np.abs(x.getArray() - np.linspace(1.0, 2.0, SIZE)).max()
    assert least <= off < most


def test_the_factors_alone_solve_unless_asked_otherwise():
    values = sparse.eye(5)
    ksp, _ = factor(None, matrix(values), configure_direct)
    assert (ksp.getType(), ksp.getPC().getType()) == ("preonly", "lu")
    assert solves(ksp, values)


@pytest.mark.parametrize(("shift", "definite"), [(0.1, True), (-1.1, False)])
def test_a_symmetric_matrix_that_is_not_definite_is_told(shift, definite):
    # the eigenvalues of the Laplacian are 0.01 to 3.99
    values = sparse.diags([-1.0, 2.0 + shift, -1.0], [-1, 0, 1], shape=(SIZE, SIZE))
    A = matrix(values)
    for known in (PETSc.Mat.Option.SYMMETRIC, PETSc.Mat.Option.SPD):
        A.setOption(known, True)
    ksp, why = factor(None, A, configure_definite)
    assert why == ""
    assert is_definite(ksp) == definite
    assert solves(ksp, values) or not definite
