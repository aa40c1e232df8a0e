"""How far a state is from solving the equations, in parts of the section's 1C current."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mpi4py import MPI
from petsc4py import PETSc

import numpy as np

if TYPE_CHECKING:
    from mesode.model.half_cell import HalfCell


class CurrentMeasure:
    """Measures residuals of a cell whose rows are currents per depth [A/m] (collective).

    The local measure is the sum of the absolute rows, the balance error the largest absolute sum
    of the rows of one equation. Both are relative to the current, or to a hundredth of 1C where
    that is smaller: at rest the balances are absolute.
    """

    def __init__(self, cell: HalfCell) -> None:
        self._comm = cell.domain.comm
        slices = cell.system.owned_slices()
        self._slices, self._all = slices[: cell.electrochemical], slices
        self._last = np.zeros(len(slices))
        self._current, self._unit = cell.I, cell.current_1C
        self._width = cell.width

    def __call__(self, residual: PETSc.Vec) -> tuple[float, float]:
        """Return (sum of absolute rows, largest sum over an equation), relative."""
        scale = max(abs(self._current.number()), 0.01 * self._unit) * self._width
        rows = residual.getArray(readonly=True)
        with np.errstate(invalid="ignore", over="ignore"):  # a hopeless iterate is told by its size
            sums = np.array([rows[where].sum() for where in self._slices])
        self._comm.Allreduce(MPI.IN_PLACE, sums)
        self._last = np.array([np.abs(rows[where]).sum() for where in self._all])
        size = residual.norm(PETSc.NormType.NORM_1)
        return size / scale, float(np.abs(sums).max()) / scale

    def worst_block(self) -> int:
        """Return the number of the equation with the largest residual seen last (collective)."""
        sizes = np.nan_to_num(self._last, nan=np.inf)
        return int(np.argmax(self._comm.allreduce(sizes)))
