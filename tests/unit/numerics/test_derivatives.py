"""If these fail, the Jacobian is not the derivative of the equations."""

from __future__ import annotations

from mpi4py import MPI

import pytest
import ufl
from dolfinx import fem, mesh
from ufl import dot, dx, grad, inner, sym

from mesode.numerics.derivatives import Derivatives


@pytest.fixture(scope="module")
def fields():
    """A scalar field, a vector field, and a direction of each."""
    square = mesh.create_unit_square(MPI.COMM_SELF, 1, 1)
    scalar, vector = (fem.functionspace(square, ("Lagrange", 1, shape)) for shape in ((), (2,)))
    u, w = fem.Function(scalar), fem.Function(vector)
    return u, w, ufl.TestFunction(scalar), ufl.TestFunction(vector)


def test_with_one_memory_each_derivative_is_that_of_its_form_alone(fields):
    u, w, v, z = fields
    law = ufl.exp(u) * (1 + inner(sym(grad(w)), grad(w)))  # is in all of them
    forms = [law * v * dx, law * dot(grad(u), grad(v)) * dx, inner(law * grad(w), grad(z)) * dx]
    derivatives = Derivatives()
    for form in forms:
        for function in (u, w):
            trial = ufl.TrialFunction(function.function_space)
            found = derivatives.of(form.integrals(), function, trial)
            whole = ufl.algorithms.expand_derivatives(ufl.derivative(form, function, trial))
            assert found.signature() == whole.signature()


def test_what_vanishes_is_left_out(fields):
    u, w, v, _ = fields
    form = u * v * dx + u**2 * v * dx(metadata={"quadrature_degree": 3})
    derivatives = Derivatives()
    assert derivatives.of(form.integrals(), w, ufl.TrialFunction(w.function_space)).empty()
    trial = ufl.TrialFunction(u.function_space)
    assert len(derivatives.of(form.integrals(), u, trial).integrals()) == 2
    constant = (v * dx).integrals()
    assert len(derivatives.of((*constant, *form.integrals()), u, trial).integrals()) == 2
