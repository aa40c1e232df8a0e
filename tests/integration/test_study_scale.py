"""If these fail, a study of many small cases spends its time on anything but the cases.

Times are those of the machine; the limits hold where nothing else runs on it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from mesode.study.workers import cores
from support.tiny_case import TINY

pytestmark = [pytest.mark.serial, pytest.mark.slow, pytest.mark.timeout(3000)]

CONFIGS = Path(__file__).parents[2] / "configs"
OVERHEAD = 8.0  # [s] of a case after the first: start of the process, mesh, compilation, files
GAIN = 1.8  # of two workers over one


def run_file(folder, name, content, workers):
    """Run a study and return its results, its folder, and its wall time [s]."""
    (folder / f"{name}.yaml").write_text(yaml.safe_dump(content))
    command = [sys.executable, "-m", "mesode.cli", "study", f"{name}.yaml"]
    begin = time.monotonic()
    done = subprocess.run(
        [*command, "--workers", str(workers)], cwd=folder, capture_output=True, text=True
    )
    spent = time.monotonic() - begin
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    return pd.read_csv(folder / "runs" / name / "results.csv"), folder / "runs" / name, spent


def test_two_hundred_small_cases(tmp_path):
    vary = {
        "initial.lithiation": {"range": [0.05, 0.5, 20]},
        "materials.active.D_s": {"logrange": ["1e-15 m^2/s", "1e-13 m^2/s", 10]},
    }
    content = {"base": yaml.safe_load(TINY), "vary": vary}
    table, folder, spent = run_file(tmp_path, "many", content, min(2, cores()))
    assert len(table) == 200
    assert set(table["status"]) == {"completed"}
    assert table["case"].is_unique
    assert set(table["attempts"]) == {1}
    overhead = []
    for number in range(2, 201):
        case = folder / "cases" / f"{number:04d}"
        wall = json.loads((case / "attempt.json").read_text())["wall"]
        timings = json.loads((case / "manifest.json").read_text())["timings"]
        overhead.append(wall - timings["protocol"])
    numbers = {"wall": spent, "median": np.median(overhead), "most": max(overhead)}
    (tmp_path / "times.json").write_text(json.dumps(numbers))  # for whoever wants to know
    assert np.median(overhead) < OVERHEAD


@pytest.mark.skipif(cores() < 2, reason="one core")
@pytest.mark.skipif(os.getloadavg()[0] > 0.7, reason="the machine does other things")
def test_two_workers_are_nearly_twice_as_fast_as_one(tmp_path):
    content = {
        "base": str(CONFIGS / "zhang2024_low.yaml"),
        "set": {"geometry.width": "15 um", "physics.mechanics": "none"},
        "vary": {"initial.lithiation": [0.02, 0.03, 0.04, 0.05]},  # of ten seconds each
    }
    run_file(tmp_path, "warm", content | {"vary": {"initial.lithiation": [0.02]}}, 1)
    _, _, alone = run_file(tmp_path, "one", content, 1)
    _, _, together = run_file(tmp_path, "two", content, 2)
    assert alone / together > GAIN
