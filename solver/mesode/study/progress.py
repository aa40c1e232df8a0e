"""What a study shows while it runs: a table that changes on a terminal, plain lines elsewhere."""

from __future__ import annotations

import shutil
import sys
import time
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, TextIO

from mesode.analysis.run_data import TIMESERIES
from mesode.log import put
from mesode.study.files import last_line
from mesode.study.store import CaseStatus
from mesode.text_table import table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from mesode.study.store import Record, State, Store
    from mesode.study.workers import Job

_PERIOD = 1.0  # [s] between two pictures of the table


class StudyProgress:
    """Watches the workers of a study.

    Args:
        store: The study.
        todo: How many cases are to be run.
        workers: How many at once.
        stream: Where to; stdout by default.
    """

    def __init__(self, store: Store, todo: int, workers: int, stream: TextIO | None = None) -> None:
        self._store, self._left, self._workers = store, todo, workers
        self._stream = stream or sys.stdout
        self._live = self._stream.isatty()
        self._count: Counter[str] = Counter()
        self._times: list[float] = []
        self._shown, self._lines = 0.0, 0

    def started(self, job: Job) -> None:
        """Say that a case runs."""
        if not self._live:
            how = " from its checkpoint" if job.resumed else ""
            self._say(f"case {job.record.name} started{how}: {describe(self._store, job.record)}")

    def ended(self, job: Job, state: State) -> None:
        """Say how a case ended."""
        self._left -= 1
        self._count[state.status] += 1
        if state.status is CaseStatus.COMPLETED:
            self._times.append(job.elapsed)
        why = "" if state.status is CaseStatus.COMPLETED else f": {_first_line(state.reason)}"
        self._say(f"case {job.record.name} {state.status} in {duration(job.elapsed)}{why}")

    def tick(self, jobs: Sequence[Job], waiting: int) -> None:
        """Draw the table if the last picture is old enough."""
        now = time.monotonic()
        if self._live and now - self._shown >= _PERIOD:
            self._shown = now
            self._draw(self._picture(jobs, waiting))

    def _picture(self, jobs: Sequence[Job], waiting: int) -> list[str]:
        rows = [("case", "", "wall time", "t / s", "V")]
        for job in jobs:
            t, volts = last_row(job.folder)
            what = describe(self._store, job.record)
            rows.append((job.record.name, what, duration(job.elapsed), t, volts))
        done = ", ".join(f"{n} {status}" for status, n in sorted(self._count.items()))
        line = f"{len(jobs)} running, {waiting} waiting" + (f", {done}" if done else "")
        left = self.remaining(jobs, waiting)
        return [
            *table(rows, right=(2, 3, 4)),
            line + (f", ends in {left} of wall time" if left else ""),
        ]

    def remaining(self, jobs: Sequence[Job], waiting: int) -> str:
        """Estimate the wall time that is left from the cases that are done; empty before that."""
        if not self._times:
            return ""
        mean = sum(self._times) / len(self._times)
        running = sum(max(mean - job.elapsed, 0.0) for job in jobs)
        return duration((waiting * mean + running) / self._workers)

    def _draw(self, lines: Sequence[str]) -> None:
        size = shutil.get_terminal_size()
        lines = [line[: size.columns - 1] for line in lines[-(size.lines - 2) :]]
        self._erase()
        put(self._stream, "".join(f"{line}\n" for line in lines))
        self._lines = len(lines)

    def _erase(self) -> None:
        if self._lines:
            put(self._stream, f"\033[{self._lines}A\033[J")
            self._lines = 0

    def _say(self, text: str) -> None:
        self._erase()
        put(self._stream, f"{text}\n")


def describe(store: Store, record: Record) -> str:
    """Return the parameters of a case in one line."""
    parts = []
    for parameter, value in zip(store.parameters, record.values, strict=True):
        name = parameter["column"].partition(" / ")[0]
        short = name.rpartition(".")[2] if "." in name else name
        short = parameter["path"] if short.isdigit() else short
        parts.append(f"{short} {value}{' ' + parameter['unit'] if parameter['unit'] else ''}")
    return ", ".join(parts) or "the base case"


def last_row(folder: Path) -> tuple[str, str]:
    """Return time and voltage that a run has reached, empty texts where there are none yet."""
    with suppress(OSError, ValueError, IndexError):
        cells = last_line(folder / TIMESERIES).split(",")
        return f"{float(cells[0]):.5g}", f"{float(cells[1]):.4f}"
    return "", ""


def duration(seconds: float) -> str:
    """Return a time in a unit that fits."""
    for unit, length in (("h", 3600.0), ("min", 60.0)):
        if seconds >= 2 * length:
            return f"{seconds / length:.3g} {unit}"
    return f"{seconds:.3g} s"


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0]
