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
    """Rows of named columns; numbers are written so that they read back to the same float.

    With ``before``, the content of the file at an earlier time, the file goes on from there.
    """

    def __init__(self, path: Path, columns: Sequence[str] = (), before: str = "") -> None:
        self.path = path
        header = next(csv.reader(before.splitlines()[:1])) if before else columns
        self.columns = tuple(header)
        with writing(path):
            if not before:
                path.write_text("")
            else:
                part = path.with_name(f"{path.name}.part")
                part.write_text(before, encoding="utf-8", newline="")
                part.replace(path)
            # the stream stays open for the whole run
            stream = path.open("a", newline="", encoding="utf-8")
        self._stream: TextIO | None = stream
        self._writer = csv.writer(stream, lineterminator="\n")
        if not before:
            self._put(self.columns)

    def write(self, row: Mapping[str, float]) -> None:
        """Append a row and flush it.

        Raises:
            OutputError: the file cannot be written any more; it is closed then.
        """
        if self._stream is not None:
            self._put([_text(row.get(name)) for name in self.columns])

    def content(self) -> str:
        """Return what has been written so far."""
        with writing(self.path):
            return self.path.read_text(encoding="utf-8")

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
