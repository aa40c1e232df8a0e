"""If this fails, the first file that a new user runs does not reach its end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mesode.cli.main import main
from mesode.config.starter import STARTERS

# Some 40 s of processor time at most, each; the machine may have other work.
pytestmark = [pytest.mark.serial, pytest.mark.slow, pytest.mark.timeout(600)]

RISE = {"sio": (0.15, 0.3), "silicon": (0.5, 0.9)}  # of the thickness, at most, at finite strain


@pytest.mark.parametrize("kind", [kind for kind in STARTERS if kind != "study"])
def test_a_starter_runs_to_its_end(tmp_path, monkeypatch, kind):
    monkeypatch.chdir(tmp_path)
    assert main(["new", kind]) == 0
    assert main(["run", f"{kind}.yaml", "--no-figures"]) == 0
    manifest = json.loads(Path("runs", kind, "manifest.json").read_text())
    assert manifest["status"] == "completed"
    assert abs(manifest["balances"]["lithium"]) < 1e-6
    if kind in RISE:
        low, high = RISE[kind]
        assert low < manifest["extremes"]["Thickness Change / 1"]["max"] < high
        for step in manifest["steps"]:
            assert step["text"].endswith("V") == step["reason"].startswith("voltage")


def test_the_study_runs_to_its_end(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["new", "study"]) == 0
    assert main(["study", "study.yaml", "--workers", "1"]) == 0
    rows = Path("runs/study/results.csv").read_text().splitlines()
    assert len(rows) == 7
    assert all(",completed," in row for row in rows[1:])
