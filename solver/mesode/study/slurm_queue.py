"""The queue of Slurm: what waits or runs in it, and which task this process is part of."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

REQUEUE = "MESODE_REQUEUE"
_PATIENCE = 60.0  # [s] for a command of Slurm
_FRESH = 2.0  # [s] that an answer of squeue holds
_MOST_RESTARTS = 50


def is_queued(job: str) -> bool:
    """Tell whether a job or task of an array waits or runs; False where no Slurm is."""
    return job in _queue()


class _Answer:
    """The last answer of squeue: a study asks about each of its cases."""

    jobs: frozenset[str] = frozenset()
    until: float = -1.0


def _queue() -> frozenset[str]:
    if time.monotonic() > _Answer.until:
        _Answer.jobs = _ask()
        _Answer.until = time.monotonic() + _FRESH
    return _Answer.jobs


def _ask() -> frozenset[str]:
    if shutil.which("squeue") is None:
        return frozenset()
    command = ["squeue", "--noheader", "--array", "--format=%i"]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=True, timeout=_PATIENCE
        )
    except (OSError, subprocess.SubprocessError):
        return frozenset()
    return frozenset(done.stdout.split())


def this_job(environment: Mapping[str, str] = os.environ) -> str:
    """Return the task that this process is part of, nothing outside of Slurm."""
    if "SLURM_ARRAY_JOB_ID" in environment:
        return f"{environment['SLURM_ARRAY_JOB_ID']}_{environment['SLURM_ARRAY_TASK_ID']}"
    return environment.get("SLURM_JOB_ID", "")


def requeue_this() -> bool:
    """Put the task that this process is part of back into the queue; tell whether that was done.

    A task that was cancelled gets the same signal, and stays cancelled. Where a case does not get
    on between two restarts this ends after a while.
    """
    restarts = int(os.environ.get("SLURM_RESTART_COUNT", "0"))
    if REQUEUE not in os.environ or not this_job() or restarts >= _MOST_RESTARTS:
        return False
    ask = ["squeue", "--noheader", f"--jobs={this_job()}", "--format=%T"]
    command = ["scontrol", "requeue", this_job()]
    try:
        found = subprocess.run(ask, check=True, capture_output=True, text=True, timeout=_PATIENCE)
        if found.stdout.strip() != "RUNNING":  # it is being ended, not told of its end
            return False
        subprocess.run(command, check=True, capture_output=True, timeout=_PATIENCE)
    except (OSError, subprocess.SubprocessError):
        return False
    return True
