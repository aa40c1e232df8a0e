"""If these fail, a run does not say how it ended, or programs cannot read what it says."""

from __future__ import annotations

import errno
import json
import os
from types import SimpleNamespace

import numpy as np
import pytest

from mesode import __version__
from mesode.errors import OutputError
from mesode.output.manifest import Manifest, Status

pytestmark = pytest.mark.serial


def read(path):
    def refuse(name):
        raise ValueError(f"{name} is not JSON")

    return json.loads(path.read_text("utf-8"), parse_constant=refuse)


def test_a_run_that_was_killed_says_so(tmp_path):
    Manifest(tmp_path / "manifest.json").write()
    content = read(tmp_path / "manifest.json")
    assert content["status"] == "failed"
    assert "did not end in order" in content["reason"]


def test_the_versions_of_all_that_computes(tmp_path):
    versions = Manifest(tmp_path / "manifest.json").content["versions"]
    assert versions["mesode"] == __version__
    assert {"dolfinx", "petsc", "gmsh", "python", "mpi"} <= set(versions)
    assert all(versions.values())
    assert versions["dolfinx"].startswith("0.11")


def test_what_was_collected_is_in_the_file(tmp_path):
    manifest = Manifest(tmp_path / "manifest.json")
    result = SimpleNamespace(
        index=1, text="Rest for 1 s", reason="duration reached", t_start=0.0, t_end=1.0,
        end={"Voltage / V": np.float64(0.5), "Max von Mises Active / Pa": float("nan")},
        tags=("formation",),
    )  # fmt: skip
    manifest.add_step(result)
    manifest.warn("particle 3 is isolated")
    manifest.warn("particle 3 is isolated")
    manifest.update(balances={"lithium": np.float64(1e-9)}, mesh={"cells": np.int64(7)})
    manifest.end(Status.STOPPED, "SIGINT received")
    manifest.write()
    content = read(manifest.path)
    assert content["steps"][0]["end"] == {"Voltage / V": 0.5, "Max von Mises Active / Pa": None}
    assert content["steps"][0]["tags"] == ["formation"]
    assert content["warnings"] == ["particle 3 is isolated"]
    assert (content["status"], content["reason"]) == ("stopped", "SIGINT received")
    assert content["balances"]["lithium"] == 1e-9
    assert content["mesh"]["cells"] == 7
    assert any("1 m" in note for note in content["notes"])


def test_a_step_that_was_skipped_is_a_warning(tmp_path):
    manifest = Manifest(tmp_path / "manifest.json")
    why = "voltage 5000 mV reached before the step began"
    text = "Lithiate at C/2 until 5 V"
    manifest.add_step(
        SimpleNamespace(index=2, text=text, reason=why, t_start=3.0, t_end=3.0, end={}, tags=())
    )
    assert manifest.content["warnings"] == [f"step 2 ({text}) was skipped: {why}"]


def test_a_manifest_that_cannot_be_written_leaves_the_old_one(tmp_path, monkeypatch):
    manifest = Manifest(tmp_path / "manifest.json")
    manifest.write()
    before = manifest.path.read_text()

    def full(self, *_args, **_more):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    manifest.end(Status.COMPLETED, "all steps done")
    with pytest.raises(OutputError, match="no space left"):
        manifest.write()
    monkeypatch.undo()
    assert manifest.path.read_text() == before


def test_a_full_disk_leaves_room_for_the_reason(tmp_path, monkeypatch):
    manifest = Manifest(tmp_path / "manifest.json")
    manifest.write()
    room = tmp_path / ".room"
    assert room.stat().st_blocks * 512 >= 65536
    refused = []

    def full(_number):
        if room.exists():
            refused.append(room)
            raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(os, "fsync", full)
    manifest.end(Status.STOPPED, "no space left on the device")
    manifest.write()
    assert read(manifest.path)["reason"] == "no space left on the device"
    assert refused
    assert list(tmp_path.iterdir()) == [manifest.path]
