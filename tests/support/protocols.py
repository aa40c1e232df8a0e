"""Run a protocol on a cell and keep the points, without files."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import pytest

from mesode.config.protocol import parse_protocol
from mesode.model.diagnostics import Diagnostics
from mesode.output.snapshot import Snapshot
from mesode.protocol.runner import Point, RunnerOptions, run_protocol


@dataclass
class Record:
    """Observer that keeps all points and ends of steps."""

    points: list[Point] = field(default_factory=list)
    ends: list = field(default_factory=list)
    diagnostics: Diagnostics | None = None

    def start(self, cell):
        self.cell = cell

    def point(self, point):
        self.points.append(point)

    def step_end(self, result):
        self.ends.append(result)

    def finish(self):
        pass

    def column(self, name, step):
        """Return a scalar over the points of a step."""
        return [point.row[name] for point in self.points if point.step == step and point.t > 0.0]

    def last(self, number):
        """Return the last points, so many of them."""
        return self.points[len(self.points) - number :]


class Spectra(Record):
    """Keeps what is measured, too."""

    def start(self, cell):
        super().start(cell)
        self.found = []

    def measured(self, t, step, found):
        self.found.append((t, step, found))


def run(cell, *items, tolerance=1e-3, diagnostics=None, observer=Record, further=(), **options):
    """Run entries of a protocol from the state at rest; return (result, record) (collective).

    ``further`` observers see the run beside the record, which keeps the ``diagnostics`` as well.
    """
    cell.reset()
    record = observer()
    record.diagnostics = diagnostics or Diagnostics(cell)
    options = RunnerOptions(tolerance=tolerance, **options)
    steps = parse_protocol(list(items))
    return run_protocol(cell, steps, options, [record, *further], record.diagnostics), record


def assert_rows(points, expected, names, rel=1e-10):
    """Assert that there are points, and that these columns of theirs are as expected."""
    assert points
    for name in names:
        found, wanted = ([point.row[name] for point in each] for each in (points, expected))
        assert found == pytest.approx(wanted, rel=rel), name


class EachCheckpoint:
    """Keeps the snapshot of each accepted step by its number, through JSON as a file does."""

    def __init__(self):
        self.seen, self.parts, self.snapshots = 0, [], {}

    def due(self):
        self.seen += 1
        return True

    def write(self):
        if self.seen in self.snapshots:
            return
        snapshot = Snapshot()
        for part in self.parts:
            part.save(snapshot)
        data = json.loads(json.dumps(snapshot.data))
        self.snapshots[self.seen] = Snapshot(data, snapshot.arrays)


class OneCheckpoint(EachCheckpoint):
    """Keeps the snapshot of one accepted step."""

    def __init__(self, at):
        super().__init__()
        self.at = at

    def due(self):
        return super().due() and self.seen == self.at

    def write(self):
        if self.seen == self.at:
            super().write()

    @property
    def snapshot(self):
        return self.snapshots.get(self.at)
