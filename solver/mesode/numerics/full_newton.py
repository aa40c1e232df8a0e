"""Newton's method with a new Jacobian in each iteration, for equations that bend strongly.

A step is halved until the residual is a number and smaller than before. A residual that is none
says that the step has left what the equations describe, such as a triangle that has turned over:
the laws take logarithms of its volume.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any

from petsc4py import PETSc

from mesode.numerics.linear import configure_direct, factor

if TYPE_CHECKING:
    from mesode.numerics.system import BlockSystem


@dataclass(frozen=True, slots=True, kw_only=True)
class FullNewtonOptions:
    """``tolerance`` bounds the 1-norm of the residual; ``shortest`` is the least part of a step."""

    tolerance: float
    most: int = 25
    shortest: float = 2.0**-6


@dataclass(slots=True)
class FullNewtonCounts:
    """What the solver has done since the start."""

    solves: int = 0
    iterations: int = 0
    failures: int = 0


class FullNewton:
    """Solves a steady block system from the state in ``system.x`` (all methods collective).

    ``sizes`` are the 1-norms of the residuals of the last solve, the guess first. ``why`` says
    why it failed.
    """

    def __init__(self, system: BlockSystem, options: FullNewtonOptions) -> None:
        self.system, self.options = system, options
        self.counts = FullNewtonCounts()
        self.sizes: list[float] = []
        self.why = ""
        self._f, self._step, self._from = (system.x.duplicate() for _ in range(3))
        self._ksp: Any = None  # a PETSc KSP from the first factorisation on

    def residual(self) -> float:
        """Return the 1-norm of the residual at ``system.x``, which is loaded."""
        system = self.system
        system.load(system.x, system.unknowns)
        system.assemble_residual(self._f)
        return float(self._f.norm(PETSc.NormType.NORM_1))

    def solve(self) -> bool:
        """Solve; return whether it converged. ``system.x`` and the functions hold the solution."""
        self.counts.solves += 1
        self.sizes, self.why = [self.residual()], ""
        while self.sizes[-1] > self.options.tolerance or not isfinite(self.sizes[-1]):
            if len(self.sizes) > self.options.most:
                self.why = f"no balance of forces in {self.options.most} iterations"
            if self.why or not self._iterate():
                self.counts.failures += 1
                return False
        return True

    @property
    def iterations(self) -> int:
        """Number of iterations of the last solve."""
        return len(self.sizes) - 1

    def _iterate(self) -> bool:
        """Take one step; return False where there is none."""
        if not isfinite(self.sizes[-1]):
            self.why = "the guess is outside of what the laws describe"
            return False
        system, before = self.system, self.sizes[-1]
        system.assemble_jacobian(system.A)
        self._ksp, self.why = factor(self._ksp, system.A, configure_direct)
        if self._ksp is None:
            return False
        self._ksp.solve(self._f, self._step)
        self.counts.iterations += 1
        system.x.copy(self._from)
        length = 1.0
        while length >= self.options.shortest:
            system.x.waxpy(-length, self._step, self._from)
            size = self.residual()
            if size < before:
                self.sizes.append(size)
                return True
            length *= 0.5
        self.why = "no step brings the forces nearer to their balance"
        return False
