"""If these fail, electrons do not follow Ohm's law with a conductivity that varies in space.

The source and the boundary current are written here from i_s = -sigma grad phi_s; a wrong sign in
``physics.conduction`` or in ``physics.terminal.uneven_current`` leaves an error that stays.
"""

from __future__ import annotations

import numpy as np
import pytest
import ufl
from dolfinx import fem

from mesode.model.unknowns import make_unknown
from mesode.numerics.system import BlockSystem
from mesode.physics import conduction, terminal
from support.grids import grid
from support.mms import HIGH, assert_order, l2_error, place
from support.solve import solve_steady

pytestmark = pytest.mark.mpi

SIGMA, CONTACT = 10.0, 1e-7  # [S/m], [ohm m^2]


def setup():
    """Exact potential [V] and conductivity [S/m] as functions of place."""
    return (
        lambda X, Y: 0.1 * ufl.cos(2 * X) * ufl.exp(Y),
        lambda X, Y: SIGMA * (1 + 0.5 * ufl.sin(3 * X + Y)),
    )


def run(exact, n):
    """Solve with contact resistance to a known potential all around; return the error."""
    domain = grid(n)
    X, Y, normal = place(domain)
    phi_s = make_unknown("phi_s", fem.functionspace(domain.mesh, ("Lagrange", 1)))
    potential, sigma = exact[0](X, Y), exact[1](X, Y)
    current = -sigma * ufl.grad(potential)
    # what the wall must be at, so that (phi_s - wall) / R is the exact current
    wall = potential - CONTACT * ufl.dot(current, normal)
    v, dx, ds = phi_s.test, ufl.dx(metadata=HIGH), ufl.ds(metadata=HIGH)
    row = conduction.divergence_free(conduction.electronic_current(phi_s.value, sigma), v, dx)
    row += terminal.uneven_current(phi_s.value - wall, CONTACT) * v * ds
    row -= ufl.div(current) * v * dx
    solve_steady(BlockSystem(domain.mesh, [row], [phi_s.scaled]))
    return l2_error(phi_s.value, potential, dx)


def test_order_in_space():
    sizes = [8, 16, 32]
    assert_order(1 / np.array(sizes), [run(setup(), n) for n in sizes], 2)
