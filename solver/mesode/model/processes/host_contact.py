"""Lithium that passes between two hosts that touch, see ``mesode.physics.host_contact``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesode.model import currents
from mesode.model.process import Process

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mesode.model.cell import Cell
    from mesode.model.process import Term


class HostContact(Process):
    """Lithium passes from host to host."""

    def __init__(self, cell: Cell) -> None:
        self._cell = cell

    def terms(self) -> Iterator[Term]:
        """Yield what leaves the first and enters the second host of each contact."""
        cell = self._cell
        for contact in cell.contacts:
            i_ab, dS = currents.i_ab(cell, contact), contact.dS
            first, second = cell.sto[contact.first], cell.sto[contact.second]
            yield first, i_ab * first.test("+") * dS
            yield second, -i_ab * second.test("-") * dS
