"""``particles.csv``: one row for each particle at the end of each step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mesode.output.ranks import only_on_rank_zero
from mesode.output.table import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import numpy.typing as npt

    from mesode.output.snapshot import Snapshot

TIME, STEP, PARTICLE = "Test Time / s", "Step Index / 1", "Particle / 1"


class ParticleTable:
    """Observer that writes the state of each particle where a step ends.

    Args:
        path: Of the CSV file.
        read: Collective; returns one array per column on rank 0, all of one length.
    """

    def __init__(self, path: Path, read: Callable[[], Mapping[str, npt.ArrayLike]]) -> None:
        self._path, self._read = path, read
        self._table: Table | None = None

    def start(self, cell: Any) -> None:
        """Remember the communicator."""
        self._comm = cell.domain.comm

    def point(self, point: Any) -> None:
        """Nothing to do between the ends of the steps."""

    def step_end(self, result: Any) -> None:
        """Write the rows of a step (collective)."""
        columns = self._read()
        only_on_rank_zero(self._comm, lambda: self._write(columns, result))

    def save(self, snapshot: Snapshot) -> None:
        """Keep all rows (collective): the file itself may be damaged when the run goes on."""
        if self._table is not None:  # on rank 0
            snapshot.data["particles"] = self._table.content()

    def restore(self, snapshot: Snapshot) -> None:
        """Bring the file back to what it was (collective)."""
        only_on_rank_zero(self._comm, lambda: self._reopen(snapshot.data.get("particles", "")))

    def finish(self) -> None:
        """Close the file (collective)."""
        if self._table is not None:
            self._table.close()

    def _reopen(self, before: str) -> None:
        if before:
            self._table = Table(self._path, before=before)
        else:
            self._path.unlink(missing_ok=True)

    def _write(self, columns: Mapping[str, Any], result: Any) -> None:
        if self._table is None:
            names = [name for name in columns if name != PARTICLE]
            self._table = Table(self._path, (TIME, STEP, PARTICLE, *names))
        count = len(next(iter(columns.values()), ()))
        for k in range(count):
            row = {name: float(values[k]) for name, values in columns.items()}
            number = int(row.get(PARTICLE, k))
            self._table.write({**row, TIME: result.t_end, STEP: result.index, PARTICLE: number})
