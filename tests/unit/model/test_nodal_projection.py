"""If these fail, a field that is brought from points to nodes is another one there."""

from __future__ import annotations

from mpi4py import MPI

import pytest
import ufl
from dolfinx import fem, mesh

from mesode.model.nodal_projection import NodalProjection

pytestmark = pytest.mark.mpi


def projected(expression):
    """Return a projection on a square, and the measure of its triangles."""
    square = mesh.create_unit_square(MPI.COMM_WORLD, 4, 4)
    found = fem.Function(fem.functionspace(square, ("Lagrange", 1)))
    dx = ufl.dx(metadata={"quadrature_degree": 2})
    NodalProjection(found, expression(ufl.SpatialCoordinate(square)), dx, ()).update()
    return found, dx


def test_a_linear_field_stays_as_it_is():
    found, _ = projected(lambda x: 1 + 2 * x[0] - 3 * x[1])
    x = found.function_space.tabulate_dof_coordinates()
    assert found.x.array == pytest.approx(1 + 2 * x[:, 0] - 3 * x[:, 1], abs=1e-12)


def test_what_jumps_keeps_its_integral():
    found, dx = projected(lambda x: ufl.conditional(ufl.lt(x[0], 0.5), 1.0, 3.0))
    total = found.function_space.mesh.comm.allreduce(fem.assemble_scalar(fem.form(found * dx)))
    assert total == pytest.approx(2.0, rel=1e-12)
