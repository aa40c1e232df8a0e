"""If these fail, a script that uses mesode as its page of the documentation says does not run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

import mesode
from mesode.analysis.run_data import open_run
from mesode.config.load import load_case
from mesode.errors import InputError, OutputError
from support.tiny_case import TINY

pytestmark = pytest.mark.serial
PAGE = Path(__file__).parents[2] / "docs" / "python.md"
CAPACITY = "Specific Capacity / mA.h.g-1"


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    """Carry out all examples of the page, one after the other; return what they have named."""
    folder, names = tmp_path_factory.mktemp("python"), {}
    (folder / "sio.yaml").write_text(TINY)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for example in re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL):
            exec(compile(example, str(PAGE), "exec"), names)
    return folder, names


def test_a_case_is_run_with_what_is_set(session):
    run = open_run(session[0] / "runs" / "fast")
    assert run.config["protocol"] == ["Lithiate at 2 C until 10 mV"]
    assert run.status == "completed"
    assert run.column("Voltage / V")[-1] == pytest.approx(0.01, abs=1e-5)
    assert re.fullmatch(r"<Run .*fast: completed, \d+ rows to [\d.]+ s>", repr(run))


def test_a_loaded_case_is_run_with_what_is_set(session):
    folder, names = session
    assert names["base"] == load_case(folder / "sio.yaml")
    runs = [open_run(folder / "runs" / f"seed{seed}") for seed in (1, 2)]
    assert [r.config["geometry"]["electrode"]["particles"]["seed"] for r in runs] == [1, 2]
    assert all(r.column(CAPACITY)[-1] > 0.0 for r in runs)


def test_the_fields_are_those_of_the_time(session):
    grid, end = session[1]["grid"], session[1]["end"]
    assert 0.0 < grid.field_data["time"][0] < end.field_data["time"][0]
    assert grid.point_data["sto"].mean() < end.point_data["sto"].mean()


def test_a_folder_with_results_is_kept(session):
    said = r"holds the results of an earlier run; .* with out=\.\.\., or .* with force=True$"
    with pytest.raises(OutputError, match=said):
        mesode.run_case(session[0] / "sio.yaml", session[0] / "runs" / "fast")


def test_mistakes_are_told_before_anything_is_written(tmp_path):
    with pytest.raises(InputError, match=r"mesh\.size"):
        mesode.run_case(yaml.safe_load(TINY), tmp_path / "out", set={"mesh.size": 3})
    assert not (tmp_path / "out").exists()
