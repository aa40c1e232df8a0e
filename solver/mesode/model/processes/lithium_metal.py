"""The counter electrode of a half cell: charge transfer between lithium metal at 0 V and pores.

As on the hosts, the faradaic current is an unknown on the surface (``charge_transfer``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dolfinx import fem

from mesode.model import currents
from mesode.model.process import Heat, Process, Store
from mesode.model.unknowns import P1, RowKind, make_unknown, order_of_magnitude
from mesode.physics.heat import Carrier, HeatKind
from mesode.section_names import COUNTER

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import ufl
    from dolfinx.mesh import EntityMap

    from mesode.model.cell import Cell
    from mesode.model.process import Term
    from mesode.model.unknowns import Unknown


class LithiumMetal(Process):
    """Lithium metal gives ions to the electrolyte."""

    def __init__(self, cell: Cell) -> None:
        self._cell = cell
        self._line = cell.domain.line_mesh(COUNTER, cell.pores)
        scale = order_of_magnitude(cell.current_1C)
        space = fem.functionspace(self._line.mesh, P1)
        self.i_n = make_unknown("i_n_metal", space, scale=scale, row=RowKind.LAW)

    @property
    def unknowns(self) -> Sequence[Unknown]:
        """The current density on the metal."""
        return (self.i_n,)

    @property
    def entity_maps(self) -> Sequence[EntityMap]:
        """That of the surface."""
        return (self._line.entity_map,)

    def terms(self) -> Iterator[Term]:
        """Yield the law, and the current into the pores, all of lithium ions."""
        cell, i_n = self._cell, self.i_n
        yield i_n, (i_n.value - currents.i_metal(cell)) * i_n.test * cell.ds_counter
        for unknown in (cell.c_e, cell.phi_e):
            yield unknown, -self._total() * unknown.test * cell.ds_counter

    def _total(self) -> Any:
        return self.i_n.value + currents.i_metal_layer(self._cell)

    def heat(self) -> Iterator[Heat]:
        """Yield what drives the reaction, its film included."""
        cell = self._cell
        lost = -self.i_n.value * cell.phi_e.value
        yield Heat(HeatKind.REACTION, lost, cell.ds_counter, carrier=Carrier.METAL)

    def stored(self) -> Sequence[Store]:
        """Return the energy of the double layer."""
        cell = self._cell
        energy = cell.materials.metal.double_layer * cell.phi_e.value**2 / 2 * cell.ds_counter
        return [Store(HeatKind.REACTION, energy)]

    def integrals(self) -> Mapping[str, ufl.Form]:
        """Return the current from the metal [A/m]."""
        return {"counter": self._total() * self._cell.ds_counter}
