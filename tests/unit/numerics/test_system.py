"""If these fail, blocks sit at the wrong place of the assembled vector or matrix, or stay there."""

from __future__ import annotations

import gc
import weakref

from mpi4py import MPI

import basix.ufl
import numpy as np
import pytest
import ufl
from dolfinx import fem, mesh

from mesode.numerics.system import BlockSystem, derivative_blocks
from support.grids import grid

pytestmark = pytest.mark.mpi

K = 3.0


@pytest.fixture(scope="module")
def parts():
    """Two fields on sub-meshes, joined at a line, and one number of the whole section."""
    domain = grid(4, (("active", 0.5), ("electrolyte", 0.5)))
    below, above = domain.subdomain(["active"]), domain.subdomain(["electrolyte"])
    spaces = [fem.functionspace(part.mesh, ("Lagrange", 1)) for part in (below, above)]
    spaces.append(fem.functionspace(domain.mesh, basix.ufl.real_element("triangle", ())))
    u, rates = [[fem.Function(V) for V in spaces] for _ in range(2)]
    v, w, q = [ufl.TestFunction(V) for V in spaces]
    dS = domain.dS(["active"], ["electrolyte"])
    dx = [domain.dx(domain.phases[name]) for name in ("active", "electrolyte")]
    flow = K * (u[0]("+") ** 2 - u[1]("-"))
    rows = [
        rates[0] * v * dx[0] + flow * v("+") * dS,
        u[1] * u[2] * w * dx[1] - flow * w("-") * dS,
        2 * rates[2] * q * dx[1] + (u[1] - u[2]) * q * dx[1],
    ]
    system = BlockSystem(
        domain.mesh, rows, u, rates, entity_maps=[below.entity_map, above.entity_map]
    )
    return system, rows


def test_blocks_that_vanish_are_absent(parts):
    system, rows = parts
    steady, rate = (
        [[block is not None for block in row] for row in derivative_blocks(rows, functions)]
        for functions in (system.unknowns, system.rates)
    )
    assert steady == [[True, True, False], [True, True, True], [False, True, True]]
    assert rate == [[True, False, False], [False, False, False], [False, False, True]]


def test_a_block_is_the_derivative_of_the_whole_row(parts):
    system, rows = parts
    u, rates = system.unknowns, system.rates
    for functions in (u, rates):
        for row, blocks in zip(rows, derivative_blocks(rows, functions), strict=True):
            for function, block in zip(functions, blocks, strict=True):
                direction = ufl.TrialFunction(function.function_space)
                whole = ufl.algorithms.expand_derivatives(ufl.derivative(row, function, direction))
                assert (block is None) == whole.empty()
                assert block is None or block.signature() == whole.signature()


def test_state_goes_to_the_vector_and_back(parts):
    system, _ = parts
    for k, function in enumerate(system.unknowns):
        function.x.array[:] = k + 1.0
    vector = system.x.duplicate()
    system.store(system.unknowns, vector)
    for k, where in enumerate(system.owned_slices()):
        assert np.all(vector.getArray()[where] == k + 1.0)
    vector.scale(2.0)
    system.load(vector, system.unknowns)
    for k, function in enumerate(system.unknowns):
        assert np.all(function.x.array == 2.0 * (k + 1.0))
    assert vector.getSize() == system.n_dofs == 2 * 15 + 1


def test_what_leaves_one_row_enters_the_other(parts):
    system, _ = parts
    for function, value in zip(system.unknowns, (2.0, 1.0, 0.0), strict=True):
        function.x.array[:] = value
    for function in system.rates:
        function.x.array[:] = 0.0
    out = system.x.duplicate()
    system.assemble_residual(out)
    sums = [out.getArray()[where].sum() for where in system.owned_slices()]
    total = [MPI.COMM_WORLD.allreduce(value) for value in sums]
    flow = K * (2.0**2 - 1.0) * 1e-6
    assert total[0] == pytest.approx(flow)
    assert total[1] == pytest.approx(-flow)
    assert total[2] == pytest.approx(0.5e-12, rel=1e-9, abs=0)


def test_residual_starts_from_zero(parts):
    system, _ = parts
    out = system.x.duplicate()
    system.assemble_residual(out)
    first = out.norm()
    system.assemble_residual(out)
    assert out.norm() == pytest.approx(first, rel=1e-14)


