"""Processes of a case: its launcher, its ranks, what they have started."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path


def ask_to_stop(pid: int) -> None:
    """Ask a case to stop in order."""
    ours = leaves(pid)
    # a rank that does not listen would die of it and take the others along
    for each in [each for each in ours if _listens(each)] or ours:
        _signal(each, signal.SIGTERM)


def kill_tree(pid: int) -> None:
    """End a case and its ranks at once."""
    for each in [*leaves(pid), pid]:
        _signal(each, signal.SIGKILL)


def leaves(pid: int) -> list[int]:
    """Return the processes of ours at or below a process that have none of ours below them.

    A launcher of parallel runs ends its ranks on SIGTERM instead of asking them; and a rank may
    have a compiler below it, which is to finish.
    """
    below: list[int] = []
    with suppress(OSError):
        text = " ".join(p.read_text() for p in Path(f"/proc/{pid}/task").glob("*/children"))
        below = [leaf for child in text.split() for leaf in leaves(int(child))]
    return below or ([pid] if _is_ours(pid) else [])


def _listens(pid: int) -> bool:
    """Tell whether a process has a handler for SIGTERM."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        caught = next(line for line in lines if line.startswith("SigCgt:"))
        return bool(int(caught.split()[1], 16) >> (signal.SIGTERM - 1) & 1)
    except (OSError, StopIteration, ValueError):
        return False


def _is_ours(pid: int) -> bool:
    try:
        return b"mesode.cli" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return not Path("/proc/self").exists()  # no such file system: all we know of is this one


def _signal(pid: int, number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)
