"""One implicit step in time that is tried and not taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesode.numerics.bdf import Rate
from mesode.numerics.linear import configure_direct
from mesode.numerics.newton import KeptNewton, NewtonOptions
from mesode.numerics.step_equations import StepEquations

if TYPE_CHECKING:
    from mesode.numerics.measure import ResidualMeasure
    from mesode.numerics.system import BlockSystem


class TrialStep:
    """Steps of implicit Euler from the state in ``system.x``, which stays (all collective).

    Each solve begins at the solution of the one before: the rows may change in between.

    Args:
        system: The block system; its matrix is written over.
        measure: Measures a residual in the sense of ``newton``.
        dt: Length of the step [s].
        newton: Of the nonlinear solver.
    """

    def __init__(
        self,
        system: BlockSystem,
        measure: ResidualMeasure,
        dt: float,
        newton: NewtonOptions | None = None,
    ) -> None:
        self._start, self._x = system.x.copy(), system.x.copy()
        self._system, self._equations = system, StepEquations(system)
        self._newton = KeptNewton(newton or NewtonOptions(), measure, configure_direct)
        start = self._start.getArray(readonly=True)
        self._equations.begin(dt, dt, Rate(1.0 / dt, -start / dt))

    def solve(self) -> bool:
        """Solve; return whether it converged. The functions hold the solution."""
        solved = self._newton.solve(self._equations, self._x)
        self._system.load(self._x, self._system.unknowns)
        return solved

    def close(self) -> None:
        """Free the vectors, and let the functions hold the state that was begun from."""
        self._system.load(self._start, self._system.unknowns)
        for thing in (self._start, self._x):
            thing.destroy()
