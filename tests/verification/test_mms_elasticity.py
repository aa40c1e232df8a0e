"""If these fail, stress and displacement do not belong to the swelling that is put in.

Modulus, Poisson ratio and swelling vary in space. The exact stress is written here in its
compliance or plane-stress form, not with the Lame constants of ``physics.elasticity``.
"""

from __future__ import annotations

from typing import NamedTuple

import basix.ufl
import numpy as np
import pytest
import ufl
from dolfinx import fem
from dolfinx import mesh as dmesh

from mesode.model.unknowns import make_unknown
from mesode.numerics.system import BlockSystem
from mesode.physics import elasticity
from mesode.physics.elasticity import SectionKind
from support.grids import grid
from support.mms import HIGH, L, assert_order, l2_error, place
from support.solve import solve_steady

pytestmark = pytest.mark.mpi

E_0, EPS_ZZ, SWELLING = 1e10, 0.013, 0.06
GENERALISED = SectionKind.GENERALISED_PLANE_STRAIN


class Setup(NamedTuple):
    """Exact displacement over L (zero at y = 0), and the properties in space."""

    u: object
    E: object
    nu: object
    swelling: object


def setup():
    """Fields of the size that lithiation of silicon oxide brings."""
    return Setup(
        lambda X, Y: ufl.as_vector(
            [0.02 * ufl.sin(2 * X + 0.5) * ufl.sin(Y), 0.03 * ufl.cos(X) * (ufl.exp(Y) - 1)]
        ),
        lambda X, Y: E_0 * (1 + 0.4 * ufl.sin(2 * X) * Y),
        lambda X, Y: 0.25 + 0.1 * X * Y,
        lambda X, Y: SWELLING * (1 + ufl.cos(2 * X + Y)),
    )


def exact_stress(kind, exact, X, Y):
    """Return the 3x3 stress [Pa] of the exact displacement."""
    E, nu, free = exact.E(X, Y), exact.nu(X, Y), exact.swelling(X, Y) / 3
    g = ufl.grad(L * exact.u(X, Y))
    xx, yy, xy = g[0, 0] - free, g[1, 1] - free, (g[0, 1] + g[1, 0]) / 2
    if kind is SectionKind.PLANE_STRESS:
        factor = E / (1 - nu**2)
        s_xx, s_yy, s_zz = factor * (xx + nu * yy), factor * (yy + nu * xx), 0
    else:
        zz = (EPS_ZZ if kind is GENERALISED else 0.0) - free
        factor = E / ((1 + nu) * (1 - 2 * nu))
        s_xx = factor * ((1 - nu) * xx + nu * (yy + zz))
        s_yy = factor * ((1 - nu) * yy + nu * (xx + zz))
        s_zz = factor * ((1 - nu) * zz + nu * (xx + yy))
    s_xy = E / (1 + nu) * xy
    return ufl.as_tensor([[s_xx, s_xy, 0], [s_xy, s_yy, 0], [0, 0, s_zz]])


def run(exact, n, kind, degree):
    """Solve; return the errors of u and, where it is an unknown, of eps_zz."""
    domain = grid(n)
    X, Y, normal = place(domain)
    dx, ds = ufl.dx(metadata=HIGH), ufl.ds(metadata=HIGH)
    space = fem.functionspace(domain.mesh, ("Lagrange", degree, (2,)))
    u = make_unknown("u", space, scale=L)
    number = fem.functionspace(domain.mesh, basix.ufl.real_element("triangle", ()))
    eps_zz = make_unknown("eps_zz", number)

    E, nu, free = exact.E(X, Y), exact.nu(X, Y), exact.swelling(X, Y) / 3
    strain = elasticity.total_strain(u.value, kind=kind, free=free, nu=nu, eps_zz=eps_zz.value)
    sigma = elasticity.hooke(strain - free * ufl.Identity(3), E, nu)
    target = exact_stress(kind, exact, X, Y)
    plane = ufl.as_tensor([[target[i, j] for j in (0, 1)] for i in (0, 1)])
    v = u.test
    row = elasticity.equilibrium(sigma, v, dx) + ufl.inner(ufl.div(plane), v) * dx
    row -= ufl.inner(plane * normal, v) * ds
    rows, unknowns = [1 / E_0 * row], [u]
    if kind is GENERALISED:
        axial = elasticity.axial_balance(sigma, eps_zz.test, dx)
        axial -= elasticity.axial_balance(target, eps_zz.test, dx)
        rows, unknowns = [*rows, 1 / (E_0 * L) * axial], [u, eps_zz]
    clamped = fem.locate_dofs_topological(
        space, 1, dmesh.locate_entities_boundary(domain.mesh, 1, lambda x: x[1] < 1e-9 * L)
    )
    bcs = [fem.dirichletbc(fem.Function(space), clamped)]
    solve_steady(BlockSystem(domain.mesh, rows, [f.scaled for f in unknowns], bcs=bcs))
    error = l2_error(u.value, L * exact.u(X, Y), dx)
    return error, abs(eps_zz.number() / EPS_ZZ - 1) if kind is GENERALISED else 0.0


SIZES = [4, 8, 16]


@pytest.mark.parametrize("kind", list(SectionKind))
def test_quadratic_displacement_is_of_order_three(kind):
    errors = np.array([run(setup(), n, kind, 2) for n in SIZES])
    assert_order(1 / np.array(SIZES), errors[:, 0], 3, slack=0.2)
    if kind is GENERALISED:
        assert errors[-1, 1] < 1e-6


def test_linear_displacement_is_of_order_two():
    errors = [run(setup(), 2 * n, GENERALISED, 1)[0] for n in SIZES]
    assert_order(1 / np.array(SIZES), errors, 2, slack=0.2)
