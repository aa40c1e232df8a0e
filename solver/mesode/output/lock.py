"""One live process a folder: locks of files, and ``run.lock`` of a run folder.

The operating system holds a lock and lets go of it when the process ends, however that happens;
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
from typing import TYPE_CHECKING, Any, TextIO

from mesode.errors import OutputError
from mesode.output.ranks import writing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

LOCK = "run.lock"
_TAKEN = (errno.EAGAIN, errno.EACCES)


def other_holder(
    stream: TextIO, lives: Callable[[Mapping[str, Any]], bool]
) -> Mapping[str, Any] | None:
    """Take the lock of an open file.

    Args:
        stream: The lock file, opened to be read and written; the lock lasts while it is open.
        lives: Tells whether the process that the file names lives, where no lock can be had.

    Returns:
        What the file says of the process that has the lock, None where we have it now.
    """
    stream.seek(0)
    try:
        holder = dict(json.loads(stream.read()))
    except (ValueError, TypeError):  # nothing there, or not yet
        holder = {}
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in _TAKEN or lives(holder):
            return holder
    return None


def sign(stream: TextIO, who: Mapping[str, Any]) -> None:
    """Write into a lock file who has it; nothing is left to be written where that fails."""
    stream.seek(0)
    stream.truncate()
    os.write(stream.fileno(), json.dumps(who).encode())


def named(holder: Mapping[str, Any]) -> str:
    """Return who has a lock, in words."""
    if "pid" not in holder:
        return "another process"
    return f"process {holder['pid']} on {holder.get('host', '?')}"


class RunLock:
    """Held from ``acquire`` to ``release`` (rank 0 only)."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / LOCK
        self._stream: TextIO | None = None

    def acquire(self) -> None:
        """Take the lock.

        Raises:
            OutputError: a live process holds it, or the folder cannot be written to.
        """
        with writing(self.path):
            stream = self._open()
            try:
                sign(stream, {"pid": os.getpid(), "host": socket.gethostname()})
            except OSError:
                self.path.unlink(missing_ok=True)
                with suppress(OSError):
                    stream.close()
                raise
        self._stream = stream

    def _open(self) -> TextIO:
        """Open the lock file and take its lock."""
        while True:
            stream = self.path.open("a+", encoding="utf-8")
            holder = other_holder(stream, _lives)
            if holder is not None:
                stream.close()
                raise _in_use(self.path.parent, holder)
            with suppress(FileNotFoundError):
                if os.fstat(stream.fileno()).st_ino == self.path.stat().st_ino:
                    return stream
            stream.close()  # its former holder has removed the file meanwhile

    def release(self) -> None:
        """Let go of the lock and remove its file."""
        if self._stream is not None:
            with suppress(OSError):
                self.path.unlink(missing_ok=True)
            with suppress(OSError):
                self._stream.close()
            self._stream = None


def _lives(holder: Mapping[str, Any]) -> bool:
    """Tell whether the process named lives; one on another machine is taken to."""
    if not isinstance(holder.get("pid"), int):
        return False
    if holder.get("host") != socket.gethostname():
        return True
    try:
        os.kill(holder["pid"], 0)
    except PermissionError:
        return True
    except ProcessLookupError:
        return False
    return True


def _in_use(folder: Path, holder: Mapping[str, Any]) -> OutputError:
    who = named(holder)
    return OutputError(f"{folder}: a run goes on here, {who}; wait for it, or end it first")
