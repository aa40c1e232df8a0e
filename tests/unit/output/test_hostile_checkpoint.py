"""If these fail, a checkpoint from somebody else runs code, eats memory or ends in a traceback."""

from __future__ import annotations

import io
import zipfile

import numpy as np
import pytest

from mesode.output.snapshot import DamagedError, Snapshot, read_snapshot, write_snapshot

pytestmark = pytest.mark.serial


class _Trap:
    def __init__(self, target):
        self.target = target

    def __reduce__(self):
        return open, (str(self.target), "w")


def _text(words):
    return np.frombuffer(words, dtype=np.uint8)


def test_pickled_objects_are_not_unpickled(tmp_path):
    target, path = tmp_path / "done", tmp_path / "checkpoint_000001.npz"
    trap = np.array([_Trap(target)], dtype=object)
    np.savez(path, json=_text(b"{}"), trap=trap)
    target.unlink(missing_ok=True)  # written when it was pickled
    with pytest.raises(DamagedError):
        read_snapshot(path)
    assert not target.exists()
    path.write_bytes(b"")
    with path.open("wb") as stream:  # a bare pickle, as np.load would take one
        np.save(stream, trap, allow_pickle=True)
    with pytest.raises(DamagedError):
        read_snapshot(path)
    assert not target.exists()


def _member(header):
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(stream, header)
    return stream.getvalue()


@pytest.mark.parametrize("kind", ["packed", "announced", "nested", "no zip"])
def test_files_that_eat_memory_are_damaged(tmp_path, kind):
    path = tmp_path / "checkpoint_000001.npz"
    if kind == "packed":
        np.savez_compressed(path, json=_text(b"{}"), zeros=np.zeros(20_000_000))
    elif kind == "announced":
        with zipfile.ZipFile(path, "w") as file:
            header = {"descr": "<f8", "fortran_order": False, "shape": (10**14,)}
            file.writestr("json.npy", _member(header))
    elif kind == "nested":
        np.savez(path, json=_text(b"[" * 100_000))
    else:
        path.write_text("nothing of that kind")
    with pytest.raises(DamagedError):
        read_snapshot(path)


def test_what_was_written_is_read(tmp_path):
    path = tmp_path / "checkpoint_000001.npz"
    write_snapshot(Snapshot({"a": [1]}, {"x": np.arange(3.0)}), path)
    found = read_snapshot(path)
    assert found.data == {"a": [1]}
    assert np.array_equal(found.arrays["x"], np.arange(3.0))
