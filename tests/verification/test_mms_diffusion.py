"""If these fail, lithium diffuses in the host by another law than the one that is documented.

Manufactured solution with D_s depending on the lithiation and a stress gradient. The source is
written here from the strong form, so that a wrong sign or factor in ``physics.diffusion`` leaves
an error that does not fall with the mesh.
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
from mesode.physics import diffusion
from support.grids import grid
from support.mms import (
    HIGH,
    L,
    assert_order,
    assert_order_in_time,
    fixed_steps,
    interpolate,
    l2_error,
    make_integrator,
    place,
    run_to,
)
from support.solve import solve_steady

pytestmark = pytest.mark.mpi

F, R, T = 96485.33212, 8.314462618, 300.0
C_MAX, D_0, OMEGA = 1e5, 1e-14, 8e-6
TAU = L**2 / D_0
STRESS = 5e7  # [Pa]


class Setup(NamedTuple):
    """The exact lithiation and stress, as functions of place and time, for UFL and numpy."""

    sto: object
    sigma_h: object


def setup():
    """Fields that bend in space, for the order in space."""
    return Setup(
        lambda X, Y, t, f: 0.5 + 0.2 * f.cos(np.pi * X) * f.cos(0.5 * np.pi * Y) + 0.1 * t / TAU,
        lambda X, Y, f: STRESS * f.sin(X + 2 * Y),
    )


def setup_in_time():
    """Fields that the elements represent exactly, for the order in time."""
    return Setup(
        lambda X, Y, t, f: 0.5 + 0.15 * (X - 0.5 * Y) * f.cos(3 * t / TAU) + 0.1 * f.sin(t / TAU),
        lambda X, Y, f: STRESS * (X + 2 * Y),
    )


def D_s(sto):
    return D_0 * (1 + 2 * sto + sto**2)


class Problem:
    """The equation on an n x n mesh with sources of the exact solution."""

    def __init__(self, exact, n):
        self.domain = grid(n)
        X, Y, normal = place(self.domain)
        self.time = fem.Constant(self.domain.mesh, 0.0)
        t = ufl.variable(self.time)
        space = fem.functionspace(self.domain.mesh, ("Lagrange", 1))
        self.sto = make_unknown("sto", space)
        self.exact = exact.sto(X, Y, t, ufl)
        stress = exact.sigma_h(X, Y, ufl)

        flux = -D_s(self.exact) * C_MAX * ufl.grad(self.exact)
        flux += D_s(self.exact) * OMEGA * C_MAX * self.exact / (R * T) * ufl.grad(stress)
        source = F * (C_MAX * ufl.diff(self.exact, t) + ufl.div(flux))
        dx, ds = ufl.dx(metadata=HIGH), ufl.ds(metadata=HIGH)
        transfer = F * D_0 * C_MAX / L * (self.sto.value - self.exact)
        N_s = diffusion.lithium_flux(
            C_MAX * self.sto.value, D_s(self.sto.value), Omega=OMEGA, sigma_h=stress, T=T
        )
        v = self.sto.test
        row = diffusion.storage(C_MAX * self.sto.rate, v, dx) + diffusion.transport(N_s, v, dx)
        row += (F * ufl.dot(flux, normal) + transfer) * v * ds - source * v * dx
        self.system = BlockSystem(
            self.domain.mesh, [row], [self.sto.scaled], [self.sto.scaled_rate], time=self.time
        )

    def error(self):
        return l2_error(self.sto.value, self.exact, ufl.dx(metadata=HIGH))


def run(exact, n):
    """Solve at one instant, the rate given; return the error."""
    problem = Problem(exact, n)
    interpolate(problem.sto.scaled, lambda X, Y: 0.5 + 0 * X)
    interpolate(problem.sto.scaled_rate, lambda X, Y: 0.1 / TAU + 0 * X)
    solve_steady(problem.system)
    return problem.error()


def run_in_time(exact, options, *, fixed=False):
    """Integrate to tau / 2; return the error and the number of steps."""
    problem = Problem(exact, 3)
    interpolate(problem.sto.scaled, lambda X, Y: exact.sto(X, Y, 0.0, np))
    scale = F * C_MAX * D_0
    if fixed:
        integrator = fixed_steps(problem.system, [1.0], options, scale)
    else:
        integrator = make_integrator(problem.system, [1.0], options, scale)
    steps = run_to(integrator, 0.5 * TAU)
    problem.time.value = 0.5 * TAU
    return problem.error(), steps


def test_order_in_space():
    sizes = [8, 16, 32]
    errors = [run(setup(), n) for n in sizes]
    assert_order(1 / np.array(sizes), errors, 2)


def test_order_in_time():
    exact, counts = setup_in_time(), [20, 40, 80]
    runs = [run_in_time(exact, 0.5 * TAU / n, fixed=True) for n in counts]
    # four that grow to the length asked for
    assert np.all(np.array([steps for _, steps in runs]) - counts <= 4)
    assert_order_in_time(counts, [error for error, _ in runs])


def test_error_follows_the_tolerance():
    exact = setup_in_time()
    tolerances = [1e-2, 1e-3, 1e-5]
    runs = [
        run_in_time(exact, TimeOptions(tolerance=tol, first_step=1e-4 * TAU)) for tol in tolerances
    ]
    errors = [error for error, _ in runs]
    assert errors[1] < 0.5 * errors[0]
    assert errors[2] < 0.5 * errors[1]
    assert errors[2] < 20 * tolerances[2]
