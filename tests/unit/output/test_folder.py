"""If these fail, a run overwrites results, or --force deletes what is not a run's."""

from __future__ import annotations

import pytest

from mesode.errors import OutputError
from mesode.output.folder import prepare_folder

pytestmark = pytest.mark.serial


def test_a_new_folder_has_the_input_first(tmp_path):
    folder = prepare_folder(tmp_path / "deep" / "run", "title: x\n")
    assert folder.config.read_text() == "title: x\n"
    assert folder.fields.is_dir()
    assert folder.mesh.is_dir()
    assert not folder.manifest.exists()


def test_an_empty_folder_is_used(tmp_path):
    assert prepare_folder(tmp_path, "a").config.exists()


def test_results_are_not_overwritten(tmp_path):
    prepare_folder(tmp_path / "run", "old").manifest.write_text("{}")
    with pytest.raises(OutputError, match=r"results of an earlier run.*--out.*--force") as caught:
        prepare_folder(tmp_path / "run", "new")
    assert caught.value.exit_code == 2
    assert (tmp_path / "run" / "config.yaml").read_text() == "old"


def test_a_folder_with_anything_in_it_is_not_used(tmp_path):
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(OutputError, match="not empty"):
        prepare_folder(tmp_path, "a")


def test_force_removes_what_a_run_writes_and_nothing_else(tmp_path):
    folder = prepare_folder(tmp_path, "old")
    ours = [folder.timeseries, folder.manifest, folder.fields / "step_0001.h5",
            folder.figures / "voltage_curve.png", folder.mesh / "model.msh"]  # fmt: skip
    foreign = [tmp_path / "notes.txt", folder.fields / "view.pvsm", tmp_path / "data" / "a.csv"]
    (tmp_path / "data").mkdir()
    for path in (*ours, *foreign):
        path.touch()
    prepare_folder(tmp_path, "new", force=True)
    assert [path for path in ours if path.exists()] == []
    assert all(path.exists() for path in foreign)
    assert folder.config.read_text() == "new"


def test_a_file_where_the_folder_should_be(tmp_path):
    (tmp_path / "run").touch()
    with pytest.raises(OutputError, match="a file stands"):
        prepare_folder(tmp_path / "run", "a", force=True)
    with pytest.raises(OutputError, match="a file stands"):
        prepare_folder(tmp_path / "run" / "below", "a")


def test_a_place_that_takes_no_folder():
    from pathlib import Path

    with pytest.raises(OutputError):
        prepare_folder(Path("/proc/mesode"), "a")
