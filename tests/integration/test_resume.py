"""If these fail, what a killed run had computed is lost, counted twice, or goes on differently.

Real processes and real faults: signals, kill -9, damaged files, a full disk, other numbers of
ranks. The reference is the same run left alone.
"""

from __future__ import annotations

import csv
import json
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from mesode.analysis.xdmf import open_series
from mesode.output.checkpoint import files

pytestmark = pytest.mark.serial

CASE = """
title: small
geometry:
  width: 6 um
  electrode:
    thickness: 5 um
    particles: {fraction: 0.3, diameter: 2 um, gap: 0.3 um}
  separator: {thickness: 4 um}
mesh: {size: 1 um, interface: 0.5 um}
materials:
  active: {preset: SiO_coated_low_defect}
  carbon_binder: {preset: CMC_SBR_SuperP}
  electrolyte: {preset: LiPF6_EC_DMC}
  separator: {preset: Celgard_2500}
protocol:
  - Lithiate at 1 C for 5 minutes or until 10 mV
  - Delithiate at 1 C until 30 mAh/g or until 1 V
  - Sweep at 0.5 mV/s until 450 mV
numerics: {max_step: 4 s}
output: {fields: 4, figures: false, checkpoint: 0.05 s}
"""
SAME = {"Voltage / V": 1e-5, "Mean Lithiation / 1": 1e-6, "Max Lithiation / 1": 1e-6}
PATIENCE = 120.0  # [s] for a process, on a machine that does other things too
ROWS = 203  # of the whole run, with the header


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("resume")
    (path / "case.yaml").write_text(CASE)
    return path


@pytest.fixture(scope="module")
def reference(folder):
    assert wait(mesode(folder, "run", "case.yaml", "--out", "reference")) == 0
    return folder / "reference"


def mesode(folder, *arguments, **options):
    command = [sys.executable, "-m", "mesode.cli", *arguments]
    with (folder / "log.txt").open("ab") as log:
        return subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, **options)


def wait(process):
    return process.wait(PATIENCE)


def start(folder, name, *arguments, rows=0, **options):
    """Start a run and return when it has written so many rows and a checkpoint."""
    process = mesode(folder, "run", "case.yaml", "--out", name, *arguments, **options)
    table, end = folder / name / "timeseries.bdf.csv", time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < end:
        if files(table.parent / "checkpoint") and table.read_bytes().count(b"\n") > rows:
            break
        time.sleep(0.01)
    assert process.poll() is None, (folder / "log.txt").read_text()[-2000:]
    return process


def resume(folder, name, *arguments):
    return wait(mesode(folder, "resume", name, *arguments))


def manifest(path):
    return json.loads((path / "manifest.json").read_text())


def columns(path, table="timeseries.bdf.csv"):
    with (path / table).open(newline="") as stream:
        header, *rows = csv.reader(stream)
    assert all(len(row) == len(header) for row in rows)
    values = np.array([[float(cell) for cell in row] for row in rows])
    return dict(zip(header, values.T, strict=True))


def solutions(path):
    """Return the last row of each time step.

    The rows before it divide gaps of voltage and charge. A run that goes on with a new
    factorisation differs by a microvolt, which decides in a gap at the limit whether it is divided.
    """
    rows = columns(path)
    last = np.append(np.diff(rows["Time Step Count / 1"]) > 0.0, True)
    return {name: values[last] for name, values in rows.items()}


def check_equal(path, reference):
    """Check that a run left what the undisturbed one has left."""
    assert np.all(np.diff(columns(path)["Test Time / s"]) > 0.0)
    found, expected = solutions(path), solutions(reference)
    count = "Time Step Count / 1"
    assert found[count].tolist() == expected[count].tolist()
    for name, tolerance in SAME.items():
        there = np.interp(found["Test Time / s"], expected["Test Time / s"], expected[name])
        assert np.abs(found[name] - there).max() < tolerance
    particles, those = columns(path, "particles.csv"), columns(reference, "particles.csv")
    assert list(particles) == list(those)
    for name, values in particles.items():
        assert values == pytest.approx(those[name], rel=1e-5, abs=1e-6), name
    ours, theirs = manifest(path), manifest(reference)
    assert (ours["status"], ours["reason"]) == ("completed", "all steps done")
    assert [s["reason"] for s in ours["steps"]] == [s["reason"] for s in theirs["steps"]]
    assert ours["solver"]["time_steps"] == theirs["solver"]["time_steps"]
    assert ours["balances"]["lithium"] < 1e-6
    assert ours["config_hash"] == theirs["config_hash"]
    check_fields(path, reference)
    assert not (path / "run.lock").exists()
    assert not (path / "checkpoint").exists()


