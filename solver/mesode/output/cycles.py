"""Half cycles and cycles of a run: how they are counted, and ``cycles.csv`` with a row for each.

A half cycle goes on as long as the direction of the cell stays the same: discharge or charge. Rests
and holds belong to the half cycle before them. A cycle begins where the first direction returns.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from mesode.columns import (
    CAPACITY,
    CHARGING,
    COULOMBIC_EFFICIENCY,
    CYCLE,
    CYCLE_CAPACITY,
    CYCLE_ENERGY,
    CYCLE_THICKNESS,
    CYCLE_TIME,
    CYCLE_VOLTAGE,
    DISCHARGING,
    END_TIME,
    ENERGY,
    ENERGY_EFFICIENCY,
    START_TIME,
    THICKNESS,
    TIME,
    VOLTAGE,
    File,
    header,
)
from mesode.output.table import Table, TableObserver

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mesode.config.steps import Step

SIDES = {1: DISCHARGING, -1: CHARGING}


def direction(step: Step, polarity: int, before: float, after: float) -> int:
    """Return +1 for a step that discharges the cell, -1 for one that charges it, 0 for neither.

    Args:
        step: The step.
        polarity: Of the cell, see ``Cell``.
        before: Voltage where the step began [V].
        after: Voltage after its first time step [V]: a sweep that lowers it discharges.
    """
    if step.control != "sweep":
        return step.current_sign(polarity)
    return (before > after) - (before < after)


@dataclass(slots=True)
class Count:
    """Numbers of the present half cycle and cycle, from 1; direction of the first and of this."""

    half: int = 1
    cycle: int = 1
    first: int = 0
    now: int = 0

    def begin(self, direction: int) -> bool:
        """Begin a step; return whether a half cycle begins with it."""
        if direction in (0, self.now):
            return False
        self.now, turned = direction, self.now != 0
        if not turned:
            self.first = direction
        else:
            self.half += 1
            self.cycle += direction == self.first
        return turned


@dataclass(slots=True)
class Half:
    """What one half cycle amounts to so far; ``begin`` and ``end`` are rows of the time series."""

    cycle: int
    direction: int
    begin: dict[str, float]
    end: dict[str, float]

    def change(self, column: str) -> float:
        """Return by how much a column has grown."""
        return self.end[column] - self.begin[column]


def cycle_row(halves: list[Half], loading: float) -> dict[str, float]:
    """Return the row of a cycle, of its one or two half cycles; what is not known is left out.

    The coulombic efficiency is the capacity of the second half cycle over that of the first; the
    energy efficiency what was given off over what was taken up.

    Args:
        halves: Of the cycle.
        loading: Mass of active material per area of the electrode [kg/m^2].
    """
    row: dict[str, float] = {
        CYCLE: halves[0].cycle,
        START_TIME: halves[0].begin[TIME],
        END_TIME: halves[-1].end[TIME],
    }
    for half in halves:
        side = SIDES.get(half.direction)
        if side is None:
            continue
        row |= {
            CYCLE_CAPACITY[side]: half.direction * half.change(CAPACITY),
            CYCLE_ENERGY[side]: half.direction * half.change(ENERGY),
            CYCLE_TIME[side]: half.change(TIME),
        }
        if half.change(CAPACITY):
            row[CYCLE_VOLTAGE[side]] = half.change(ENERGY) / loading / half.change(CAPACITY)
        if THICKNESS in half.end:
            row[CYCLE_THICKNESS[side]] = half.end[THICKNESS]
    if len(halves) == 2:
        row |= _efficiencies(halves, row)
    return row


def _efficiencies(halves: list[Half], row: Mapping[str, float]) -> dict[str, float]:
    first, second = (half.direction * half.change(CAPACITY) for half in halves)
    given, taken = (row[CYCLE_ENERGY[side]] for side in SIDES.values())
    found = {}
    if first > 0.0:
        found[COULOMBIC_EFFICIENCY] = second / first
    if taken > 0.0:
        found[ENERGY_EFFICIENCY] = given / taken
    return found


class Cycles:
    """Follows the rows of a run and tells which cycles are complete.

    Args:
        steps: Of the protocol.
        polarity: Of the cell.
        loading: Mass of active material per area of the electrode [kg/m^2].
    """

    def __init__(self, steps: tuple[Step, ...], polarity: int, loading: float) -> None:
        self._steps, self._polarity, self._loading = steps, polarity, loading
        self.count = Count()
        self._halves: list[Half] = []
        self._step = 0

    def follow(self, t: float, step: int, row: Mapping[str, float]) -> dict[str, float] | None:
        """Take a row up; return that of the cycle that it has ended, if it has.

        Args:
            t: Time [s].
            step: Number of the step of the protocol, from 1.
            row: With voltage, capacity and energy.
        """
        seen = {TIME: t, **{name: row[name] for name in _KEPT if name in row}}
        if not self._halves:
            self._halves = [Half(1, 0, seen, seen)]
        ended, last = None, self._halves[-1]
        if step != self._step and t > last.end[TIME]:
            self._step = step
            before = last.end[VOLTAGE]
            way = direction(self._steps[step - 1], self._polarity, before, row[VOLTAGE])
            ended = self._begin(way)
        self._halves[-1].end = seen
        return ended

    def _begin(self, way: int) -> dict[str, float] | None:
        ended, last, cycle = None, self._halves[-1], self.count.cycle
        if self.count.begin(way):
            if self.count.cycle != cycle:
                ended, self._halves = cycle_row(self._halves, self._loading), []
            self._halves.append(Half(self.count.cycle, way, last.end, last.end))
        last.direction = last.direction or self.count.first
        return ended

    def half_capacity(self) -> float:
        """Return the capacity that has passed in the present half cycle [mAh/g]."""
        last = self._halves[-1]
        return last.direction * last.change(CAPACITY)

    def unfinished(self) -> dict[str, float] | None:
        """Return the row of the cycle that goes on, if anything has flowed."""
        return cycle_row(self._halves, self._loading) if self._halves and self.count.first else None

    def save(self) -> dict[str, Any]:
        """Return the state as plain data."""
        halves = [asdict(half) for half in self._halves]
        return {"count": asdict(self.count), "halves": halves, "step": self._step}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take up a state."""
        self.count, self._step = Count(**state["count"]), state["step"]
        self._halves = [Half(**half) for half in state["halves"]]


_KEPT = (VOLTAGE, CAPACITY, ENERGY, THICKNESS)


class CycleTable(TableObserver):
    """Writes ``cycles.csv``, on rank 0; the last cycle when the run ends."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "cycles")

    def write(self, row: Mapping[str, float] | None) -> None:
        """Write the row of a cycle, if there is one (rank 0)."""
        if row is None:
            return
        if self._table is None:
            self._table = Table(self._path, header(File.CYCLES))
        self._table.write(row)
