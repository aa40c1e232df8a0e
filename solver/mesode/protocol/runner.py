"""Runs a protocol on a cell: step after step, observed, to its end or to a reason.

The runner never loses results: whatever ends a step is told in words, and the observers have seen
every accepted time step up to there. Everything is collective.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from functools import partial
from math import inf
from typing import TYPE_CHECKING, Any, Protocol

from mesode.errors import SolverError
from mesode.mesh.ordering import BlockOrder
from mesode.model.diagnostics import Diagnostics
from mesode.model.foresight import Foresight
from mesode.model.residual import CurrentMeasure, newton_options
from mesode.model.surroundings import surround
from mesode.numerics.integrator import Integrator
from mesode.numerics.newton import NewtonOptions
from mesode.numerics.step_control import TimeOptions
from mesode.protocol.dense import DenseRows, Spacing
from mesode.protocol.diagnosis import agree
from mesode.protocol.kinds import make_step
from mesode.protocol.restart import KEY, StepResult, restore_run, save_run
from mesode.protocol.step import Ending, Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dolfinx.fem import FunctionSpace

    from mesode.config.steps import Step
    from mesode.model.cell import Cell
    from mesode.numerics.bdf import FloatArray
    from mesode.output.snapshot import Snapshot
    from mesode.protocol.step import Measured, ProtocolStep, Rows


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
    """Watches a run; all methods are called on all ranks.

    One that has ``measured(t, step, found)`` is told what a step has found at a state.
    """

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
    return Runner(cell, options, observers, diagnostics or Diagnostics(cell)).run(steps)


class Runner:
    """Goes from step to step of a protocol, and shows and keeps what they accept.

    ``index`` is the number of the present step, from 1, ``step`` that step while it is under way.
    """

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
            TimeOptions(tolerance=options.tolerance),
            newton_options(cell, options.newton),
            scales=[u.error_scale for u in cell.unknowns],
            states=cell.leading_states,
            bounds={k: u.bounds for k, u in enumerate(cell.unknowns) if u.bounds is not None},
        )
        self.integrator.foresee = Foresight(cell)
        self.integrator.mistaken = partial(cell.mistaken, tolerance=options.tolerance)
        self.order = BlockOrder(cell.system.spaces)
        self._orders: dict[str, BlockOrder] = {}
        self.stage = self._make_stage()
        self.index = 1
        self.step: ProtocolStep | None = None
        self.results: list[StepResult] = []
        self.t_last = 0.0
        self._row: dict[str, float] = {}
        self._shown: list[FloatArray] = []  # unknowns of the state that was shown last

    def _make_stage(self) -> Stage:
        cell, options = self.cell, self.options
        dense = None if options.rows is None else DenseRows(cell, self.diagnostics, options.rows)
        return Stage(
            cell=cell,
            diagnostics=self.diagnostics,
            measure=self.measure,
            integrator=self.integrator,
            order=self.order,
            dense=dense,
            tolerance=options.tolerance,
            longest=options.max_step or inf,
            accepted=self._accepted,
            stop_requested=self._asked_within,
            measured=self._measured,
        )

    def run(self, steps: Sequence[Step]) -> ProtocolResult:
        """Run all steps; stop at the first after which the protocol cannot continue."""
        for observer in self.observers:
            observer.start(self.cell)
        under_way = self._begin()
        while self.index <= len(steps):
            step = steps[self.index - 1]
            ending = self._pass(step, under_way)
            if ending.stops:
                return self._result("stopped", f"step {self.index} ({step.text}): {ending.reason}")
            self.index, under_way = self.index + 1 + ending.skips, None
            self._checkpoint()
        return self._result("completed", "all steps done")

    def _pass(self, entry: Step, under_way: Snapshot | None) -> Ending:
        """Carry out a step, or its rest."""
        surround(self.cell, entry.temperature)
        self.step = step = make_step(entry, self.stage)
        ending = None
        if under_way is None:
            ending = step.begin()
        else:
            step.take_up(under_way.data[KEY]["step"], under_way)
            under_way.arrays.clear()  # nobody needs them any more, and they are large
        try:
            ending = ending or step.run()
            t = self.integrator.t
        except SolverError as error:
            ending, t = Ending(str(error), stops=True), self.t_last
            self._go_back()
        step.close()
        self.step = None
        self._close(entry, (step.t_start, t), ending.reason)
        return ending

    def _note(self) -> None:
        """Remember the loaded state as the one that was shown last."""
        self._shown = [unknown.x.array.copy() for unknown in self.cell.system.unknowns]

    def _go_back(self) -> None:
        """Load the state that was shown last: what follows a later one has no solution."""
        for unknown, values in zip(self.cell.system.unknowns, self._shown, strict=True):
            unknown.x.array[:] = values

    def _close(self, entry: Step, times: tuple[float, float], reason: str) -> None:
        t_start, t = times
        result = StepResult(self.index, entry.text, reason, t_start, t, self._row, entry.tags)
        self.results.append(result)
        for observer in self.observers:
            observer.step_end(result)

    # --- begin, and restart

    def order_of(self, name: str, space: FunctionSpace) -> BlockOrder:
        """Return the order in which an internal state is kept, found once (collective)."""
        if name not in self._orders:
            self._orders[name] = BlockOrder([space])
        return self._orders[name]

    def _begin(self) -> Snapshot | None:
        """Show the state at rest, or take up the run where a checkpoint was written.

        Returns the snapshot where that was within a step.
        """
        checkpoints, snapshot = self.options.checkpoints, self.options.snapshot
        parts: list[Any] = [part for part in self.observers if hasattr(part, "save")]
        if checkpoints is not None:
            checkpoints.parts = [self, *parts]
        if snapshot is None:
            self._show(0.0, self.diagnostics.row())
            return None
        self.restore(snapshot)
        for part in parts:
            part.restore(snapshot)
        snapshot.take_grown()
        self._row = self.diagnostics.row()
        if "step" in snapshot.data[KEY]:
            return snapshot
        snapshot.arrays.clear()
        return None

    def save(self, snapshot: Snapshot) -> None:
        """Put state, place in the protocol and balances into a snapshot (collective)."""
        save_run(self, snapshot)

    def restore(self, snapshot: Snapshot) -> None:
        """Take all that out of a snapshot (collective)."""
        restore_run(self, snapshot)
        self.cell.follow(self.integrator.t)
        self._note()

    def _checkpoint(self) -> None:
        if self.options.checkpoints is not None:
            self.options.checkpoints.write()

    def _result(self, status: str, reason: str) -> ProtocolResult:
        integrator, follower = self.integrator, self.cell.follower
        counts = asdict(integrator.newton.counts) | {
            "time_steps": integrator.steps,
            "rejected": integrator.rejected,
            "repeated": integrator.repeated,
            "snapped": follower.held if follower else 0,
        }
        return ProtocolResult(status, reason, self.results, counts)

    # --- what steps tell

    def _stop_requested(self) -> str | None:
        return agree(self.cell.domain.comm, self.options.stop_requested())

    def _asked_within(self) -> str | None:
        """Return why the run shall stop within a step that shows no state.

        The checkpoint is that of its begin: a run that goes on does it from there.
        """
        request = self._stop_requested()
        if request is not None:
            step, self.step = self.step, None
            self._checkpoint()
            self.step = step
        return request

    def _accepted(self, t: float, row: dict[str, float], between: Rows) -> str | None:
        """Show an accepted state; return why the run shall stop."""
        self._show(t, row, between)
        request, checkpoints = self._stop_requested(), self.options.checkpoints
        if checkpoints is not None and (checkpoints.due() or request is not None):
            checkpoints.write()
        return request

    def _measured(self, found: Measured) -> None:
        for observer in self.observers:
            if hasattr(observer, "measured"):
                observer.measured(self.integrator.t, self.index, found)

    def _show(self, t: float, row: dict[str, float], between: Rows = ()) -> None:
        newton = self.integrator.newton.last_iterations
        self._row = row
        point = Point(t, self.index, t - self.t_last, newton, row, between)
        self.t_last = t
        self._note()
        for observer in self.observers:
            observer.point(point)
