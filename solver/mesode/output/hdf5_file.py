"""HDF5 files that are whole or not there, written piece by piece so that none lies in memory.

HDF5 crashes where a disk is full. It writes through an object that keeps the first failure to
itself and drops what comes after it; the failure is raised once HDF5 has let go of the file.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any

import h5py

from mesode.output.ranks import writing
from mesode.whole_file import whole_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LARGE = 4096  # numbers from which compression pays
_COMPRESSION = {"compression": "gzip", "compression_opts": 1, "shuffle": True}


class Hdf5File:
    """A file to which data sets are added."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._sink = _Sink(stream)
        self._file = h5py.File(self._sink, "w")

    def add(self, name: str, values: Any) -> None:
        """Add numbers; after a failure nothing is added any more."""
        if self._sink.failure is not None:
            return
        how = _COMPRESSION if values.size >= _LARGE else {}
        self._guarded(lambda: self._file.create_dataset(name, data=values, **how))

    def close(self) -> None:
        """Close it.

        Raises:
            OSError: something could not be written.
        """
        self._guarded(self._file.close)
        if self._sink.failure is not None:
            raise self._sink.failure

    def _guarded(self, act: Any) -> None:
        """Do something; what HDF5 says after a failure is a consequence of that."""
        try:
            act()
        except (OSError, RuntimeError, ValueError):
            if self._sink.failure is None:
                raise


@contextmanager
def new_hdf5(path: Path) -> Iterator[Hdf5File]:
    """Write a file beside its place and move it there at the end.

    Raises:
        OutputError: no space or no permission; what was there before is still there.
    """
    with writing(path), whole_file(path) as stream:
        file = Hdf5File(stream)
        try:
            yield file
        finally:
            file.close()


class _Sink:
    """What HDF5 takes for a file."""

    def __init__(self, stream: Any) -> None:
        self._raw = stream.raw  # nothing is written later than it seems to be
        self.failure: OSError | None = None

    def seek(self, place: int, whence: int = 0) -> int:
        return int(self._raw.seek(place, whence))

    def tell(self) -> int:
        return int(self._raw.tell())

    def read(self, size: int = -1) -> bytes:
        return bytes(self._raw.read(size))

    def readinto(self, into: Any) -> int:
        return int(self._raw.readinto(into))

    def write(self, values: Any) -> int:
        rest = memoryview(values)
        try:
            while rest and self.failure is None:
                rest = rest[self._raw.write(rest) :]
        except OSError as error:
            self.failure = error
        return len(values)

    def truncate(self, size: int | None = None) -> int:
        try:
            if self.failure is None:
                self._raw.truncate(size)
        except OSError as error:
            self.failure = error
        return size or 0

    def flush(self) -> None:
        """Nothing to do: nothing is held back."""
