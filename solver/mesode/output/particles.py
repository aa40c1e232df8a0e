"""``particles.csv``: one row for each particle at the end of each step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mesode.columns import PARTICLE, STEP, TIME
from mesode.output.ranks import only_on_rank_zero
from mesode.output.table import Table, TableObserver

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import numpy.typing as npt


class ParticleTable(TableObserver):
    """Observer that writes the state of each particle where a step ends.

    Args:
        path: Of the CSV file.
        read: Collective; returns one array per column on rank 0, all of one length.
    """

    def __init__(self, path: Path, read: Callable[[], Mapping[str, npt.ArrayLike]]) -> None:
        super().__init__(path, "particles")
        self._read = read

    def point(self, point: Any) -> None:
        """Nothing to do between the ends of the steps."""

    def step_end(self, result: Any) -> None:
        """Write the rows of a step (collective)."""
        columns = self._read()
        only_on_rank_zero(self._comm, lambda: self._write(columns, result))

    def _write(self, columns: Mapping[str, Any], result: Any) -> None:
        if self._table is None:
            names = [name for name in columns if name != PARTICLE]
            self._table = Table(self._path, (TIME, STEP, PARTICLE, *names))
        count = len(next(iter(columns.values()), ()))
        for k in range(count):
            row = {name: float(values[k]) for name, values in columns.items()}
            number = int(row.get(PARTICLE, k))
            self._table.write({**row, TIME: result.t_end, STEP: result.index, PARTICLE: number})
