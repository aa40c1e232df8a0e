"""Electrons in the conductors: div i_s = 0, see ``mesode.physics.conduction``.

``phi_s`` is solved as its difference to the level that an electrode has at its contact to the
collector. Coatings conduct along the surfaces that they cover (``mesode.physics.coating``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import ufl
from dolfinx import fem

from mesode.fields import Group
from mesode.materials.ops import ufl_ops
from mesode.model import currents
from mesode.model.averages import CellMeans
from mesode.model.process import Heat, Process
from mesode.model.unknowns import P1, make_unknown
from mesode.physics import coating, conduction
from mesode.physics.heat import Carrier, HeatKind
from mesode.section_names import is_counter

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from mesode.materials.properties import Coating
    from mesode.model.cell import Cell
    from mesode.model.field_groups import FieldGroups
    from mesode.model.process import Term
    from mesode.model.unknowns import Unknown


class Electrons(Process):
    """The potential of the electrons in all conductors."""

    def __init__(self, cell: Cell) -> None:
        self._cell = cell
        space = fem.functionspace(cell.conductor_domain.mesh, P1)
        self._of_counter = _nodes_of_counter(cell, space)
        # what flows in one electrode is no part of the balance of the other
        apart = self._of_counter[: space.dofmap.index_map.size_local] if cell.is_full else None
        self.phi_s = make_unknown("phi_s", space, apart=apart)

    @property
    def unknowns(self) -> Sequence[Unknown]:
        """The potential."""
        return (self.phi_s,)

    def terms(self) -> Iterator[Term]:
        """Yield conduction in the phases and along coatings."""
        cell, phi_s, v = self._cell, self.phi_s, self.phi_s.test
        for phase in cell.conductors:
            dx = cell.dx(cell.tag(phase))
            yield phi_s, conduction.divergence_free(currents.i_s(cell, phase), v, dx)
        n = self._normal()
        for host, film, dS in cell.coated:
            sheet = self._sheet_conductance(host, film)
            kin = cell.kinematics(host, "+")
            yield phi_s, coating.tangential_conduction(phi_s.value("+"), v("+"), sheet, n, dS, kin)

    def _normal(self) -> Any:
        return ufl.FacetNormal(self._cell.domain.mesh)("+")

    def _sheet_conductance(self, host: str, film: Coating) -> Any:
        return film.thickness * film.sigma(ops=ufl_ops(), **self._cell.at(host, "+"))

    def heat(self) -> Iterator[Heat]:
        """Yield what the current in the phases and along coatings makes."""
        cell, gradient = self._cell, ufl.grad(self.phi_s.value)
        for phase in cell.conductors:
            lost = -ufl.inner(currents.i_s(cell, phase), gradient)
            dx = cell.dx(cell.tag(phase))
            yield Heat(HeatKind.OHMIC, lost, dx, carrier=Carrier.ELECTRONS)
        for host, film, dS in cell.coated:
            sheet = self._sheet_conductance(host, film)
            kin = cell.kinematics(host, "+")
            j = coating.sheet_current(self.phi_s.value("+"), sheet, self._normal(), kin)
            lost = -ufl.inner(j, gradient("+"))
            yield Heat(HeatKind.OHMIC, lost, dS, "+", Carrier.ELECTRONS)

    def show(self, groups: FieldGroups) -> None:
        """Add potential and current."""
        cell = self._cell
        parts = [
            (currents.components(cell, phase, currents.i_s(cell, phase)), cell.dx(cell.tag(phase)))
            for phase in cell.conductors
        ]
        current = CellMeans(cell.conductor_domain, parts, cell.entity_maps)
        group = groups.of(Group.ELECTRONIC, cell.conductor_domain)
        group.at_nodes(
            "phi_s",
            lambda: self.phi_s.array() + np.where(self._of_counter, *reversed(cell.references())),
        )
        group.on_cells(current, i_s=lambda v: v)


def _nodes_of_counter(cell: Cell, space: fem.FunctionSpace) -> npt.NDArray[np.bool_]:
    """Tell for each node of the conductors whether it belongs to the counter electrode."""
    tags = cell.domain.tags([phase for phase in cell.conductors if is_counter(phase)])
    found = np.zeros(len(fem.Function(space).x.array), dtype=bool)
    found[space.dofmap.list[np.isin(cell.domain.cell_tag[cell.conductor_domain.cells], tags)]] = (
        True
    )
    return found
