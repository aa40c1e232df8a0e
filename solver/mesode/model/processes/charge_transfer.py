"""Charge transfer where hosts meet pores: Butler-Volmer and double layer, bare or coated.

That is on facets of the mesh, and at all points of a homogenised layer (``mesode.model.surfaces``).

i_n takes lithium out of the host; with the current into the double layer it takes electrons out of
the conductors and gives ions to the electrolyte, see ``mesode.physics.kinetics``.

i_n is an unknown on the surface, and Butler-Volmer its row. So the law stands in one row, not in
the four that the current passes; those are linear in what passes, and their sums, the balances of
charge and lithium, are right after each step of Newton's method. The iterates are the same.

i_n is per present area; ``through`` is what passes per area of the section as it is drawn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dolfinx import fem

from mesode.fields import Group
from mesode.model import currents
from mesode.model.averages import SurfaceMeans
from mesode.model.process import Heat, Process, Seen, Store
from mesode.model.unknowns import P1, RowKind, make_unknown, order_of_magnitude, surface_key
from mesode.physics.heat import Carrier, HeatKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import ufl
    from dolfinx.mesh import EntityMap

    from mesode.model.cell import Cell
    from mesode.model.field_groups import FieldGroups
    from mesode.model.process import Term
    from mesode.model.surfaces import Surface
    from mesode.model.unknowns import Unknown


class ChargeTransfer(Process):
    """Charge transfer on all surfaces of hosts with pores."""

    def __init__(self, cell: Cell) -> None:
        self._cell = cell
        self.i_n = {surface: self._make(surface) for surface in cell.surfaces}

    def _make(self, surface: Surface) -> Unknown:
        return make_unknown(
            surface_key("i_n", surface, self._cell.hosts),
            fem.functionspace(surface.line.mesh, P1),
            scale=order_of_magnitude(self._cell.current_1C),
            row=RowKind.LAW,
        )

    @property
    def unknowns(self) -> Sequence[Unknown]:
        """The current density on each surface."""
        return tuple(self.i_n.values())

    @property
    def entity_maps(self) -> Sequence[EntityMap]:
        """Those of the surfaces."""
        return tuple(surface.line.entity_map for surface in self._cell.drawn_surfaces)

    def passed(self, surface: Surface) -> Any:
        """Return i_n on a surface, the unknown [A/m^2]."""
        return surface.at_host(self.i_n[surface].value)

    def through(self, surface: Surface) -> Any:
        """Return what passes a surface per reference area [A/m^2]."""
        return self.passed(surface) * currents.surface_stretch(self._cell, surface)

    def terms(self) -> Iterator[Term]:
        """Yield the law of each surface, and what passes it in the rows of both sides."""
        cell = self._cell
        for surface, i_n in self.i_n.items():
            dS, sto = surface.dS, cell.sto[surface.host]
            law = currents.i_n(cell, surface)
            host, pores = surface.at_host, surface.at_pores
            yield i_n, (self.passed(surface) - law) * host(i_n.test) * dS
            through = self.through(surface)
            total = through + self._beside(surface)
            yield sto, through * host(sto.test) * dS
            yield cell.phi_s, total * host(cell.phi_s.test) * dS
            yield cell.c_e, -total * pores(cell.c_e.test) * dS
            yield cell.phi_e, -total * pores(cell.phi_e.test) * dS

    def _beside(self, surface: Surface) -> Any:
        """Return what passes a surface beside charge transfer per reference area [A/m^2]."""
        cell = self._cell
        return currents.i_layer(cell, surface) + currents.side_current(cell, surface)

    # --- energy

    def heat(self) -> Iterator[Heat]:
        """Yield what drives the reaction, what its film takes, and the heat of its entropy."""
        cell = self._cell
        for surface in cell.surfaces:
            host, i_n, side = surface.host, self.through(surface), surface.inside
            drop = currents.electrode_drop(cell, surface) - currents.U_eq(cell, host, side)
            drop -= currents.surface_potential(cell, surface)
            film = currents.film_resistance(cell, surface)
            if film is not None:
                lost = i_n * self.passed(surface) * film
                yield Heat(HeatKind.REACTION, lost, surface.dS, side, Carrier.FILM)
                drop = drop - self.passed(surface) * film
            yield Heat(HeatKind.REACTION, i_n * drop, surface.dS, side, Carrier.TRANSFER)
            if currents.has_entropy(cell, host):
                entropic = currents.entropic(cell, host, side)
                yield Heat(HeatKind.REVERSIBLE, i_n * entropic, surface.dS, side)

    def stored(self) -> Sequence[Store]:
        """Return the energy of the double layers."""
        cell = self._cell
        energies = [
            s.kinetics.double_layer * currents.electrode_drop(cell, s) ** 2 / 2 * s.dS
            for s in cell.surfaces
        ]
        return [Store(HeatKind.REACTION, energy) for energy in energies]

    # --- reports

    def integrals(self) -> Mapping[str, ufl.Form]:
        """Return current into each electrode [A/m], charge of its layers [C/m], coated parts."""
        cell, found = self._cell, {}
        for prefix, hosts in cell.electrodes.items():
            parts = [s for s in cell.surfaces if s.host in hosts]
            found[f"{prefix}interface"] = sum(
                -(self.through(s) + self._beside(s)) * s.dS for s in parts
            )
            found[f"{prefix}layer"] = sum(
                s.kinetics.double_layer * currents.electrode_drop(cell, s) * s.dS for s in parts
            )
        return found | self._coated_integrals()

    def by_law(self) -> Mapping[str, ufl.Form]:
        """Return the current into each electrode by the law, whatever passes [A/m]."""
        cell = self._cell
        return {
            prefix: sum(
                -(self._by_law(s) + self._beside(s)) * s.dS
                for s in cell.surfaces
                if s.host in hosts
            )
            for prefix, hosts in cell.electrodes.items()
        }

    def _by_law(self, surface: Surface) -> Any:
        cell = self._cell
        return currents.i_n(cell, surface) * currents.surface_stretch(cell, surface)

    def _coated_integrals(self) -> dict[str, ufl.Form]:
        """Return length and current of the coated and of the bare surface of the electrode."""
        cell, found = self._cell, {}
        one, nothing = (fem.Constant(cell.domain.mesh, value) for value in (1.0, 0.0))
        for name, coated in (("Coated", True), ("Bare", False)) if cell.coated else ():
            parts = [s for s in cell.surfaces if s.coated is coated and s.host in cell.working]
            none = nothing * cell.ds_collector
            lengths = (s.at_host(one) * currents.surface_stretch(cell, s) * s.dS for s in parts)
            found[f"{name} length"] = sum(lengths, none)
            found[f"{name} current"] = sum((self.through(s) * s.dS for s in parts), none)
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
        passed = {surface: (self.passed(surface),) for surface in cell.surfaces}
        means = SurfaceMeans(cell.host_domain, passed, cell.entity_maps)
        groups.of(Group.ACTIVE, cell.host_domain).on_cells(means, i_n=lambda v: v[:, 0])
