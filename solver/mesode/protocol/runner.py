"""Runs a protocol on a cell: step after step, observed, to its end or to a reason.

The runner never loses results: whatever ends a step is told in words, and the observers have seen
every accepted time step up to there. Everything is collective.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from math import inf
from typing import TYPE_CHECKING, Any, Protocol

from mesode.errors import SolverError
from mesode.model.diagnostics import Diagnostics
from mesode.model.residual import CurrentMeasure
from mesode.numerics.integrator import Integrator, StepFailure, TimeOptions
from mesode.numerics.newton import NewtonOptions
from mesode.protocol import controls
from mesode.protocol.diagnosis import agree, diagnose, suspects, too_fast

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mesode.config.steps import Step
    from mesode.model.half_cell import HalfCell

# A constant-current step that ends after less than this part of the capacity never began.
AT_ONCE = 1e-4


@dataclass(frozen=True, slots=True)
class Point:
    """An accepted time step: time [s], number of the step, its length, Newton count, scalars."""

    t: float
    step: int
    dt: float
    newton: int
    row: dict[str, float]


@dataclass(frozen=True, slots=True)
class StepResult:
    """How a step of the protocol ended."""

    index: int
    text: str
    reason: str
    t_start: float
    t_end: float
    end: dict[str, float]


class Observer(Protocol):
    """Watches a run; all methods are called on all ranks."""

    def start(self, cell: HalfCell) -> None:
        """Prepare, before the first point."""

    def point(self, point: Point) -> None:
        """See an accepted time step; the state is loaded."""

    def step_end(self, result: StepResult) -> None:
        """See the end of a step of the protocol."""

    def finish(self) -> None:
        """Close what is open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunnerOptions:
    """Accuracy, and how a run is asked to stop.

    ``stop_requested`` returns why the run shall stop, or None.
    """

    tolerance: float = 1e-4
    max_step: float | None = None
    order: int = 2
    newton: NewtonOptions = field(default_factory=NewtonOptions)
    stop_requested: Callable[[], str | None] = lambda: None


@dataclass(frozen=True, slots=True)
class ProtocolResult:
    """``status`` is completed or stopped; ``counts`` of the solver."""

    status: str
    reason: str
    results: list[StepResult]
    counts: dict[str, Any]


def run_protocol(
    cell: HalfCell,
    steps: Sequence[Step],
    options: RunnerOptions,
    observers: Sequence[Observer],
    diagnostics: Diagnostics | None = None,
) -> ProtocolResult:
    """Run the steps one after the other (collective).

    Args:
        cell: The cell in its initial state.
        steps: The protocol.
        options: See ``RunnerOptions``.
        observers: Called at the start, at each accepted time step, at each end of a step.
        diagnostics: Of the cell, when the caller keeps one for the balances.
    """
    runner = _Runner(cell, options, observers, diagnostics or Diagnostics(cell))
    return runner.run(steps)


class _Runner:
    def __init__(
        self,
        cell: HalfCell,
        options: RunnerOptions,
        observers: Sequence[Observer],
        diagnostics: Diagnostics,
    ) -> None:
        self.cell, self.options, self.observers = cell, options, observers
        self.diagnostics = diagnostics
        self.measure = CurrentMeasure(cell)
        self.integrator = Integrator(
            cell.system,
            [u.error_weight for u in cell.unknowns],
            self.measure,
            TimeOptions(tolerance=options.tolerance, order=options.order),
            options.newton,
        )
        self.index = 1
        self.results: list[StepResult] = []
        self.stop: str | None = None
        self._t_last = 0.0
        self._row: dict[str, float] = {}

    def run(self, steps: Sequence[Step]) -> ProtocolResult:
        """Run all steps; stop at the first that cannot go on."""
        for observer in self.observers:
            observer.start(self.cell)
        self._show(0.0)
        for self.index, step in enumerate(steps, 1):
            begin = self.integrator.t
            reason = self._run_step(step)
            self._close_step(step, begin, self.stop or reason)
            if self.stop is not None:
                return self._result("stopped", f"step {self.index} ({step.text}): {self.stop}")
        return self._result("completed", "all steps done")

    def _result(self, status: str, reason: str) -> ProtocolResult:
        counts = asdict(self.integrator.newton.counts)
        counts["time_steps"] = self.integrator.steps
        return ProtocolResult(status, reason, self.results, counts)

    def _run_step(self, step: Step) -> str:
        """Run one step; return what ended it, or set ``self.stop``."""
        cell, integrator = self.cell, self.integrator
        held = controls.terminal(step, cell)
        ends = controls.ends(step, held, cell, self.diagnostics)
        over = next((event.name for event in ends if event.indicator() <= event.tolerance), None)
        if over is not None and step.control not in ("voltage", "sweep"):
            return f"{over} before the step began"
        cell.control(held.kind, held.target, rate=held.rate, start=integrator.t)
        integrator.limit_step(min(step.period or inf, self.options.max_step or inf))
        integrator.restart(controls.first_step(held, cell))
        guards = controls.guards(cell, self.diagnostics)
        begin, charge = integrator.t, cell.Q.number()
        t_end = begin + step.duration if step.duration is not None else inf
        try:
            reason = integrator.integrate(t_end, [*ends, *guards], self._observe)
        except StepFailure as failure:
            cell.system.load(cell.system.x, cell.system.unknowns)
            self.stop = diagnose(cell, self.measure, failure.dt, integrator.newton.linear_failure)
            return self.stop
        except SolverError as error:
            self.stop = str(error)
            return self.stop
        if reason in {event.name for event in guards}:
            self.stop = "; ".join([reason, *suspects(cell)])
        moved = abs(cell.Q.number() - charge)
        at_once = moved < AT_ONCE * cell.charge_capacity
        driven = step.control in ("current", "power")
        if at_once and driven and reason in {event.name for event in ends}:
            self.stop = too_fast(cell, reason, integrator.t - begin)
        return "duration reached" if reason == "time" else reason

    def _observe(self, t: float) -> bool:
        if self.cell.mechanics is not None and not self.cell.two_way:
            self.cell.mechanics.follow(self.cell.Q.number())
        self.diagnostics.update_balances()
        self._show(t)
        request = agree(self.cell.domain.comm, self.options.stop_requested())
        if request is not None:
            self.stop = request
        return self.stop is not None

    def _show(self, t: float) -> None:
        newton = self.integrator.newton.last_iterations
        self._row = self.diagnostics.row()
        point = Point(t, self.index, t - self._t_last, newton, self._row)
        self._t_last = t
        for observer in self.observers:
            observer.point(point)

    def _close_step(self, step: Step, begin: float, reason: str) -> None:
        result = StepResult(self.index, step.text, reason, begin, self.integrator.t, self._row)
        self.results.append(result)
        for observer in self.observers:
            observer.step_end(result)
