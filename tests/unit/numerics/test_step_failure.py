"""If this fails, a run that cannot continue hangs or loses its last state, instead of ending."""

from __future__ import annotations

from mpi4py import MPI

import numpy as np
import pytest
import ufl
from dolfinx import fem, mesh

from mesode.numerics.stepper import StepFailure
from mesode.numerics.system import BlockSystem
from support.solve import advance, start_integrator

pytestmark = pytest.mark.mpi


def build(excess):
    """Return u with du/dt = 1 and w^2 = u - ``excess`` on one square."""
    square = mesh.create_unit_square(MPI.COMM_WORLD, 2, 2)
    spaces = [fem.functionspace(square, ("Lagrange", 1)) for _ in range(2)]
    (u, w), rates = [[fem.Function(space) for space in spaces] for _ in range(2)]
    v, z = (ufl.TestFunction(space) for space in spaces)
    rows = [(rates[0] - 1) * v * ufl.dx, (w * w - u - excess) * z * ufl.dx]
    w.x.array[:] = np.sqrt(max(excess, 0.01))
    return u, BlockSystem(square, rows, [u, w], rates)


@pytest.mark.timeout(20)
def test_no_solution_from_the_start():
    u, system = build(-1.0)
    clock = start_integrator(system, [True, False], 1.0, first_step=1e-3, smallest=1e-6)
    with pytest.raises(StepFailure) as failure:
        advance(clock, 0.5)
    assert failure.value.t == clock.t == 0.0
    assert u.x.array == pytest.approx(0.0, abs=1e-5)


def test_solution_where_there_is_one():
    u, system = build(1.0)
    clock = start_integrator(system, [True, False], 1.0, first_step=1e-3)
    advance(clock, 0.5)
    assert u.x.array == pytest.approx(0.5, rel=1e-6)
