"""``checkpoint/journal``: what only grows. So a checkpoint costs the same however long a run is.

Rows of tables, ends of steps, frames: each checkpoint adds one line with those since the last one,
and keeps how long the file was then and its check sum. A part of the file that no checkpoint counts
is written over; what a checkpoint counts is never touched again.
"""

from __future__ import annotations

import json
import os
import zlib
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mesode.output.snapshot import DAMAGE, DamagedError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

JOURNAL = "journal"


@dataclass(frozen=True, slots=True)
class Seal:
    """Length [bytes] and CRC-32 of the part of a journal that a checkpoint counts."""

    size: int = 0
    check: int = 0


class Journal:
    """A journal that is added to (rank 0).

    Args:
        folder: Of the checkpoints.
        seal: Of the part to go on from.
    """

    def __init__(self, folder: Path, seal: Seal | None = None) -> None:
        self._path, self.seal = folder / JOURNAL, seal or Seal()

    def is_there(self) -> bool:
        """Tell whether the file still has all that was written."""
        with suppress(OSError):
            return self._path.stat().st_size >= self.seal.size
        return self.seal.size == 0

    def add(self, grown: Mapping[str, list[Any]]) -> Seal:
        """Add what has grown; return the seal that ``keep`` is to be told when all is well.

        Raises:
            OSError: no space or no permission; what the seal counts is as it was.
        """
        line = json.dumps(grown).encode() + b"\n"
        size = self.seal.size
        with self._path.open("r+b" if size else "wb") as stream:
            try:
                stream.seek(size)
                stream.truncate()
                stream.write(line)
                stream.flush()
                os.fsync(stream.fileno())
            except OSError:
                with suppress(OSError):
                    stream.truncate(size)
                raise
        return Seal(size + len(line), zlib.crc32(line, self.seal.check))

    def keep(self, seal: Seal) -> None:
        """Count what has been added."""
        self.seal = seal


def read_journal(folder: Path, seal: Seal) -> dict[str, list[Any]]:
    """Return all that had grown when a checkpoint was written.

    Raises:
        DamagedError: the file is gone, cut off or altered.
    """
    grown: dict[str, list[Any]] = {}
    try:
        with (folder / JOURNAL).open("rb") as stream:
            content = stream.read(seal.size)
        if len(content) < seal.size or zlib.crc32(content) != seal.check:
            msg = f"{JOURNAL} is cut off or altered"
            raise DamagedError(msg)
        for line in content.splitlines():
            for name, items in json.loads(line).items():
                grown.setdefault(name, []).extend(items)
    except DAMAGE as error:
        msg = f"{JOURNAL}: {error}"
        raise DamagedError(msg) from error
    return grown
