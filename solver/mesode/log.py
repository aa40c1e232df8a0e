"""Logging: rank 0 speaks, every rank may report an error, nothing here waits for another rank.

Modules use ``logging.getLogger(__name__)``; the command line calls ``configure`` once, and a run
adds its ``log.txt`` with ``log_file``. A library user who configures nothing hears nothing below
warnings, as with any Python package.
"""

from __future__ import annotations

import logging
import os
import re
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from mesode.launcher import claimed_rank

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import TextIO

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
ROOT_LOGGER = "mesode"
_SAID = "said_already"  # of a record that a person has read elsewhere


def mpi_rank() -> int:
    """Return the rank of this process without loading MPI where nothing else did."""
    mpi = sys.modules.get("mpi4py.MPI")
    if mpi is not None and mpi.Is_initialized() and not mpi.Is_finalized():
        return int(mpi.COMM_WORLD.rank)
    return claimed_rank()


def keep(logger: logging.Logger, text: str) -> None:
    """Put a text that was said to a person into the log file, not on the console a second time."""
    logger.info("%s", text, extra={_SAID: True})


class RankFilter(logging.Filter):
    """Let rank 0 pass; of the others only errors, marked with their rank."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether this rank writes the record."""
        rank = mpi_rank()
        record.rank = f"[rank {rank}] " if rank else ""
        return rank == 0 or record.levelno >= logging.ERROR


def put(stream: TextIO | None, text: str) -> None:
    """Write a text to a stream and flush it.

    A reader that has gone, a terminal that was closed or a full disk never end a run: then the
    stream takes nothing any more.
    """
    if stream is None:
        return
    encoding = getattr(stream, "encoding", None) or "utf-8"
    try:
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
        stream.flush()
    except (OSError, ValueError):
        _silence(stream)


def _silence(stream: TextIO) -> None:
    """Send what a stream still holds to nowhere, lest it is tried again when the process ends."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def printable(text: str) -> str:
    """Return a text whose control characters are shown and do nothing to a terminal."""
    return _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", text)


class _Lenient:
    """A handler whose stream may be gone or full: then nothing is written, and nothing ends."""

    def handleError(self, record: logging.LogRecord) -> None:
        """Say nothing of a message that cannot be written."""


class _Stream(_Lenient, logging.StreamHandler["TextIO"]):
    """Writes to a stream."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record."""
        put(self.stream, self.format(record) + self.terminator)


class _File(_Lenient, logging.FileHandler):
    """Writes to a file."""


class _Console(logging.Formatter):
    """Plain text for information; the level in front of what needs attention."""

    def format(self, record: logging.LogRecord) -> str:
        text = printable(super().format(record))
        rank = getattr(record, "rank", "")
        level = f"{record.levelname.lower()}: " if record.levelno >= logging.WARNING else ""
        return f"{rank}{level}{text}"


def configure(*, level: int = logging.INFO, stream: TextIO | None = None) -> None:
    """Send messages of mesode to a stream (default: stderr). A second call replaces the first."""
    logger = logging.getLogger(ROOT_LOGGER)
    for handler in [h for h in logger.handlers if isinstance(h.formatter, _Console)]:
        logger.removeHandler(handler)
    handler = _Stream(stream)
    handler.setLevel(level)
    handler.setFormatter(_Console("%(message)s"))
    handler.addFilter(RankFilter())
    handler.addFilter(lambda record: not hasattr(record, _SAID))
    logger.addHandler(handler)
    logger.setLevel(min(level, logging.INFO))


@contextmanager
def log_file(path: Path) -> Iterator[None]:
    """Append messages of this package to a file while the context lasts; rank 0 alone writes."""
    logger = logging.getLogger(ROOT_LOGGER)
    if mpi_rank() != 0:
        yield
        return
    level = logger.level
    handler = _File(path, encoding="utf-8", errors="backslashreplace")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s"))
    logger.addHandler(handler)
    if logger.getEffectiveLevel() > logging.INFO:
        logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
        with suppress(OSError):
            handler.close()