def test_jacobian_is_steady_part_and_shift_times_rate_part(parts):
    system, _ = parts
    direction = system.x.duplicate()
    direction.set(1.0)
    products = []
    for shift in (0.0, 1.0, 5.0):
        system.assemble_jacobian(system.A, shift)
        products.append(system.A @ direction)
    difference = products[2] - products[0]
    expected = 5.0 * (products[1] - products[0])
    assert (difference - expected).norm() < 1e-14 * products[0].norm()
    assert expected.norm() > 0


def residual_of(system):
    out = system.x.duplicate()
    system.assemble_residual(out)
    return out


def test_what_a_rate_adds_is_the_difference_of_two_residuals(parts):
    system, _ = parts
    for k, function in enumerate([*system.unknowns, *system.rates]):
        function.x.array[:] = 0.5 + 0.1 * k
    further, added = system.x.duplicate(), system.x.duplicate()
    further.setRandom()
    before = residual_of(system)
    system.add_rate(further, before, added)
    rates = system.x.duplicate()
    system.store(system.rates, rates)
    rates.axpy(1.0, further)
    system.load(rates, system.rates)
    expected = residual_of(system) - before
    assert system.storage is not None
    assert (added - expected).norm() < 1e-14 * before.norm() < 0.1 * expected.norm()


@pytest.mark.parametrize("kind", ["even", "a field", "a constant"])
def test_storage_that_changes_is_no_matrix(kind):
    square = mesh.create_unit_square(MPI.COMM_WORLD, 3, 3)
    space = fem.functionspace(square, ("Lagrange", 1))
    u, rate, v = fem.Function(space), fem.Function(space), ufl.TestFunction(space)
    given = fem.Constant(square, 2.0)
    holds = {"even": 2.0, "a field": u, "a constant": given}[kind]
    row = (holds * rate * v + ufl.inner(ufl.grad(u), ufl.grad(v))) * ufl.dx
    system = BlockSystem(square, [row], [u], [rate])
    u.x.array[:] = 2.0
    assert (system.storage is not None) == (kind == "even")
    one, base, added = (system.x.duplicate() for _ in range(3))
    one.set(1.0)
    system.assemble_residual(base)
    system.add_rate(one, base, added)
    assert added.sum() == pytest.approx(2.0)
    assert np.all(rate.x.array == 0.0)
    assert system.stored() == pytest.approx([2.0])


def test_constrained_rows_ask_for_no_change():
    square = mesh.create_unit_square(MPI.COMM_WORLD, 3, 3)
    space = fem.functionspace(square, ("Lagrange", 1))
    u, v = fem.Function(space), ufl.TestFunction(space)
    dofs = fem.locate_dofs_geometrical(space, lambda x: x[0] < 1e-9)
    row = (ufl.inner(ufl.grad(u), ufl.grad(v)) - v) * ufl.dx
    system = BlockSystem(square, [row], [u], bcs=[fem.dirichletbc(fem.Function(space), dofs)])
    out = system.x.duplicate()
    system.assemble_residual(out)
    owned = dofs[dofs < space.dofmap.index_map.size_local]
    assert np.all(out.getArray()[owned] == 0.0)
    assert out.norm() > 0.0
    system.assemble_jacobian(system.A)
    chosen = system.x.duplicate()
    chosen.set(0.0)
    chosen.getArray()[owned] = 1.0
    assert np.all((system.A @ chosen).getArray()[owned] == 1.0)


def test_derivative_of_a_row():
    square = mesh.create_unit_square(MPI.COMM_SELF, 2, 2)
    space = fem.functionspace(square, ("Lagrange", 1))
    u, w, v = fem.Function(space), fem.Function(space), ufl.TestFunction(space)
    u.x.array[:] = 3.0
    blocks = derivative_blocks([u**2 * v * ufl.dx], [u, w])
    assert blocks[0][1] is None
    matrix = fem.assemble_matrix(fem.form(blocks[0][0]))
    assert matrix.to_dense().sum() == pytest.approx(6.0)


def test_a_system_that_is_not_needed_any_more_is_gone():
    square = mesh.create_unit_square(MPI.COMM_SELF, 2, 2)
    space = fem.functionspace(square, ("Lagrange", 1))
    u, v = fem.Function(space), ufl.TestFunction(space)
    system = BlockSystem(square, [ufl.inner(ufl.exp(u) * ufl.grad(u), ufl.grad(v)) * ufl.dx], [u])
    left = [weakref.ref(part) for part in (system, square, space, u)]
    del system, square, space, u, v
    gc.collect()
    assert [part() for part in left] == [None] * 4
