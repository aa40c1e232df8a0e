"""If these fail, two versions are compared on different meshes, or one of them with itself."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml

import mesode
from mesode.bench.against import (
    Outcome,
    comparison,
    largest_difference,
    run_version,
    this_version,
    version_in,
    write_cases,
)
from mesode.bench.measure import bench_case
from mesode.config.load import load_case
from mesode.errors import InputError, MesodeError

pytestmark = pytest.mark.serial
REPOSITORY = Path(mesode.__file__).parents[2]


def outcome(capacity, voltage, **changes):
    values = {
        "manifest": {
            "mesh": {"dofs": 1000},
            "solver": {"time_steps": 30, "iterations": 150},
            "timings": {"geometry": 0.1, "model": 1.0, "protocol": 8.0},
        },
        "capacity": np.array(capacity, dtype=float),
        "voltage": np.array(voltage, dtype=float),
        "cpu": 9.0,
        "memory": 0.3,
    }
    return Outcome(**(values | changes))


def test_both_cases_are_on_the_mesh_that_was_written(tmp_path):
    whole, short = write_cases(bench_case(1_000, "two_way", 2), tmp_path)
    for file, step in ((whole, "until 10 mV"), (short, "for 1 second")):
        case = load_case(file)
        assert Path(case.geometry.mesh.file).name == "model.msh"
        assert yaml.safe_load(file.read_text())["protocol"] == [f"Lithiate at 5 mA/cm2 {step}"]
        assert (case.physics.stress_coupling, case.numerics.displacement_degree) == ("two_way", 2)
    assert (tmp_path / "model.msh").is_file()


def test_the_voltages_are_compared_at_the_same_capacity():
    before = outcome([0.0, 100.0, 200.0], [0.4, 0.3, 0.1])
    after = outcome([0.0, 50.0, 150.0], [0.4, 0.36, 0.2])
    most, at = largest_difference(before, after)
    assert (most, at) == (pytest.approx(0.02), 100.0)  # 0.28 between 0.36 and 0.2 against 0.3


def test_ratios_are_those_of_this_version_to_the_other():
    solver = {"time_steps": 15, "iterations": 50, "unheard_of": 3}
    timings = {"geometry": 0.1, "model": 0.5, "protocol": 2.0}
    manifest = {"mesh": {"dofs": 1000}, "solver": solver, "timings": timings}
    before = outcome([0.0, 100.0], [0.4, 0.3])
    after = outcome([0.0, 101.0], [0.4, 0.3], manifest=manifest)
    lines = comparison(["before", "here"], before, after)
    found = {line.rsplit(maxsplit=3)[0]: line.split()[-3:] for line in lines if line}
    assert found["protocol / s"] == ["8", "2", "0.250"]
    assert found["time steps"] == ["30", "15", "0.500"]
    assert "unheard of" not in found
    assert lines[-1].startswith("voltage: at most 0.990 mV apart")


def test_a_folder_without_mesode_is_refused(tmp_path):
    with pytest.raises(InputError, match="git worktree add"):
        version_in(tmp_path)


def test_a_version_that_is_not_imported_is_told(tmp_path):
    version = version_in(REPOSITORY)
    assert version.source == this_version().source
    (tmp_path / "solver" / "mesode" / "cli").mkdir(parents=True)
    with pytest.raises(MesodeError, match="imports"):
        run_version(version_in(tmp_path), tmp_path / "case.yaml", 1)


@pytest.mark.slow
def test_a_version_against_itself_is_the_same(tmp_path):
    whole, _ = write_cases(bench_case(1_000), tmp_path)
    before, after = (run_version(version, whole, 1) for version in (version_in(REPOSITORY),) * 2)
    assert largest_difference(before, after)[0] == 0.0
    assert before.manifest["solver"] == after.manifest["solver"]
    assert before.cpu > 0.5
