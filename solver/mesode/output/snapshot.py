"""What a checkpoint holds, and its file: whole or not there, damage is noticed.

A file is a NumPy archive (.npz) of arrays and of one JSON text. Every part of it carries a
CRC-32; all of them are read and compared before anything is believed.
"""

from __future__ import annotations

import json
import os
import zipfile
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from mesode.errors import InputError, Problem
from mesode.whole_file import whole_file

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from mesode.mesh.ordering import BlockOrder

    type FloatArray = np.typing.NDArray[np.float64]

_TEXT, _GROWN = "json", "grown"
# what NumPy, zlib and the JSON parser say of a file that is not what it should be
DAMAGE = (
    *(OSError, ValueError, KeyError, EOFError, TypeError, AttributeError),
    *(RecursionError, MemoryError, zipfile.BadZipFile, zlib.error),
)


class DamagedError(Exception):
    """A checkpoint file that is not what was written."""


@dataclass(slots=True)
class Snapshot:
    """Plain data by name, on all ranks; arrays by name, on rank 0 only.

    What only grows is given with ``grow``: what is new since the last checkpoint, whose ``marks``
    tell up to where each of them had come.
    """

    data: dict[str, Any] = field(default_factory=dict)
    arrays: dict[str, Any] = field(default_factory=dict)
    marks: dict[str, Any] = field(default_factory=dict)

    def mark[T](self, name: str, first: T) -> T:
        """Return up to where the last checkpoint has what grows; ``first`` where it has nothing."""
        return cast("T", self.marks.get(name, first))

    def grow(self, name: str, items: Iterable[Any], mark: Any) -> None:
        """Keep what is new since the last checkpoint, and up to where that comes."""
        self.data.setdefault(_GROWN, {})[name] = list(items)
        self.marks[name] = mark

    def grown(self, name: str) -> list[Any]:
        """Return all that had grown when the snapshot was taken, from the beginning."""
        return list(self.data.get(_GROWN, {}).get(name, ()))

    def take_grown(self) -> dict[str, list[Any]]:
        """Take what has grown out: for the journal, or because nobody needs it any more."""
        return {name: items for name, items in self.data.pop(_GROWN, {}).items() if items}

    def give_grown(self, grown: dict[str, list[Any]]) -> None:
        """Put all of the journal in."""
        self.data[_GROWN] = grown

    def put_state(self, name: str, owned: FloatArray, order: BlockOrder) -> None:
        """Keep a block vector, of which each rank gives what it owns (collective)."""
        values = order.gather(owned)
        if values is not None:
            self.arrays[name] = values

    def state(self, name: str, order: BlockOrder) -> FloatArray:
        """Return what this rank owns of a block vector (collective)."""
        return order.scatter(self.arrays.get(name))


def write_snapshot(snapshot: Snapshot, path: Path) -> None:
    """Write a file in whole or not at all; when this returns it survives a power failure.

    Raises:
        OSError: no space or no permission; nothing of this name has changed.
    """
    text = np.frombuffer(json.dumps(snapshot.data).encode(), dtype=np.uint8)
    with whole_file(path) as stream:
        np.savez(stream, allow_pickle=False, **{_TEXT: text}, **snapshot.arrays)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder survive a power failure."""
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def read_snapshot(path: Path) -> Snapshot:
    """Read a file and compare all its check sums.

    Raises:
        DamagedError: the file is cut off, altered or something else.
    """
    try:
        with np.load(path, allow_pickle=False) as store:
            _check_unpacked(store.zip, path.stat().st_size)
            arrays = {name: store[name] for name in store.files}
        return Snapshot(json.loads(arrays.pop(_TEXT).tobytes()), arrays)
    except DAMAGE as error:
        msg = f"{path.name}: {error}"
        raise DamagedError(msg) from error


def _check_unpacked(archive: zipfile.ZipFile, size: int) -> None:
    """Refuse an archive that unpacks to more than its own bytes: ours are not packed."""
    if sum(item.file_size for item in archive.infolist()) > size:
        msg = "it would unpack to more than its own size"
        raise ValueError(msg)


def refusal(folder: Path, found: str, hint: str) -> InputError:
    """Return the error of a folder that cannot be gone on with."""
    return InputError([Problem(str(folder), "", found, hint)], "the run folder")
