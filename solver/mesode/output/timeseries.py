"""``timeseries.bdf.csv``: columns of the Battery Data Format first, then ours; and ``cycles.csv``.

The format counts a current that charges the cell as positive. Ours, in ``Current Density``, is
positive on discharge, as everywhere else in this program.

Source: Battery Data Alliance, Battery Data Format, ontology 1.3.0.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from mesode.columns import (
    CAPACITY,
    CURRENT,
    CURRENT_DENSITY,
    CYCLE,
    ENERGY,
    HALF_CAPACITY,
    HALF_CYCLE,
    NET_ENERGY,
    STEP,
    TIME,
    TIME_STEP,
    VOLTAGE,
)
from mesode.output.cycles import Cycles, CycleTable
from mesode.output.ranks import only_on_rank_zero
from mesode.output.table import Table, TableObserver

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from mesode.config.steps import Step
    from mesode.output.snapshot import Snapshot

DEPTH = 1.0  # [m] of the section, for current and energy of the Battery Data Format
CURRENT_NOTE = (
    "'Current / A' and 'Net Energy / Wh' are those of a section 1 m deep, positive where the cell "
    "is charged (Battery Data Format); 'Current Density / A.m-2' and 'Energy / W.h.m-2' are per "
    "area of the electrode, positive where it is discharged"
)
_FIRST = (TIME, VOLTAGE, CURRENT, STEP, CYCLE, NET_ENERGY)
MAH_PER_G = 3600.0  # [C/kg]
_HOUR = 3600.0  # [s]


@dataclass(slots=True)
class _Energy:
    """Energy given off up to the last row [W h/m2]; voltage, charge [C/m2] and step of that row."""

    energy: float = 0.0
    V: float = 0.0
    Q: float = 0.0
    step: int = 0

    def add(self, V: float, Q: float, step: int) -> float:
        """Take up a row; return the energy.

        The voltage jumps where a step of the protocol begins: there it counts as it is after that.
        """
        mean = V if step != self.step else 0.5 * (self.V + V)
        self.energy += mean * (Q - self.Q) / _HOUR
        self.V, self.Q, self.step = V, Q, step
        return self.energy


class TimeSeries(TableObserver):
    """Observer that writes the time series and the table of the cycles; rank 0 alone writes.

    Args:
        path: Of the time series.
        cycles: Of the table of the cycles.
        steps: The protocol.
    """

    def __init__(self, path: Path, cycles: Path, steps: Sequence[Step]) -> None:
        super().__init__(path, "timeseries")
        self._steps = tuple(steps)
        self._cycle_table = CycleTable(cycles)
        self._energy, self._time_step = _Energy(), 0

    def start(self, cell: Any) -> None:
        """Remember the communicator and the sizes of the section (collective)."""
        super().start(cell)
        self._cycle_table.start(cell)
        self._width, self._loading = cell.width, cell.active_mass
        self._cycles = Cycles(self._steps, cell.polarity, cell.active_mass)

    def point(self, point: Any) -> None:
        """Write the row of an accepted step and those before it (collective)."""
        rows = [*point.between, (point.t, point.row)]
        self._time_step += point.t > 0.0
        complete = [self._complete(t, point.step, row) for t, row in rows]
        only_on_rank_zero(self._comm, lambda: self._write(complete))

    def step_end(self, result: Any) -> None:
        """Nothing to do: each row is complete when it is written."""

    def finish(self) -> None:
        """Write the cycle that goes on and close the files (collective)."""
        super().finish()
        try:
            if self._comm.rank == 0:
                self._cycle_table.write(self._cycles.unfinished())
        finally:
            self._cycle_table.finish()

    def save(self, snapshot: Snapshot) -> None:
        """Keep all rows, and what the next ones go on from (collective)."""
        super().save(snapshot)
        self._cycle_table.save(snapshot)
        snapshot.data["sums"] = {
            "energy": asdict(self._energy),
            "cycles": self._cycles.save(),
            "time_step": self._time_step,
        }

    def restore(self, snapshot: Snapshot) -> None:
        """Bring the files back to what they were (collective)."""
        super().restore(snapshot)
        self._cycle_table.restore(snapshot)
        sums = snapshot.data["sums"]
        self._energy, self._time_step = _Energy(**sums["energy"]), sums["time_step"]
        self._cycles.restore(sums["cycles"])

    def _complete(
        self, t: float, step: int, row: Mapping[str, float]
    ) -> tuple[dict[str, float], dict[str, float] | None]:
        """Return all columns of a row, and the row of the cycle that has ended with it."""
        Q = row[CAPACITY] * MAH_PER_G * self._loading
        # the state at rest, before the first step, has a number of its own
        energy = self._energy.add(row[VOLTAGE], Q, step if t > 0.0 else 0)
        section = self._width * DEPTH
        full = {
            **row,
            TIME: t,
            CURRENT: -row[CURRENT_DENSITY] * section,
            STEP: step,
            NET_ENERGY: -energy * section,
            ENERGY: energy,
        }
        ended = self._cycles.follow(t, step, full)
        count = self._cycles.count
        full |= {
            CYCLE: count.cycle,
            HALF_CYCLE: count.half,
            HALF_CAPACITY: self._cycles.half_capacity(),
            TIME_STEP: self._time_step,
        }
        return full, ended

    def _write(
        self, rows: Sequence[tuple[Mapping[str, float], Mapping[str, float] | None]]
    ) -> None:
        for row, ended in rows:
            if self._table is None:
                self._table = Table(self._path, (*_FIRST, *(n for n in row if n not in _FIRST)))
            self._table.write(row)
            self._cycle_table.write(ended)
