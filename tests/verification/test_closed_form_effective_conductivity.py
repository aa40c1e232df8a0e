"""V15. If this fails, current finds its way round particles wrongly: the mesh leaks or blocks at
the interface, or the conducting phase is not the one that was named.

Effective conductivity of a square array of circles in a matrix, over that of the matrix: exact
values by multipole expansion (24 orders; Keller's product of an array and its inverse is 1), at
0.2 %. The array of perfect conductors is run with a thousand million times the conductivity.
"""

from __future__ import annotations

import numpy as np
import pytest
import ufl
from dolfinx import fem

from mesode.geometry.shapes import unit_cell
from mesode.numerics.system import BlockSystem
from mesode.physics import conduction, electrolyte
from support.sections import mesh_domain
from support.solve import integral, solve_steady

INSULATING = {0.1: 0.81818, 0.2: 0.66653, 0.4: 0.42535, 0.7: 0.13454}
CONDUCTING = {0.1: 1.22223, 0.2: 1.50031, 0.4: 2.35100, 0.7: 7.43271}
CIRCLE, MATRIX = "active", "carbon_binder"
SIDE, SIGMA, DROP = 1.0, 2.5, 1e-3  # [um], [S/m], [V]
SIZE, FINE = SIDE / 40, SIDE / 160

pytestmark = pytest.mark.mpi


def array(fraction, folder):
    section = unit_cell(SIDE, SIDE * np.sqrt(fraction / np.pi), FINE, (CIRCLE, MATRIX))
    return mesh_domain(section, SIZE, FINE, folder)


def potential_drop(space):
    """Potential with its drop across the cell, and the conditions that hold it."""
    phi, held = fem.Function(space), fem.Function(space)
    rise = lambda x: DROP * x[1] / (SIDE * 1e-6)  # noqa: E731
    phi.interpolate(rise)
    held.interpolate(rise)
    ends = fem.locate_dofs_geometrical(
        space, lambda x: np.minimum(np.abs(x[1]), np.abs(x[1] - SIDE * 1e-6)) < 1e-12
    )
    return phi, fem.dirichletbc(held, ends)


def effective(mesh, phi, bc, current, measures, maps=()):
    """Conductivity over that of the matrix: the heat released is G V^2, G that of a square."""
    v = ufl.TestFunction(phi.function_space)
    row = sum(conduction.divergence_free(i, v, dx) for i, dx in zip(current, measures, strict=True))
    solve_steady(BlockSystem(mesh, [row], [phi], entity_maps=maps, bcs=[bc]))
    heat = sum(
        integral(-ufl.inner(i, ufl.grad(phi)) * dx, maps)
        for i, dx in zip(current, measures, strict=True)
    )
    return heat / (SIGMA * DROP**2)


@pytest.mark.parametrize("fraction", INSULATING)
@pytest.mark.parametrize("carrier", ["electrons", "ions"])
def test_insulating_circles(tmp_path, fraction, carrier):
    domain = array(fraction, tmp_path)
    matrix = domain.subdomain((MATRIX,))
    phi, bc = potential_drop(fem.functionspace(matrix.mesh, ("Lagrange", 1)))
    if carrier == "electrons":
        i = conduction.electronic_current(phi, SIGMA)
    else:
        bulk = electrolyte.Transport(kappa=3 * SIGMA, D_e=1e-10, t_plus=0.4, tdf=1.0, macmullin=3)
        c_e = fem.Constant(domain.mesh, 1000.0)
        i = electrolyte.ionic_current(c_e, phi, bulk, 298.15)
    dx = domain.dx(domain.phases[MATRIX])
    found = effective(domain.mesh, phi, bc, [i], [dx], [matrix.entity_map])
    assert found == pytest.approx(INSULATING[fraction], rel=2e-3)


@pytest.mark.parametrize("fraction", CONDUCTING)
def test_conducting_circles(tmp_path, fraction):
    domain = array(fraction, tmp_path)
    phi, bc = potential_drop(fem.functionspace(domain.mesh, ("Lagrange", 1)))
    phases = {MATRIX: SIGMA, CIRCLE: 1e9 * SIGMA}
    currents = [conduction.electronic_current(phi, sigma) for sigma in phases.values()]
    measures = [domain.dx(domain.phases[name]) for name in phases]
    found = effective(domain.mesh, phi, bc, currents, measures)
    assert found == pytest.approx(CONDUCTING[fraction], rel=2e-3)
