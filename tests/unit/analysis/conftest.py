from __future__ import annotations

import json
import shutil

import pytest

pytest.importorskip("dolfinx")

from mesode.analysis.run_data import open_run
from support.run_folder import write_run


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory):
    return write_run(tmp_path_factory.mktemp("run"), (40, 42))


@pytest.fixture
def run(run_folder):
    return open_run(run_folder)


@pytest.fixture
def stepped(run_folder, tmp_path):
    """A run of a lithiation and a rest, whose binder is strained most in the rest."""
    folder = shutil.copytree(run_folder, tmp_path / "run")
    told = json.loads((folder / "manifest.json").read_text())
    told["steps"] = [
        {"index": 1, "text": "Lithiate at 1 C", "t_start": 0.0, "t_end": 600.0, "end": {}},
        {"index": 2, "text": "Rest for 5 min", "t_start": 600.0, "t_end": 900.0, "end": {}},
    ]
    largest = {"max": 3e6, "t_max": 890.0, "step_max": 2}
    told["extremes"] = {"Max von Mises Binder / Pa": largest}
    (folder / "manifest.json").write_text(json.dumps(told))
    strength = "{properties: {strength: {value: %s, unit: Pa}}}"
    text = f"active: {strength % '1.0e+9'}\ncarbon_binder: {strength % '2500000.0'}\n"
    (folder / "materials.yaml").write_text(text)
    return open_run(folder)
