"""A CSV file that is complete after each row: what was written survives whatever comes next."""

from __future__ import annotations

import csv
from contextlib import suppress
from typing import TYPE_CHECKING, TextIO

from mesode.errors import OutputError
from mesode.output.ranks import writing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


class Table:
    """Rows of named columns; numbers are written so that they read back to the same float."""

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        self.path, self.columns = path, tuple(columns)
        with writing(path):
            # the stream stays open for the whole run
            self._stream: TextIO | None = path.open("w", newline="", encoding="utf-8")
        self._writer = csv.writer(self._stream, lineterminator="\n")
        self._put(self.columns)

    def write(self, row: Mapping[str, float]) -> None:
        """Append a row and flush it.

        Raises:
            OutputError: the file cannot be written any more; it is closed then.
        """
        if self._stream is not None:
            self._put([_text(row.get(name)) for name in self.columns])

    def _put(self, cells: Sequence[str]) -> None:
        try:
            with writing(self.path):
                self._writer.writerow(cells)
                if self._stream is not None:
                    self._stream.flush()
        except OutputError:
            self.close()
            raise

    def close(self) -> None:
        """Close the file; further rows are ignored."""
        stream, self._stream = self._stream, None
        if stream is not None:
            # Each row was flushed when it was written; what failed then has been reported.
            with suppress(OSError):
                stream.close()


def _text(value: float | None) -> str:
    if value is None:
        return ""
    return str(value) if isinstance(value, int) else repr(float(value))
