"""The counter electrode of a half cell: charge transfer between lithium metal at 0 V and pores."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesode.model import currents
from mesode.model.process import Process

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import ufl

    from mesode.model.cell import Cell
    from mesode.model.process import Term


class LithiumMetal(Process):
    """Lithium metal gives ions to the electrolyte."""

    def __init__(self, cell: Cell) -> None:
        self._cell = cell

    def terms(self) -> Iterator[Term]:
        """Yield the current into the pores, all of lithium ions."""
        cell = self._cell
        i = currents.i_counter(cell)
        for unknown in (cell.c_e, cell.phi_e):
            yield unknown, -i * unknown.test * cell.ds_counter

    def integrals(self) -> Mapping[str, ufl.Form]:
        """Return the current from the metal [A/m]."""
        return {"counter": currents.i_counter(self._cell) * self._cell.ds_counter}