def check_fields(path, reference):
    for name in ("active", "ionic"):
        a, b = (open_series(p / "fields" / f"{name}.xdmf") for p in (path, reference))
        assert a.times == pytest.approx(b.times, rel=1e-6)
        assert a.points == pytest.approx(b.points, abs=1e-9)
        for field in a.names:
            for frame in range(len(a.times)):
                scale = np.abs(b.read(field, frame).data).max() or 1.0
                error = np.abs(a.read(field, frame).data - b.read(field, frame).data).max()
                assert error < 1e-4 * scale, (field, frame)
    files_ = {p.name for p in (path / "fields").iterdir()}
    assert files_ == {p.name for p in (reference / "fields").iterdir()}


@pytest.mark.parametrize(
    "seed", [1, pytest.param(2, marks=pytest.mark.slow), pytest.param(3, marks=pytest.mark.slow)]
)
def test_kill_at_a_random_moment(folder, reference, seed):
    rows = int(np.random.default_rng(seed).integers(30, ROWS - 60))
    name = f"killed-{seed}"
    process = start(folder, name, rows=rows)
    time.sleep(0.02 * seed)
    process.kill()
    wait(process)
    assert resume(folder, name) == 0
    check_equal(folder / name, reference)
    assert len(manifest(folder / name)["resumed"]) == 1


@pytest.mark.slow
@pytest.mark.timeout(2400)
def test_kill_at_ten_random_moments(folder, reference):
    rng = np.random.default_rng(4)
    for k in range(10):
        name = f"often-{k}"
        process = start(folder, name, rows=int(rng.integers(60, ROWS - 60)))
        process.kill()
        wait(process)
        # again at any moment of what is left: start, model, time loop, end
        process = mesode(folder, "resume", name)
        time.sleep(float(rng.uniform(1.0, 5.0)))
        process.kill()
        wait(process)
        assert resume(folder, name) == 0
        check_equal(folder / name, reference)


@pytest.mark.parametrize(
    ("first", "then"), [("1", "2"), pytest.param("2", "1", marks=pytest.mark.slow)]
)
def test_a_batch_system_ends_it_and_it_goes_on_with_other_ranks(folder, reference, first, then):
    name = f"ranks-{first}"
    process = start(folder, name, "--ranks", first, rows=90)
    process.send_signal(signal.SIGTERM)
    assert wait(process) == 3
    assert "SIGTERM received" in manifest(folder / name)["reason"]
    assert resume(folder, name, "--ranks", then) == 0
    check_equal(folder / name, reference)
    (entry,) = manifest(folder / name)["resumed"]
    assert entry["ranks"] == int(then)
    assert entry["t"] > 0.0


def test_a_checkpoint_on_request_and_one_run_a_folder(folder, reference):
    (folder / "rare.yaml").write_text(CASE.replace("checkpoint: 0.05 s", "checkpoint: 1 h"))
    command = ("run", "rare.yaml", "--out", "asked")
    process = mesode(folder, *command)
    table = folder / "asked" / "timeseries.bdf.csv"
    while not table.is_file() or table.read_bytes().count(b"\n") < 60:
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGUSR1)
    while not files(folder / "asked" / "checkpoint"):
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGSTOP)  # alive, but it does not end meanwhile
    assert resume(folder, "asked") == 2
    assert "a run goes on here, process" in (folder / "log.txt").read_text()
    assert wait(mesode(folder, *command, "--force")) == 2
    process.kill()
    wait(process)
    assert resume(folder, "asked") == 0
    found, expected = columns(folder / "asked"), columns(reference)
    assert found["Voltage / V"] == pytest.approx(expected["Voltage / V"], abs=1e-5)


@pytest.fixture
def stopped(folder):
    """Return a run that was killed after two checkpoints, some way into its first step.

    In the first seconds the steps still grow: from there a run may go on with one time step more.
    """
    process = start(folder, "damaged", "--force", rows=100)
    while len(files(folder / "damaged" / "checkpoint")) < 2:
        assert process.poll() is None
        time.sleep(0.005)
    process.kill()
    wait(process)
    return folder / "damaged"


