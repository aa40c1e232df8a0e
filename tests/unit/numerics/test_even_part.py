"""If these fail, a part of the equations that changes is kept as it was at the start."""

from __future__ import annotations

from mpi4py import MPI

import numpy as np
import pytest
import ufl
from dolfinx import fem, mesh
from dolfinx.la import InsertMode
from ufl import dot, dx, grad

from mesode.numerics.derivatives import Derivatives
from mesode.numerics.even_part import split
from mesode.numerics.system import BlockSystem

pytestmark = pytest.mark.mpi


@pytest.fixture(scope="module")
def fields():
    square = mesh.create_unit_square(MPI.COMM_WORLD, 3, 4)
    space = fem.functionspace(square, ("Lagrange", 1))
    u, w, u_dot, w_dot = (fem.Function(space) for _ in range(4))
    rng = np.random.default_rng(1)
    for function in (u, w, u_dot, w_dot):
        function.x.array[:] = 1.0 + rng.random(len(function.x.array))
        function.x.scatter_forward()
    return square, u, w, u_dot, w_dot, ufl.TestFunction(space)


def counted(found):
    """Return how many integrals change and are assembled, and which blocks K, M and G have."""
    left = [
        sum(len(row.integrals()) for row in rows if row is not None)
        for rows in (found.rest, found.assembled)
    ]
    where = [
        [(i, j) for i, row in enumerate(matrix) for j, block in enumerate(row) if block is not None]
        for matrix in (found.K, found.M, found.G)
    ]
    return tuple(left), *where


def split_row(fields, row, *, changing=(), held=()):
    _, u, w, u_dot, w_dot, _ = fields
    return counted(split([row], ([u, w], [u_dot, w_dot]), set(changing), held, Derivatives()))


def test_storage_is_a_matrix_and_conduction_in_the_jacobian_alone(fields):
    _, u, w, u_dot, _, v = fields
    row = (2.0 * u_dot * v + dot(grad(u), grad(v))) * dx + 3.0 * w * v * dx
    assert split_row(fields, row) == ((0, 1), [(0, 1)], [(0, 0)], [(0, 0)])


def test_a_product_with_a_sum_of_functions_is_a_matrix(fields):
    _, u, w, u_dot, w_dot, v = fields
    row = v * (u - 2.0 * w + 0.1 * (u_dot - w_dot)) * dx
    assert split_row(fields, row) == ((0, 0), [(0, 0), (0, 1)], [(0, 0), (0, 1)], [])


def test_what_is_not_linear_or_has_a_source_stays(fields):
    square, u, w, u_dot, _, v = fields
    x = ufl.SpatialCoordinate(square)
    nothing = ((1, 1), [], [], [])
    assert split_row(fields, u * w * v * dx) == nothing
    assert split_row(fields, u**2 * v * dx) == nothing
    assert split_row(fields, v * (u - 1.0) * dx) == nothing
    assert split_row(fields, x[0] * v * dx) == nothing
    assert split_row(fields, u_dot * v * dx - 0.0 * v * dx(domain=square))[1:] == ([], [(0, 0)], [])
    assert split_row(fields, ufl.exp(u) * v * dx + u * v * dx) == ((1, 1), [(0, 0)], [], [])


def test_what_depends_on_what_may_change_stays(fields):
    square, u, w, u_dot, _, v = fields
    number = fem.Constant(square, 2.0)
    row = number * u * v * dx
    assert split_row(fields, row, changing=[number]) == ((1, 1), [], [], [])
    assert split_row(fields, row) == ((0, 0), [(0, 0)], [], [])
    given = fem.Function(u.function_space)
    assert split_row(fields, given * u * v * dx) == ((1, 1), [], [], [])
    held = [w.function_space.ufl_function_space()]
    assert split_row(fields, u_dot * v * dx, held=held) == ((1, 1), [], [], [])


def test_both_parts_together_are_the_rows(fields):
    square, u, w, u_dot, w_dot, v = fields
    number = fem.Constant(square, 2.0)
    rows = [
        (u_dot + 0.5 * w_dot) * v * dx + dot(grad(u), grad(v)) * dx + number * w * v * dx,
        (ufl.exp(w) * w_dot + u - 3.0) * v * dx + w * v * ufl.ds,
    ]
    system = BlockSystem(square, rows, [u, w], [u_dot, w_dot])
    for number.value in (2.0, 5.0):
        out = system.x.duplicate()
        system.assemble_residual(out)
        for where, row in zip(system.owned_slices(), rows, strict=True):
            whole = fem.assemble_vector(fem.form(row))
            whole.scatter_reverse(InsertMode.add)
            owned = whole.array[: where.stop - where.start]
            assert out.getArray()[where] == pytest.approx(owned, rel=1e-12, abs=1e-14)


def test_the_jacobian_holds_both(fields):
    square, u, w, u_dot, w_dot, v = fields
    rows = [u_dot * v * dx + dot(grad(u), grad(v)) * dx, (w**2 * w_dot + u) * v * dx]
    system = BlockSystem(square, rows, [u, w], [u_dot, w_dot])
    direction, f0, f1 = (system.x.duplicate() for _ in range(3))
    direction.setRandom()
    state = [system.x.duplicate() for _ in range(2)]
    for functions, vector in zip((system.unknowns, system.rates), state, strict=True):
        system.store(functions, vector)
    shift, small = 3.0, 1e-6
    system.assemble_jacobian(system.A, shift)
    found = system.A @ direction
    for sign, f in ((-1, f0), (1, f1)):
        for functions, vector, scale in zip(
            (system.unknowns, system.rates), state, (1.0, shift), strict=True
        ):
            moved = vector.copy()
            moved.axpy(sign * small * scale, direction)
            system.load(moved, functions)
        system.assemble_residual(f)
    for functions, vector in zip((system.unknowns, system.rates), state, strict=True):
        system.load(vector, functions)
    expected = (f1 - f0) / (2 * small)
    assert (found - expected).norm() < 1e-7 * expected.norm()
