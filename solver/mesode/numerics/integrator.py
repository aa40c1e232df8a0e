"""Time integration: steps of their own length and order, events that are located.

After each step its local error is compared with the tolerance and the indicators of the events are
read. A step with too large an error, or whose equations were not solved, is repeated shorter; when
an indicator has changed sign the step is repeated with the length at which it vanishes, until it
does to its tolerance. Only then is it accepted: it enters the history, and internal states are
committed. The end of the road is a ``StepFailure`` with the last accepted state in place.

Time is counted from the last start (``restart``), so that short steps keep their digits in a long
run. The integrator knows no batteries: tests/unit/numerics runs it on the heat equation.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf
from typing import TYPE_CHECKING

import numpy as np

from mesode.numerics.bdf import ORDERS, History
from mesode.numerics.events import Bracket, Event, foreseen
from mesode.numerics.step_control import FAILURE_CUT
from mesode.numerics.stepper import Stepper

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mesode.numerics.bdf import FloatArray
    from mesode.numerics.newton import Memory
    from mesode.numerics.step_equations import Linearisation
    from mesode.numerics.stepper import Trial

# A step to accept, the event that it reaches, if any, and the indicators there.
type _Located = tuple[Trial, Event | None, Sequence[float]]

LEAP_START = 1.0 / 8.0  # of a leap, the length of its first two steps
LEAP_GROWTH = 2.0  # ratio of two consecutive steps of a leap
LEAP_STEPS, LEAP_ORDER = 10, 2
# Parts of the length of a leap that are tried, one after the other: where a voltage jumps nobody
# knows beforehand what current that asks for, and how fast lithium moves.
LEAPS = (1.0, 1.0 / 32.0)
LEAP_ERROR = 2.0  # over the tolerance, of all steps of a leap together
# Half of what remained is all that remains then: their last digits must not decide on another half.
NEARLY = 1e-6
SHORTENED = 0.02  # a step is not shortened to less than this for events
LIMIT_CUT, LIMIT_TRIES = 0.25, 8  # of a step that has passed a limit, and how often
AGAIN = 3  # times that a step is solved again for what follows from it; mostly one will do
SHORTER_AGAIN = 6  # more where it becomes shorter each time, so that other things follow from it
EVENT_TRIES = 25  # repeats of a step to locate an event; the secant needs two or three


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumption:
    """What an integration goes on from.

    ``start`` [s] is the time of the last start, ``next`` the step [s] that would come next,
    ``order`` its order, ``ceiling`` what no step may exceed [s] after one that could not be solved,
    ``foreseen`` the time [s] to the first event if all goes on as in the last step, ``largest`` the
    largest values so far of the unknowns whose error is controlled.
    ``linearised`` is where the Jacobian was taken whose factorisation is kept, None where there is
    none.
    """

    start: float
    history: History
    next: float
    order: int
    ceiling: float
    foreseen: float
    largest: list[float]
    linearised: Linearisation | None
    memory: Memory


@dataclass(frozen=True, slots=True)
class _Begin:
    """Where a leap begins: history, number of steps, next length [s], how far it came, states."""

    past: History
    steps: int
    next: float
    way: FloatArray
    states: list[dict[str, FloatArray]]


class Integrator(Stepper):
    """Adaptive BDF on a block system, to its end or to an event (collective).

    The arguments are those of ``Stepper``.
    """

    reached: str | None = None  # name of the event that the last step has reached
    _leap = 0.0
    _foreseen = inf  # time [s] from here to the first event, if all goes on as it did

    def restart(self, first_step: float | None = None, leap: float = 0.0) -> None:
        """Begin anew from the state in ``system.x``, where the data may have jumped.

        ``first_step`` [s] is the length of the two steps that know nothing of their error. With
        ``leap`` [s] what decays faster than this is passed without being followed, if it can be.
        """
        self._next, self._leap = first_step or self.options.first_step, leap
        self.start, self._order = self.t, 1
        self._ceiling = self._foreseen = inf
        self.system.start = self.start
        self.past.begin(0.0, self.system.x.getArray(readonly=True))
        self.newton.renew()
        self.norm.begin()
        self.reached = None

    def resumption(self) -> Resumption:
        """Return what ``resume`` needs to go on as if nothing had happened."""
        return Resumption(
            start=self.start,
            history=replace(self.past),
            next=self._next,
            order=self._order,
            ceiling=self._ceiling,
            foreseen=self._foreseen,
            largest=self.norm.largest.tolist(),
            linearised=self.equations.linearised,
            memory=self.newton.memory(),
        )

    def resume(self, found: Resumption) -> None:
        """Go on from where another integration was (collective).

        The Jacobian that it had factored is factored again: Newton's method takes the same steps.
        """
        self.start, self.past = found.start, replace(found.history)
        self.system.start = self.start
        self._next, self._order = found.next, found.order
        self._ceiling, self._foreseen, self.reached = found.ceiling, found.foreseen, None
        self.norm.largest = np.array(found.largest)
        self.t = self.start + self.past.times[0]
        if found.linearised is not None:
            x = self.equations.go_back(found.linearised)
            self.newton.go_on(self.equations, x, found.memory)
        self._put(self.past.states[0])

    def integrate(
        self,
        duration: float,
        events: Sequence[Event],
        observe: Callable[[float], bool],
        limits: Sequence[Event] = (),
    ) -> str:
        """Advance to a time after the last start or to the first event.

        Args:
            duration: Time since the last start [s], may be infinite.
            events: Located where their indicator changes sign.
            observe: Called with t after each accepted step; returns True to stop there.
            limits: What the exact solution keeps above zero, and a step shall.

        Returns:
            The name of the event, "time", or "stopped" when the observer asked for it.

        Raises:
            StepFailure: The step became smaller than ``options.smallest``.
        """
        # where it begins nothing is armed yet
        begins = self.past.times[0] == 0.0
        values: Sequence[float] = [
            inf if begins and e.armed is not None else e.value() for e in events
        ]
        leap, self._leap = self._leap, 0.0
        for length in (part * leap for part in LEAPS if leap):
            if self.past.smooth == 0 and length < min(0.1 * duration, self._largest):
                values = self._pass_transient(length, events, values, limits)
                if self.past.smooth and observe(self.t):
                    return "stopped"
        while True:
            remaining = duration - self.past.times[0]
            if remaining <= 1e-12 * max(self.past.times[0], 1.0):
                return "time"
            proposed = min(self._next, self._largest)
            step = remaining if proposed > (1 - NEARLY) * remaining else proposed
            if step < remaining < 2 * step:
                step = 0.5 * remaining
            step = min(step, max(self._foreseen, SHORTENED * step))
            old = values

            def located(trial: Trial, before: Sequence[float] = values) -> _Located:
                return self._locate(events, before, self._within(limits, trial))

            trial, ended, values = self._settle(located(self._advance(step)), located, duration)
            self._foreseen = foreseen(events, old, values, trial.length)
            self._accept(trial, self._end_of(trial, duration))
            self._choose_next(trial, proposed)
            self.reached = ended.name if ended is not None else None
            if observe(self.t):
                return "stopped"
            if ended is not None:
                return ended.name

    def _settle(
        self, found: _Located, located: Callable[[Trial], _Located], duration: float
    ) -> _Located:
        """Solve a step again as long as it was mistaken about what follows from it.

        A step that became shorter had been given what follows from a longer one.
        """
        left = [AGAIN, SHORTER_AGAIN]
        shorter = False
        while left[shorter] and self.mistaken(self.start + self._end_of(found[0], duration)):
            left[shorter] -= 1
            self.repeated += 1
            self._forget()
            before = found[0].length
            found = located(self._again(found[0]))
            shorter = found[0].length < before
        return found

    def _end_of(self, trial: Trial, duration: float) -> float:
        """Return the time since the start at the end of a step, that asked for where it is that."""
        begin = self.past.times[0]
        return duration if trial.length == duration - begin else begin + trial.length

    # --- the first steps after a jump

    def _pass_transient(
        self,
        leap: float,
        events: Sequence[Event],
        before: Sequence[float],
        limits: Sequence[Event],
    ) -> Sequence[float]:
        """Pass what decays fast after a jump in a few long steps, unseen.

        Their error is carried on from step to step: the steps that follow take it away with what
        decays. They end where it is as small as that of two steps may be. Where it does not come to
        that soon, an event is met or a limit passed, they are undone, and all is followed in short
        steps.

        What follows from them is solved at their end; where it was foreseen too badly they are
        undone and taken again with what was found, as a step is.

        Returns:
            The indicators of the events at the end.
        """
        begin = _Begin(
            replace(self.past),
            self.steps,
            self._next,
            self.norm.way,
            [dict(internal.arrays()) for internal in self.states],
        )
        values = self._take_leap(leap, events, before, limits)
        for _ in range(AGAIN):
            if values is None or not self.mistaken(self.t):
                break
            self.repeated += 1
            self._undo(begin)
            values = self._take_leap(leap, events, before, limits)
        if values is None:
            self.rejected += self.steps - begin.steps
            self._undo(begin)
            return before
        return values

    def _take_leap(
        self,
        leap: float,
        events: Sequence[Event],
        before: Sequence[float],
        limits: Sequence[Event],
    ) -> Sequence[float] | None:
        """Take the steps of a leap; None where they cannot be taken, or do not come to its end."""
        self.past = replace(self.past)
        errors, carried = History(), np.zeros_like(self.past.states[0])
        errors.begin(0.0, carried)
        length = LEAP_START * leap
        for _ in range(LEAP_STEPS):
            order = max((k for k in ORDERS if k <= LEAP_ORDER and self.past.known(k)), default=1)
            trial = self._try(length, order, anew=False)
            if trial is None:
                length *= FAILURE_CUT
                continue
            if any(limit.indicator() <= 0.0 for limit in limits):
                return None
            values = [event.value() for event in events]
            if Bracket((0.0, before), (length, values)).first() is not None:
                return None
            known = self.past.known(1)
            if known:
                off = self.past.rate_error(trial.state, length, order, order)
                carried = self._carried(off - errors.rate(length, order).known)
            error = float(self.norm([carried], trial.state, self.past.states[0]).max(initial=0.0))
            errors.accept(errors.times[0] + length, carried)
            self._accept(trial, None)
            if known and error <= LEAP_ERROR:
                self._choose_next(trial, length)
                return values
            length = min(LEAP_GROWTH * length, leap) if self.past.smooth > 1 else length
        return None

    def _undo(self, begin: _Begin) -> None:
        """Go back to where a leap has begun."""
        self.past, self.steps, self._next = begin.past, begin.steps, begin.next
        self.t = self.start
        for internal, arrays in zip(self.states, begin.states, strict=True):
            internal.reject()
            internal.restore(arrays)
        self._put(begin.past.states[0])
        self.norm.begin()
        self.norm.way = begin.way
        self.newton.renew()

    # --- limits and events

    def _within(self, limits: Sequence[Event], trial: Trial) -> Trial:
        """Repeat a step that has passed a limit as a first, shorter one.

        A multistep method extrapolates what has decayed fast; its first step knows the last state
        alone.
        """
        for _ in range(LIMIT_TRIES):
            if all(limit.indicator() > 0.0 for limit in limits):
                break
            self._reject()
            trial = self._advance(LIMIT_CUT * trial.length, anew=True)
        return trial

    def _locate(
        self, events: Sequence[Event], before: Sequence[float], trial: Trial
    ) -> tuple[Trial, Event | None, Sequence[float]]:
        """Repeat an overstepping step until the first event is met.

        Returns the step to accept, the event that it reaches, if any, and the indicators there.
        """
        after = [event.value() for event in events]
        bracket = Bracket((0.0, before), (trial.length, after))
        for _ in range(EVENT_TRIES):
            k = bracket.first()
            if k is None:
                return trial, None, after
            if abs(after[k]) <= events[k].tolerance or before[k] == inf:
                return trial, events[k], after
            self._reject()
            trial = self._advance(bracket.length(k), anew=trial.anew, longer=trial)
            after = [event.value() for event in events]
            if abs(after[k]) <= events[k].tolerance:
                return trial, events[k], after
            if trial.repeated and Bracket((0.0, before), (trial.length, after)).first() is None:
                return trial, None, after  # what could not be solved from here can from there
            bracket.narrow(trial.length, after)
        # an indicator that jumps is never met: the step ends where it has just passed
        if trial.length < bracket.high[0]:
            self._reject()
            trial = self._advance(bracket.high[0], anew=trial.anew)
            after = [event.value() for event in events]
        k = Bracket((0.0, before), (trial.length, after)).first()
        return trial, events[k] if k is not None else None, after
