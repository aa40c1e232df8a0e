"""Half cycles: capacity, efficiencies, mean voltages, and what is left of capacity at a rate.

A half cycle goes on while the cell is discharged, or charged; rests belong to the one before. A
cycle begins where the first direction returns. With Q and E the charge and energy of a half cycle,
both positive,

    coulombic efficiency   Q_second/Q_first       (what came back of what went in)
    energy efficiency      E_discharge/E_charge
    mean voltage           E/Q
    polarisation           mean voltage of charge − of discharge
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from mesode.evaluate.formula import Formula

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mesode.evaluate.record import Record

CYCLING: Final = Formula(
    "Q = ∫ I dt, E = ∫ V I dt over each half cycle",
    "all current is charge of the half cycle: side reactions and double layers count with it",
    "definition",
)
RATE: Final = Formula(
    "Q(I)/Q(I of the slowest)",
    "each half cycle begins from the same state: a slow one before it, or a held voltage",
    "definition",
)
_NOTHING = 1e-6  # of the largest charge: a half cycle with less has only noise


@dataclass(frozen=True, slots=True)
class HalfCycle:
    """A half cycle: direction +1 discharge, −1 charge; rows; Q [C], E [J], length [s]."""

    cycle: int
    direction: int
    start: int
    end: int
    Q: float
    E: float
    time: float
    I: float  # mean while it flows

    @property
    def V(self) -> float:
        """Return the mean voltage [V]."""
        return self.E / self.Q


@dataclass(frozen=True, slots=True)
class Cycle:
    """Two half cycles in their order; the second is None where the record ends before."""

    number: int
    first: HalfCycle
    second: HalfCycle | None

    def side(self, direction: int) -> HalfCycle | None:
        """Return the half cycle of a direction."""
        found = (half for half in (self.first, self.second) if half is not None)
        return next((half for half in found if half.direction == direction), None)

    @property
    def coulombic_efficiency(self) -> float | None:
        """Return Q of the second half cycle over Q of the first."""
        return None if self.second is None else self.second.Q / self.first.Q

    @property
    def energy_efficiency(self) -> float | None:
        """Return the energy that was given off over that which was taken up."""
        discharge, charge = self.side(1), self.side(-1)
        return None if discharge is None or charge is None else discharge.E / charge.E

    @property
    def polarisation(self) -> float | None:
        """Return the mean voltage of charge less that of discharge [V]."""
        discharge, charge = self.side(1), self.side(-1)
        return None if discharge is None or charge is None else charge.V - discharge.V


def half_cycles(record: Record) -> list[HalfCycle]:
    """Return the half cycles of a record; a change of direction without charge is none."""
    charge, energy = record.charge, record.energy
    flow = np.diff(charge)
    largest = float(np.max(np.abs(flow), initial=0.0))
    way = np.where(np.abs(flow) > _NOTHING * largest, np.sign(flow), 0.0)
    moving = np.flatnonzero(way)
    if not len(moving):
        return []
    turns = moving[1:][way[moving][1:] != way[moving][:-1]]
    borders = [0, *(int(k) for k in turns), len(record.t) - 1]
    found: list[HalfCycle] = []
    for start, end in itertools.pairwise(borders):
        Q, E = charge[end] - charge[start], energy[end] - energy[start]
        direction = int(np.sign(Q))
        under = np.abs(flow[start:end]) > _NOTHING * largest
        time = float(np.sum(np.diff(record.t)[start:end][under]))
        first = found[0].direction if found else direction
        cycle = (found[-1].cycle + (direction == first)) if found else 1
        found.append(
            HalfCycle(
                cycle=cycle, direction=direction, start=start, end=end + 1,
                Q=float(abs(Q)), E=float(direction * E),
                time=float(record.t[end] - record.t[start]), I=float(abs(Q)) / time,
            )
        )  # fmt: skip
    return found


def cycles(halves: Sequence[HalfCycle]) -> list[Cycle]:
    """Return the cycles of half cycles."""
    found: dict[int, list[HalfCycle]] = {}
    for half in halves:
        found.setdefault(half.cycle, []).append(half)
    return [
        Cycle(number, members[0], members[1] if len(members) > 1 else None)
        for number, members in found.items()
    ]


@dataclass(frozen=True, slots=True)
class RatePoint:
    """Capacity of a half cycle at a current, and its share of that at the slowest."""

    cycle: int
    I: float
    Q: float
    share: float


def rate_capability(halves: Sequence[HalfCycle], direction: int) -> list[RatePoint]:
    """Return the capacity over the mean current of the half cycles of one direction.

    Args:
        halves: Half cycles.
        direction: +1 for discharge (lithiation of a half cell), −1 for charge.
    """
    chosen = [half for half in halves if half.direction == direction]
    if not chosen:
        return []
    slowest = min(chosen, key=lambda half: half.I)
    return [RatePoint(half.cycle, half.I, half.Q, half.Q / slowest.Q) for half in chosen]
