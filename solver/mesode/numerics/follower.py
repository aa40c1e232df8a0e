"""The second half of a staggered scheme: what follows from the solution of a time step.

Unknowns that do not act back on those integrated in time need not be solved with them. They are a
block system of their own, steady at the loaded state, that is solved after each accepted step. The
guess is extrapolated in time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesode.errors import SolverError
from mesode.numerics.steady import SteadySolver

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from mesode.numerics.measure import ResidualMeasure
    from mesode.numerics.newton import NewtonOptions
    from mesode.numerics.system import BlockSystem


class Follower:
    """Solves a steady block system after each time step (all methods collective).

    ``held``: times that it had to be held back, which a steady system never is.

    Args:
        system: The block system; its vector ``x`` is the state.
        measure: Measures a residual in the sense of ``newton``.
        options: Of Newton's method.
    """

    held = 0

    def __init__(
        self, system: BlockSystem, measure: ResidualMeasure, options: NewtonOptions
    ) -> None:
        self.system = system
        self._solver = SteadySolver(system, measure, options)
        self._history: list[tuple[float, npt.NDArray[np.float64]]] = []

    def restart(self) -> None:
        """Take up the state that the functions hold; forget those before it."""
        self._history.clear()
        self.system.store(self.system.unknowns, self.system.x)

    def follow(self, t: float) -> None:
        """Solve at the loaded state, which is that of time ``t`` [s].

        Raises:
            SolverError: there is no solution.
        """
        x = self.system.x
        if len(self._history) == 2 and t > self._history[1][0]:
            (t0, x0), (t1, x1) = self._history
            x.getArray()[:] = x1 + (t - t1) / (t1 - t0) * (x1 - x0)
        if not self._solver.solve():
            why = self._solver.newton.linear_failure or "the forces do not come to balance"
            msg = (
                f"the displacement could not be solved, {why}. Are there mechanical phases that "
                "touch neither the collector nor another phase?"
            )
            raise SolverError(msg)
        if not self._history or t > self._history[-1][0]:
            self._history = [*self._history[-1:], (t, x.getArray().copy())]
