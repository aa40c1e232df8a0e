"""Space on a disk that is set aside, so that there is room to say why when the disk is full."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from mesode.output.ranks import writing

if TYPE_CHECKING:
    from pathlib import Path

ROOM = ".room"


def take_room(folder: Path, size: int) -> None:
    """Set some bytes aside in a folder, or more than there are already.

    Raises:
        OutputError: there are not that many, or no permission; what was set aside before stays.
    """
    path = folder / ROOM
    with writing(path):
        before = path.exists()
        try:
            with path.open("ab") as stream:
                os.posix_fallocate(stream.fileno(), 0, size)
        except OSError:
            if not before:
                give_room(folder)
            raise


def give_room(folder: Path) -> None:
    """Give back what was set aside."""
    with suppress(OSError):
        (folder / ROOM).unlink()
