"""Single steps in time: solved, judged by their error, accepted or left without a trace.

A step with too large an error, or whose equations were not solved, is repeated shorter. What its
rates are off by is carried through the equations, so that the error is known in all unknowns.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import inf
from typing import TYPE_CHECKING

import numpy as np

from mesode.numerics.bdf import GROWTH, ORDERS, History, combined
from mesode.numerics.bounds import Bounds
from mesode.numerics.linear import configure_direct
from mesode.numerics.newton import KeptNewton, NewtonOptions
from mesode.numerics.step_control import (
    FAILURE_CUT,
    HOLD,
    RECOVERY,
    ErrorNorm,
    ErrorScale,
    TimeOptions,
    propose,
    ratio_again,
)
from mesode.numerics.step_equations import StepEquations

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mesode.numerics.bdf import FloatArray
    from mesode.numerics.measure import ResidualMeasure
    from mesode.numerics.states import InternalState
    from mesode.numerics.system import BlockSystem

    type Foresee = Callable[[FloatArray, Sequence[float], Sequence[FloatArray]], None]

TINY = 1e-300
GUESS = 2  # least order of a guess, where enough is known
TOO_LARGE = "the error of the step is too large"
UNSOLVED = "the equations could not be solved"


class StepFailure(RuntimeError):
    """A step failed at the smallest length; the last accepted state is kept.

    ``dt`` [s] is the length that was tried last.
    """

    def __init__(self, t: float, dt: float, reason: str) -> None:
        self.t, self.dt, self.reason = t, dt, reason
        super().__init__(f"time step failed at t = {t:.6g} s with dt = {dt:.3g} s: {reason}")


@dataclass(frozen=True, slots=True)
class Trial:
    """A step that was solved and is not accepted yet.

    ``errors`` over the tolerance by order, none at a start. ``anew`` where it is one; ``repeated``
    where a longer one has failed.
    """

    length: float
    order: int
    state: FloatArray
    errors: dict[int, float] = field(default_factory=dict)
    anew: bool = False
    repeated: bool = False

    @property
    def good(self) -> bool:
        """Whether the error, if it is known, is within its tolerance."""
        return self.errors.get(self.order, 0.0) <= 1.0


class Stepper:
    """Steps of adaptive BDF on a block system (collective).

    ``foresee``, if there is one, improves a guess in place (collective); it is given the weights
    and the states that the guess is the sum of. ``mistaken``, if there is one, is asked of
    each step before it is accepted, by its time [s], whether to solve it again, with what follows
    from it in place of what was foreseen (collective).

    Args:
        system: The block system; its vector ``x`` is the state.
        error_weights: For each block, the multiple of ``options.tolerance`` that its local error
            may have; infinite where the error is not controlled.
        measure: Measures a residual in the sense of ``newton``.
        options: Step control.
        newton: Nonlinear solver control.
        states: Internal states, updated after each solve, committed with each accepted step.
        scales: What the error of each block is measured by.
        bounds: Lower and upper bound by the number of the block, see ``bounds``.
    """

    foresee: Foresee | None = None
    mistaken: Callable[[float], bool] = staticmethod(lambda _: False)
    _ceiling = inf  # longest step [s] by the last one that could not be solved

    def __init__(
        self,
        system: BlockSystem,
        error_weights: Sequence[float],
        measure: ResidualMeasure,
        options: TimeOptions,
        newton: NewtonOptions,
        states: Sequence[InternalState] = (),
        scales: Sequence[ErrorScale] | None = None,
        bounds: Mapping[int, tuple[float, float]] | None = None,
    ) -> None:
        self.system, self.options, self.states = system, options, states
        self.t = 0.0
        self.steps = self.rejected = 0
        self.repeated = 0  # solved again for what follows from them
        self.start = 0.0  # time [s] of the last start, from which the history counts
        self.past = History()
        self._next, self._order = options.first_step, 1
        self._largest, self._highest = options.largest, options.order
        slices = system.owned_slices()
        scales = scales or [ErrorScale.VALUE] * len(slices)
        self.norm = ErrorNorm(system.comm, slices, error_weights, options.tolerance, scales)
        self.equations = StepEquations(system)
        kept = Bounds([(slices[k], *ends) for k, ends in (bounds or {}).items()])
        self.newton = KeptNewton(newton, measure, configure_direct, kept)
        self._last, self._work, self._defect = (system.x.duplicate() for _ in range(3))

    def limit_step(self, largest: float) -> None:
        """Set the longest step [s] from here on."""
        self._largest = min(largest, self.options.largest)

    def limit_order(self, highest: int) -> None:
        """Set the highest order from here on."""
        self._highest = highest

    def _advance(self, length: float, *, anew: bool = False, longer: Trial | None = None) -> Trial:
        """Solve one step of at most ``length`` with an error that is good enough.

        ``longer`` is a step from here that has been solved and was not taken.
        """
        first = Trial(length, 1 if anew else self._order, self.past.states[0], anew=anew)
        return self._down_from(first, longer)

    def _again(self, trial: Trial) -> Trial:
        """Solve a step again, with other data than it was solved with; shorter if need be."""
        return self._down_from(trial, trial)

    def _down_from(self, wanted: Trial, longer: Trial | None) -> Trial:
        """Solve a step like the one that is wanted, or a shorter one that is good enough.

        ``longer`` is one that has been solved; where it is the one that is wanted, with other data.
        """
        length, order, anew = wanted.length, wanted.order, wanted.anew
        smallest, repeated = min(self.options.smallest, length), wanted.repeated
        before: Trial | None = None
        again = longer is wanted
        while True:
            trial = self._try(length, order, anew=anew, longer=longer, again=again)
            longer, again = trial or longer, False
            if trial is not None and trial.good:
                return replace(trial, repeated=repeated)
            self._reject()
            if trial is None:
                self._ceiling = FAILURE_CUT * length
                cut = FAILURE_CUT
            else:
                order, cut = self._shorter(trial, before)
            before, repeated = trial, True
            if cut * length < smallest:
                self._put(self.past.states[0])
                why = self.newton.linear_failure or (UNSOLVED if trial is None else TOO_LARGE)
                raise StepFailure(self.t, length, why)
            length *= cut

    def _shorter(self, trial: Trial, before: Trial | None) -> tuple[int, float]:
        """Return order and ratio of a step in place of one whose error is too large.

        ``before`` is the longer one that was tried before it, if there is one.
        """
        if before is not None and trial.order in before.errors:
            order, cut = trial.order, trial.length / before.length
            return order, ratio_again((before.errors[order], trial.errors[order]), cut, order)
        shorter = propose(trial.errors, trial.length, self._largest, GROWTH)
        return shorter.order, min(shorter.ratio, HOLD[0])

    def _try(
        self,
        length: float,
        order: int,
        *,
        anew: bool,
        longer: Trial | None = None,
        again: bool = False,
    ) -> Trial | None:
        """Solve one step of this length; None where that failed.

        ``again``: ``longer`` is this one, solved with other data.
        """
        past, x = self.past, self.system.x
        newest, t = past.states[0], past.times[0] + length
        beyond = None if longer is None else (longer.length, longer.state)
        weights, states = past.extrapolation(length, max(order, GUESS), beyond)
        x.getArray()[:] = newest if anew and not again else combined(weights, states)
        guessed = not anew and len(states) > 1
        if guessed and self.foresee is not None:
            self.foresee(x.getArray(), weights, states)
        self._last.getArray()[:] = newest
        self.equations.begin(t, length, past.rate(length, order))
        if not self.newton.solve(self.equations, x, self._last if guessed else None, again=again):
            return None
        self.system.load(x, self.system.unknowns)
        state = x.getArray(readonly=True).copy()
        for internal in self.states:
            internal.update(t, length)
        errors = {} if anew else self._errors(state, length, order)
        return Trial(length, order, state, errors, anew)

    def _errors(self, state: FloatArray, length: float, used: int) -> dict[int, float]:
        """Return the errors over the tolerance of all orders of which they are known.

        What the rates are off by is carried through the equations, which tell what becomes of it
        in unknowns that are stored and in those that are not. The error of the order that was not
        used is taken to be in proportion, unknown by unknown: potentials follow no polynomial.
        """
        past = self.past
        orders = [k for k in ORDERS if k <= self._highest and past.known(k)]
        if not orders:
            return {}
        off = {k: past.rate_error(state, length, k, used) for k in orders}
        plain = [off[k] / past.shift(length, k) for k in orders]
        carried = self._carried(off[used])
        known, *others = self.norm([carried, *plain], state, past.states[0])
        scale = known / np.maximum(others[orders.index(used)], TINY)
        return {
            k: float((norms * scale).max(initial=0.0))
            for k, norms in zip(orders, others, strict=True)
        }

    def _carried(self, off: FloatArray) -> FloatArray:
        """Return what an error of the rates does to the solution that has just been found."""
        equations, newton, x = self.equations, self.newton, self.system.x
        self._work.getArray()[:] = off
        self.system.add_rate(self._work, newton.residual, self._defect)
        kept = newton.correct(equations, x, self._defect, self._work)
        moved: FloatArray = self._work.getArray(readonly=True) * max(1.0, kept / equations.shift)
        return moved

    def _accept(self, trial: Trial, t: float | None) -> None:
        """Make a trial step part of the history; it ends at t, where that is given."""
        past = self.past
        if trial.anew:
            past.begin(past.times[0], past.states[0])
        past.accept(past.times[0] + trial.length if t is None else t, trial.state)
        for internal in self.states:
            internal.commit()
        self.norm.accept()
        self.t = self.start + past.times[0]
        self.steps += 1

    def _reject(self) -> None:
        """Leave nothing of a trial step behind."""
        self.rejected += 1
        self._forget()

    def _forget(self) -> None:
        for internal in self.states:
            internal.reject()

    def _choose_next(self, trial: Trial, proposed: float) -> None:
        """Choose length and order of the next step after an accepted one."""
        length = trial.length
        self._ceiling *= RECOVERY
        if not trial.errors:
            begun = length if self.past.smooth < 2 else GROWTH[1] * length
            self._next, self._order = min(begun, self._ceiling), 1
            return
        growth = {order: self.past.growth(length, order) for order in trial.errors}
        best = propose(trial.errors, length, min(self._largest, self._ceiling), growth)
        self._order = best.order
        held = HOLD[0] <= best.ratio <= HOLD[1] and best.order == trial.order
        self._next = length if held else best.ratio * length
        if length < 0.5 * proposed and not trial.repeated:
            # a step that was cut short for an end says nothing against the length before it
            self._next = max(self._next, min(proposed, best.ratio * length))
        self._next = min(self._next, self._ceiling)

    def _put(self, state: FloatArray) -> None:
        """Load a state into the unknowns (collective)."""
        self.system.x.getArray()[:] = state
        self.system.load(self.system.x, self.system.unknowns)
