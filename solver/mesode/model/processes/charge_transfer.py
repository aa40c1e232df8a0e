"""Charge transfer where hosts meet pores: Butler-Volmer and double layer, bare or coated.

i_n takes lithium out of the host; with the current into the double layer it takes electrons out of
the conductors and gives ions to the electrolyte, see ``mesode.physics.kinetics``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dolfinx import fem

from mesode.fields import Group
from mesode.model import currents
from mesode.model.averages import CellMeans
from mesode.model.process import Process, Seen

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import ufl

    from mesode.model.cell import Cell
    from mesode.model.field_groups import FieldGroups
    from mesode.model.process import Term


class ChargeTransfer(Process):
    """Charge transfer on all surfaces of hosts with pores."""

    def __init__(self, cell: Cell) -> None:
        self._cell = cell

    def terms(self) -> Iterator[Term]:
        """Yield what passes each surface, in the rows of both sides."""
        cell = self._cell
        for surface in cell.surfaces:
            dS, sto = surface.dS, cell.sto[surface.host]
            total = currents.i_total(cell, surface)
            yield sto, currents.i_n(cell, surface) * sto.test("+") * dS
            yield cell.phi_s, total * cell.phi_s.test("+") * dS
            yield cell.c_e, -total * cell.c_e.test("-") * dS
            yield cell.phi_e, -total * cell.phi_e.test("-") * dS

    # --- reports

    def integrals(self) -> Mapping[str, ufl.Form]:
        """Return current into each electrode [A/m], charge of its layers [C/m], coated parts."""
        cell, found = self._cell, {}
        for prefix, hosts in cell.electrodes.items():
            parts = [s for s in cell.surfaces if s.host in hosts]
            found[f"{prefix}interface"] = sum(-currents.i_total(cell, s) * s.dS for s in parts)
            found[f"{prefix}layer"] = sum(
                s.kinetics.double_layer * currents.electrode_drop(cell, s.host) * s.dS
                for s in parts
            )
        return found | self._coated_integrals()

    def _coated_integrals(self) -> dict[str, ufl.Form]:
        """Return length and current of the coated and of the bare surface of the electrode."""
        cell, found = self._cell, {}
        one, nothing = (fem.Constant(cell.domain.mesh, value) for value in (1.0, 0.0))
        for name, coated in (("Coated", True), ("Bare", False)) if cell.coated else ():
            parts = [s for s in cell.surfaces if s.coated is coated and s.host in cell.working]
            none = nothing * cell.ds_collector
            found[f"{name} length"] = sum((one("+") * s.dS for s in parts), none)
            found[f"{name} current"] = sum((currents.i_n(cell, s) * s.dS for s in parts), none)
        return found

    def columns(self, seen: Seen) -> Mapping[str, float]:
        """Return the mean current density of the coated and of the bare surface."""
        row = {}
        for name in ("Coated", "Bare") if self._cell.coated else ():
            length, current = (seen.integrals[f"{name} {what}"] for what in ("length", "current"))
            row[f"{name} Interface Current Density / A.m-2"] = current / length if length else 0.0
        return row

    def show(self, groups: FieldGroups) -> None:
        """Add the current density on the surfaces."""
        cell = self._cell
        parts = [((currents.i_n(cell, surface),), surface.dS) for surface in cell.surfaces]
        surface = CellMeans(cell.host_domain, parts, cell.entity_maps, side="+")
        groups.of(Group.ACTIVE, cell.host_domain).on_cells(surface, i_n=lambda v: v[:, 0])
