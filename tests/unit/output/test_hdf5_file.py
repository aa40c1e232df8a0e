"""If these fail, a full disk ends a run with a crash, or leaves half a file of fields."""

from __future__ import annotations

import errno
import os
import resource
import tracemalloc

import h5py
import numpy as np
import pytest

from mesode.errors import OutputError
from mesode.output.hdf5_file import new_hdf5
from support.disk import fill, small_disk

pytestmark = pytest.mark.serial


def numbers(k, size=20_000):
    return np.random.default_rng(k).uniform(size=(size, 1))


def write(path, frames=10):
    with new_hdf5(path) as file:
        for k in range(frames):
            file.add(f"/active/{k}/sto", numbers(k))
        file.add("/active/few", np.arange(3))


def test_what_was_written_reads_back(tmp_path):
    path = tmp_path / "step_0001.h5"
    write(path)
    with h5py.File(path) as store:
        for k in range(10):
            np.testing.assert_array_equal(store[f"/active/{k}/sto"], numbers(k))
        assert store["/active/few"][:].tolist() == [0, 1, 2]
        assert store["/active/3/sto"].compression == "gzip"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("most", [0, 100, 3000, 50_000, 900_000])
def test_a_file_that_cannot_grow_leaves_the_one_before(tmp_path, most):
    """At any place: of the head, of data, of what HDF5 writes when it closes."""
    path = tmp_path / "step_0001.h5"
    write(path, frames=1)
    before, limits = path.read_bytes(), resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, limits[1]))
    try:
        with pytest.raises(OutputError, match="cannot be written"):
            write(path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_is_told(tmp_path):
    try:
        with small_disk(tmp_path / "disk", "1m") as disk:
            with pytest.raises(OutputError, match="no space left"):
                write(disk / "a.h5")
            assert list(disk.iterdir()) == []
            write(disk / "a.h5", frames=2)
            ballast = fill(disk)
            with pytest.raises(OutputError, match="no space left"):
                write(disk / "b.h5", frames=1)
            assert sorted(disk.iterdir()) == [disk / "a.h5", ballast]
    except PermissionError:
        pytest.skip("mounting needs root")


def test_the_first_failure_is_the_one_that_is_told(tmp_path, monkeypatch):
    def broken(_number):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(OutputError, match="Input/output error"):
        write(tmp_path / "a.h5")
    assert list(tmp_path.iterdir()) == []


def test_a_file_of_many_frames_takes_the_memory_of_a_few(tmp_path):
    values = numbers(0, 200_000)
    tracemalloc.start()
    try:
        with new_hdf5(tmp_path / "a.h5") as file:
            for k in range(10):
                file.add(f"/active/{k}/sto", values)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 2 * values.nbytes
