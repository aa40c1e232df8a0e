r"""Newton's method that keeps its factorisation: modified Newton with Broyden's update.

One Jacobian with its LU costs as much as eight to twenty residuals with a triangular solve, so it
is kept over many time steps and changes of the shift. Each iteration solves with the old LU and
improves the step by Broyden's first method, see ``broyden``.

The Jacobian is renewed when the shift has moved too far from the one that was factored, when the
iteration converges slowly, and when a step leads away from the solution. A step of the exact
Jacobian that leads away is halved until the residual falls or, whatever the scale of the equations,
until the next step with the same Jacobian would be shorter (natural test of monotony).

Convergence has two measures. The residual's 1-norm bounds the local error; the sums of the rows of
each equation, which the balances of charge, salt and lithium are made of, have to be smaller.

Source: Deuflhard, Newton Methods for Nonlinear Problems, Springer (2004), sec. 3.3.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf, isfinite, log
from typing import TYPE_CHECKING, Any, Protocol

from petsc4py import PETSc

from mesode.numerics.bounds import Bounds
from mesode.numerics.broyden import BroydenSteps
from mesode.numerics.linear import factor
from mesode.numerics.measure import Measured, ResidualMeasure
from mesode.numerics.work_vectors import WorkVectors

if TYPE_CHECKING:
    from collections.abc import Callable

# Part of a Newton step below which there is no hope, of one whose entries are FAR at most: of the
# linear response to a current i without a double layer ln(i/i_0) i_0/i is right, or 1e-12.
SHORTEST, FAR = 2.0**-24, 1e5
NEAR = 0.05  # residual measure below which the Jacobian hardly changes within a solve
POLISHED = 4  # more iterates where only rounding excuses the sums
ALIKE = 4.0  # ratio of the sizes of two residuals that may both be nothing but rounding
POOR_GUESS = 3.0  # residual measure beyond which the extrapolated guess is questioned


@dataclass(frozen=True, slots=True, kw_only=True)
class NewtonOptions:
    """When to stop and when to renew the factorisation.

    ``tolerance`` bounds the local measure of the residual, ``balance`` the sums of its rows.
    The Jacobian is renewed when the shift has changed by more than ``shift_drift`` of itself, or
    when more than ``renewal_cost`` further iterations are expected with the old one; with
    ``each_solve`` at the beginning of each solve too.
    """

    tolerance: float = 1e-5
    balance: float = 5e-9
    max_iterations: int = 16
    shift_drift: float = 0.5
    renewal_cost: float = 10.0
    each_solve: bool = False


@dataclass(slots=True)
class NewtonCounts:
    """What the solver has done since the start."""

    solves: int = 0
    iterations: int = 0
    residuals: int = 0
    jacobians: int = 0
    failures: int = 0


class Equations(Protocol):
    """Equations F(x) = 0 with their Jacobian (all methods collective).

    ``shift`` is a number that the Jacobian follows: it is renewed where that has moved far.
    """

    matrix: PETSc.Mat
    shift: float

    def residual(self, x: PETSc.Vec, f: PETSc.Vec) -> None:
        """Assemble F(x) into f."""

    def jacobian(self, x: PETSc.Vec) -> None:
        """Assemble dF/dx at x into ``matrix``."""


NOTHING = Measured(0.0, 0.0, 0.0)


@dataclass(slots=True)
class _Iteration:
    """State of one nonlinear solve."""

    x: PETSc.Vec
    f: PETSc.Vec
    found: Measured = NOTHING
    fresh: bool = False
    again: bool = False
    first: float = 0.0
    steps: BroydenSteps = field(default_factory=BroydenSteps)

    def nearer_than(self, before: Measured, options: NewtonOptions) -> bool:
        """Tell whether the residual is smaller than it was; false for what is not finite.

        Near the solution the sums count too: the norm may have reached its rounding before them.
        """
        if self.found.norm <= before.norm:
            return True
        return before.size < NEAR and self.distance(options) <= distance(before, options)

    def distance(self, options: NewtonOptions) -> float:
        """How far the residual is from its tolerances; 1 or less is converged."""
        return distance(self.found, options)


def distance(found: Measured, options: NewtonOptions) -> float:
    """Return how far a residual is from its tolerances; 1 or less is converged."""
    return max(found.size / options.tolerance, found.balance / options.balance)


def _better(found: Measured, than: Measured) -> bool:
    """Tell whether a residual that has converged is better: smaller, or its sums, where alike."""
    if ALIKE * found.size < than.size:
        return True
    return found.whole < than.whole and found.size <= ALIKE * than.size


@dataclass(frozen=True, slots=True)
class Memory:
    """What a solver knows beside its factorisation, for one that goes on in its place."""

    fresh_rate: float
    renew: bool


class KeptNewton:
    """Newton's method with a factorisation that is kept (collective).

    ``linear_failure`` says why the linear solver failed in the last solve; empty where it did not.

    Args:
        options: See ``NewtonOptions``.
        measure: Measures the residual.
        configure: Sets up the linear solver.
        bounds: Of some of the unknowns.
    """

    def __init__(
        self,
        options: NewtonOptions,
        measure: ResidualMeasure,
        configure: Callable[[PETSc.KSP], None],
        bounds: Bounds | None = None,
    ) -> None:
        self.options, self.measure, self.configure = options, measure, configure
        self._bounds = bounds or Bounds()
        self.counts = NewtonCounts()
        self.last_iterations = 0
        self.linear_failure = ""
        self._ksp: Any = None  # a PETSc KSP from the first factorisation on
        self._shift = inf  # of the factorisation
        self.work = WorkVectors()
        self.residual: Any = None  # of the last solve, a PETSc vector from the first one on
        self._fresh_rate = 0.0  # contraction per iteration with the newest Jacobian when it was new
        self._renew = True

    def renew(self) -> None:
        """Ask for a new factorisation at the next solve."""
        self._renew = True

    def memory(self) -> Memory:
        """Return what a solver that takes the place of this one has to know."""
        return Memory(self._fresh_rate, self._renew)

    def go_on(self, equations: Equations, x: PETSc.Vec, memory: Memory) -> None:
        """Take the place of a solver that has factored the Jacobian of the equations at x."""
        self._factor(equations, x)
        self.counts.jacobians -= 1  # it has been counted
        self._renew = self._renew or memory.renew
        self._fresh_rate = memory.fresh_rate

    def solve(
        self,
        equations: Equations,
        x: PETSc.Vec,
        last: PETSc.Vec | None = None,
        *,
        again: bool = False,
    ) -> bool:
        """Solve F(x) = 0 from the guess in x; tell whether that is done.

        ``last`` is the solution before, for where the guess is worse. ``again``: it was just solved
        with other data, and needs no Jacobian of its own.
        """
        self.counts.solves += 1
        self.linear_failure = ""
        self.work.give_back()
        if self.residual is None:
            self.residual = x.duplicate()
        state = _Iteration(x, self.residual, again=again)
        self._evaluate(equations, state)
        self._choose_guess(equations, state, last)
        state.first = state.distance(self.options)
        most = self.options.max_iterations
        for self.last_iterations in range(most + 1):
            if state.distance(self.options) <= 1.0:
                self._polish(equations, state)
                return True
            left = most - self.last_iterations
            if left == 0 or not self._iterate(equations, state, left):
                break
        self.counts.failures += 1
        self._renew = True
        return False

    def _polish(self, equations: Equations, state: _Iteration) -> None:
        """Look for a better solution where rounding alone excuses the sums: it may be less.

        Of a few more iterates, whose rounding is as good as random, the best is kept. One that is
        farther from the solution than others is none of them, however small its sums are by chance:
        it would put the error that Newton's method has left in the place of rounding.
        """
        best, x = state.found, None
        for _ in range(POLISHED):
            if self._ksp is None or state.found.whole <= self.options.balance:
                return
            if x is None or _better(state.found, best):
                best, x = state.found, self._copy(state.x)
            state.x.axpy(1.0, self._step(state))
            self._evaluate(equations, state)
            self.counts.iterations += 1
        if x is not None and not _better(state.found, best):
            x.copy(state.x)
            self._evaluate(equations, state)

    def correct(
        self, equations: Equations, x: PETSc.Vec, added: PETSc.Vec, out: PETSc.Vec
    ) -> float:
        """Compute by how much the solution x falls when that much is added to the residual.

        To the first order, by the factorisation that is kept; its shift is returned.
        """
        if self._ksp is None and not self._factor(equations, x):
            out.set(0.0)
            return self._shift
        self._ksp.solve(added, out)
        return self._shift

    def _choose_guess(
        self, equations: Equations, state: _Iteration, last: PETSc.Vec | None
    ) -> None:
        """Start from the last solution where the extrapolated guess is worse.

        After a jump of the current the potentials follow no polynomial.
        """
        far = max(state.found.size, state.found.balance)
        if last is None or far < POOR_GUESS:
            return
        guess, f, found = self._copy(state.x), self._copy(state.f), state.found
        last.copy(state.x)
        self._evaluate(equations, state)
        if isfinite(far) and not state.found.size < found.size:
            guess.copy(state.x)
            f.copy(state.f)
            state.found = found

    def _copy(self, vector: PETSc.Vec) -> PETSc.Vec:
        copy = self.work.take(vector)
        vector.copy(copy)
        return copy

    def _iterate(self, equations: Equations, state: _Iteration, left: int) -> bool:
        """Take one of the steps that are left; return False when there is no hope."""
        first = left == self.options.max_iterations
        if self._renew or (first and self._aged(equations.shift, again=state.again)):
            if not self._factor(equations, state.x):
                return False
            state.steps.forget()
            state.fresh, state.first = True, state.distance(self.options)
        exact = state.fresh and not state.steps
        step = self._step(state)
        length = self._advance(equations, state, step, shortest=SHORTEST if exact else 1.0)
        self.counts.iterations += 1
        if length == 0.0:
            # an old Jacobian may lead astray, the exact one does so only where there is no root
            self._renew = True
            return not exact
        if length < 1.0:
            self._renew = True
            return True
        self._renew = self._worth_renewing(state, left)
        return True

    def _advance(
        self, equations: Equations, state: _Iteration, step: PETSc.Vec, *, shortest: float
    ) -> float:
        """Go along a step as far as that reduces the residual; return the part of it taken.

        Halved down to ``shortest``; where that is not enough nothing is taken, and 0 returned.
        """
        before, whole = state.found, step.norm()
        reach = FAR / max(FAR, step.norm(PETSc.NormType.NORM_INFINITY))
        taken, length = 0.0, 1.0
        while length >= shortest * reach > 0.0:
            state.x.axpy(length - taken, step)
            taken = length
            self._evaluate(equations, state)
            if state.nearer_than(before, self.options):
                return length
            if shortest < 1.0 and self._next_is_shorter(state, (1.0 - 0.25 * length) * whole):
                return length
            length = 0.5 * min(length, reach)
        state.x.axpy(-taken, step)
        self._evaluate(equations, state)
        return 0.0

    def _next_is_shorter(self, state: _Iteration, limit: float) -> bool:
        """Tell whether the next step with the same Jacobian would be shorter than a limit.

        This natural test of monotony does not depend on how the equations are scaled, as the
        residual does: with a voltage that jumps, the current may rise a lot on the right way.
        """
        if not isfinite(state.found.norm):
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
        ages = state.fresh and state.found.size > NEAR
        expected = _iterations(after, rate)
        saved = expected - _iterations(after, 0.0 if ages else self._fresh_rate)
        late = expected > left - 1 and (ages or not state.fresh)
        return late or saved > self.options.renewal_cost

    def _evaluate(self, equations: Equations, state: _Iteration) -> None:
        equations.residual(state.x, state.f)
        self.counts.residuals += 1
        state.found = self.measure(state.f)

    def _aged(self, shift: float, *, again: bool) -> bool:
        """Tell whether the shift is too far from the factored one, or whether each solve renews."""
        ratio, most = shift / self._shift, 1.0 + self.options.shift_drift
        near = 1.0 <= max(ratio, 1.0 / ratio if ratio else inf) <= most
        return (self.options.each_solve and not again) or not near

    def _factor(self, equations: Equations, x: PETSc.Vec) -> bool:
        """Factor the Jacobian at x; return whether that was possible."""
        equations.jacobian(x)
        self.measure.know(equations.matrix, x)
        self._ksp, self.linear_failure = factor(
            self._ksp, equations.matrix, self.configure, improved=True
        )
        self._shift, self._renew = equations.shift, self._ksp is None
        self.counts.jacobians += 1
        return self._ksp is not None

    def _step(self, state: _Iteration) -> PETSc.Vec:
        """Return Broyden's step from the kept factorisation."""
        z = self.work.take(state.f)
        self._ksp.solve(state.f, z)
        z.scale(-1.0)
        step = state.steps.next(z)
        self._bounds.confine(state.x.getArray(readonly=True), step.getArray())
        return step


def _iterations(distance: float, rate: float) -> float:
    """Return how many iterations at a rate bring a distance down to one."""
    if distance <= 1.0 or rate <= 0.0:
        return 0.0
    return log(distance) / -log(rate) if rate < 1.0 else inf
