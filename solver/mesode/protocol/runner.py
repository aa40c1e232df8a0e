"""Runs a protocol on a cell: step after step, observed, to its end or to a reason.

The runner never loses results: whatever ends a step is told in words, and the observers have seen
every accepted time step up to there. Everything is collective.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from math import inf
from typing import TYPE_CHECKING, Any, Protocol

from mesode.errors import SolverError
from mesode.mesh.ordering import BlockOrder
from mesode.model.diagnostics import Diagnostics
from mesode.model.residual import CurrentMeasure
from mesode.numerics.integrator import Integrator
from mesode.numerics.newton import NewtonOptions
from mesode.numerics.step_control import TimeOptions
from mesode.numerics.stepper import StepFailure
from mesode.protocol import controls, power_limit
from mesode.protocol.dense import DenseRows, Spacing
from mesode.protocol.diagnosis import agree, diagnose, suspects, too_fast
from mesode.protocol.restart import Place, StepResult, restore_history, restore_run, save_run

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dolfinx.fem import FunctionSpace

    from mesode.config.steps import Step
    from mesode.model.cell import Cell
    from mesode.output.snapshot import Snapshot

# A constant-current step that ends after less than this part of the capacity never began.
AT_ONCE = 1e-4


@dataclass(frozen=True, slots=True)
class Point:
    """An accepted time step: time [s], number of the step, its length, Newton count, scalars.

    ``between`` are times and rows since the last one, where such are wanted.
    """

    t: float
    step: int
    dt: float
    newton: int
    row: dict[str, float]
    between: Sequence[tuple[float, dict[str, float]]] = ()


class Restart(Protocol):
    """Writes checkpoints; all methods are called on all ranks."""

    parts: list[Any]  # whose state is kept, in this order

    def due(self) -> bool:
        """Tell whether one shall be written now."""

    def write(self) -> None:
        """Write one."""


class Observer(Protocol):
    """Watches a run; all methods are called on all ranks."""

    def start(self, cell: Cell) -> None:
        """Prepare, before the first point."""

    def point(self, point: Point) -> None:
        """See an accepted time step; the state is loaded."""

    def step_end(self, result: StepResult) -> None:
        """See the end of a step of the protocol."""

    def finish(self) -> None:
        """Close what is open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunnerOptions:
    """Accuracy, rows between the time steps, and how a run is asked to stop.

    ``stop_requested`` returns why the run shall stop, or None. ``snapshot`` is the state to go on
    from, None for the beginning.
    """

    tolerance: float = 1e-4
    max_step: float | None = None
    rows: Spacing | None = None
    order: int = 2
    newton: NewtonOptions = field(default_factory=NewtonOptions)
    stop_requested: Callable[[], str | None] = lambda: None
    checkpoints: Restart | None = None
    snapshot: Snapshot | None = None


@dataclass(frozen=True, slots=True)
class ProtocolResult:
    """``status`` is completed or stopped; ``counts`` of the solver."""

    status: str
    reason: str
    results: list[StepResult]
    counts: dict[str, Any]


