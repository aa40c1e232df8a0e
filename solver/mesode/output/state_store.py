"""States that are kept for later on the disk, so that they take no memory.

Each rank has a file of its own. It has no name and goes with the process, however that ends. Where
no file can be had, or it cannot grow, states stay in memory.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mesode.model.averages import FloatArray


class StateStore:
    """Keeps states of one size; ``put`` returns what reads one back.

    The place of a state is used again once nobody holds it any more.

    Args:
        folder: Where the file lies.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: _File | None = None
        self._free: list[int] = []
        self._places = 0

    def put(self, parts: Sequence[FloatArray]) -> Stored:
        """Keep a copy of a state."""
        values = np.concatenate(parts)
        place = self._free.pop() if self._free else self._new_place()
        state = Stored([len(part) for part in parts], place, self._free)
        with suppress(OSError):
            self._file = self._file or _File(self._folder)
            if self._file.write(values, place * values.nbytes):
                state.file = self._file
                return state
        state.values = values
        return state

    def _new_place(self) -> int:
        self._places += 1
        return self._places - 1


class _File:
    """A file without a name."""

    def __init__(self, folder: Path) -> None:
        self._number, name = tempfile.mkstemp(dir=folder, prefix=".frames_")
        Path(name).unlink()

    def write(self, values: FloatArray, place: int) -> bool:
        """Write numbers at a place [bytes]; tell whether all of them could be written."""
        return os.pwrite(self._number, values, place) == values.nbytes

    def read(self, values: FloatArray, place: int) -> None:
        """Read numbers from a place [bytes]."""
        os.preadv(self._number, [values], place)

    def __del__(self) -> None:
        """Close it: its content is gone."""
        if hasattr(self, "_number"):
            os.close(self._number)


class Stored:
    """A state that is kept."""

    def __init__(self, sizes: list[int], place: int, free: list[int]) -> None:
        self._sizes, self._place, self._free = sizes, place, free
        self.file: _File | None = None
        self.values: FloatArray | None = None  # where it could not be written

    def parts(self) -> list[FloatArray]:
        """Return its parts."""
        values = self.values
        if values is None:
            values = np.empty(sum(self._sizes))
            if self.file is not None:
                self.file.read(values, self._place * values.nbytes)
        return np.split(values, np.cumsum(self._sizes)[:-1])

    def __del__(self) -> None:
        """Give its place to the next one."""
        self._free.append(self._place)
