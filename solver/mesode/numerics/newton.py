r"""Newton's method that keeps its factorisation: modified Newton with Broyden's update.

One Jacobian with its LU costs as much as eight to twenty residuals with a triangular solve, so it
is kept over many time steps and changes of the shift. Each iteration solves with the old LU and
improves the step by Broyden's first method, which needs inner products only: with s_k the steps of
this solve and z = -A^{-1} F,

    z <- z + s_{j+1} (s_j . z) / (s_j . s_j)   for the steps before,
    s <- z / (1 - (s_last . z) / (s_last . s_last)).

The Jacobian is renewed when the shift has moved too far from the one that was factored, when the
iteration converges slowly, and when a step leads away from the solution. A step of the exact
Jacobian that leads away is halved until the residual falls or, whatever the scale of the equations,
until the next step with the same Jacobian would be shorter (natural test of monotony).

Convergence has two measures. The residual's 1-norm bounds the local error; the sums of the rows of
each equation are what the balances of charge, salt and lithium are made of, and are held to a
tighter tolerance.

Sources: Kelley, Iterative Methods for Linear and Nonlinear Equations, SIAM (1995), sec. 7.3;
Deuflhard, Newton Methods for Nonlinear Problems, Springer (2004), sec. 3.3.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from math import inf, isfinite, log
from typing import TYPE_CHECKING, Any, Protocol

from petsc4py import PETSc

from mesode.numerics.linear import factor

if TYPE_CHECKING:
    from collections.abc import Callable

SHORTEST = 2.0**-7  # part of a Newton step below which there is no hope
NEAR = 0.05  # residual measure below which the Jacobian hardly changes within a solve
POOR_GUESS = 0.5  # residual measure beyond which the extrapolated guess is questioned


@dataclass(frozen=True, slots=True, kw_only=True)
class NewtonOptions:
    """When to stop and when to renew the factorisation.

    ``tolerance`` bounds the local measure of the residual, ``balance`` the sums of its rows.
    The Jacobian is renewed when the shift has changed by more than ``shift_drift`` of itself, or
    when more than ``renewal_cost`` further iterations are expected with the old one.
    """

    tolerance: float = 1e-6
    balance: float = 5e-9
    max_iterations: int = 16
    shift_drift: float = 3.0
    renewal_cost: float = 10.0


@dataclass(slots=True)
class NewtonCounts:
    """What the solver has done since the start."""

    solves: int = 0
    iterations: int = 0
    residuals: int = 0
    jacobians: int = 0
    failures: int = 0


class ResidualMeasure(Protocol):
    """Measures a residual vector (collective): its size, and the largest sum over an equation.

    A measure that has a method ``know(jacobian, x)`` is shown each new Jacobian.
    """

    def __call__(self, residual: PETSc.Vec) -> tuple[float, float]:
        """Return (local measure, balance error), both relative."""


@dataclass(slots=True)
class _Iteration:
    """State of one nonlinear solve."""

    x: PETSc.Vec
    f: PETSc.Vec
    size: float = 0.0
    balance: float = 0.0
    norm: float = 0.0  # of the residual as it is: its scale does not change with the state
    fresh: bool = False
    first: float = 0.0
    steps: list[PETSc.Vec] = field(default_factory=list)

    def measured(self) -> tuple[float, float, float]:
        """Return size, balance and norm."""
        return self.size, self.balance, self.norm

    def nearer_than(self, before: tuple[float, float, float], options: NewtonOptions) -> bool:
        """Tell whether the residual is smaller than it was; false for what is not finite.

        Near the solution the sums count too: the norm may have reached its rounding before them.
        """
        if self.norm <= before[2]:
            return True
        distance = max(before[0] / options.tolerance, before[1] / options.balance)
        return before[0] < NEAR and self.distance(options) <= distance

    def distance(self, options: NewtonOptions) -> float:
        """How far the residual is from its tolerances; 1 or less is converged."""
        return max(self.size / options.tolerance, self.balance / options.balance)


class _WorkVectors:
    """Vectors of a solve, used again in the next.

    On several ranks PETSc keeps what Python lets go of until its end: a vector made in each step
    would be memory that grows with the steps.
    """

    def __init__(self) -> None:
        self._vectors: list[PETSc.Vec] = []
        self._taken = 0

    def __len__(self) -> int:
        return len(self._vectors)

    def take(self, like: PETSc.Vec) -> PETSc.Vec:
        """Return a vector of the same shape, of any content."""
        if self._taken == len(self._vectors):
            self._vectors.append(like.duplicate())
        self._taken += 1
        return self._vectors[self._taken - 1]

    def give_back(self) -> None:
        """All are free again."""
        self._taken = 0


class KeptNewton:
    """A PETSc SNES of type python (collective).

    ``linear_failure`` says why the linear solver failed in the last solve; empty where it did not.

    Args:
        options: See ``NewtonOptions``.
        measure: Measures the residual.
        configure: Sets up the linear solver.
        current_shift: Returns a number proportional to the shift of the step being solved.
    """

    def __init__(
        self,
        options: NewtonOptions,
        measure: ResidualMeasure,
        configure: Callable[[PETSc.KSP], None],
        current_shift: Callable[[], float] = lambda: 1.0,
    ) -> None:
        self.options, self.measure, self.configure = options, measure, configure
        self.current_shift = current_shift
        self.counts = NewtonCounts()
        self.last_iterations = 0
        self.linear_failure = ""
        self._ksp: Any = None  # a PETSc KSP from the first factorisation on
        self._shift: float | None = None
        self._last: PETSc.Vec | None = None
        self.work = _WorkVectors()
        self._fresh_rate = 0.0  # contraction per iteration with the newest Jacobian when it was new
        self._renew = True

    def renew(self) -> None:
        """Ask for a new factorisation at the next solve."""
        self._renew = True

    def solve(self, snes: PETSc.SNES, _b: Any, x: PETSc.Vec) -> None:
        """Solve F(x) = 0 from the guess x (called by PETSc)."""
        self.counts.solves += 1
        self.linear_failure = ""
        self.work.give_back()
        state = _Iteration(x, snes.getFunction()[0])
        self._evaluate(snes, state)
        self._choose_guess(snes, state)
        state.first = state.distance(self.options)
        for iteration in range(self.options.max_iterations + 1):
            if self._converged(state):
                self.keep(x)
                self._finish(snes, iteration, PETSc.SNES.ConvergedReason.CONVERGED_FNORM_ABS)
                return
            left = self.options.max_iterations - iteration
            if left == 0 or not self._iterate(snes, state, left):
                break
        self.counts.failures += 1
        self._renew = True
        self._finish(snes, iteration, PETSc.SNES.ConvergedReason.DIVERGED_MAX_IT)

    def _choose_guess(self, snes: PETSc.SNES, state: _Iteration) -> None:
        """Start from the last solution where the extrapolated guess is worse.

        After a jump of the current the potentials follow no polynomial.
        """
        found = max(state.size, state.balance)
        if self._last is None or found < POOR_GUESS:
            return
        guess, f, measured = self._copy(state.x), self._copy(state.f), state.measured()
        self._last.copy(state.x)
        self._evaluate(snes, state)
        if isfinite(found) and not state.size < measured[0]:
            guess.copy(state.x)
            f.copy(state.f)
            state.size, state.balance, state.norm = measured

    def _copy(self, vector: PETSc.Vec) -> PETSc.Vec:
        copy = self.work.take(vector)
        vector.copy(copy)
        return copy

    def keep(self, x: PETSc.Vec) -> None:
        """Remember a solution, for the guess of the next solve."""
        if self._last is None:
            self._last = x.duplicate()
        x.copy(self._last)

    def _iterate(self, snes: PETSc.SNES, state: _Iteration, left: int) -> bool:
        """Take one of the steps that are left; return False when there is no hope."""
        first = left == self.options.max_iterations
        if self._renew or (first and self._drifted()):
            if not self._factor(snes, state.x):
                return False
            state.steps, state.fresh = [], True
            state.first = state.distance(self.options)
        step = self._step(state)
        exact = state.fresh and not state.steps
        length = self._advance(snes, state, step, shortest=SHORTEST if exact else 1.0)
        self.counts.iterations += 1
        if length == 0.0:
            # an old Jacobian may lead astray, the exact one does so only where there is no root
            self._renew = True
            return not exact
        state.steps.append(step)
        if length < 1.0:
            step.scale(length)
            self._renew = True
            return True
        self._renew = self._worth_renewing(state, left)
        return True

    def _advance(
        self, snes: PETSc.SNES, state: _Iteration, step: PETSc.Vec, *, shortest: float
    ) -> float:
        """Go along a step as far as that reduces the residual; return the part of it taken.

        Halved down to ``shortest``; where that is not enough nothing is taken, and 0 returned.
        """
        before, whole = state.measured(), step.norm()
        taken, length = 0.0, 1.0
        while length >= shortest:
            state.x.axpy(length - taken, step)
            taken = length
            self._evaluate(snes, state)
            if state.nearer_than(before, self.options):
                return length
            if shortest < 1.0 and self._next_is_shorter(state, (1.0 - 0.25 * length) * whole):
                return length
            length *= 0.5
        state.x.axpy(-taken, step)
        self._evaluate(snes, state)
        return 0.0

    def _next_is_shorter(self, state: _Iteration, limit: float) -> bool:
        """Tell whether the next step with the same Jacobian would be shorter than a limit.

        This natural test of monotony does not depend on how the equations are scaled, as the
        residual does: with a voltage that jumps, the current may rise a lot on the right way.
        """
        if not isfinite(state.norm):
            return False
        following = self.work.take(state.f)
        self._ksp.solve(state.f, following)
        return bool(following.norm() <= limit)

    def _worth_renewing(self, state: _Iteration, left: int) -> bool:
        """Tell whether a new Jacobian costs less than going on at the rate of the old one.

        Judged by what the newest one brought when it was new. A solve that does not end within the
        steps that are left costs more than any Jacobian.
        """
        after = state.distance(self.options)
        rate = (after / state.first) ** (1.0 / len(state.steps)) if state.first else 0.0
        if state.fresh:
            self._fresh_rate = rate
        # far from the solution the Jacobian ages within a solve: Newton's method proper
        ages = state.fresh and state.size > NEAR
        expected = _iterations(after, rate)
        saved = expected - _iterations(after, 0.0 if ages else self._fresh_rate)
        late = expected > left - 1 and (ages or not state.fresh)
        return late or saved > self.options.renewal_cost

    def _evaluate(self, snes: PETSc.SNES, state: _Iteration) -> None:
        snes.computeFunction(state.x, state.f)
        self.counts.residuals += 1
        state.size, state.balance = self.measure(state.f)
        state.norm = state.f.norm(PETSc.NormType.NORM_1)

    def _converged(self, state: _Iteration) -> bool:
        return state.distance(self.options) <= 1.0

    def _drifted(self) -> bool:
        """Tell whether the shift has moved too far from the one that was factored."""
        if self._shift is None:
            return True
        ratio = self.current_shift() / self._shift
        return max(ratio, 1.0 / ratio) > 1.0 + self.options.shift_drift

    def _factor(self, snes: PETSc.SNES, x: PETSc.Vec) -> bool:
        """Factor the Jacobian at x; return whether that was possible."""
        J, P = snes.getJacobian()[:2]
        snes.computeJacobian(x, J, P)
        know = getattr(self.measure, "know", None)
        if know is not None:
            know(P, x)
        self._ksp, self.linear_failure = factor(self._ksp, P, self.configure)
        self._shift, self._renew = self.current_shift(), self._ksp is None
        self.counts.jacobians += 1
        return self._ksp is not None

    def _step(self, state: _Iteration) -> PETSc.Vec:
        """Return Broyden's step from the kept factorisation."""
        z = self.work.take(state.f)
        self._ksp.solve(state.f, z)
        z.scale(-1.0)
        steps = state.steps
        if not steps:
            return z
        for before, after in pairwise(steps):
            z.axpy(before.dot(z) / before.dot(before), after)
        last = steps[-1]
        denominator = 1.0 - last.dot(z) / last.dot(last)
        if abs(denominator) > 0.1:  # else the update is close to singular: take the plain step
            z.scale(1.0 / denominator)
        return z

    def _finish(self, snes: PETSc.SNES, iterations: int, reason: int) -> None:
        self.last_iterations = iterations
        snes.setIterationNumber(iterations)
        snes.setConvergedReason(reason)


def _iterations(distance: float, rate: float) -> float:
    """Return how many iterations at a rate bring a distance down to one."""
    if distance <= 1.0 or rate <= 0.0:
        return 0.0
    return log(distance) / -log(rate) if rate < 1.0 else inf
