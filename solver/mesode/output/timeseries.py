"""``timeseries.bdf.csv``: Battery Data Format columns first, then ours; a row per accepted step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mesode.output.ranks import only_on_rank_zero
from mesode.output.table import Table, TableObserver

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from mesode.config.steps import Step

TIME, VOLTAGE, CURRENT = "Test Time / s", "Voltage / V", "Current / A"
STEP, CYCLE = "Step Index / 1", "Cycle Count / 1"
CURRENT_DENSITY = "Current Density / A.m-2"
DEPTH = 1.0  # [m] of the section, for the current in amperes
CURRENT_NOTE = (
    "'Current / A' is the current density times the width of the section times a depth of 1 m"
)


def cycle_numbers(steps: Sequence[Step]) -> tuple[int, ...]:
    """Return the cycle of each step, from 1: a new one begins where the first direction returns.

    Rests and holds belong to the cycle of the step before.
    """
    first = next((s.sign for s in steps if s.sign), 0)
    numbers, cycle, turned = [], 1, False
    for step in steps:
        if step.sign == -first:
            turned = turned or first != 0
        elif step.sign == first and turned:
            cycle, turned = cycle + 1, False
        numbers.append(cycle)
    return tuple(numbers)


class TimeSeries(TableObserver):
    """Observer that writes the time series; rank 0 alone writes."""

    def __init__(self, path: Path, steps: Sequence[Step]) -> None:
        super().__init__(path, "timeseries")
        self._cycles = cycle_numbers(steps)
        self._width = 0.0

    def start(self, cell: Any) -> None:
        """Remember the communicator and the width of the section (collective)."""
        super().start(cell)
        self._width = cell.width

    def point(self, point: Any) -> None:
        """Write the row of an accepted step (collective)."""
        only_on_rank_zero(self._comm, lambda: self._write(point))

    def step_end(self, result: Any) -> None:
        """Nothing to do: each row is complete when it is written."""

    def _write(self, point: Any) -> None:
        if self._table is None:
            own = (TIME, VOLTAGE, CURRENT, STEP, CYCLE)
            others = [name for name in point.row if name not in own]
            self._table = Table(self._path, (*own, *others))
        current = point.row[CURRENT_DENSITY] * self._width * DEPTH
        cycle = self._cycles[max(point.step, 1) - 1] if self._cycles else 1
        ours = {TIME: point.t, CURRENT: current, STEP: point.step, CYCLE: cycle}
        self._table.write({**point.row, **ours})
