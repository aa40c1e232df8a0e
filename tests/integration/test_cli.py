"""If these fail, `mesode run` does not do what the README says on a case that is all right."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mesode.analysis.xdmf import open_series
from mesode.cli.main import main
from mesode.config.dump import case_hash
from mesode.config.load import load_case
from mesode.config.starter import starter_text
from mesode.errors import OutputError
from mesode.output.table import Table

pytestmark = pytest.mark.serial

SMALL = """
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
  - Lithiate at 1 C for 10 minutes or until 10 mV
  - Rest for 2 minutes
output: {fields: 4}
"""
COLUMNS = (
    "Test Time / s", "Voltage / V", "Current / A", "Step Count / 1", "Cycle Count / 1",
    "Current Density / A.m-2", "Specific Capacity / mA.h.g-1", "Mean Lithiation / 1",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("small.yaml").write_text(SMALL)


def manifest(folder="runs/small"):
    return json.loads(Path(folder, "manifest.json").read_text())


def timeseries(folder="runs/small"):
    with Path(folder, "timeseries.bdf.csv").open() as stream:
        return [{k: float(v) for k, v in row.items()} for row in csv.DictReader(stream)]


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """Run the small case once; return its folder and what was said."""
    folder = tmp_path_factory.mktemp("finished")
    (folder / "small.yaml").write_text(SMALL)
    done = subprocess.run(
        [sys.executable, "-m", "mesode.cli", "run", "small.yaml"],
        cwd=folder, capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    return folder / "runs" / "small", done


def test_a_run_ends_well_and_says_so(finished):
    folder, done = finished
    assert done.returncode == 0, done.stderr
    assert "completed" in done.stdout
    assert "figures in" in done.stdout
    assert "are assumed" in done.stdout
    assert "step 1 of 2" in done.stderr
    assert "\r" not in done.stderr
    content = manifest(folder)
    assert content["status"] == "completed"
    assert [step["index"] for step in content["steps"]] == [1, 2]
    assert content["steps"][0]["t_end"] == pytest.approx(600.0)
    assert content["steps"][1]["t_end"] == pytest.approx(720.0)


def test_all_that_was_said_is_in_the_log(finished):
    folder, done = finished
    log = (folder / "log.txt").read_text("utf-8")
    said = [line.strip() for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    assert len(said) > 8
    assert [line for line in said if line.removeprefix("warning: ") not in log] == []


def test_balances_hold(finished):
    balances = manifest(finished[0])["balances"]
    assert abs(balances["lithium"]) < 1e-6
    assert abs(balances["salt"]) < 1e-8
    assert abs(balances["charge"]) < 1e-8


def test_the_time_series_is_complete(finished):
    rows = timeseries(finished[0])
    assert all(name in rows[0] for name in COLUMNS)
    times = [row["Test Time / s"] for row in rows]
    assert times == sorted(times)
    assert times[-1] == pytest.approx(720.0)
    last = [row for row in rows if row["Step Count / 1"] == 1][-1]
    # a little of the charge stays in the double layer
    assert last["Mean Lithiation / 1"] == pytest.approx(0.02 + 1 / 6, abs=1e-4)
    assert last["Current Density / A.m-2"] > 0.0
    assert last["Current / A"] == pytest.approx(-last["Current Density / A.m-2"] * 6e-6)


def test_the_time_series_is_in_the_battery_data_format(finished):
    import bdf

    table = pd.read_csv(finished[0] / "timeseries.bdf.csv")
    report = bdf.validate_df(table)
    ours = {name for name in table if name not in report["required"] + report["optional"]}
    assert ours == set(report["extras"])
    assert not report["legacy_labels"]
    assert report["time_stats"]["monotonic"]
    assert {"Current / A", "Step Count / 1", "Cycle Count / 1", "Net Energy / Wh"} <= set(
        table
    ) - ours
    # the format counts what charges the cell: a half cell that is lithiated gives energy off
    assert table["Net Energy / Wh"].iloc[-1] < 0.0 < table["Energy / W.h.m-2"].iloc[-1]


def test_fields_are_points_of_the_table_spread_over_each_step(finished):
    series = open_series(finished[0] / "fields" / "active.xdmf")
    points = [row["Test Time / s"] for row in timeseries(finished[0])]
    assert all(np.abs(np.array(points) - t).min() < 1e-6 for t in series.times)
    assert {0.0, 600.0, 720.0} <= {round(t, 6) for t in series.times}
    assert 5 <= len(series.times) <= 9  # as many as there are time steps for
    sto = series.read("sto", [round(t, 6) for t in series.times].index(600.0)).data
    assert sto.mean() == pytest.approx(0.02 + 1 / 6, abs=0.02)


def test_the_folder_is_complete(finished):
    folder, _ = finished
    for name in ("particles.csv", "log.txt", "materials.yaml", "mesh/model.msh",
                 "mesh/quality.json", "figures/voltage_curve.png",
                 "figures/lithiation_map.png"):  # fmt: skip
        assert (folder / name).stat().st_size > 0, name
    with (folder / "particles.csv").open() as stream:
        assert len(list(csv.DictReader(stream))) == 2 * manifest(folder)["particles"]


def test_the_resolved_input_is_that_of_the_run(finished):
    case = load_case(finished[0] / "config.yaml")
    assert case == load_case(finished[0].parents[1] / "small.yaml")
    assert case_hash(case) == manifest(finished[0])["config_hash"]


def test_a_value_is_changed_and_the_run_not_overwritten(capsys):
    change = ["--set", "protocol=['Lithiate at 1 C for 10 seconds']", "--no-figures"]
    assert main(["run", "small.yaml", *change]) == 0
    assert manifest()["steps"][0]["t_end"] == pytest.approx(10.0)
    assert not list(Path("runs/small/figures").iterdir())
    assert main(["run", "small.yaml", *change]) == 2
    assert "--force" in capsys.readouterr().err
    assert main(["run", "small.yaml", *change, "--force"]) == 0


def test_far_too_high_a_current_stops_at_once_with_a_reason(capsys):
    begin = time.monotonic()
    change = "protocol=['Lithiate at 50 A/cm2 until 10 mV']"
    assert main(["run", "small.yaml", "--set", change, "--no-figures"]) == 3
    assert time.monotonic() - begin < 60.0
    content = manifest()
    assert content["status"] == "stopped"
    assert content["reason"]
    assert content["reason"] in capsys.readouterr().out
    assert Path("runs/small/config.yaml").exists()


def test_particles_that_touch_nothing(capsys):
    change = "geometry.electrode.carbon_binder.kind=none"
    assert main(["run", "small.yaml", "--set", change]) == 2
    message = capsys.readouterr().err
    assert "no particle has a path to the collector" in message
    assert "carbon_binder" in message
    assert not Path("runs/small").exists()


def test_a_disk_that_fills_up_keeps_what_is_there(monkeypatch, capsys):
    put, count = Table._put, []

    def filling(self, cells):
        count.append(1)
        if len(count) > 12:
            self.close()  # as it does itself
            raise OutputError(f"{self.path}: no space left on the device")
        put(self, cells)

    monkeypatch.setattr(Table, "_put", filling)
    assert main(["run", "small.yaml", "--no-figures"]) == 3
    assert "no space left" in manifest()["reason"]
    assert manifest()["status"] == "stopped"
    assert len(timeseries()) == 11
    assert "no space left" in capsys.readouterr().out


def test_a_signal_stops_a_run_in_order():
    Path("long.yaml").write_text(SMALL.replace("2 minutes", "900 h").replace(
        "output:", "numerics: {max_step: 10 s}\noutput:"))  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-m", "mesode.cli", "run", "long.yaml", "--no-figures"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    csv_file = Path("runs/long/timeseries.bdf.csv")
    for _ in range(600):
        read = csv_file.read_text() if csv_file.exists() else ""
        if read.count("\n") > 20 or process.poll() is not None:
            break
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 3
    assert "SIGINT" in out
    content = manifest("runs/long")
    assert content["status"] == "stopped"
    assert "SIGINT" in content["reason"]
    assert len(timeseries("runs/long")) > 10


def test_two_ranks_give_the_same():
    change = ["--set", "protocol=['Lithiate at 1 C for 1 minute']", "--no-figures"]
    command = ["run", "small.yaml", *change, "--out"]
    assert main([*command, "runs/1"]) == 0
    done = subprocess.run(
        [sys.executable, "-m", "mesode.cli", *command, "runs/2", "--ranks", "2"],
        capture_output=True, text=True, timeout=100, check=False,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("completed") == 1
    told = [manifest(f"runs/{ranks}") for ranks in (1, 2)]
    assert [each["ranks"] for each in told] == [1, 2]
    one, two = (each["steps"][0]["end"]["Voltage / V"] for each in told)
    assert one == pytest.approx(two, abs=1e-8)


def test_the_starter_file_runs():
    Path("new.yaml").write_text(starter_text("new"))
    change = ["--set", "protocol=['Lithiate at 5 mA/cm2 for 5 seconds']", "--no-figures"]
    assert main(["run", "new.yaml", *change]) == 0


def test_a_reader_that_leaves_early_is_no_crash():
    command = f"{sys.executable} -m mesode.cli mesh small.yaml --out piped | head -1"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        capture_output=True, text=True, timeout=100,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "PETSC" not in done.stderr
    assert len(done.stdout.splitlines()) == 1
