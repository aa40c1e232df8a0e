"""Newton's method with a new Jacobian in each iteration, for equations that bend strongly.

A step is halved until the residual is a number and smaller than before. A residual that is none
says that the step has left what the equations describe, such as a triangle that has turned over:
the laws take logarithms of its volume.

Near the last solution the last Jacobian serves, while each of its steps leaves little.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any

from petsc4py import PETSc

from mesode.numerics.linear import configure_definite, configure_direct, factor, is_definite

if TYPE_CHECKING:
    from mesode.numerics.system import BlockSystem

LITTLE = 0.1  # part of a residual that a step leaves which is worth another


@dataclass(frozen=True, slots=True, kw_only=True)
class FullNewtonOptions:
    """How to solve.

    ``tolerance`` bounds the 1-norm of the residual; ``shortest`` is the least part of a step.
    ``symmetric``: the residual is the slope of an energy, so that its Jacobian is symmetric.
    ``rounding``: the largest entry of a step that changes nothing, of unknowns of order one. After
    such a step the residual is what rounding leaves of it, which may be above the tolerance: one
    solid may be a hundred thousand times stiffer than another. What rounds in the stiff one moves
    the soft one by more than that; a step of at most ``small`` that does not bring the residual
    down as Newton's method does, tells the same.
    """

    tolerance: float
    rounding: float = 1e-12
    small: float = 1e-9
    symmetric: bool = False
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
        self._rounds = False
        self._f, self._step, self._from = (system.x.duplicate() for _ in range(3))
        # PETSc KSPs from their first factorisation on
        self._any: Any = None
        self._definite: Any = None
        self._last: Any = None
        if options.symmetric:
            for known in (PETSc.Mat.Option.SYMMETRIC, PETSc.Mat.Option.SPD):
                system.A.setOption(known, True)

    def residual(self) -> float:
        """Return the 1-norm of the residual at ``system.x``, which is loaded."""
        system = self.system
        system.load(system.x, system.unknowns)
        system.assemble_residual(self._f)
        return float(self._f.norm(PETSc.NormType.NORM_1))

    def solve(self, *, near: bool = False) -> bool:
        """Solve; return whether it converged. ``system.x`` and the functions hold the solution.

        ``near``: it is near the last one, of nearly the same equations.
        """
        self.counts.solves += 1
        self.sizes, self.why, self._rounds = [self.residual()], "", False
        while near and isfinite(self.sizes[-1]) and not self._solved():
            near = self._step_by_last()
        while not self._solved():
            if len(self.sizes) > self.options.most:
                self.why = f"no balance of forces in {self.options.most} iterations"
            if self.why or not self._iterate():
                self.counts.failures += 1
                return False
        return True

    def _solved(self) -> bool:
        size = self.sizes[-1]
        return isfinite(size) and (size <= self.options.tolerance or self._rounds)

    @property
    def iterations(self) -> int:
        """Number of iterations of the last solve."""
        return len(self.sizes) - 1

    def _factored(self) -> Any:
        """Factor the Jacobian; return its solver, or None where there is none.

        A symmetric one is positive definite in a stable balance. Beside one it may not be, and is
        factored like any other.
        """
        A = self.system.A
        if self.options.symmetric:
            self._definite, _ = factor(self._definite, A, configure_definite)
            if self._definite is not None and is_definite(self._definite):
                return self._definite
        self._any, self.why = factor(self._any, A, configure_direct)
        return self._any

    def _step_by_last(self) -> bool:
        """Take a step with the last Jacobian; return False where that does not do."""
        x, before = self.system.x, self.sizes[-1]
        if self._last is None:
            return False
        self._last.solve(self._f, self._step)
        x.axpy(-1.0, self._step)
        size = self.residual()
        if not size <= LITTLE * before:
            x.axpy(1.0, self._step)
            self.residual()
            return False
        self.sizes.append(size)
        return True

    def _iterate(self) -> bool:
        """Take one step; return False where there is none."""
        if not isfinite(self.sizes[-1]):
            self.why = "the guess is outside of what the laws describe"
            return False
        system, before = self.system, self.sizes[-1]
        system.assemble_jacobian(system.A)
        self._last = solver = self._factored()
        if solver is None:
            return False
        solver.solve(self._f, self._step)
        self.counts.iterations += 1
        largest = self._step.norm(PETSc.NormType.NORM_INFINITY)
        self._rounds = largest <= self.options.rounding
        system.x.copy(self._from)
        length = 1.0
        while length >= self.options.shortest:
            system.x.waxpy(-length, self._step, self._from)
            size = self.residual()
            if size < before:
                self.sizes.append(size)
                self._rounds |= largest <= self.options.small and size > LITTLE * before
                return True
            length *= 0.5
        self._rounds |= largest <= self.options.small
        if self._rounds:
            self._from.copy(system.x)
            self.residual()
            return True
        self.why = "no step brings the forces nearer to their balance"
        return False
