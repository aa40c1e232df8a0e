"""What the command line says: results to stdout, everything else to stderr, rank 0 only."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

from mesode.errors import with_short_words
from mesode.log import mpi_rank, printable, put


def say(text: str = "") -> None:
    """Write a line to stdout, on rank 0."""
    if mpi_rank() == 0:
        put(sys.stdout, printable(text) + "\n")


def complain(text: str) -> None:
    """Write a line to stderr, on rank 0; words without end are shortened."""
    if mpi_rank() == 0:
        put(sys.stderr, printable(with_short_words(text)) + "\n")


def open_streams() -> None:
    """Open to nowhere what the caller has closed (``>&-``): a file of results would take its place.

    A file that is opened gets the lowest free number, and what any library prints goes to 1 or 2.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            nowhere = os.open(os.devnull, os.O_RDWR)
            if nowhere != number:
                os.dup2(nowhere, number)
                os.close(nowhere)
        if getattr(sys, name) is None:
            with suppress(OSError):
                setattr(sys, name, open(number, "w" if number else "r", closefd=False))  # noqa: SIM115
