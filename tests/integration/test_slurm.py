"""If these fail, a study on a cluster loses cases, runs them twice, or never ends."""

import json
import subprocess
import sys
import time

import pandas as pd
import pytest
import yaml

from support import slurm
from support.tiny_case import TINY

pytestmark = [
    pytest.mark.serial,
    pytest.mark.skipif(bool(slurm.missing()), reason=f"no Slurm here: {slurm.missing()}"),
]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    running = slurm.start(tmp_path_factory.mktemp("slurm"))
    yield running
    slurm.stop(running)


def write_study(folder, rates, profile="time: 5 min\n", steps=None):
    base = {**yaml.safe_load(TINY), **({"protocol": steps} if steps else {})}
    vary = {"materials.active.D_s": [f"{rate} m^2/s" for rate in rates]}
    (folder / "s.yaml").write_text(yaml.safe_dump({"base": base, "vary": vary}))
    (folder / "cluster.yaml").write_text(profile)


def study(cluster, folder, *words):
    return subprocess.run(
        [sys.executable, "-m", "mesode.cli", "study", *words],
        cwd=folder, env=cluster.environment, capture_output=True, text=True, timeout=60,
    )  # fmt: skip


def submit(cluster, folder):
    done = study(cluster, folder, "s.yaml", "--slurm", "cluster.yaml", "--no-figures")
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def rates(count):
    return [f"{2 + 0.1 * k:g}e-14" for k in range(count)]


@pytest.mark.timeout(300)
def test_cases_run_as_an_array_and_the_table_is_written(cluster, tmp_path):
    write_study(tmp_path, rates(4))
    assert "4 submitted, 0 in the queue already" in submit(cluster, tmp_path)
    assert "0 submitted, 4 in the queue already" in submit(cluster, tmp_path)
    cluster.wait_until_empty(240)
    table = pd.read_csv(tmp_path / "runs/s/results.csv", dtype={"case": str})
    assert list(table["case"]) == ["0001", "0002", "0003", "0004"]
    assert set(table["status"]) == {"completed"}
    assert list(table["attempts"]) == [1, 1, 1, 1]
    assert table["Voltage / V"].nunique() == 4
    assert "0 submitted, 0 in the queue already, 4 done" in submit(cluster, tmp_path)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_fifty_cases(cluster, tmp_path):
    write_study(tmp_path, rates(50))
    submit(cluster, tmp_path)
    cluster.wait_until_empty(1700)
    table = pd.read_csv(tmp_path / "runs/s/results.csv")
    assert len(table) == 50
    assert set(table["status"]) == {"completed"}


LONG = ["Lithiate at 1 C for 10 minutes or until 10 mV"]


@pytest.fixture(scope="module")
def speed(tmp_path_factory):
    """Time steps that this machine takes in a second."""
    folder = tmp_path_factory.mktemp("speed")
    case = yaml.safe_load(TINY) | {"numerics": {"max_step": "1 s"}}
    (folder / "case.yaml").write_text(yaml.safe_dump(case))
    subprocess.run(
        [sys.executable, "-m", "mesode.cli", "run", "case.yaml", "--out", "out"],
        cwd=folder, check=True, capture_output=True, timeout=200,
    )  # fmt: skip
    manifest = json.loads((folder / "out" / "manifest.json").read_text())
    return manifest["solver"]["time_steps"] / manifest["timings"]["protocol"]


def write_long_study(folder, seconds, profile, speed):
    """Write a study of one case of about so many seconds, with a checkpoint only when asked."""
    step = 600 / (speed * seconds)
    write_study(folder, rates(1), profile, LONG)
    data = yaml.safe_load((folder / "s.yaml").read_text())
    data["base"]["numerics"] = {"max_step": f"{step:g} s"}
    data["base"]["output"]["checkpoint"] = "1 h"
    (folder / "s.yaml").write_text(yaml.safe_dump(data))


def wait_for_rows(folder, rows):
    table = folder / "runs/s/cases/0001/timeseries.bdf.csv"
    end = time.monotonic() + 120
    while not table.is_file() or table.read_bytes().count(b"\n") < rows:
        assert time.monotonic() < end
        time.sleep(0.2)


def check_one_continuous_run(folder, attempts):
    """Check that one case went on where it was interrupted, and return what Slurm's task said."""
    table = pd.read_csv(folder / "runs/s/results.csv")
    assert list(table["status"]) == ["completed"]
    assert table["attempts"][0] >= attempts
    series = pd.read_csv(folder / "runs/s/cases/0001/timeseries.bdf.csv")["Test Time / s"]
    assert (series.diff().dropna() > 0).all()
    assert series.iloc[-1] == pytest.approx(600.0)
    resumed = json.loads((folder / "runs/s/cases/0001/manifest.json").read_text())["resumed"]
    assert len(resumed) == table["attempts"][0] - 1
    assert all(entry["t"] > 0.0 for entry in resumed)
    (log,) = (folder / "runs/s/slurm").glob("*_1.log")
    return log.read_text()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_case_longer_than_its_wall_time_goes_on_in_the_next(cluster, tmp_path, speed):
    write_long_study(tmp_path, 75, "time: 1 min\nmargin: 20 s\n", speed)
    submit(cluster, tmp_path)
    cluster.wait_until_empty(550)
    said = check_one_continuous_run(tmp_path, attempts=2)
    assert "interrupted: the study was stopped: SIGTERM received" in said


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_a_task_that_is_told_to_stop_goes_back_into_the_queue(cluster, tmp_path, speed):
    write_long_study(tmp_path, 15, "time: 5 min\n", speed)
    submit(cluster, tmp_path)
    wait_for_rows(tmp_path, 30)
    here = study(cluster, tmp_path, "s.yaml")  # two studies in one folder: the case is Slurm's
    assert here.returncode == 3
    assert "0 to run, 0 done before, 1 left alone" in here.stdout
    (job,) = json.loads((tmp_path / "runs/s/slurm/jobs.json").read_text()).values()
    cluster.call("scancel", "--batch", "--signal=TERM", job)  # what Slurm sends before the end
    cluster.wait_until_empty(200)
    check_one_continuous_run(tmp_path, attempts=2)


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_a_cancelled_task_stays_cancelled_and_keeps_what_it_has(cluster, tmp_path, speed):
    write_long_study(tmp_path, 60, "time: 5 min\n", speed)
    submit(cluster, tmp_path)
    wait_for_rows(tmp_path, 30)
    (job,) = json.loads((tmp_path / "runs/s/slurm/jobs.json").read_text()).values()
    cluster.call("scancel", job)
    cluster.wait_until_empty(120)
    (row,) = pd.read_csv(tmp_path / "runs/s/results.csv").to_dict("records")
    assert row["status"] == "interrupted"
    assert row["attempts"] == 1
    assert row["Test Time / s"] > 0.0
    assert list((tmp_path / "runs/s/cases/0001/checkpoint").glob("checkpoint_*.npz"))
