"""If these fail, a scaled unknown stands for another physical quantity than it says."""

from __future__ import annotations

from math import inf

from mpi4py import MPI

import basix.ufl
import pytest
import ufl
from dolfinx import fem, mesh

from mesode.model.unknowns import make_unknown


@pytest.fixture(scope="module")
def square():
    return mesh.create_unit_square(MPI.COMM_SELF, 2, 2)


def mean(expression):
    return fem.assemble_scalar(fem.form(expression * ufl.dx))


def test_value_and_rate_are_physical(square):
    c_e = make_unknown("c_e", fem.functionspace(square, ("Lagrange", 1)), scale=1000.0)
    c_e.set(1200.0)
    c_e.scaled_rate.x.array[:] = 0.5
    assert c_e.scaled.x.array == pytest.approx(1.2)
    assert mean(c_e.value) == pytest.approx(1200.0)
    assert mean(c_e.rate) == pytest.approx(500.0)


def test_number_of_the_section(square):
    V = make_unknown("V", fem.functionspace(square, basix.ufl.real_element("triangle", ())))
    V.set(0.4)
    assert V.number() == 0.4
    assert mean(V.value) == pytest.approx(0.4)


def test_error_is_not_controlled_unless_asked(square):
    space = fem.functionspace(square, ("Lagrange", 1))
    assert make_unknown("phi_s", space).error_weight == inf
    assert make_unknown("sto", space, error_weight=1.0).error_weight == 1.0


def test_functions_carry_the_name(square):
    sto = make_unknown("sto", fem.functionspace(square, ("Lagrange", 1)))
    assert sto.scaled.name == "sto"
    assert sto.scaled_rate.name == "sto_rate"
