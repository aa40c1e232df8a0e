"""If these fail, the section is held where it is free, or free where it is held."""

from __future__ import annotations

from dataclasses import replace

from mpi4py import MPI

import numpy as np
import pytest
from dolfinx import fem

from mesode.model.diagnostics import Diagnostics
from mesode.model.processes.mechanics import MechanicsOptions
from support.protocols import run
from support.small_cell import small_arrays, small_cell

pytestmark = pytest.mark.mpi

ONE_WAY = MechanicsOptions(two_way=False)


def on_a_slope():
    """Return the small mesh on a collector that rises by 0.2 um to the right."""
    arrays = small_arrays(4)
    points = arrays.points + np.column_stack([0 * arrays.points[:, 0], 0.1 * arrays.points[:, 0]])
    return replace(arrays, points=points)


def displacement(mechanics, chosen):
    """Return the largest |u_x| and |u_y| [um] at the nodes where x, y [um] are chosen."""
    space = mechanics.u.scaled.function_space
    x = 1e6 * space.tabulate_dof_coordinates()
    owned = space.dofmap.index_map.size_local
    u = np.abs(mechanics.u.scaled.x.array.reshape(-1, 2))[:owned][chosen(x[:owned].T)]
    comm, largest = mechanics.parent.comm, u.max(axis=0, initial=0.0)
    return np.array([comm.allreduce(value, op=MPI.MAX) for value in largest])


@pytest.fixture(scope="module")
def mechanics():
    cell = small_cell(arrays=on_a_slope(), mechanics=ONE_WAY)
    cell.sto["active"].set(0.2)
    cell.follow(1.0)
    return cell.mechanics


def test_the_whole_collector_holds_the_electrode(mechanics):
    held = displacement(mechanics, lambda x: np.isclose(x[1], 0.1 * x[0]))
    assert held.max() == 0.0


@pytest.mark.parametrize("place", [0.0, 2.0])
def test_the_sides_are_mirrors(mechanics, place):
    u_x, u_y = displacement(mechanics, lambda x: np.isclose(x[0], place))
    assert u_x == 0.0
    assert u_y > 1e-4


def test_the_top_is_free(mechanics):
    u_x, u_y = displacement(mechanics, lambda x: np.isclose(x[1], 2.0 + 0.1 * x[0]))
    assert min(u_x, u_y) > 1e-4


def test_the_facets_of_a_line_are_those_of_the_sub_mesh(mechanics):
    part = mechanics.domain
    facets = mechanics.parent.facets_of(part, "right")
    assert mechanics.parent.comm.allreduce(len(facets)) == 8
    space = fem.functionspace(part.mesh, ("Lagrange", 1))
    nodes = fem.locate_dofs_topological(space, 1, facets, remote=False)
    assert 1e6 * space.tabulate_dof_coordinates()[nodes, 0] == pytest.approx(2.0)


PRESSURE = 2e7  # [Pa]


@pytest.fixture(scope="module", params=[False, True], ids=["one_way", "two_way"])
def pressed(request):
    """A cell at rest under a pressure, and its diagnostics."""
    options = MechanicsOptions(two_way=request.param, pressure=PRESSURE, degree=2)
    cell = small_cell(mechanics=options)
    return cell, Diagnostics(cell)


def test_the_first_row_of_a_run_is_under_its_pressure(pressed):
    cell, diagnostics = pressed
    _, record = run(cell, "Rest for 1 ms", diagnostics=diagnostics)
    first, last = record.points[0].row, record.points[-1].row
    # the binder alone, held at the sides and free along z, gives p (1 - nu^2) / E
    assert -PRESSURE / 2e9 * (1 - 0.3**2) < first["Thickness Change / 1"] < -0.4 * PRESSURE / 2e9
    assert first["Max von Mises Binder / Pa"] > 0.5 * PRESSURE
    for name in ("Thickness Change / 1", "Max von Mises Binder / Pa", "Max von Mises Active / Pa"):
        # in two-way coupling the uneven stress of the surface moves lithium at once
        assert first[name] == pytest.approx(last[name], rel=1e-3)


def test_the_stress_at_rest_carries_the_pressure(pressed):
    cell, _ = pressed
    cell.reset()
    mechanics = cell.mechanics
    parts = [mechanics.sigma(p)[1, 1] * mechanics.dx_in(p) for p in mechanics.phases]
    mean = cell.integral(sum(parts)) / cell.area(mechanics.phases)
    assert mean == pytest.approx(-PRESSURE, rel=1e-6)
