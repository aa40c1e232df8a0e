"""If these fail, `mesode study` does not do what docs/studies.md says on real cases."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

import mesode
from support.tiny_case import TINY

pytestmark = [pytest.mark.serial, pytest.mark.timeout(300)]

STUDY = """
title: tiny study
base: tiny.yaml
vary:
  initial.lithiation: [0.05, 0.1]
  materials.active.c_max: [60 mol/l, 70 mol/l]
"""
FIGURES = ["Specific Capacity / mA.h.g-1", "Voltage / V", "Mean Lithiation / 1", "Test Time / s"]


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path)


def write(folder):
    (folder / "tiny.yaml").write_text(TINY)
    (folder / "study.yaml").write_text(STUDY)


def start(*args):
    return subprocess.Popen(
        [sys.executable, "-m", "mesode.cli", "study", *args],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip


def study(*args):
    process = start(*args)
    text = process.communicate(timeout=250)[0]
    return process.returncode, text


def table(folder="runs/study"):
    return pd.read_csv(Path(folder, "results.csv"), dtype={"case": str})


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """Run the study once; return its folder, exit code and what was said."""
    folder = tmp_path_factory.mktemp("undisturbed")
    write(folder)
    done = subprocess.run(
        [sys.executable, "-m", "mesode.cli", "study", "study.yaml", "--workers", "2"],
        cwd=folder, capture_output=True, text=True, timeout=250, check=False,
    )  # fmt: skip
    return folder / "runs" / "study", done


def assert_same(found, expected):
    assert list(found["status"]) == ["completed"] * len(expected)
    for name in ("case", "config hash", "initial.lithiation"):
        assert list(found[name]) == list(expected[name])
    for name in FIGURES:
        # a resumed run equals the one that was not interrupted to the time integrator
        assert list(found[name]) == pytest.approx(list(expected[name]), rel=1e-4), name


def test_a_study_from_file_to_table(undisturbed):
    folder, done = undisturbed
    assert done.returncode == 0, done.stdout + done.stderr
    found = table(folder)
    assert list(found["case"]) == ["0001", "0002", "0003", "0004"]
    assert list(found["materials.active.c_max / mol/l"]) == [60, 70, 60, 70]
    assert set(found["status"]) == {"completed"}
    # 1 C for 5 minutes: a twelfth of what is between lithiation 0 and 1
    assert list(found["Mean Lithiation / 1"] - found["initial.lithiation"]) == pytest.approx(
        [1 / 12] * 4, rel=1e-3
    )
    assert (folder / "results.parquet").is_file()
    assert "4 completed" in done.stdout


def test_what_is_done_is_not_done_again_and_new_values_are(undisturbed):
    folder, _ = undisturbed
    text = STUDY.replace("[0.05, 0.1]", "[0.05, 0.2]").replace("[60 mol/l, 70 mol/l]", "[60 mol/l]")
    Path("study.yaml").write_text(text)
    before = {p: p.stat().st_mtime_ns for p in folder.glob("cases/*/manifest.json")}
    code, said = study("study.yaml", "--out", str(folder))
    assert code == 0, said
    assert "2 cases" in said
    assert "1 to run, 1 done before" in said
    assert list(table(folder)["case"]) == ["0001", "0005"]
    assert {p: p.stat().st_mtime_ns for p in before} == before
    Path("study.yaml").write_text(STUDY)
    code, said = study("study.yaml", "--out", str(folder))
    assert code == 0
    assert "0 to run" in said


def test_dry_run_lists_and_writes_nothing():
    code, said = study("study.yaml", "--dry-run")
    assert code == 0
    assert "4 cases. Nothing was run." in said
    assert not Path("runs").exists()


def test_bad_studies_are_refused_before_anything_is_written():
    Path("study.yaml").write_text(STUDY.replace("c_max", "c_maxx"))
    code, said = study("study.yaml")
    assert code == 2
    assert "c_maxx: unknown key. Did you mean 'c_max'?" in said
    assert not Path("runs").exists()


def wait_for(condition, seconds=60.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def case_processes():
    """Return the process of each case that was started."""
    attempts = Path("runs/study/cases").glob("*/attempt.json")
    found = [json.loads(path.read_text()).get("process") for path in attempts]
    return [process["pid"] for process in found if process]


def runs(pid):
    path = Path(f"/proc/{pid}/cmdline")
    return path.exists() and path.read_bytes() != b""  # empty: it has ended


def has_rows(number=1):
    found = Path("runs/study/cases").glob("*/timeseries.bdf.csv")
    return sum(len(path.read_text().splitlines()) > 3 for path in found) >= number


@pytest.mark.slow
def test_ctrl_c_stops_in_order_and_the_next_call_goes_on(undisturbed):
    slow = "set: {numerics.max_step: 0.1 s}\n"  # some seconds each
    Path("study.yaml").write_text(STUDY + slow)
    process = start("study.yaml", "--workers", "2")
    wait_for(has_rows)
    os.kill(process.pid, signal.SIGINT)
    said = process.communicate(timeout=60)[0]
    assert process.returncode == 3, said
    assert "interrupted" in set(table()["status"])
    code, said = study("study.yaml")
    assert code == 0, said
    found, expected = table(), table(undisturbed[0]).iloc[:4]
    assert list(found["status"]) == ["completed"] * 4
    for name in FIGURES:  # to the tolerance of the longer steps
        assert list(found[name]) == pytest.approx(list(expected[name]), rel=1e-3), name


def test_killing_the_study_ends_its_cases_and_loses_nothing(undisturbed):
    Path("study.yaml").write_text(STUDY.replace("[60 mol/l, 70 mol/l]", "[60 mol/l]"))
    process = start("study.yaml", "--workers", "2")
    wait_for(has_rows)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    wait_for(lambda: not any(runs(pid) for pid in case_processes()))
    code, said = study("study.yaml")
    assert code == 0, said
    expected = table(undisturbed[0]).iloc[[0, 2]].assign(case=["0001", "0002"])
    assert_same(table(), expected)


def test_two_studies_in_one_folder_are_refused():
    process = start("study.yaml", "--workers", "1")
    wait_for(lambda: Path("runs/study/study.json").is_file())
    code, said = study("study.yaml")
    os.kill(process.pid, signal.SIGTERM)
    process.communicate(timeout=60)
    assert code == 2
    assert f"process {process.pid}" in said


def test_from_python(undisturbed):
    folder, _ = undisturbed
    loaded = mesode.load_study("study.yaml", folder)
    assert list(loaded.cases["initial.lithiation"]) == [0.05, 0.05, 0.1, 0.1]
    results = mesode.run_study(loaded)
    assert list(results["status"]) == ["completed"] * 4
    run = mesode.open_run(folder / results["folder"][0])
    assert run.manifest["status"] == "completed"
    assert run.dataset()["Voltage"].attrs["units"] == "V"
    assert run.mesh("active").n_points > 0
    assert run.frame()["Voltage / V"].iloc[-1] == results["Voltage / V"][0]
