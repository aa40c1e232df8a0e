"""Time integration by PETSc TS: adaptive BDF, events that are located, steps that are retried.

The loop is ours, the stepping is PETSc's: after each accepted step the indicators are read; when
one has changed sign the step is rolled back and repeated with the length at which the indicator
vanishes, until it does to its tolerance. A step that fails is repeated smaller by TS; the end of
the road is a ``StepFailure`` with the last accepted state in place.

The stepper knows no batteries: tests/unit/numerics runs it on the heat equation.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, inf, log
from typing import TYPE_CHECKING

from petsc4py import PETSc

import numpy as np

from mesode.numerics.history import History, Past, Stages
from mesode.numerics.linear import configure_direct
from mesode.numerics.newton import KeptNewton, NewtonOptions, ResidualMeasure

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mesode.numerics.history import FloatArray
    from mesode.numerics.system import BlockSystem

GROWTH = 2.0  # largest ratio of two consecutive steps
HOLD = (0.9, 1.3)  # a step in this ratio to the last is not changed: the factorisation stays exact
FAILURE_CUT = 0.25  # PETSc's cut of a step whose nonlinear solve failed
EXTRA_RETRIES = 6  # repeats beyond the cuts that lead to the smallest step
UNCONTROLLED = 1e12  # tolerance of unknowns whose local error is not controlled
OVERSTEP = 1.05  # a step may go so far beyond the foreseen time of an event,
APPROACH = 0.5  # but only so far towards a wall,
SHORTENED = 0.02  # and is not shortened to less than this for them
LIMIT_CUT, LIMIT_TRIES = 0.25, 8  # of a step that has passed a limit, and how often
EVENT_TRIES = 25  # repeats of a step to locate an event; the secant needs two or three


class StepFailure(RuntimeError):
    """A step failed at the smallest length; the last accepted state is kept.

    ``dt`` [s] is the length that was tried last.
    """

    def __init__(self, t: float, dt: float, reason: str) -> None:
        self.t, self.dt, self.reason = t, dt, reason
        super().__init__(f"time step failed at t = {t:.6g} s with dt = {dt:.3g} s: {reason}")


@dataclass(frozen=True, slots=True)
class Event:
    """Ends the integration where ``indicator`` falls through zero; ``tolerance`` in its unit.

    With ``armed`` it ends nothing before a step that arms it. One that is below zero then ends the
    integration there: it was passed while nobody asked. Where the indicator is below zero by
    ``wall`` there is no solution any more: steps approach that, while they may overstep the event.
    """

    name: str
    indicator: Callable[[], float]
    tolerance: float
    armed: Callable[[], bool] | None = None
    wall: float = inf

    def value(self) -> float:
        """Return the indicator, infinite while it is not armed."""
        return self.indicator() if self.armed is None or self.armed() else inf


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeOptions:
    """Control of the step length.

    ``tolerance`` is both relative and absolute, for the differential unknowns, which are scaled
    to order one. ``smallest`` is the step [s] below which the integration gives up.
    """

    tolerance: float = 1e-4
    order: int = 2
    first_step: float = 1e-4
    smallest: float = 1e-9
    largest: float = 1e30


class Integrator:
    """Adaptive BDF on a block system (collective).

    Args:
        system: The block system; its vector ``x`` is the state.
        error_weights: For each block, the multiple of ``options.tolerance`` that its local error
            may have; infinite for algebraic unknowns, whose error is not controlled.
        measure: Measures a residual in the sense of ``newton``.
        options: Step control.
        newton: Nonlinear solver control.
    """

    def __init__(
        self,
        system: BlockSystem,
        error_weights: list[float],
        measure: ResidualMeasure,
        options: TimeOptions,
        newton: NewtonOptions,
    ) -> None:
        self.system, self.options = system, options
        self.t = 0.0
        self.steps = 0
        self.reached: str | None = None  # name of the event that the last step has reached
        self._past = Past(options.order)
        self._largest = options.largest
        self._foreseen = inf  # time [s] from here to the first event, if all goes on as it did
        self._start: FloatArray | None = None  # state of a restart, until a step is left behind
        self.ts = PETSc.TS().create(system.comm)
        # PETSc keeps the callbacks: none may hold the TS, or neither is ever freed
        smallest = options.smallest
        self.newton = KeptNewton(
            newton, measure, configure_direct, lambda: 1.0 / max(system.time_step, smallest)
        )
        self._stages = Stages(self.newton)
        self._configure(error_weights)

    def _configure(self, error_weights: list[float]) -> None:
        ts, system, options = self.ts, self.system, self.options
        ts.setType(PETSc.TS.Type.BDF)
        ts.setEquationType(PETSc.TS.EquationType.DAE_IMPLICIT_INDEX1)
        self._f = system.x.duplicate()
        ts.setIFunction(system.residual, self._f)
        ts.setIJacobian(system.jacobian, system.A)
        self._limits = self._tolerances(error_weights)
        ts.setTolerances(*self._limits)
        ts.setMaxSteps(2**30)
        ts.setMaxSNESFailures(-1)
        ts.setErrorIfStepFails(False)
        ts.setExactFinalTime(PETSc.TS.ExactFinalTime.STEPOVER)
        ts.setStepLimits(options.smallest, options.largest)
        self._set_options({"ts_bdf_order": options.order, "ts_adapt_clip": f"0.2,{GROWTH}"})
        snes = ts.getSNES()
        snes.setType("python")
        snes.setPythonContext(self._stages)
        ts.setSolution(system.x)

    def _set_options(self, values: dict[str, object]) -> None:
        prefix = "mesode_"
        database = PETSc.Options()
        for key, value in values.items():
            database[prefix + key] = value
        self.ts.setOptionsPrefix(prefix)
        self.ts.setFromOptions()
        for key in values:
            database.delValue(prefix + key)

    def _tolerances(self, weights: list[float]) -> tuple[PETSc.Vec, PETSc.Vec]:
        """Return PETSc's absolute and relative tolerance vectors.

        PETSc's error norm is a mean over all unknowns, so the share of unknowns that are
        controlled is taken out of it, and the others get no say.
        """
        system = self.system
        totals = np.array([system.comm.allreduce(n) for n in system.owned_sizes])
        controlled = np.isfinite(weights)
        share = totals[controlled].sum() / totals.sum()
        scaled = np.where(controlled, weights, 0.0) * self.options.tolerance * np.sqrt(share)
        values = np.where(controlled, scaled, UNCONTROLLED)
        vectors = []
        for _ in range(2):
            vector = system.x.duplicate()
            vector.setArray(np.repeat(values, system.owned_sizes))
            vectors.append(vector)
        return vectors[0], vectors[1]

    def restart(self, first_step: float | None = None) -> None:
        """Begin anew from the state in ``system.x``: order one, a small first step."""
        self.ts.setTime(self.t)
        self.ts.setTimeStep(first_step or self.options.first_step)
        self.ts.restartStep()
        self.newton.renew()
        self._start = self.system.x.getArray().copy()
        self._foreseen = inf
        self.reached = None

    def history(self) -> History:
        """Return what ``resume`` needs to go on as if nothing had happened."""
        return self._past.history(self.ts.getTimeStep(), self._foreseen)

    def resume(self, history: History) -> None:
        """Go on from a history (collective)."""
        first = 1 if history.half else 0
        times, states = history.times[first:], history.states[first:]
        self.t = times[0]
        self.system.x.getArray()[:] = states[0]
        self.restart(times[1] - times[0])
        # where there is no half-way solution it is so far back that nobody looks at it
        half = history.states[0] if history.half else states[0]
        self._stages.replay([half, *states[1:]])
        anything = self.system.x.duplicate()
        anything.set(UNCONTROLLED)
        self.ts.setTolerances(anything, anything)
        for t in times[1:]:
            self._step(t - self.t)
        self.ts.setTolerances(*self._limits)
        self._start, self.t = None, times[-1]
        self.ts.setTime(self.t)
        self.ts.setTimeStep(history.dt)
        self._past.set(history)
        self._foreseen = history.foreseen

    def _remember(self, before: float) -> None:
        """Keep the solution of an accepted step, which began at ``before``, for ``history``."""
        if self._start is not None:
            start = (before, self._start)
            self._past.begin(self._stages.before_last(), start, self.t)
        self._past.add(self.t, self.system.x.getArray().copy())

    def _step(self, dt: float) -> float:
        """Take one accepted step of at most ``dt``; return the length taken."""
        before = self.t
        self.ts.setTimeStep(dt)
        self.ts.setMaxStepRejections(self._retries(dt))
        self.ts.step()
        reason = self.ts.getConvergedReason()
        if reason < 0:
            self.ts.setConvergedReason(PETSc.TS.ConvergedReason.CONVERGED_ITERATING)
            why = self.newton.linear_failure or _reason_text(reason)
            raise StepFailure(before, self.system.time_step, why)
        self.t = self.ts.getTime()
        self.system.load(self.system.x, self.system.unknowns)
        return self.t - before

    def _retries(self, dt: float) -> int:
        """How often a step may be repeated: PETSc would go on for ever at the smallest length."""
        cuts = log(max(dt / self.options.smallest, 1.0)) / log(1.0 / FAILURE_CUT)
        return ceil(cuts) + EXTRA_RETRIES

    def limit_step(self, largest: float) -> None:
        """Set the longest step [s] from here on."""
        self._largest = min(largest, self.options.largest)
        self.ts.setStepLimits(self.options.smallest, self._largest)

    def integrate(
        self,
        t_end: float,
        events: list[Event],
        observe: Callable[[float], bool],
        limits: Sequence[Event] = (),
    ) -> str:
        """Advance to ``t_end`` or to the first event.

        Args:
            t_end: Final time [s], may be infinite.
            events: Located where their indicator changes sign.
            observe: Called with t after each accepted step; returns True to stop there.
            limits: What the exact solution keeps above zero, and a step shall.

        Returns:
            The name of the event, "time", or "stopped" when the observer asked for it.

        Raises:
            StepFailure: The step became smaller than ``options.smallest``.
        """
        values = [event.indicator() if event.armed is None else inf for event in events]
        while True:
            remaining = t_end - self.t
            if remaining <= 1e-12 * max(self.t, 1.0):
                return "time"
            proposed = self.ts.getTimeStep()
            step = proposed if proposed < remaining else remaining
            if step < remaining < 2 * step:
                step = 0.5 * remaining
            step = min(step, self._largest, max(self._foreseen, SHORTENED * step))
            taken = self._within(limits, self._step(step))
            before, old = self.t - taken, values
            ended, values = self._locate(events, values, taken)
            self._foreseen = _foreseen(events, old, values, self.t - before)
            self._remember(before)
            self._start = None
            self.steps += 1
            self._hold(taken, proposed)
            self.reached = ended.name if ended is not None else None
            if observe(self.t):
                return "stopped"
            if ended is not None:
                return ended.name

    def _within(self, limits: Sequence[Event], taken: float) -> float:
        """Repeat a step that has passed a limit as a first, shorter one; return its length.

        A multistep method extrapolates what has decayed fast; its first step knows the last state
        alone.
        """
        for _ in range(LIMIT_TRIES):
            if all(limit.indicator() > 0.0 for limit in limits):
                break
            start = self.t - taken
            self._undo(start)
            self.restart(LIMIT_CUT * taken)
            taken = self._step(LIMIT_CUT * taken)
        return taken

    def _hold(self, taken: float, proposed: float) -> None:
        """Keep the step length unless the controller asks for a real change."""
        wanted = self.ts.getTimeStep()
        if taken < 0.5 * proposed and wanted < proposed:
            self.ts.setTimeStep(min(proposed, GROWTH * taken))
        elif HOLD[0] <= wanted / taken <= HOLD[1]:
            self.ts.setTimeStep(taken)

    def _undo(self, start: float) -> None:
        """Go back to the time ``start`` of the last step.

        The first step after a restart is two steps for PETSc, of which it takes back only one.
        """
        if self._start is None:
            self.ts.rollBack()
        else:
            self.system.x.getArray()[:] = self._start
            self.ts.setTime(start)
            self.ts.restartStep()
        self.t = start

    def _locate(
        self, events: list[Event], before: list[float], taken: float
    ) -> tuple[Event | None, list[float]]:
        """Repeat an overstepping step from its start until the first event is met.

        Returns the event reached, if any, and the indicators now.
        """
        start = self.t - taken
        after = [event.value() for event in events]
        low, high = (0.0, before), (taken, after)
        shrink = 1.0  # of the indicator at an end of the bracket that stays (Illinois rule)
        for _ in range(EVENT_TRIES):
            k = _first_crossed(low, high)
            if k is None:
                return None, after
            if abs(after[k]) <= events[k].tolerance or before[k] == inf:
                return events[k], after
            length = _interpolate(low, high, k, shrink)
            self._undo(start)
            taken = self._step(length)
            after = [event.value() for event in events]
            if _first_crossed((0.0, before), (taken, after)) is None:
                low, shrink = (taken, after), 2.0 * shrink if shrink >= 1.0 else 1.0
            else:
                high, shrink = (taken, after), 0.5 * shrink if shrink <= 1.0 else 1.0
            if abs(after[k]) <= events[k].tolerance:
                return events[k], after
        # an indicator that jumps is never met: the step ends where it is below zero, or goes on
        # where it is not; either way the event is not lost
        k = _first_crossed((0.0, before), (taken, after))
        return (events[k] if k is not None else None), after


def _foreseen(events: list[Event], before: list[float], now: list[float], taken: float) -> float:
    """Return how long a step may be for the events, if all goes on as in the last step."""
    return min(
        (
            taken * min(OVERSTEP * b, APPROACH * (b + event.wall)) / (a - b)
            for event, a, b in zip(events, before, now, strict=True)
            if inf > a > b > 0.0
        ),
        default=inf,
    )


def _first_crossed(low: tuple[float, list[float]], high: tuple[float, list[float]]) -> int | None:
    """Return the event whose indicator falls through zero first between two points."""
    times = {
        k: _interpolate(low, high, k)
        for k, (a, b) in enumerate(zip(low[1], high[1], strict=True))
        if a > 0.0 >= b
    }
    return min(times, key=times.__getitem__) if times else None


def _interpolate(
    low: tuple[float, list[float]], high: tuple[float, list[float]], k: int, shrink: float = 1.0
) -> float:
    """Return where indicator k vanishes on the line between two points.

    ``shrink`` below one scales the value at ``low``, above one its inverse scales that at
    ``high``: the end that has stayed for several tries is trusted less each time.
    """
    if low[1][k] == inf:
        return high[0]
    a, b = low[1][k] * min(shrink, 1.0), high[1][k] / max(shrink, 1.0)
    return low[0] + (high[0] - low[0]) * min(max(a / (a - b), 0.02), 0.98)


def _reason_text(reason: int) -> str:
    names = {
        value: name
        for name, value in vars(PETSc.TS.ConvergedReason).items()
        if isinstance(value, int)
    }
    return str(names.get(reason, reason)).lower().replace("_", " ")
