"""Lithium that passes between two hosts that touch, see ``mesode.physics.host_contact``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesode.model import currents
from mesode.model.contact_currents import i_ab as i_ab_of
from mesode.model.process import Heat, Process
from mesode.physics.heat import Carrier, HeatKind

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
            i_ab, dS = i_ab_of(cell, contact), contact.dS
            first, second = cell.sto[contact.first], cell.sto[contact.second]
            yield first, i_ab * first.test("+") * dS
            yield second, -i_ab * second.test("-") * dS

    def heat(self) -> Iterator[Heat]:
        """Yield what drives the lithium across, and the heat of the entropy that it changes."""
        cell = self._cell
        for contact in cell.contacts:
            i_ab, ends = i_ab_of(cell, contact), contact.ends
            U_a, U_b = (currents.U_eq(cell, *end) for end in ends)
            yield Heat(HeatKind.CONTACT, i_ab * (U_b - U_a), contact.dS, "+", Carrier.CONTACT)
            for (host, side), sign in zip(ends, (1, -1), strict=True):
                if currents.has_entropy(cell, host):
                    entropic = sign * currents.entropic(cell, host, side)
                    yield Heat(HeatKind.REVERSIBLE, i_ab * entropic, contact.dS, "+")
