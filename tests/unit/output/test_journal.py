"""If these fail, a run that was killed goes on without rows, steps or frames that it had."""

from __future__ import annotations

import os

from mpi4py import MPI

import pytest

from mesode.errors import InputError
from mesode.output.checkpoint import Checkpoints, load_newest, remove_checkpoints
from mesode.output.journal import JOURNAL
from mesode.output.ranks import writing

pytestmark = pytest.mark.serial


class Steps:
    """A part of a run that has seen some steps."""

    def __init__(self, seen=()):
        self.seen, self.given = list(seen), []

    def save(self, snapshot):
        new = self.seen[snapshot.mark("steps", 0) :]
        self.given.append(len(new))
        snapshot.grow("steps", new, len(self.seen))
        snapshot.data["count"] = len(self.seen)


def checkpoints(folder, part, snapshot=None):
    found = Checkpoints(folder, MPI.COMM_SELF, {}, snapshot=snapshot)
    found.parts = [part]
    return found


def written(folder, numbers=(3, 5, 9)):
    """Write a checkpoint at each of some numbers of steps."""
    part = Steps()
    writer = checkpoints(folder, part)
    for number in numbers:
        part.seen = list(range(number))
        writer.write()
    return writer, part


def test_a_checkpoint_has_all_and_writes_what_is_new(tmp_path):
    _, part = written(tmp_path)
    snapshot, warnings = load_newest(tmp_path, tmp_path)
    assert snapshot.grown("steps") == list(range(9))
    assert (part.given, warnings) == ([3, 2, 4], [])


def test_a_run_that_goes_on_adds_to_what_it_had(tmp_path):
    written(tmp_path)
    for count in (12, 20):
        snapshot, _ = load_newest(tmp_path, tmp_path)
        part = Steps([*snapshot.grown("steps"), *range(snapshot.data["count"], count)])
        checkpoints(tmp_path, part, snapshot).write()
    assert load_newest(tmp_path, tmp_path)[0].grown("steps") == list(range(20))


def test_what_was_added_by_a_checkpoint_that_failed_does_not_count(tmp_path, monkeypatch):
    writer, part = written(tmp_path)

    def fail(*_arguments):
        raise OSError(28, "No space left on device")

    part.seen = list(range(15))
    with monkeypatch.context() as patch:
        patch.setattr("mesode.output.checkpoint.write_snapshot", fail)
        with pytest.raises(Exception, match="no space"):
            writer.write()
    assert load_newest(tmp_path, tmp_path)[0].grown("steps") == list(range(9))
    writer.write()
    assert load_newest(tmp_path, tmp_path)[0].grown("steps") == list(range(15))


def test_a_journal_that_cannot_grow_keeps_what_it_had(tmp_path, monkeypatch):
    writer, part = written(tmp_path)
    before = (tmp_path / JOURNAL).read_bytes()

    def full(_number):
        raise OSError(28, "No space left on device")

    part.seen = list(range(15))
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Exception, match="no space"), writing(tmp_path):
        writer.write()
    assert (tmp_path / JOURNAL).read_bytes() == before


@pytest.mark.parametrize("damage", ["cut off", "altered"])
def test_of_a_damaged_journal_what_is_whole_counts(tmp_path, damage):
    written(tmp_path)
    path = tmp_path / JOURNAL
    content = path.read_bytes()
    path.write_bytes(content[:-2] if damage == "cut off" else content[:-5] + b"1" + content[-4:])
    snapshot, (warning,) = load_newest(tmp_path, tmp_path)
    assert snapshot.grown("steps") == list(range(5))
    assert "checkpoint_000003.npz: journal is cut off or altered" in warning
    path.write_bytes(b"[]")
    with pytest.raises(InputError, match="all checkpoints are damaged"):
        load_newest(tmp_path, tmp_path)


def test_a_journal_that_somebody_removes_is_written_anew(tmp_path):
    writer, part = written(tmp_path)
    (tmp_path / JOURNAL).unlink()
    part.seen = list(range(15))
    writer.write()
    assert load_newest(tmp_path, tmp_path)[0].grown("steps") == list(range(15))


def test_nothing_of_it_is_left_when_the_run_is_complete(tmp_path):
    folder = tmp_path / "checkpoint"
    writer, _ = written(folder)
    remove_checkpoints(writer.folder)
    assert not folder.exists()
