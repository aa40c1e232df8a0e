"""A record of a cell over time, and the parts of it in which one thing is done.

Current is positive on discharge, as everywhere in mesode: it lithiates the electrode of a half
cell. It may be that of a whole cell [A] or of one square metre of electrode.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    type FloatArray = npt.NDArray[np.float64]

_NO_CURRENT = 1e-3  # of the largest: below it a cell rests
_EVEN = 0.02  # of its mean: a current that varies less is constant
_STRAIGHT = 0.01  # of its range: a voltage as near as that to a line is swept
_LEAST_SWEEP = 5e-3  # [V]
_STILL = 1.5e-3  # [V]: a voltage that varies less is held
_JUMP = 0.5  # of the current: a change from one row to the next at which a step begins
_CHANGE = 0.05  # of the current: a change that counts, where the steps have no numbers


class Kind(StrEnum):
    """What is done in a part of a record."""

    REST = "rest"
    CONSTANT = "constant current"
    SWEEP = "sweep"
    HOLD = "hold"
    OTHER = "other"


@dataclass(frozen=True)
class Record:
    """Time [s], voltage [V], current, and number of the step of each row; None where unknown."""

    t: FloatArray
    V: FloatArray
    I: FloatArray
    step: FloatArray | None = None

    @cached_property
    def charge(self) -> FloatArray:
        """Return the charge [C] that has flowed since the first row, positive on discharge.

        By the trapezoidal rule within a step. Where the current jumps, it is that of the next row.
        """
        left = self.I[:-1].copy()
        first = self._begins
        left[first] = self.I[1:][first]
        mean = 0.5 * (left + self.I[1:])
        return np.concatenate([[0.0], np.cumsum(mean * np.diff(self.t))])

    @cached_property
    def energy(self) -> FloatArray:
        """Return the energy [J] that was given off since the first row."""
        left = self.V[:-1].copy()
        first = self._begins
        left[first] = self.V[1:][first]
        mean = 0.5 * (left + self.V[1:])
        return np.concatenate([[0.0], np.cumsum(mean * np.diff(self.charge))])

    @cached_property
    def _begins(self) -> npt.NDArray[np.bool_]:
        """Tell between which rows a step begins."""
        largest = np.maximum(np.abs(self.I[1:]), np.abs(self.I[:-1]))
        jumps = np.abs(np.diff(self.I)) > _JUMP * largest
        return jumps if self.step is None else jumps | (np.diff(self.step) != 0.0)


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a record: its rows without the one at which it begins.

    Args:
        kind: What is done.
        number: Of the step; counted from 1 where the record has none.
        before: Row at which it begins, the last of the part before; its own first row where
            nothing is before.
        start: Its first row.
        end: Row after its last.
        I: Mean current.
        rate: Mean change of the voltage [V/s].
    """

    kind: Kind
    number: int
    before: int
    start: int
    end: int
    I: float
    rate: float

    @property
    def rows(self) -> slice:
        """Return its rows."""
        return slice(self.start, self.end)

    @property
    def last(self) -> int:
        """Return its last row."""
        return self.end - 1


def segments(record: Record) -> list[Segment]:
    """Return the parts of a record in their order: by its steps, or else by its current."""
    if len(record.t) < 2:
        return []
    borders = _step_borders(record) if record.step is not None else _seen_borders(record)
    largest = float(np.max(np.abs(record.I)))
    found = []
    for k, (start, end) in enumerate(itertools.pairwise(borders)):
        number = k + 1 if record.step is None else int(record.step[start])
        found.append(_segment(record, number, start, end, largest))
    return found


def _segment(record: Record, number: int, start: int, end: int, largest: float) -> Segment:
    before = max(start - 1, 0)
    t, V, I = record.t[start:end], record.V[start:end], record.I[start:end]
    length = float(t[-1] - record.t[before])
    rate = float(V[-1] - V[0]) / float(t[-1] - t[0]) if t[-1] > t[0] else 0.0
    mean = float(record.charge[end - 1] - record.charge[before]) / length if length else 0.0
    kind = _kind(t, V, I, largest)
    return Segment(kind, number, before, start, end, mean, rate)


def _kind(t: FloatArray, V: FloatArray, I: FloatArray, largest: float) -> Kind:
    swept = _is_swept(t, V)
    if np.max(np.abs(I)) <= _NO_CURRENT * largest and not (swept and np.any(I)):
        return Kind.REST
    if np.ptp(I) <= _EVEN * abs(float(np.mean(I))):
        return Kind.CONSTANT
    if np.ptp(V) <= _STILL:
        return Kind.HOLD
    return Kind.SWEEP if swept else Kind.OTHER


def _is_swept(t: FloatArray, V: FloatArray) -> bool:
    """Tell whether the voltage is a straight line over time, and no level one."""
    if np.ptp(V) < _LEAST_SWEEP or len(t) < 4:
        return False
    line = np.polynomial.Polynomial.fit(t, V, 1)
    return bool(np.max(np.abs(line(t) - V)) <= _STRAIGHT * np.ptp(V))


def _step_borders(record: Record) -> list[int]:
    """Return the first row of each step, and the number of rows."""
    step, I = np.asarray(record.step), np.abs(record.I)
    first = [0, *(int(k) + 1 for k in np.flatnonzero(np.diff(step) != 0.0)), len(step)]
    least = _NO_CURRENT * float(I.max())
    # a first row without the current of its step is the state before it
    late = [
        a + 1 if b - a > 1 and I[a] <= least < I[a + 1] else a for a, b in itertools.pairwise(first)
    ]
    return [*late, len(step)]


def _seen_borders(record: Record) -> list[int]:
    """Return where the current jumps, or where a sweep turns."""
    swept = _swept_borders(record)
    if swept:
        return swept
    I, largest = record.I, float(np.max(np.abs(record.I)))
    side = np.sign(np.where(np.abs(I) <= _NO_CURRENT * largest, 0.0, I))
    jumps = np.abs(np.diff(I)) > _CHANGE * np.maximum(np.abs(I[1:]), np.abs(I[:-1]))
    alone = jumps & np.append(jumps[1:], False) & np.append(False, jumps[:-1])
    changed = (np.diff(side) != 0.0) | (jumps & ~alone)
    return [0, *(int(k) + 1 for k in np.flatnonzero(changed)), len(I)]


def _swept_borders(record: Record) -> list[int]:
    """Return where a sweep turns or changes its rate; nothing where the voltage is not swept."""
    dt = np.diff(record.t)
    rate = np.divide(np.diff(record.V), dt, out=np.zeros_like(dt), where=dt > 0.0)
    moving = np.abs(rate) > 0.0
    if moving.sum() < 0.8 * len(rate) or len(rate) < 8:
        return []
    log = np.log10(np.abs(np.where(moving, rate, np.nan)))
    steady = np.abs(np.diff(log)) < np.log10(1.0 + _CHANGE)
    if steady.sum() < 0.8 * len(steady):
        return []
    turns = np.diff(np.sign(rate)) != 0.0
    changes = turns | (np.abs(np.diff(np.nan_to_num(log))) > np.log10(1.0 + 2.0 * _CHANGE))
    borders = [0, *(int(k) + 2 for k in np.flatnonzero(changes)), len(record.t)]
    return [a for a, b in itertools.pairwise(borders) if b - a > 0] + [len(record.t)]
