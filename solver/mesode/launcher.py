"""What the environment tells of an MPI launcher, without loading MPI.

A launcher gives each process its rank, and MPICH a socket to it, by variables of the environment.
They are inherited by every program that a rank starts, where they mean nothing any more.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress

# Set by the launchers of MPICH, Intel MPI and Slurm; Open MPI; the PMIx standard.
RANK_VARIABLES = ("PMI_RANK", "OMPI_COMM_WORLD_RANK", "PMIX_RANK")
_SIZE_VARIABLES = ("PMI_SIZE", "OMPI_COMM_WORLD_SIZE")
_SOCKET = "PMI_FD"


def under_launcher() -> bool:
    """Tell whether an MPI launcher started this process."""
    return any(name in os.environ for name in RANK_VARIABLES)


def claimed_rank() -> int:
    """Return the rank that the launcher gave to this process, 0 without one."""
    return next((n for name in RANK_VARIABLES if (n := _number(name)) is not None), 0)


def claimed_size() -> int:
    """Return how many processes the launcher says to have started, 1 without one."""
    return max((n for name in _SIZE_VARIABLES if (n := _number(name)) is not None), default=1)


def forget_dead_launcher() -> None:
    """Drop the variables of a launcher whose socket this process has not: it is not its rank.

    With them MPI would not start, nor would rank 0 be the one to speak.
    """
    number = _number(_SOCKET)
    if number is None or _is_socket(number):
        return
    for name in [each for each in os.environ if each.startswith("PMI_")]:
        del os.environ[name]


def _number(name: str) -> int | None:
    text = os.environ.get(name, "")
    return int(text) if text.isascii() and text.isdigit() else None


def _is_socket(number: int) -> bool:
    with suppress(OSError, OverflowError):
        return stat.S_ISSOCK(os.fstat(number).st_mode)
    return False
