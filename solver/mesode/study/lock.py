"""One study at a time in a folder; a lock whose holder died does not hold."""

from __future__ import annotations

import os
import signal
import socket
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mesode.errors import OutputError
from mesode.output.lock import named, other_holder, sign
from mesode.output.ranks import writing
from mesode.study.slurm_queue import is_queued, this_job

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LOCK = "study.lock"
_POLL = 0.05  # [s]


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder while the context lasts.

    The system releases it when the process ends in whatever way. Where the file system knows no
    locks, the process that the file names decides.

    Raises:
        OutputError: another process holds it, or the folder cannot be written.
    """
    path = folder / LOCK
    with writing(path):
        stream = path.open("a+", encoding="utf-8")
    with stream:
        holder = other_holder(stream, _holds)
        if holder is not None:
            raise _held(path, holder)
        with writing(path):
            sign(stream, me())
        try:
            yield
        finally:
            with suppress(OSError):
                stream.truncate(0)


def _holds(holder: Mapping[str, Any]) -> bool:
    """Tell whether the process named may be at work; one on another machine may."""
    return bool(holder) and (holder.get("host") != socket.gethostname() or is_alive(holder))


def _held(path: Path, holder: Mapping[str, Any]) -> OutputError:
    return OutputError(
        f"{path.parent}: a study is running here already ({named(holder)}); wait for it, stop it, "
        f"or choose another folder with --out. If that process is gone, remove {path}"
    )


def me() -> dict[str, Any]:
    """Return what tells this process from all others."""
    return identity(os.getpid())


def identity(pid: int) -> dict[str, Any]:
    """Return what tells a process of this machine from all others, also later ones."""
    known = {"pid": pid, "host": socket.gethostname(), "since": _ticks(pid)}
    job = this_job()
    return {**known, "slurm": job} if job else known


def is_alive(process: Mapping[str, Any]) -> bool:
    """Tell whether a process still runs; one of another machine does while Slurm says so.

    A task that was requeued may run on another machine than before: then that one has ended.
    """
    pid = process.get("pid")
    if not isinstance(pid, int):
        return False
    if process.get("host") != socket.gethostname():
        job = str(process.get("slurm", ""))
        return job != this_job() and is_queued(job)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    since = _ticks(pid)
    return process.get("since") == since and (since is not None or not Path("/proc/self").exists())


def _ticks(pid: int) -> int | None:
    """Return when a process started, in ticks since the machine did: clocks may change.

    None for one that has ended and that nobody has asked for.
    """
    try:
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return None if words[0] == "Z" else int(words[19])
    except (OSError, ValueError, IndexError):
        return None


def end_process(process: Mapping[str, Any], grace: float) -> None:
    """Ask a process that an earlier study left behind to stop; end it after ``grace`` seconds.

    One of another machine is out of reach.
    """
    if process.get("host") != socket.gethostname():
        return
    for number, patience in ((signal.SIGTERM, grace), (signal.SIGKILL, grace)):
        if not is_alive(process):
            return
        with suppress(ProcessLookupError, PermissionError):
            os.kill(int(process["pid"]), number)
        end = time.monotonic() + patience
        while is_alive(process) and time.monotonic() < end:
            time.sleep(_POLL)
