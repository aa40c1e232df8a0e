"""Run sentences of a protocol on a cell and keep the points, without files."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from mesode.config.protocol import parse_step
from mesode.output.snapshot import Snapshot
from mesode.protocol.runner import Point, RunnerOptions, run_protocol


@dataclass
class Record:
    """Observer that keeps all points and ends of steps."""

    points: list[Point] = field(default_factory=list)
    ends: list = field(default_factory=list)

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


def run(cell, *sentences, tolerance=1e-3, diagnostics=None, observer=Record, further=(), **options):
    """Run from the state at rest; return (result, record) (collective).

    ``further`` observers see the run beside the record.
    """
    cell.reset()
    record = observer()
    steps = [parse_step(text) for text in sentences]
    options = RunnerOptions(tolerance=tolerance, **options)
    return run_protocol(cell, steps, options, [record, *further], diagnostics), record


class OneCheckpoint:
    """Keeps the snapshot that is taken at one accepted step, through JSON as a file does."""

    def __init__(self, at):
        self.at, self.seen, self.parts, self.snapshot = at, 0, [], None

    def due(self):
        self.seen += 1
        return self.seen == self.at

    def write(self):
        if self.snapshot is None and self.seen == self.at:
            snapshot = Snapshot()
            for part in self.parts:
                part.save(snapshot)
            self.snapshot = Snapshot(json.loads(json.dumps(snapshot.data)), snapshot.arrays)
