"""If these fail, a run overwrites results, or --force deletes what is not a run's."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import threading

from mpi4py import MPI

import pytest

from mesode.errors import OutputError
from mesode.output.folder import (
    FormerResults,
    bring_back,
    claim_folder,
    discard_folder,
    has_former,
    prepare_folder,
)
from mesode.output.lock import LOCK, RunLock
from support.disk import fill, small_disk

pytestmark = pytest.mark.serial


def test_a_new_folder_has_the_input_first(tmp_path):
    path = tmp_path / "deep" / "run"
    lock = RunLock(path)
    folder = claim_folder(path, lock, "title: x\n")
    lock.release()
    assert folder.config.read_text() == "title: x\n"
    assert folder.fields.is_dir()
    assert folder.mesh.is_dir()
    assert not folder.manifest.exists()


def test_an_empty_folder_is_used(tmp_path):
    assert prepare_folder(tmp_path, "a").config.exists()


def _claimed(path, config="a", **options):
    lock = RunLock(path)
    folder = claim_folder(path, lock, config, **options)
    lock.release()
    return folder


def test_results_are_not_overwritten(tmp_path):
    _claimed(tmp_path / "run", "old").manifest.write_text("{}")
    with pytest.raises(OutputError, match=r"results of an earlier run.*--out.*--force") as caught:
        _claimed(tmp_path / "run", "new")
    assert caught.value.exit_code == 2
    assert (tmp_path / "run" / "config.yaml").read_text() == "old"
    assert not (tmp_path / "run" / LOCK).exists()


def test_a_folder_with_anything_in_it_is_not_used(tmp_path):
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(OutputError, match="not empty"):
        prepare_folder(tmp_path, "a")


OURS = ("manifest.json", "timeseries.bdf.csv", "fields/step_0001.h5", "figures/voltage_curve.png",
        "mesh/model.msh", "checkpoint/mesh.npz", "checkpoint/checkpoint_000002.npz",
        ".manifest.json.part", "fields/.step_0002.h5.part", "analysis.json",
        "figures/analysis_gitt_2.png", "figures/animation.gif",
        "figures/.animation.mp4.part")  # fmt: skip
FOREIGN = ("notes.txt", "fields/view.pvsm", "fields/step_mine.h5", "data/a.csv", "movie.part",
           "figures/for_the_talk.png", "figures/analysis of mine.png", "checkpoint/keep.npz",
           "checkpoint/notes.txt")  # fmt: skip


@pytest.fixture
def used(tmp_path):
    """Return a folder with the files of a run, and with others."""
    prepare_folder(tmp_path, "old")
    for name in (*OURS, *FOREIGN):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    (tmp_path / "manifest.json").write_text(json.dumps({"figures": ["voltage_curve.png"]}))
    return tmp_path


def _there(path, names):
    return [name for name in names if (path / name).exists()]


def test_force_removes_what_a_run_wrote_and_nothing_else_when_the_new_one_begins(used):
    prepare_folder(used, "new", force=True)
    assert _there(used, OURS) == []
    assert has_former(used)  # nothing is lost yet
    FormerResults(used, MPI.COMM_SELF).start(None)
    assert not has_former(used)
    assert _there(used, FOREIGN) == list(FOREIGN)
    assert all((used / name).read_text() == name for name in FOREIGN)
    assert (used / "config.yaml").read_text() == "new"


@pytest.mark.parametrize("end", ["refused", "killed"])
def test_results_come_back_where_the_new_run_does_not_begin(used, end):
    before = {p.relative_to(used): p.read_bytes() for p in used.rglob("*") if p.is_file()}
    folder = prepare_folder(used, "new", force=True)
    folder.manifest.write_text("new")
    (folder.mesh / "model.msh").write_text("new")
    if end == "refused":
        discard_folder(folder)
    else:
        bring_back(used)
    after = {p.relative_to(used): p.read_bytes() for p in used.rglob("*") if p.is_file()}
    assert after == before


@pytest.mark.parametrize("figures", [["../../thesis.tex"], [".."], [7], "all", {"a": 1}])
def test_a_manifest_from_somebody_else_names_no_file_outside(tmp_path, figures):
    (tmp_path / "thesis.tex").touch()
    run = tmp_path / "a" / "run"
    run.mkdir(parents=True)
    prepare_folder(run, "old").manifest.write_text(json.dumps({"figures": figures}))
    prepare_folder(run, "new", force=True)
    FormerResults(run, MPI.COMM_SELF).start(None)
    assert (tmp_path / "thesis.tex").exists()


def test_a_damaged_manifest_keeps_figures(used):
    (used / "manifest.json").write_text("{")
    prepare_folder(used, "new", force=True)
    assert _there(used, ["figures/voltage_curve.png"])


def test_of_many_runs_that_start_at_once_one_gets_the_folder(tmp_path):
    together, got = threading.Barrier(8), []

    def claim(number):
        lock = RunLock(tmp_path / "run")
        together.wait()
        try:
            claim_folder(tmp_path / "run", lock, f"{number}", force=number % 2 == 0)
        except OutputError:
            return
        got.append((number, lock))

    for _ in range(20):
        got.clear()
        runs = [threading.Thread(target=claim, args=(number,)) for number in range(8)]
        for run in runs:
            run.start()
        for run in runs:
            run.join()
        assert len(got) == 1
        assert (tmp_path / "run" / "config.yaml").read_text() == f"{got[0][0]}"
        shutil.rmtree(tmp_path / "run")
        got[0][1].release()


def test_a_lock_whose_file_was_removed_is_none(tmp_path):
    """One that waits at the door of a run that ends must not hold a file that nobody sees."""
    first, second, third = (RunLock(tmp_path) for _ in range(3))
    first.acquire()
    opened = (tmp_path / LOCK).open("a+")
    first.release()
    with opened:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        second.acquire()
        with pytest.raises(OutputError, match="a run goes on here"):
            third.acquire()
    second.release()


def test_a_file_where_the_folder_should_be(tmp_path):
    (tmp_path / "run").touch()
    with pytest.raises(OutputError, match="a file stands"):
        _claimed(tmp_path / "run", force=True)
    with pytest.raises(OutputError, match="a file stands"):
        _claimed(tmp_path / "run" / "below")


def test_a_name_that_is_no_utf8(tmp_path):
    with pytest.raises(OutputError, match="not valid UTF-8") as caught:
        _claimed(tmp_path / os.fsdecode(b"run-\xff"))
    assert str(caught.value).isascii()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("size", ["4k", "12k"])
def test_a_disk_that_is_full_while_the_folder_is_made(tmp_path, size):
    try:
        with small_disk(tmp_path / "disk", size) as disk:
            if size == "4k":
                fill(disk)
            with pytest.raises(OutputError, match="no space left"):
                _claimed(disk / "run", "a" * 20_000)
            assert not (disk / "run").exists()
    except PermissionError:
        pytest.skip("mounting is not permitted here")


def test_a_place_that_takes_no_folder():
    from pathlib import Path

    with pytest.raises(OutputError):
        _claimed(Path("/proc/mesode"))