def test_damaged_files(folder, reference, stopped):
    newest, _ = files(stopped / "checkpoint")
    newest.write_bytes(newest.read_bytes()[: newest.stat().st_size // 2])
    table = stopped / "timeseries.bdf.csv"
    table.write_bytes(table.read_bytes()[:1000] + b"1.0,half a li")
    (stopped / "manifest.json").write_text('{"status": "fai')
    (stopped / "fields" / "step_0009.h5").write_bytes(b"half a file")
    assert resume(folder, "damaged") == 0
    check_equal(stopped, reference)
    assert any(newest.name in text for text in manifest(stopped)["warnings"])


def test_what_cannot_be_resumed_is_said(folder, stopped):
    def refused(words):
        (folder / "log.txt").write_text("")
        assert resume(folder, "damaged") == 2
        assert words in (folder / "log.txt").read_text()

    before = {p.name: p.read_bytes() for p in stopped.iterdir() if p.is_file()}
    config = stopped / "config.yaml"
    text = config.read_text()
    config.write_text(text.replace("450 mV", "460 mV"))
    refused("config.yaml is not what the run was started with")
    config.write_text(text)
    mesh = stopped / "checkpoint" / "mesh.npz"
    right = mesh.read_bytes()
    with np.load(mesh) as store:  # whole, of the same size, and another one
        arrays = {name: store[name] for name in store.files}
    arrays["points"] = arrays["points"] * 1.01
    with mesh.open("wb") as stream:
        np.savez(stream, **arrays)
    refused("checkpoint/mesh.npz is not the mesh that the run was started with")
    mesh.write_bytes(right)
    for path in files(stopped / "checkpoint"):
        path.write_bytes(b"")
    refused("all checkpoints are damaged")
    for path in files(stopped / "checkpoint"):
        path.unlink()
    refused("there is no checkpoint")
    config.unlink()
    refused("this is not a run folder")
    del before["run.lock"], before["config.yaml"]
    assert {p.name: p.read_bytes() for p in stopped.iterdir() if p.is_file()} == before


def _another_checkpoint(run, before):
    """Tell whether there is a newer checkpoint than at the first call."""
    newest = files(run / "checkpoint")[:1]
    before.append(newest)
    return newest != before[0]


@pytest.mark.slow
def test_lost_fields_are_said_before_the_run_goes_on(folder, reference):
    process = start(folder, "lost", rows=60)
    path = folder / "lost" / "fields" / "step_0001.h5"
    before = []
    while not (path.is_file() and _another_checkpoint(folder / "lost", before)):
        assert process.poll() is None
        time.sleep(0.005)
    process.kill()
    wait(process)
    path.unlink()
    (folder / "log.txt").write_text("")
    assert resume(folder, "lost") == 0
    said = (folder / "log.txt").read_text()
    assert "step_0001.h5 is gone or damaged: its frames are lost" in said.partition("section")[0]
    assert any(path.name in text for text in manifest(folder / "lost")["warnings"])
    times = open_series(folder / "lost" / "fields" / "active.xdmf").times
    kept = open_series(reference / "fields" / "active.xdmf").times
    assert set(times) < set(kept) or len(times) < len(kept)


def test_a_full_disk_costs_nothing_that_was_computed(folder, reference):
    process = start(folder, "full", rows=60)
    # files cannot grow any more; it fails as a full disk does, with another number
    small = (folder / "full" / "timeseries.bdf.csv").stat().st_size + 1000
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (small, small))
    assert wait(process) == 3
    content = manifest(folder / "full")
    assert content["status"] == "stopped"
    assert "cannot be written" in content["reason"]
    assert not list((folder / "full").rglob("*.part"))
    assert resume(folder, "full") == 0
    check_equal(folder / "full", reference)


def test_a_complete_run_is_left_alone(folder, reference):
    before = (reference / "manifest.json").read_bytes()
    (folder / "log.txt").write_text("")
    assert resume(folder, "reference") == 0
    assert "is complete: nothing to do" in (folder / "log.txt").read_text()
    assert (reference / "manifest.json").read_bytes() == before


KILLED = """
import os, signal, sys
import mesode.case.execution as execution
from mesode.cli.main import main
execution.{last} = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
main(["run", "case.yaml", "--out", "{name}"])
"""


@pytest.mark.parametrize("last", ["_draw", "remove_checkpoints"])
def test_kill_between_the_results_and_the_end(folder, reference, last):
    name = f"ended-{last}"
    program = KILLED.format(last=last, name=name)
    assert subprocess.run([sys.executable, "-c", program], cwd=folder, check=False).returncode < 0
    assert manifest(folder / name)["status"] == "completed"
    assert (folder / name / "run.lock").exists()
    assert resume(folder, name) == 0
    check_equal(folder / name, reference)


def test_what_a_run_leaves_that_was_killed_when_it_let_go_of_its_lock(folder, reference):
    (reference / "run.lock").write_text('{"pid": 1, "host": "elsewhere"}')
    before = (reference / "manifest.json").read_bytes()
    assert resume(folder, "reference") == 0
    assert not (reference / "run.lock").exists()
    assert (reference / "manifest.json").read_bytes() == before


def test_frames_of_an_unfinished_step_are_not_counted_twice(folder, reference):
    assert Path(reference, "fields", "step_0003.h5").is_file()
    times = open_series(reference / "fields" / "active.xdmf").times
    assert len(times) == len(set(times)) == 13
