"""A steady block system solved again and again while its coefficients drift."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesode.numerics.linear import configure_direct
from mesode.numerics.newton import KeptNewton, NewtonOptions

if TYPE_CHECKING:
    from petsc4py import PETSc

    from mesode.numerics.measure import ResidualMeasure
    from mesode.numerics.system import BlockSystem


class SteadySolver:
    """Solves F(u) = 0 from the state in ``system.x``, keeping its factorisation (collective)."""

    def __init__(
        self, system: BlockSystem, measure: ResidualMeasure, options: NewtonOptions
    ) -> None:
        self.system = system
        self.newton = KeptNewton(options, measure, configure_direct)
        self._equations = _SteadyEquations(system)

    def solve(self) -> bool:
        """Solve; return whether it converged. The functions hold the solution."""
        solved = self.newton.solve(self._equations, self.system.x)
        self.system.load(self.system.x, self.system.unknowns)
        return solved


class _SteadyEquations:
    """A steady system as Newton's method sees it (collective)."""

    shift = 1.0

    def __init__(self, system: BlockSystem) -> None:
        self._system, self.matrix = system, system.A

    def residual(self, x: PETSc.Vec, f: PETSc.Vec) -> None:
        """Assemble the residual at x into f."""
        self._system.load(x, self._system.unknowns)
        self._system.assemble_residual(f)

    def jacobian(self, x: PETSc.Vec) -> None:
        """Assemble the Jacobian at x."""
        self._system.load(x, self._system.unknowns)
        self._system.assemble_jacobian(self.matrix)
