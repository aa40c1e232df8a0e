"""Manufactured solutions: exact fields, errors, the order that is asserted, time steppers."""

from __future__ import annotations

from mpi4py import MPI

import numpy as np
import ufl
from dolfinx import fem

from mesode.numerics.integrator import Integrator
from mesode.numerics.measure import NormMeasure
from mesode.numerics.newton import NewtonOptions
from mesode.numerics.step_control import TimeOptions

L = 1e-6  # [m], the length that all manufactured fields are written in
HIGH = {"quadrature_degree": 8}  # of sources: their quadrature must not be the error


def place(domain):
    """Return the coordinates in units of ``L`` and the outward normal."""
    x = ufl.SpatialCoordinate(domain.mesh)
    return x[0] / L, x[1] / L, ufl.FacetNormal(domain.mesh)


def interpolate(function, expression):
    """Set a Function on a sub-mesh to f(X, Y), a numpy function of coordinates in ``L``."""
    function.interpolate(lambda x: expression(x[0] / L, x[1] / L))


def l2_error(value, exact, dx, maps=()):
    """Return the relative L2 distance of two UFL expressions (collective)."""
    difference = fem.form(ufl.inner(value - exact, value - exact) * dx, entity_maps=list(maps))
    size = fem.form(ufl.inner(exact, exact) * dx, entity_maps=list(maps))
    total = [
        MPI.COMM_WORLD.allreduce(fem.assemble_scalar(form), op=MPI.SUM)
        for form in (difference, size)
    ]
    return float(np.sqrt(total[0] / total[1]))


def observed_orders(sizes, errors):
    """Return the order between each two consecutive sizes."""
    return np.diff(np.log(errors)) / np.diff(np.log(sizes))


def assert_order(sizes, errors, expected, slack=0.15):
    """Check the order of the finest pair, that errors fall, and that they are above rounding."""
    orders = observed_orders(sizes, errors)
    assert np.all(np.diff(errors) < 0), f"errors do not fall: {errors}"
    assert errors[-1] > 1e-13, f"errors are rounding: {errors}"
    assert abs(orders[-1] - expected) < slack, f"order {orders} of errors {errors}"


def assert_order_in_time(counts, errors):
    """Check order two of so many equal steps, but for a logarithm.

    At a start steps are long beside the time since then: what is smooth in t is followed there in
    its root, and h^3/t adds up to h^2 log(1/h).
    """
    counts = np.array(counts)
    assert_order(1 / counts, errors / np.log(counts), 2)


def fixed_steps(system, error_weights, dt, scale=1.0):
    """Return an Integrator that takes BDF2 steps of one length, whatever the error."""
    options = TimeOptions(
        tolerance=1e3, order=2, first_step=0.01 * dt, largest=dt, smallest=1e-6 * dt
    )
    return make_integrator(system, error_weights, options, scale)


def make_integrator(system, error_weights, options, scale=1.0, tolerance=1e-10):
    """Return an Integrator from the present Functions; the residual is measured over ``scale``."""

    newton = NewtonOptions(tolerance=tolerance, balance=tolerance)
    system.store(system.unknowns, system.x)
    integrator = Integrator(system, error_weights, NormMeasure(scale), options, newton)
    integrator.restart()
    return integrator


def run_to(integrator, t_end):
    """Integrate without events; return the number of steps."""
    reason = integrator.integrate(t_end, [], lambda _t: False)
    assert reason == "time"
    integrator.system.load(integrator.system.x, integrator.system.unknowns)
    return integrator.steps
