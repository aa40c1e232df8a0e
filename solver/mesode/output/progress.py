"""Progress: one live line on a terminal, a plain line every few seconds elsewhere; rank 0 only."""

from __future__ import annotations

import logging
import shutil
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mesode.columns import CAPACITY, MEAN_LITHIATION, VOLTAGE
from mesode.log import keep, put

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import TextIO

    from mesode.config.steps import Step, Termination

logger = logging.getLogger(__name__)

_MILLIAMPERE_HOUR_PER_GRAM = 3600.0  # [C/kg]
_LIVE_PERIOD, _PLAIN_PERIOD = 0.1, 5.0  # [s] between two lines
_EARLY = 0.02  # no estimate before this share of a step is done


@dataclass(frozen=True, slots=True)
class _Start:
    """Where a step began: simulated time, clock, row."""

    t: float
    clock: float
    row: Mapping[str, float]


class Progress:
    """Observer that tells a person how far the run is.

    Args:
        steps: Of the protocol.
        stream: Default: stderr.
        live: Overwrite one line; default: if the stream is a terminal.
        clock: Seconds of a clock that never goes back.
    """

    def __init__(
        self,
        steps: Sequence[Step],
        *,
        stream: TextIO | None = None,
        live: bool | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._steps, self._stream, self._clock = tuple(steps), stream or sys.stderr, clock
        self._live = self._stream.isatty() if live is None else live
        self._newton, self._shown, self._index = 0, float("-inf"), 0
        self._kept = float("-inf")
        self._speaks, self._dirty, self._polarity = True, False, 1
        self._begin: _Start | None = None

    def start(self, cell: Any) -> None:
        """Remember whether this rank speaks, and what discharges the cell."""
        self._speaks, self._polarity = cell.domain.comm.rank == 0, cell.polarity
        self._kept = self._clock()
        self._shown = self._kept if not self._live else self._shown

    def point(self, point: Any) -> None:
        """Show a line if the last one is old enough."""
        self._newton += point.newton
        if not self._speaks:
            return
        now = self._clock()
        if self._begin is None or point.step != self._index:
            self._index, self._begin = point.step, _Start(point.t, now, dict(point.row))
        if now - self._shown >= (_LIVE_PERIOD if self._live else _PLAIN_PERIOD):
            self._shown = now
            line = self._line(point, now)
            self._show(line)
            if now - self._kept >= _PLAIN_PERIOD:
                self._kept = now
                keep(logger, line)

    def step_end(self, result: Any) -> None:
        """Leave a line for each step that ended."""
        self._begin = None
        if self._speaks:
            text = f"step {result.index} of {len(self._steps)}: {result.text}"
            line = f"{text} -> {result.reason}, {_duration(result.t_end)}"
            put(self._stream, ("\r" + line.ljust(_width()) if self._live else line) + "\n")
            self._dirty = False
            keep(logger, line)

    def finish(self) -> None:
        """Leave the cursor on an empty line."""
        if self._speaks and self._dirty:
            put(self._stream, "\n")
            self._dirty = False

    def _line(self, point: Any, now: float) -> str:
        parts = [
            f"step {point.step}/{len(self._steps)}",
            f"t {_duration(point.t)}",
            f"{point.row[VOLTAGE]:.4f} V",
        ]
        if MEAN_LITHIATION in point.row:
            parts.append(f"lithiation {point.row[MEAN_LITHIATION]:.4f}")
        parts += [f"Newton {self._newton}", self._remaining(point, now)]
        return "  ".join(part for part in parts if part)

    def _remaining(self, point: Any, now: float) -> str:
        """Estimate the wall time that the present step still takes, from its share done."""
        if self._begin is None or not 0 < point.step <= len(self._steps):
            return ""
        step, begin = self._steps[point.step - 1], self._begin
        done = share_done(step, self._polarity, begin.t, begin.row, point)
        if done < _EARLY:
            return ""
        left = (now - self._begin.clock) * (1.0 - done) / done
        return f"ends in {_duration(left)} of wall time"

    def _show(self, line: str) -> None:
        if self._live:
            width = _width()
            put(self._stream, "\r" + line[:width].ljust(width))
            self._dirty = True
        else:
            put(self._stream, line + "\n")


def share_done(
    step: Step, polarity: int, t_start: float, start: Mapping[str, float], point: Any
) -> float:
    """Return how much of a step is done, from 0 to 1: the largest share over its ends.

    Args:
        step: The step.
        polarity: Of the cell, see ``Cell``.
        t_start: Time at which the step began [s].
        start: Row at which it began.
        point: With time ``t`` and ``row`` of now.
    """
    shares = [_end_share(end, start, point.row) for end in step.until]
    if step.duration:
        shares.append((point.t - t_start) / step.duration)
    into = polarity * step.current_sign(polarity)  # the working electrode
    if MEAN_LITHIATION in start and into:
        # A current step ends at the latest when the particles are full or empty.
        last = 1.0 if into > 0 else 0.0
        shares.append(_share(start[MEAN_LITHIATION], last, point.row[MEAN_LITHIATION]))
    return min(max([0.0, *shares]), 1.0)


def _end_share(end: Termination, start: Mapping[str, float], row: Mapping[str, float]) -> float:
    match end.quantity:
        case "lithiation":
            return _share(start.get(MEAN_LITHIATION, 0.0), end.value, row.get(MEAN_LITHIATION, 0.0))
        case "specific_capacity":
            passed = abs(row.get(CAPACITY, 0.0) - start.get(CAPACITY, 0.0))
            return _share(0.0, end.value, passed * _MILLIAMPERE_HOUR_PER_GRAM)
    # Voltage and current go to their ends anything but evenly: no estimate from them.
    return 0.0


def _share(first: float, last: float, now: float) -> float:
    return (now - first) / (last - first) if last != first else 0.0


def _width() -> int:
    """Return how many characters fit into a line that is to be overwritten."""
    return shutil.get_terminal_size().columns - 1


def _duration(seconds: float) -> str:
    """Return a time with three digits and a unit that fits."""
    for unit, length in (("h", 3600.0), ("min", 60.0)):
        if abs(seconds) >= 2 * length:
            return f"{seconds / length:.3g} {unit}"
    return f"{seconds:.3g} s"