def run_protocol(
    cell: Cell,
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
        cell: Cell,
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
            to_largest=[k for k, u in enumerate(cell.unknowns) if u.to_largest],
            states=cell.states,
            bounds={k: u.bounds for k, u in enumerate(cell.unknowns) if u.bounds is not None},
        )
        self.order = BlockOrder(cell.system.spaces)
        self._orders: dict[str, BlockOrder] = {}
        self.dense = None if options.rows is None else DenseRows(cell, diagnostics, options.rows)
        self._held = "current"
        self.place = Place()
        self.results: list[StepResult] = []
        self.stop: str | None = None
        self.t_last = 0.0
        self._row: dict[str, float] = {}

    def run(self, steps: Sequence[Step]) -> ProtocolResult:
        """Run all steps; stop at the first that cannot continue."""
        for observer in self.observers:
            observer.start(self.cell)
        self._begin()
        while self.place.index <= len(steps):
            step = steps[self.place.index - 1]
            reason = self._run_step(step)
            self._close_step(step, self.stop or reason)
            if self.stop is not None:
                why = f"step {self.place.index} ({step.text}): {self.stop}"
                return self._result("stopped", why)
            self.place = Place(index=self.place.index + 1)
            self._checkpoint()
        return self._result("completed", "all steps done")

    # --- begin, and restart

    def order_of(self, name: str, space: FunctionSpace) -> BlockOrder:
        """Return the order in which an internal state is kept, found once (collective)."""
        if name not in self._orders:
            self._orders[name] = BlockOrder([space])
        return self._orders[name]

    def _begin(self) -> None:
        """Show the state at rest, or take up the run where a checkpoint was written."""
        checkpoints, snapshot = self.options.checkpoints, self.options.snapshot
        parts: list[Any] = [part for part in self.observers if hasattr(part, "save")]
        if checkpoints is not None:
            checkpoints.parts = [self, *parts]
        if snapshot is None:
            self._show(0.0, self.diagnostics.row())
            return
        self.restore(snapshot)
        for part in parts:
            part.restore(snapshot)
        snapshot.take_grown()
        if self.place.begin is None:  # else the history of the step is still to be read
            snapshot.arrays.clear()  # nobody needs them any more, and they are large
        self._row = self.diagnostics.row()

    def save(self, snapshot: Snapshot) -> None:
        """Put state, place in the protocol and balances into a snapshot (collective)."""
        save_run(self, snapshot)

    def restore(self, snapshot: Snapshot) -> None:
        """Take all that out of a snapshot (collective)."""
        restore_run(self, snapshot)
        self.cell.follow(self.integrator.t)

    def _checkpoint(self) -> None:
        if self.options.checkpoints is not None:
            self.options.checkpoints.write()

    def _result(self, status: str, reason: str) -> ProtocolResult:
        counts = asdict(self.integrator.newton.counts)
        counts["time_steps"], counts["rejected"] = self.integrator.steps, self.integrator.rejected
        return ProtocolResult(status, reason, self.results, counts)

    def _run_step(self, step: Step) -> str:
        """Run one step, or its rest; return what ended it, or set ``self.stop``."""
        cell, integrator = self.cell, self.integrator
        resumed = self.place.begin is not None
        start = self.place.begin or controls.begin(integrator.t, cell, self.diagnostics)
        self.place = replace(self.place, begin=start)
        held = controls.terminal(step, cell, start)
        ends = controls.ends(step, start, held, cell, self.diagnostics)
        if not resumed:
            over = next((e.name for e in ends if e.indicator() <= e.tolerance), None)
            if over is not None and step.control not in ("voltage", "sweep"):
                return f"{over} before the step began"
            self.stop = self._cannot_begin(step, held)
            if self.stop is not None:
                return self.stop
        cell.control(held.kind, held.target, rate=held.rate)  # time counts from the start
        self._held = held.kind
        if self.dense is not None and not resumed:
            self.dense.begin()
        integrator.limit_step(min(step.period or inf, self.options.max_step or inf))
        guards = controls.guards(cell)
        duration = step.duration if step.duration is not None else inf
        try:
            if resumed:
                restore_history(self)
            else:
                first = controls.first_steps(held, cell, self.options.tolerance)
                integrator.restart(first.step, first.leap)
            # a step whose end had been reached when the checkpoint was written is over
            reason = self.place.reached or integrator.integrate(
                duration,
                [*ends, *guards],
                self._observe,
                controls.within_bounds(cell),
            )
        except StepFailure as failure:
            cell.system.load(cell.system.x, cell.system.unknowns)
            fault = integrator.newton.linear_failure
            self.stop = diagnose(cell, self.measure, held, failure.dt, fault)
            return self.stop
        except SolverError as error:
            self.stop = str(error)
            return self.stop
        self._judge(step, reason, [e.name for e in ends], [e.name for e in guards])
        if reason == power_limit.REACHED:
            return power_limit.tell(cell)
        return "duration reached" if reason == "time" else reason

    def _cannot_begin(self, step: Step, held: controls.Terminal) -> str | None:
        """Return why a step cannot begin with what its terminal holds, None where it can."""
        if held.kind != "power" or held.target <= 0.0:
            return None
        return power_limit.beyond(self.cell, held.target, self.measure, step.duration) or None

    def _judge(self, step: Step, reason: str, ends: list[str], guards: list[str]) -> None:
        """Set ``self.stop`` where the protocol cannot continue after this end of a step."""
        start = self.place.begin
        if reason in guards:
            self.stop = "; ".join([reason, *suspects(self.cell)])
        if start is None or step.control not in ("current", "power") or reason not in ends:
            return
        moved = abs(self.cell.Q.number() - start.Q)
        if moved < AT_ONCE * self.cell.charge_capacity:
            if reason == power_limit.REACHED:
                self.stop = power_limit.too_short(self.cell, self.integrator.t - start.t)
                return
            self.stop = too_fast(self.cell, reason, self.integrator.t - start.t)

    def _observe(self, t: float) -> bool:
        self.cell.follow(t)
        self._show(t, self.diagnostics.accept())
        request = agree(self.cell.domain.comm, self.options.stop_requested())
        checkpoints = self.options.checkpoints
        if checkpoints is not None and (checkpoints.due() or request is not None):
            self.place = replace(self.place, reached=self.integrator.reached)
            checkpoints.write()
            self.place = replace(self.place, reached=None)
        if request is not None:
            self.stop = request
        return self.stop is not None

    def _show(self, t: float, row: dict[str, float]) -> None:
        newton = self.integrator.newton.last_iterations
        self._row = row
        between = self._rows_between()
        point = Point(t, self.place.index, t - self.t_last, newton, self._row, between)
        self.t_last = t
        for observer in self.observers:
            observer.point(point)

    def _rows_between(self) -> Sequence[tuple[float, dict[str, float]]]:
        if self.dense is None or self.place.begin is None:
            return ()
        return self.dense.between(self._row, self._held, self.integrator.resumption())

    def _close_step(self, step: Step, reason: str) -> None:
        t = self.integrator.t
        begin = self.place.begin.t if self.place.begin is not None else t
        result = StepResult(self.place.index, step.text, reason, begin, t, self._row)
        self.results.append(result)
        for observer in self.observers:
            observer.step_end(result)
