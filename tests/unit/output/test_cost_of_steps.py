"""If these fail, a late step of a protocol costs more than the fiftieth."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

from mpi4py import MPI

import numpy as np
import pytest

from mesode.analysis.xdmf import open_series
from mesode.config.sentences import parse_sentence
from mesode.output.checkpoint import Checkpoints, load_newest
from mesode.output.extremes import Extremes
from mesode.output.frame_plan import FramePlan
from mesode.output.frames import FrameRecorder
from mesode.output.manifest import Manifest, ManifestObserver
from mesode.output.particles import ParticleTable
from mesode.output.timeseries import TimeSeries
from mesode.protocol.restart import StepResult
from support.small_cell import small_cell

pytestmark = pytest.mark.serial

STEPS = 400
EARLY, LATE = 50, STEPS  # the last steps of the windows that are compared
WINDOW = 20  # an even number: steps lithiate and delithiate by turns
SENTENCES = [
    parse_sentence(text) for text in ("Lithiate at 1C until 10 mV", "Delithiate at 1C until 1 V")
]


def done():
    """Return what this process has read and written so far: bytes and calls of the system."""
    lines = Path("/proc/self/io").read_text().splitlines()
    values = dict(line.split(": ") for line in lines)
    return np.array([int(values[name]) for name in ("rchar", "wchar", "syscr", "syscw")])


def row(t):
    """Return a row whose numbers have as many digits as those of any other."""
    columns = (
        "Voltage / V",
        "Current Density / A.m-2",
        "Specific Capacity / mA.h.g-1",
        "Other / 1",
    )
    return {name: np.pi * 1e5 + k + t / 7e6 for k, name in enumerate(columns)}


class Results:
    """The ends of the steps, as the runner keeps and saves them."""

    def __init__(self):
        self.results = []

    def save(self, snapshot):
        new = self.results[snapshot.mark("results", 0) :]
        snapshot.grow("results", [r.text for r in new], len(self.results))


class Recorded:
    """All that watches a run, over a protocol that nobody solves."""

    def __init__(self, folder):
        cell = small_cell(n=2, comm=MPI.COMM_SELF)
        self.manifest = Manifest(folder / "manifest.json")
        (folder / "fields").mkdir()
        tables = folder / "timeseries.bdf.csv", folder / "cycles.csv"
        particles = {"Particle / 1": np.arange(3), "Mean Lithiation / 1": np.arange(3.0)}
        self.observers = [
            TimeSeries(*tables, SENTENCES * (STEPS // 2)),
            FrameRecorder(folder / "fields", FramePlan(1)),
            ParticleTable(folder / "particles.csv", lambda: particles),
            Extremes(lambda found: self.manifest.update(extremes=found)),
            ManifestObserver(self.manifest, clock=lambda: 0.0),
        ]
        self.checkpoints = Checkpoints(folder / "checkpoint", MPI.COMM_SELF, {})
        self.results = Results()
        self.checkpoints.parts = [self.results, *(o for o in self.observers if hasattr(o, "save"))]
        for observer in self.observers:
            observer.start(cell)

    def step(self, index):
        """Watch a step of a protocol with two time steps, and keep it in a checkpoint."""
        for k in (1, 2):
            t = 1e6 + 10.0 * index + k
            point = SimpleNamespace(t=t, step=index, dt=1.0, newton=2, row=row(t), between=())
            for observer in self.observers:
                observer.point(point)
        result = StepResult(index, "Lithiate at 1C", "voltage reached", t - 2.0, t, row(t))
        self.results.results.append(result)
        for observer in self.observers:
            observer.step_end(result)
        self.checkpoints.write()

    def finish(self):
        for observer in self.observers:
            observer.finish()


def test_each_step_reads_and_writes_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "fsync", lambda _number: None)  # the time of the disk, not ours
    run, at = Recorded(tmp_path), {}
    for index in range(1, STEPS + 1):
        run.step(index)
        at[index] = done()
    early, late = (at[last] - at[last - WINDOW] for last in (EARLY, LATE))
    assert early[1] > WINDOW * 1000  # there is something to be measured
    # the number of the step has a digit more; what grew by 6e-5 of itself in each step is seen
    assert late == pytest.approx(early, rel=0.02)
    run.finish()
    snapshot, _ = load_newest(tmp_path / "checkpoint", tmp_path)
    assert len(snapshot.grown("results")) == len(snapshot.grown("steps")) == STEPS
    assert len(open_series(tmp_path / "fields" / "ionic.xdmf").times) == STEPS + 1


def test_the_manifest_takes_a_fiftieth_of_a_run_at_most(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "fsync", lambda _number: None)
    now, spent = 0.0, []
    manifest = Manifest(tmp_path / "manifest.json")
    observer = ManifestObserver(manifest, clock=lambda: now)
    observer.start(small_domain())

    def write():
        """Take as long as a machine that writes a step of the protocol in a millisecond."""
        nonlocal now
        spent.append(1e-3 * len(manifest.content["steps"]))
        now += spent[-1]

    monkeypatch.setattr(manifest, "write", write)
    for index in range(1, 20 * STEPS + 1):
        now += 0.5
        observer.step_end(StepResult(index, "Rest", "duration reached", 0.0, 1.0, {}))
    assert len(spent) > 50
    assert sum(spent) < 0.021 * now  # each is a little longer than the one that it follows


def small_domain():
    return SimpleNamespace(domain=SimpleNamespace(comm=MPI.COMM_SELF))
