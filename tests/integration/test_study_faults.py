"""If these fail, a fault costs results that had been reported, counts them twice, or ends a study.

Real faults in real studies: kill -9, full and read-only disks, damaged files, clocks that are set.
Each study goes on afterwards, and its table equals that of one that nothing happened to.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from mesode.study.api import study_results
from support.disk import fill, remount, small_disk
from support.tiny_case import TINY

pytestmark = [pytest.mark.serial, pytest.mark.timeout(300)]

FIGURES = ["Specific Capacity / mA.h.g-1", "Voltage / V", "Mean Lithiation / 1", "Test Time / s"]
SERIES, CHECKPOINTS = "timeseries.bdf.csv", "checkpoint/checkpoint_*.npz"


def write_study(folder, cases=2, max_step="2 s", **more):
    """Write a study of cases that take some seconds each, with many checkpoints."""
    base = yaml.safe_load(TINY) | {"numerics": {"max_step": max_step}}
    base["output"] |= {"checkpoint": "0.1 s"}
    values = [round(0.05 + 0.05 * k, 3) for k in range(cases)]
    content = {"base": base, "vary": {"initial.lithiation": values}, **more}
    (folder / "study.yaml").write_text(yaml.safe_dump(content))


class Study:
    """A study in a folder; ``out`` is where its results are."""

    def __init__(self, folder, out=None):
        self.folder, self.out = folder, out or folder / "runs" / "study"

    def start(self, *args):
        command = [sys.executable, "-m", "mesode.cli", "study", "study.yaml", "--out", self.out]
        return subprocess.Popen(
            [*command, *args], cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, start_new_session=True,
        )  # fmt: skip

    def run(self, *args):
        process = self.start("--workers", "2", *args)
        return process.communicate(timeout=250)[0], process.returncode

    def rows(self, case="*"):
        found = (self.out / "cases").glob(f"{case}/{SERIES}")
        return max((path.read_bytes().count(b"\n") for path in found), default=0)

    def all_rows(self):
        found = (self.out / "cases").glob(f"*/{SERIES}")
        return sum(path.read_bytes().count(b"\n") for path in found)

    def wait_for_rows(self, rows, case="*", seconds=120.0):
        """Wait until a case has so many rows and a checkpoint, without which it begins anew."""
        end = time.monotonic() + seconds
        while self.rows(case) < rows or not self.has_checkpoint(case):
            assert time.monotonic() < end
            time.sleep(0.02)

    def has_checkpoint(self, case="*"):
        return any((self.out / "cases").glob(f"{case}/{CHECKPOINTS}"))

    def attempts(self):
        found = sorted((self.out / "cases").glob("*/attempt.json"))
        return [json.loads(path.read_text()) for path in found]

    def processes(self):
        return [a["process"]["pid"] for a in self.attempts() if "process" in a]

    def table(self):
        return pd.read_csv(self.out / "results.csv", dtype={"case": str})

    def check(self, expected):
        """Check that all is there, once, as in the study that nothing happened to."""
        found = self.table()
        assert list(found["status"]) == ["completed"] * len(expected)
        for name in ("case", "config hash", "initial.lithiation"):
            assert list(found[name]) == list(expected[name])
        for name in FIGURES:
            assert list(found[name]) == pytest.approx(list(expected[name]), rel=1e-6), name
        for path in sorted((self.out / "cases").iterdir()):
            times = pd.read_csv(path / SERIES)["Test Time / s"]
            assert np.all(np.diff(times) > 0.0)
            assert not (path / "checkpoint").exists()
        assert not [p for p in self.out.rglob("*") if p.name.endswith((".part", ".room"))]


def kill(pid):
    """End a case and all below it at once, if it runs."""
    path = Path(f"/proc/{pid}/cmdline")
    if path.exists() and b"mesode" in path.read_bytes():
        os.killpg(pid, signal.SIGKILL)


@pytest.fixture
def study(tmp_path):
    write_study(tmp_path)
    return Study(tmp_path)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """Run the study once and return its folder."""
    folder = tmp_path_factory.mktemp("undisturbed")
    write_study(folder)
    study = Study(folder)
    said, code = study.run()
    assert code == 0, said
    return study.out


@pytest.fixture(scope="module")
def expected(undisturbed):
    return pd.read_csv(undisturbed / "results.csv", dtype={"case": str})


@pytest.fixture
def disk(tmp_path):
    try:
        with small_disk(tmp_path / "disk") as folder:
            yield folder
    except (PermissionError, FileNotFoundError) as error:
        pytest.skip(f"no disk can be mounted here: {error}")


def test_a_killed_case_is_a_row_and_goes_on_from_its_checkpoint(study, expected):
    process = study.start("--workers", "2")
    study.wait_for_rows(30, "0001")
    kill(study.processes()[0])
    said = process.communicate(timeout=120)[0]
    assert process.returncode == 3
    assert list(study.table()["status"]) == ["killed", "completed"], said
    assert "SIGKILL" in study.table()["reason"][0]
    said, code = study.run()
    assert code == 0
    assert "case 0001 started from its checkpoint" in said
    study.check(expected)
    assert list(study.table()["attempts"]) == [2, 1]


@pytest.mark.slow
def test_a_full_disk_stops_a_study_and_space_lets_it_go_on(study, expected, disk):
    study.out = disk / "out"
    process = study.start("--workers", "1")
    study.wait_for_rows(30)
    ballast = fill(disk)
    said = process.communicate(timeout=120)[0]
    assert process.returncode == 3, said
    assert "no space left on the device" in said
    found = study.table()
    assert list(found["status"]) == ["interrupted", "pending"]
    assert "no space left on the device" in found["reason"][0]
    assert found["Test Time / s"][0] > 0.0
    said, code = study.run()
    assert code in (2, 3), said
    assert "no space left on the device" in said
    ballast.unlink()
    said, code = study.run()
    assert code == 0, said
    assert "case 0001 started from its checkpoint" in said
    study.check(expected)


@pytest.mark.slow
def test_a_full_disk_stops_a_run_and_space_lets_it_go_on(study, undisturbed, disk):
    command = [sys.executable, "-m", "mesode.cli"]
    case = str(undisturbed / "cases" / "0001" / "input.yaml")
    out, words = disk / "cases" / "run", {"capture_output": True, "text": True, "check": False}
    process = subprocess.Popen(
        [*command, "run", case, "--out", out], stderr=subprocess.PIPE, text=True
    )
    study.out = disk
    study.wait_for_rows(30)
    ballast = fill(disk)
    said = process.communicate(timeout=120)[1]
    assert process.returncode == 3, said
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["status"] == "stopped"
    assert "no space left on the device" in manifest["reason"]
    done = subprocess.run([*command, "resume", out], **words)
    assert done.returncode in (2, 3)
    assert "no space left on the device" in done.stdout + done.stderr
    ballast.unlink()
    done = subprocess.run([*command, "resume", out], **words)
    assert done.returncode == 0, done.stderr
    found, wanted = (pd.read_csv(p / SERIES) for p in (out, undisturbed / "cases" / "0001"))
    assert len(found) == len(wanted)
    assert list(found["Voltage / V"]) == pytest.approx(list(wanted["Voltage / V"]), rel=1e-6)
    assert not list(out.rglob("*.part"))


def start_and_kill_second(study, undisturbed):
    """Take a study that is done, forget its second case, and kill all when that runs again."""
    shutil.copytree(undisturbed, study.out)
    shutil.rmtree(study.out / "cases" / "0002")
    process = study.start("--workers", "2")
    study.wait_for_rows(30, "0002")
    cases = study.processes()
    process.kill()
    process.communicate()
    for pid in cases:
        kill(pid)
    checkpoints = list((study.out / "cases" / "0002").glob(CHECKPOINTS))
    assert checkpoints
    return checkpoints


def test_damaged_files_are_found_and_computed_again(study, undisturbed, expected):
    checkpoints = start_and_kill_second(study, undisturbed)
    for path in [*checkpoints, study.out / "cases" / "0002" / SERIES]:
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    complete = study.out / "cases" / "0001" / SERIES  # of a case that had been reported done
    complete.write_bytes(complete.read_bytes()[:-40])
    assert "its time series is damaged" in study_results(study.out)["reason"][0]
    said, code = study.run()
    assert code == 0, said
    study.check(expected)


@pytest.mark.slow
def test_clocks_that_are_set_mean_nothing(study, undisturbed, expected):
    start_and_kill_second(study, undisturbed)
    path = study.out / "cases" / "0001" / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest |= {"started": "2099-01-01T00:00:00+00:00", "ended": "2099-01-02T00:00:00+00:00"}
    path.write_text(json.dumps(manifest))
    ahead = time.time() + 1e9
    for file in study.out.rglob("*"):
        os.utime(file, (ahead, ahead))
    content = path.read_bytes()
    said, code = study.run()
    assert code == 0, said
    assert "case 0002 started from its checkpoint" in said
    assert path.read_bytes() == content
    study.check(expected)


def test_a_read_only_disk_is_refused_and_nothing_changes(study, undisturbed, expected, disk):
    study.out = disk / "out"
    shutil.copytree(undisturbed, study.out)
    before = {p: p.stat().st_mtime_ns for p in study.out.rglob("*")}
    remount(disk, "ro")
    said, code = study.run("--retry")
    assert code == 2
    assert "no permission to write here" in said
    assert {p: p.stat().st_mtime_ns for p in study.out.rglob("*")} == before
    remount(disk, "rw")
    said, code = study.run()
    assert code == 0, said
    assert "0 to run, 2 done before" in said
    study.check(expected)


@pytest.mark.slow
def test_cases_that_cannot_converge_and_those_that_take_too_long_are_rows(tmp_path):
    write_study(tmp_path, cases=1, max_step="4 s")
    content = yaml.safe_load((tmp_path / "study.yaml").read_text())
    content["vary"] = {
        "materials.electrolyte.kappa": ["1 S/m", "1e-9 S/m", "1.001 S/m", "1 S/m"],
        "numerics.max_step": ["4 s", "4 s", "0.01 s", "4 s"],
        "geometry.electrode.particles.fraction": [0.25, 0.25, 0.25, 0.649],
    }
    content["zip"] = [list(content["vary"])]
    (tmp_path / "study.yaml").write_text(yaml.safe_dump(content))
    study = Study(tmp_path)
    said, code = study.run("--max-time", "15 s", "--no-fields")
    assert code == 3, said
    found = study.table()
    assert list(found["status"]) == ["completed", "stopped", "timeout", "failed"]
    assert "fraction" in found["reason"][3]
    assert "the time step failed down to" in found["reason"][1]
    assert found["reason"][2] == "not finished within the 15 s allowed"
    assert found["Test Time / s"][2] > 0.0
    assert not list(study.out.rglob("*.h5"))
    said, code = study.run()
    assert "0 to run, 1 done before, 3 left alone" in said


@pytest.mark.slow
@pytest.mark.parametrize(("first", "then"), [("1", "2"), ("2", "1")])
def test_a_study_goes_on_with_another_number_of_ranks(study, expected, first, then):
    process = study.start("--workers", "1", "--ranks", first)
    study.wait_for_rows(30)
    process.send_signal(signal.SIGTERM)
    said = process.communicate(timeout=120)[0]
    assert process.returncode == 3, said
    assert list(study.table()["status"]) == ["interrupted", "pending"]
    process = study.start("--workers", "1", "--ranks", then)
    said = process.communicate(timeout=250)[0]
    assert process.returncode == 0, said
    assert "case 0001 started from its checkpoint" in said
    study.check(expected)
    manifest = json.loads((study.out / "cases" / "0001" / "manifest.json").read_text())
    assert manifest["ranks"] == int(then)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_ten_kills_at_random_moments(study, tmp_path):
    write_study(tmp_path, cases=3, max_step="0.2 s")
    study.run()
    expected = study.table()
    shutil.rmtree(study.out)
    dice, done, resumed = random.Random(4), set(), 0
    for k in range(10):
        process = study.start("--workers", "2")
        if k % 3 == 0:
            time.sleep(dice.uniform(0.5, 8.0))  # while it starts
        else:
            rows, end = study.all_rows() + dice.randint(5, 1000), time.monotonic() + 60.0
            while process.poll() is None and study.all_rows() < rows and time.monotonic() < end:
                time.sleep(0.02)
        resumed += sum(bool(attempt["resumed"]) for attempt in study.attempts())
        cases = study.processes()
        if k % 2:  # the whole machine, as it were; else the cases alone
            process.kill()
        for pid in cases:
            kill(pid)
        process.kill()
        process.communicate()
        if (study.out / "study.json").is_file():
            found = study_results(study.out)
            now = set(found["case"][found["status"] == "completed"])
            assert now >= done
            done = now
    said, code = study.run()
    assert code == 0, said
    study.check(expected)
    assert resumed > 0
