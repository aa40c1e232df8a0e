"""A CSV file that is complete after each row: what was written survives whatever comes next."""

from __future__ import annotations

import csv
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TextIO

from mesode.errors import OutputError
from mesode.output.ranks import only_on_rank_zero, writing
from mesode.whole_file import whole_file

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from mesode.output.snapshot import Snapshot


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
                with whole_file(path) as part:
                    part.write(before.encode())
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

    def since(self, place: int) -> tuple[str, int]:
        """Return what has been written since a place in the file [bytes], and the place it ends."""
        with writing(self.path), self.path.open("rb") as stream:
            stream.seek(place)
            text = stream.read()
        return text.decode(), place + len(text)

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


class TableObserver:
    """A table that a run writes on rank 0 and that a checkpoint keeps, under ``key``."""

    def __init__(self, path: Path, key: str) -> None:
        self._path, self._key = path, key
        self._table: Table | None = None

    def start(self, cell: Any) -> None:
        """Remember the communicator."""
        self._comm = cell.domain.comm

    def save(self, snapshot: Snapshot) -> None:
        """Keep the new rows (collective): the file itself may be damaged when the run goes on."""
        if self._table is not None:  # on rank 0
            text, place = self._table.since(snapshot.mark(self._key, 0))
            snapshot.grow(self._key, [text], place)

    def restore(self, snapshot: Snapshot) -> None:
        """Bring the file back to what it was (collective)."""
        only_on_rank_zero(self._comm, lambda: self._reopen("".join(snapshot.grown(self._key))))

    def finish(self) -> None:
        """Close the file (collective)."""
        if self._table is not None:
            self._table.close()

    def _reopen(self, before: str) -> None:
        if before:
            self._table = Table(self._path, before=before)
        else:
            self._path.unlink(missing_ok=True)


def _text(value: float | None) -> str:
    if value is None:
        return ""
    return str(value) if isinstance(value, int) else repr(float(value))
