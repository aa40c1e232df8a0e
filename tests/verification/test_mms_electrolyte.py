"""If these fail, salt and charge in the electrolyte do not follow concentrated-solution theory.

All four properties depend on the concentration. Sources come from the strong form as it is
written in the textbook, so that a wrong sign or factor in ``physics.electrolyte`` leaves an error
that does not fall.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
import ufl
from dolfinx import fem

from mesode.model.unknowns import make_unknown
from mesode.numerics.step_control import TimeOptions
from mesode.numerics.system import BlockSystem
from mesode.physics import conduction, diffusion, electrolyte
from support.grids import grid
from support.mms import (
    HIGH,
    L,
    assert_order,
    fixed_steps,
    interpolate,
    l2_error,
    make_integrator,
    place,
    run_to,
)
from support.solve import solve_steady

pytestmark = pytest.mark.mpi

F, R, T = 96485.33212, 8.314462618, 310.0
C_0, D_0, KAPPA = 1000.0, 3e-10, 1.0
POROSITY, MACMULLIN = 0.4, 3.0
TAU = POROSITY * L**2 / D_0


class Setup(NamedTuple):
    """Exact concentration over ``C_0`` and potential [V]."""

    z: object
    phi_e: object


def setup():
    """Fields that bend in space."""
    return Setup(
        lambda X, Y, t, f: 1.0 + 0.4 * f.cos(2 * X) * f.sin(2 * Y) + 0.1 * t / TAU,
        lambda X, Y, t, f: 0.03 * f.sin(2 * X + Y) + 0.0 * t,
    )


def setup_in_time():
    """Fields that the elements represent exactly."""
    return Setup(
        lambda X, Y, t, f: 1.0 + 0.3 * (X - Y) * f.cos(3 * t / TAU) + 0.2 * f.sin(t / TAU),
        lambda X, Y, t, f: 0.03 * (X + 2 * Y) * f.cos(2 * t / TAU),
    )


def bulk(z):
    """Bulk properties at z = c_e / C_0."""
    return electrolyte.Transport(
        kappa=KAPPA * (0.4 + z - 0.3 * z**2),
        D_e=D_0 / (0.5 + 0.5 * z),
        t_plus=0.25 + 0.1 * z,
        tdf=1 + 0.5 * z**2,
        macmullin=MACMULLIN,
    )


def exact_fluxes(z, phi_e):
    """N_e [mol/m^2/s] and i_e [A/m^2] from the textbook."""
    p = bulk(z)
    diffusional = 2 * R * T / F * (1 - p.t_plus) * p.tdf * ufl.grad(ufl.ln(z))
    i_e = p.kappa / MACMULLIN * (diffusional - ufl.grad(phi_e))
    return p.t_plus * i_e / F - p.D_e / MACMULLIN * C_0 * ufl.grad(z), i_e


class Problem:
    """Both equations on an n x n mesh, exchange with known surroundings at the rim."""

    def __init__(self, exact, n):
        self.domain = grid(n)
        mesh = self.domain.mesh
        X, Y, normal = place(self.domain)
        self.time = fem.Constant(mesh, 0.0)
        t = ufl.variable(self.time)
        self.c_e = make_unknown("c_e", fem.functionspace(mesh, ("Lagrange", 1)), scale=C_0)
        self.phi_e = make_unknown("phi_e", fem.functionspace(mesh, ("Lagrange", 1)))
        self.exact = exact.z(X, Y, t, ufl), exact.phi_e(X, Y, t, ufl)
        rows = self._rows(*self.exact, t, normal)
        unknowns = [self.c_e, self.phi_e]
        self.system = BlockSystem(
            mesh,
            rows,
            [u.scaled for u in unknowns],
            [u.scaled_rate for u in unknowns],
            time=self.time,
        )

    def _rows(self, z, phi_e, t, normal):
        dx, ds = ufl.dx(metadata=HIGH), ufl.ds(metadata=HIGH)
        N_exact, i_exact = exact_fluxes(z, phi_e)
        state = bulk(self.c_e.value / C_0)
        i_e = electrolyte.ionic_current(self.c_e.value, self.phi_e.value, state, T)
        N_e = electrolyte.ion_flux(self.c_e.value, i_e, state)
        v, w = self.c_e.test, self.phi_e.test
        salt = diffusion.storage(POROSITY * self.c_e.rate, v, dx)
        salt += diffusion.transport(N_e, v, dx)
        salt -= F * (POROSITY * C_0 * ufl.diff(z, t) + ufl.div(N_exact)) * v * dx
        exchange = F * D_0 / L * (self.c_e.value - C_0 * z)
        salt += (F * ufl.dot(N_exact, normal) + exchange) * v * ds
        charge = conduction.divergence_free(i_e, w, dx) - ufl.div(i_exact) * w * dx
        leak = KAPPA / L * (self.phi_e.value - phi_e)
        charge += (ufl.dot(i_exact, normal) + leak) * w * ds
        return [salt, charge]

    def errors(self):
        dx = ufl.dx(metadata=HIGH)
        c_e = l2_error(self.c_e.value / C_0, self.exact[0], dx)
        return c_e, l2_error(self.phi_e.value, self.exact[1], dx)


def run(exact, n):
    """Solve at one instant, the rate given; return the errors of c_e and phi_e."""
    problem = Problem(exact, n)
    problem.c_e.set(C_0)
    interpolate(problem.c_e.scaled_rate, lambda X, Y: 0.1 / TAU + 0 * X)
    solve_steady(problem.system)
    return problem.errors()


def run_in_time(exact, options, *, fixed=False):
    """Integrate to tau / 2; return the errors and the number of steps."""
    problem = Problem(exact, 3)
    interpolate(problem.c_e.scaled, lambda X, Y: exact.z(X, Y, 0.0, np))
    interpolate(problem.phi_e.scaled, lambda X, Y: exact.phi_e(X, Y, 0.0, np))
    start = fixed_steps if fixed else make_integrator
    integrator = start(problem.system, [1.0, np.inf], options, KAPPA)
    steps = run_to(integrator, 0.5 * TAU)
    problem.time.value = 0.5 * TAU
    return problem.errors(), steps


def test_order_in_space():
    sizes = [8, 16, 32]
    errors = np.array([run(setup(), n) for n in sizes])
    for k in (0, 1):
        assert_order(1 / np.array(sizes), errors[:, k], 2)


def test_order_in_time():
    exact, counts = setup_in_time(), [20, 40, 80]
    runs = [run_in_time(exact, 0.5 * TAU / n, fixed=True) for n in counts]
    # four that grow to the length asked for
    assert np.all(np.array([steps for _, steps in runs]) - counts <= 4)
    errors = np.array([error for error, _ in runs])
    for k in (0, 1):
        assert_order(1 / np.array(counts), errors[:, k], 2)


def test_error_follows_the_tolerance():
    exact, tolerances = setup_in_time(), [1e-4, 1e-5, 1e-6]
    options = [TimeOptions(tolerance=tol, first_step=1e-4 * TAU) for tol in tolerances]
    errors = np.array([run_in_time(exact, o)[0][0] for o in options])
    assert np.all(errors[1:] < 0.5 * errors[:-1])
    assert errors[-1] < 20 * tolerances[-1]
