"""A step that goes on in time: the terminal holds what the step says, until an end is reached."""

from __future__ import annotations

from dataclasses import asdict
from math import inf
from typing import TYPE_CHECKING, Any

from mesode.numerics.stepper import StepFailure
from mesode.protocol import controls, power_limit
from mesode.protocol.creep import Creep
from mesode.protocol.diagnosis import diagnose, suspects, too_fast
from mesode.protocol.restart import restore_integration, save_integration
from mesode.protocol.spectra_within import SpectraWithin
from mesode.protocol.step import Ending, ProtocolStep

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mesode.config.steps import Step
    from mesode.numerics.events import Event
    from mesode.output.snapshot import Snapshot
    from mesode.protocol.step import Row, Rows, Stage

# A constant-current step that ends after less than this part of the capacity never began.
AT_ONCE = 1e-4


class InTime(ProtocolStep):
    """A step that is integrated in time.

    Args:
        step: What the terminal holds and what ends it.
        stage: What the steps of the run share.
    """

    def __init__(self, step: Step, stage: Stage) -> None:
        super().__init__(stage)
        self._step = step
        self._reached: str | None = None  # an end, before the step was taken up
        self._asked: str | None = None  # why the run shall stop

    def begin(self) -> Ending | None:
        """Hold what the step says; over where an end is reached already, or it cannot be held."""
        stage, step = self.stage, self._step
        self._start_from(controls.begin(stage.integrator.t, stage.cell, stage.diagnostics))
        over = next((e.name for e in self._ends if e.indicator() <= e.tolerance), None)
        if over is not None and step.control not in ("voltage", "sweep"):
            return Ending(f"{over} before the step began", skips=self._skips(over))
        if step.control == "power" and self._held.target > 0.0:
            power = self._held.target
            beyond = power_limit.beyond(stage.cell, power, stage.measure, step.duration)
            if beyond:
                return Ending(beyond, stops=True)
        self._hold()
        if stage.dense is not None:
            stage.dense.begin()
        first = controls.first_steps(self._held, stage.cell, stage.tolerance)
        stage.integrator.restart(first.step, first.leap)
        return None

    def take_up(self, data: Mapping[str, Any], snapshot: Snapshot) -> None:
        """Go on from the accepted state at which the checkpoint was written."""
        stage = self.stage
        self._start_from(controls.Begin(**data["begin"]))
        self._reached = data["reached"]
        self._creep.restore(data["creep"])
        if self._spectra is not None:
            self._spectra.restore(data["spectra"])
        self._hold()
        if stage.dense is not None:
            stage.dense.restore(data.get("dense", ()))
        restore_integration(stage.integrator, stage.order, snapshot, data["integration"])

    def run(self) -> Ending:
        """Integrate to an end of the step, to a guard, or to where it cannot continue."""
        stage = self.stage
        stage.integrator.limit_step(self._longest())
        guards = controls.guards(stage.cell)
        try:
            # a step whose end had been reached when the checkpoint was written is over
            reason = self._reached or self._integrate(guards)
            while self._spectra is not None and reason == self._spectra.event.name:
                self._spectra.measure()
                self._go_on()
                # an end at the same moment is reached, too
                over = (e.name for e in self._ends if e.value() <= e.tolerance)
                reason = next(over, None) or self._integrate(guards)
        except StepFailure as failure:
            return Ending(self._diagnose(failure), stops=True)
        if self._asked is not None:
            return Ending(self._asked, stops=True)
        if self._spectra is not None:
            self._spectra.measure()
        if reason in [guard.name for guard in guards]:
            return Ending("; ".join([reason, *suspects(stage.cell)]), stops=True)
        return self._judge(reason)

    def _integrate(self, guards: Sequence[Event]) -> str:
        return self._to(self._step.duration if self._step.duration is not None else inf, guards)

    def _to(self, end: float, guards: Sequence[Event]) -> str:
        """Integrate to a time since the last start of the integration [s], or to what is met."""
        spectra = [] if self._spectra is None else [self._spectra.event]
        return self.stage.integrator.integrate(
            end,
            [*self._ends, *guards, *spectra],
            self._observe,
            controls.within_bounds(self.stage.cell),
        )

    def _go_on(self) -> None:
        """Go on after a spectrum, which has taken the matrix and what the terminal holds."""
        self._hold()
        self.stage.integrator.newton.renew()

    def save(self, snapshot: Snapshot) -> dict[str, Any]:
        """Keep the begin of the step and the history of the integration."""
        stage = self.stage
        return {
            "begin": asdict(self._start),
            "reached": stage.integrator.reached,
            "creep": self._creep.save(),
            **({} if self._spectra is None else {"spectra": self._spectra.save()}),
            **({} if stage.dense is None else {"dense": stage.dense.save()}),
            "integration": save_integration(stage.integrator, stage.order, snapshot),
        }

    def _start_from(self, start: controls.Begin) -> None:
        cell, diagnostics = self.stage.cell, self.stage.diagnostics
        self._start, self.t_start = start, start.t
        self._held = controls.terminal(self._step, cell, start)
        self._creep = Creep(cell)
        self._ends: list[Event] = controls.ends(self._step, start, self._held, cell, diagnostics)
        self._spectra = self._spectra_within()

    def _spectra_within(self) -> SpectraWithin | None:
        """Return what measures within the step, None where nothing does."""
        step, stage = self._step, self.stage
        if step.every is None:
            return None
        waits = step.control in ("current", "power", "resistance")
        settled = controls.settled(stage.cell, stage.diagnostics) if waits else None
        return SpectraWithin(step.every, stage, settled)

    def _hold(self) -> None:
        held = self._held
        self.stage.cell.control(held.kind, held.target, rate=held.rate)
        self.stage.integrator.limit_order(controls.highest_order(held.kind))

    def _longest(self) -> float:
        """Return how long the next time step may be [s]."""
        stage = self.stage
        of_processes = [process.longest_step(stage.tolerance) for process in stage.cell.processes]
        return min([self._step.period or inf, stage.longest, *of_processes])

    def _observe(self, t: float) -> bool:
        """Show an accepted state; return whether to stop there."""
        self.stage.cell.follow(t)
        self.stage.integrator.limit_step(self._longest())
        row = self.stage.diagnostics.accept()
        creeps = self._creep.accept()
        asked = self.stage.accepted(t, row, self._between(row))
        self._asked = asked or creeps or controls.over(self.stage.cell)
        return self._asked is not None

    def _between(self, row: Row) -> Rows:
        if self.stage.dense is None:
            return ()
        return self.stage.dense.between(row, self._held.kind, self.stage.integrator.resumption())

    def _diagnose(self, failure: StepFailure) -> str:
        cell, measure = self.stage.cell, self.stage.measure
        cell.system.load(cell.system.x, cell.system.unknowns)
        fault = self.stage.integrator.newton.linear_failure
        return diagnose(cell, measure, self._held, failure.dt, fault)

    def _judge(self, reason: str) -> Ending:
        """Return the end of a step in words, and whether the protocol can continue after it."""
        cell, seconds = self.stage.cell, self.stage.integrator.t - self._start.t
        moved = abs(cell.Q.number() - self._start.Q)
        at_once = (
            self._step.control in ("current", "power")
            and reason in [end.name for end in self._ends]
            and moved < AT_ONCE * cell.charge_capacity
        )
        if reason == power_limit.REACHED:
            if at_once:
                return Ending(power_limit.too_short(cell, seconds), stops=True)
            return Ending(power_limit.tell(cell))
        if at_once:
            return Ending(too_fast(cell, reason, seconds), stops=True)
        return Ending("duration reached" if reason == "time" else reason, skips=self._skips(reason))

    def _skips(self, reason: str) -> int:
        """Return how many steps are passed over because this one has reached an end."""
        ends = self._step.until
        return max((end.skips for end in ends if controls.describe(end) == reason), default=0)
