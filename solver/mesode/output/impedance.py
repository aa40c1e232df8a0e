"""``impedance.csv``: one row for each frequency of each spectrum that a run has measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mesode.columns import STEP, TIME, File, header
from mesode.output.ranks import only_on_rank_zero
from mesode.output.table import Table, TableObserver

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path


class ImpedanceTable(TableObserver):
    """Observer that writes spectra; there is no file where there are none.

    Args:
        path: Of the CSV file.
        warn: Is told of a state that is not at rest, once for each step.
    """

    def __init__(self, path: Path, warn: Callable[[str], None]) -> None:
        super().__init__(path, "impedance")
        self._warn = warn
        self._told: set[int] = set()

    def point(self, point: Any) -> None:
        """Nothing to do."""

    def measured(self, t: float, step: int, found: Any) -> None:
        """Write a spectrum (collective)."""
        rows = [{TIME: t, STEP: step, **row} for row in found.rows]
        only_on_rank_zero(self._comm, lambda: self._write(rows))
        if step not in self._told:
            for text in found.warnings:
                self._warn(f"step {step}: {text}")
                self._told.add(step)

    def step_end(self, result: Any) -> None:
        """Nothing to do: each spectrum is complete when it is written."""

    def _write(self, rows: Sequence[Mapping[str, float]]) -> None:
        if self._table is None:
            self._table = Table(self._path, header(File.IMPEDANCE))
        for row in rows:
            self._table.write(row)
