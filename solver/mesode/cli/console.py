"""What the command line says: results to stdout, everything else to stderr, rank 0 only."""

from __future__ import annotations

import sys

from mesode.log import mpi_rank


def say(text: str = "") -> None:
    """Write a line to stdout, on rank 0."""
    if mpi_rank() == 0:
        sys.stdout.write(text + "\n")


def complain(text: str) -> None:
    """Write a line to stderr, on rank 0."""
    if mpi_rank() == 0:
        sys.stderr.write(text + "\n")
