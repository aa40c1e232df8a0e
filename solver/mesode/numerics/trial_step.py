"""One implicit step in time that is tried and not taken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from petsc4py import PETSc

from mesode.numerics.linear import configure_direct
from mesode.numerics.newton import KeptNewton, NewtonOptions, ResidualMeasure

if TYPE_CHECKING:
    from mesode.numerics.system import BlockSystem


class TrialStep:
    """Steps of implicit Euler from the state in ``system.x``, which stays (all collective).

    Each solve begins at the solution of the one before: the rows may change in between.

    Args:
        system: The block system; its matrix is written over.
        measure: Measures a residual in the sense of ``newton``.
        dt: Length of the step [s].
    """

    def __init__(self, system: BlockSystem, measure: ResidualMeasure, dt: float) -> None:
        self._start, self._dt = system.x.copy(), dt
        self._x, self._rate = system.x.copy(), system.x.duplicate()
        self._system = system
        self._newton = KeptNewton(NewtonOptions(), measure, configure_direct)
        self._snes = PETSc.SNES().create(system.comm)
        self._snes.setType("python")
        self._snes.setPythonContext(self._newton)
        self._snes.setFunction(self._residual, system.x.duplicate())
        self._snes.setJacobian(self._jacobian, system.A)

    def solve(self) -> bool:
        """Solve; return whether it converged. The functions hold the solution."""
        self._system.time_step = self._dt
        self._snes.solve(None, self._x)
        self._load(self._x)
        return bool(self._snes.getConvergedReason() > 0)

    def close(self) -> None:
        """Free the solver, and let the functions hold the state that was begun from."""
        self._system.load(self._start, self._system.unknowns)
        for thing in (self._snes, self._start, self._x, self._rate):
            thing.destroy()

    def _load(self, x: PETSc.Vec) -> None:
        self._rate.waxpy(-1.0, self._start, x)
        self._rate.scale(1.0 / self._dt)
        self._system.load(x, self._system.unknowns)
        self._system.load(self._rate, self._system.rates)

    def _residual(self, _snes: PETSc.SNES, x: PETSc.Vec, f: PETSc.Vec) -> None:
        self._load(x)
        self._system.assemble_residual(f)

    def _jacobian(self, _snes: PETSc.SNES, x: PETSc.Vec, _J: Any, P: PETSc.Mat) -> None:
        self._load(x)
        self._system.assemble_jacobian(P, 1.0 / self._dt)
