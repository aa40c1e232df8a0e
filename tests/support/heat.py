"""The heat equation on the unit square as a block system: known decay, events, nonlinear loss."""

from __future__ import annotations

from mpi4py import MPI
from petsc4py import PETSc

import numpy as np
import ufl
from dolfinx import fem, mesh

from mesode.numerics.integrator import Integrator
from mesode.numerics.measure import Measured
from mesode.numerics.newton import NewtonOptions
from mesode.numerics.system import BlockSystem


def heat_system(source=lambda _u: 0.0, *, n=4, conductivity=1.0):
    """Return (system, u) of du/dt = conductivity lap u + source(u), insulated."""
    square = mesh.create_unit_square(MPI.COMM_WORLD, n, n)
    space = fem.functionspace(square, ("Lagrange", 1))
    u, rate, v = fem.Function(space), fem.Function(space), ufl.TestFunction(space)
    dx = ufl.dx(domain=square)
    row = (rate * v + conductivity * ufl.inner(ufl.grad(u), ufl.grad(v))) * dx
    row -= source(u) * v * dx
    return BlockSystem(square, [row], [u], [rate]), u


class Measure:
    """The 1-norm of a residual less what its rates round by."""

    def __init__(self, system):
        self._system, self._stored = system, 1e-15 * system.stored().sum()

    def __call__(self, f):
        norm = f.norm(PETSc.NormType.NORM_1)
        size = max(norm - self._stored / self._system.time_step, 0.0)
        return Measured(size, size, norm)

    def know(self, jacobian, x):
        pass


def start(system, options, newton=None, states=()):
    """Return an integrator from the present functions."""

    system.store(system.unknowns, system.x)

    newton = newton or NewtonOptions(tolerance=1e-11, balance=1e-11)
    integrator = Integrator(
        system, [1.0] * len(system.unknowns), Measure(system), options, newton, states
    )
    integrator.restart()
    return integrator


def level(system):
    """Return the mean of the state (collective)."""
    return float(system.x.sum() / system.x.getSize())


def ignore(_t):
    return False


def mode(x):
    """An eigenmode of the insulated square; decays at pi^2."""
    return np.cos(np.pi * x[0])
