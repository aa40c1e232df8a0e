"""Solve and read small block systems: steady Newton, the product's time integrator, values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mpi4py import MPI
from petsc4py import PETSc

import numpy as np
from dolfinx import fem, geometry

from mesode.numerics.integrator import Integrator
from mesode.numerics.linear import configure_direct
from mesode.numerics.measure import Measured
from mesode.numerics.newton import NewtonOptions
from mesode.numerics.step_control import TimeOptions

if TYPE_CHECKING:
    from mesode.numerics.system import BlockSystem


def solve_steady(system: BlockSystem, *, relative: float = 1e-9, iterations: int = 20) -> int:
    """Solve F(u) = 0 by Newton's method from the functions' values; return the iterations."""
    system.store(system.unknowns, system.x)
    f, step = system.x.duplicate(), system.x.duplicate()
    ksp = PETSc.KSP().create(system.comm)
    configure_direct(ksp)
    ksp.setOperators(system.A)
    first = None
    for iteration in range(iterations):
        system.assemble_residual(f)
        first = first or f.norm()
        if f.norm() <= relative * first:
            return iteration
        system.assemble_jacobian(system.A)
        ksp.solve(f, step)
        system.x.axpy(-1.0, step)
        system.load(system.x, system.unknowns)
    message = f"no convergence: residual {f.norm():.3e} of {first:.3e}"
    raise RuntimeError(message)


class ScaledMeasure:
    """Residual and balance of rows [A/m] relative to ``scale`` [A/m]."""

    def __init__(self, system: BlockSystem, scale: float) -> None:
        self._system, self._scale = system, scale

    def __call__(self, residual: PETSc.Vec) -> Measured:
        rows = residual.getArray(readonly=True)
        sums = np.array([rows[where].sum() for where in self._system.owned_slices()])
        self._system.comm.Allreduce(MPI.IN_PLACE, sums)
        norm = residual.norm(PETSc.NormType.NORM_1)
        return Measured(norm / self._scale, float(np.abs(sums).max()) / self._scale, norm)

    def know(self, jacobian: PETSc.Mat, x: PETSc.Vec) -> None:
        pass


def start_integrator(
    system: BlockSystem, differential: list[bool], scale: float, **options: float
) -> Integrator:
    """Return an integrator that starts from the functions' values; ``scale`` of a row [A/m]."""
    system.store(system.unknowns, system.x)
    integrator = Integrator(
        system,
        [1.0 if controlled else np.inf for controlled in differential],
        ScaledMeasure(system, scale),
        TimeOptions(**options),
        NewtonOptions(tolerance=1e-6),
    )
    integrator.restart()
    return integrator


def advance(integrator: Integrator, t: float) -> None:
    """Integrate to t and load the state into the functions."""
    if t > integrator.t:
        assert integrator.integrate(t, [], lambda _: False) == "time"
    integrator.system.load(integrator.system.x, integrator.system.unknowns)


def integral(form, entity_maps=()) -> float:
    """Integrate over all ranks (collective)."""
    compiled = fem.form(form, entity_maps=list(entity_maps))
    return MPI.COMM_WORLD.allreduce(fem.assemble_scalar(compiled), op=MPI.SUM)


def mean(value, measure, entity_maps=()) -> float:
    """Average of an expression over a measure (collective)."""
    one = fem.Constant(measure.ufl_domain(), 1.0)
    return integral(value * measure, entity_maps) / integral(one * measure)


def sampled(expression, mesh, degree: int = 1) -> fem.Function:
    """Interpolate a scalar UFL expression cell by cell (collective)."""
    space = fem.functionspace(mesh, ("DG", degree))
    function = fem.Function(space)
    points = space.element.interpolation_points
    function.interpolate(fem.Expression(expression, points))
    return function


def value_at(function: fem.Function, point: tuple[float, float]) -> float:
    """Value at a point [m], averaged over the cells that touch it (collective)."""
    mesh = function.function_space.mesh
    target = np.array([[*point, 0.0]])
    tree = geometry.bb_tree(mesh, 2, padding=1e-12)
    candidates = geometry.compute_collisions_points(tree, target)
    cells = geometry.compute_colliding_cells(mesh, candidates, target).array
    cells = cells[cells < mesh.topology.index_map(2).size_local].astype(np.int32)
    values = function.eval(np.repeat(target, len(cells), axis=0), cells) if len(cells) else 0.0
    total = mesh.comm.allreduce(float(np.sum(values)))
    return total / mesh.comm.allreduce(len(cells))
