"""If these fail, a study on a cluster loses cases, runs them twice, or never ends."""

import subprocess
import sys

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
