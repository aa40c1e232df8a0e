"""``run.lock``: one live process a run folder.

The operating system holds the lock and lets go of it when the process ends, however that happens;
the file says who it is. Where the file system has no locks, the process that the file names is
looked for.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import socket
from contextlib import suppress
from typing import TYPE_CHECKING, TextIO

from mesode.errors import OutputError
from mesode.output.ranks import writing

if TYPE_CHECKING:
    from pathlib import Path

LOCK = "run.lock"
_TAKEN = (errno.EAGAIN, errno.EACCES)


class RunLock:
    """Held from ``acquire`` to ``release`` (rank 0 only)."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / LOCK
        self._stream: TextIO | None = None

    def acquire(self) -> None:
        """Take the lock.

        Raises:
            OutputError: a live process holds it, or the folder cannot be written to.
        """
        with writing(self._path):
            stream = self._path.open("a+", encoding="utf-8")
        if _held(stream):
            stream.seek(0)
            text = stream.read()
            stream.close()
            raise OutputError(_in_use(self._path.parent, text))
        stream.seek(0)
        stream.truncate()
        json.dump({"pid": os.getpid(), "host": socket.gethostname()}, stream)
        stream.flush()
        self._stream = stream

    def release(self) -> None:
        """Let go of the lock and remove its file."""
        if self._stream is not None:
            with suppress(OSError):
                self._path.unlink(missing_ok=True)
            self._stream.close()
            self._stream = None


def check_unlocked(folder: Path) -> None:
    """Raise where a live process runs in a folder.

    Raises:
        OutputError: it does.
    """
    path = folder / LOCK
    if not path.is_file():
        return
    with writing(path), path.open("a+", encoding="utf-8") as stream:
        held = _held(stream)
        stream.seek(0)
        text = stream.read()
    if held:
        raise OutputError(_in_use(folder, text))


def _held(stream: TextIO) -> bool:
    """Take the lock of an open file; tell whether somebody else has it."""
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in _TAKEN:
            return True
        stream.seek(0)
        return _alive(stream.read())
    return False


def _alive(text: str) -> bool:
    """Tell whether the process named lives; one on another machine is taken to."""
    try:
        owner = json.loads(text)
        if owner["host"] != socket.gethostname():
            return True
        os.kill(int(owner["pid"]), 0)
    except PermissionError:
        return True
    except (ValueError, KeyError, ProcessLookupError):
        return False
    return True


def _in_use(folder: Path, text: str) -> str:
    try:
        owner = json.loads(text)
        who = f"process {owner['pid']} on {owner['host']}"
    except (ValueError, KeyError, TypeError):
        who = "another process"
    return f"{folder}: a run goes on here, {who}; wait for it, or end it first"
