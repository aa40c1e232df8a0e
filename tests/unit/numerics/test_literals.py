"""If these fail, a changed number costs a compilation, or is not the number that is computed."""

from __future__ import annotations

from mpi4py import MPI

import numpy as np
import pytest
import ufl
from dolfinx import fem, mesh

from mesode.numerics.jit import compile_form
from mesode.numerics.literals import with_constants

pytestmark = pytest.mark.mpi


@pytest.fixture(scope="module")
def space():
    return fem.functionspace(mesh.create_unit_square(MPI.COMM_WORLD, 3, 3), ("Lagrange", 1))


def _state(space):
    u = fem.Function(space)
    u.interpolate(lambda x: 0.3 + 0.4 * x[0] + 0.2 * x[1] ** 2)
    return u


def _law(u, a, b):
    return a * u**0.55 * ufl.exp(-b * u) + ufl.conditional(ufl.lt(u, 0.5 * a), b * u**2, a + b)


def _row(u, a, b, degree=4):
    v = ufl.TestFunction(u.function_space)
    dx = ufl.dx(metadata={"quadrature_degree": degree})
    return _law(u, a, b) * v * dx + 1.7 * ufl.inner(ufl.grad(u), ufl.grad(v)) * dx


def _kept_numbers(form):
    found = set()
    for integral in form.integrals():
        for node in ufl.corealg.traversal.unique_pre_traversal(integral.integrand()):
            if isinstance(node, ufl.constantvalue.ScalarValue):
                found.add(float(node))
    return found


def _code(form):
    return id(compile_form(form).ufcx_form)


def test_another_number_needs_no_other_code(space):
    u = _state(space)
    names = {_code(_row(u, a, b)) for a, b in ((1.3, 2.6), (0.011, 7e9), (4.0, 3.1))}
    assert len(names) == 1


def test_another_structure_does(space):
    u = _state(space)
    v = ufl.TestFunction(space)
    names = {_code(u**k * v * ufl.dx(metadata={"quadrature_degree": 4})) for k in (2, 3)}
    assert len(names) == 2


def test_only_whole_numbers_stay(space):
    form = with_constants(_row(_state(space), 1.3, 2.6))
    assert all(number.is_integer() for number in _kept_numbers(form))
    assert 2.0 in _kept_numbers(form)  # the exponent


def test_vectors_and_derivatives_are_those_of_the_numbers(space):
    u, du = _state(space), ufl.TrialFunction(space)
    row = _row(u, 1.3, 2.6)
    pairs = [
        (fem.form(row), compile_form(row)),
        (
            fem.form(ufl.derivative(row, u, du)),
            fem.form(ufl.derivative(with_constants(row), u, du)),
        ),
    ]
    vectors = [fem.assemble_vector(form).array for form in pairs[0]]
    matrices = [fem.assemble_matrix(form).to_dense() for form in pairs[1]]
    for plain, ours in (vectors, matrices):
        np.testing.assert_allclose(ours, plain, rtol=1e-13, atol=1e-14 * np.abs(plain).max())


def test_several_integrals_and_interior_facets(space):
    u, v = _state(space), ufl.TestFunction(space)
    form = 0.37 * u * v * ufl.dx + 2.5 * u * v * ufl.ds
    form += 0.11 * ufl.inner(ufl.jump(ufl.grad(u)), ufl.jump(ufl.grad(v))) * ufl.dS
    plain, ours = fem.assemble_vector(fem.form(form)), fem.assemble_vector(compile_form(form))
    np.testing.assert_allclose(ours.array, plain.array, rtol=1e-13, atol=1e-15)
