"""Lithium inside of the particles of homogenised layers, which have a radial coordinate.

At each point of a layer its particle has the mean lithiation ``sto``, an unknown of ``lithium``,
and here the coefficients of the profile about that mean: see ``mesode.physics.radial_diffusion``.
Charge transfer sees the lithiation of the surface. Without a radial coordinate it sees the mean.

The free energy of a layer is that of its mean lithiation. What its particles would give back by
becoming even, the heat of mixing, counts as lost while lithium moves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ufl
from dolfinx import fem

from mesode.materials.ops import ufl_ops
from mesode.model import currents
from mesode.model.process import Heat, Process
from mesode.model.unknowns import RowKind, host_key, make_unknown
from mesode.numerics.step_control import ErrorScale
from mesode.physics.heat import Carrier, HeatKind
from mesode.physics.radial_diffusion import COUNT, RadialBasis, rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mesode.model.cell import Cell
    from mesode.model.process import Term
    from mesode.model.surfaces import Surface
    from mesode.model.unknowns import Unknown


class LayerDiffusion(Process):
    """Profiles of lithium in the particles of all layers that resolve them."""

    def __init__(self, cell: Cell) -> None:
        self._cell = cell
        self._surfaces = {s.host: s for s in resolved_surfaces(cell)}
        self._basis = {
            host: RadialBasis(cell.materials.layer(host).dimensions, COUNT)
            for host in self._surfaces
        }
        self.w = {host: self._make(host) for host in self._surfaces}

    def _make(self, host: str) -> Unknown:
        cell = self._cell
        space = fem.functionspace(cell.host_domains[host].mesh, ("Lagrange", 1, (COUNT,)))
        key = host_key("sto_profile", host, cell.hosts)
        change = ErrorScale.CHANGE
        return make_unknown(key, space, error_weight=1.0, error_scale=change, row=RowKind.LAW)

    @property
    def unknowns(self) -> Sequence[Unknown]:
        """The coefficients of each layer."""
        return tuple(self.w.values())

    def surface_lithiation(self, host: str) -> Any:
        """Return the lithiation of the surface over that of the mean."""
        w = self.w.get(host)
        return 0 if w is None else sum(w.value[k] for k in range(COUNT))

    def terms(self) -> Iterator[Term]:
        """Yield the equation of each coefficient."""
        for host, w in self.w.items():
            surface = self._surfaces[host]
            found = rows(
                self._basis[host],
                c_max=self._cell.materials.lithium(host).c_max,
                radius=self._cell.materials.layer(host).radius,
                rates=[w.rate[k] for k in range(COUNT)],
                transport=self._transport(host),
                i_n=self._cell.charge_transfer.passed(surface),
                surface=self._cell.materials.layer(host).surface,
            )
            yield w, ufl.inner(ufl.as_vector(found), w.test) * surface.dS.dx

    def _transport(self, host: str) -> list[Any]:
        cell, w = self._cell, self.w[host].value
        lithium, T, ops = cell.materials.lithium(host), cell.temperature(), ufl_ops()
        return self._basis[host].transport(
            cell.sto[host].value,
            [w[k] for k in range(COUNT)],
            lambda sto: lithium.D_s(sto=sto, T=T, ops=ops),
            depends="sto" in lithium.D_s.variables,
        )

    def heat(self) -> Iterator[Heat]:
        """Yield what is lost on the way between the mean and the surface of the particles."""
        cell, ops = self._cell, ufl_ops()
        for host, surface in self._surfaces.items():
            ocp, T = cell.materials.lithium(host).ocp, cell.temperature()
            mean = ocp(sto=cell.sto[host].value, T=T, ops=ops)
            lost = cell.charge_transfer.passed(surface) * (currents.U_eq(cell, host, "") - mean)
            yield Heat(HeatKind.DIFFUSION, lost, surface.dS, carrier=Carrier.LITHIUM)


def resolved_surfaces(cell: Cell) -> list[Surface]:
    """Return the surfaces of layers whose particles have a radial coordinate."""
    return [s for s in cell.surfaces if s.spread and cell.materials.layer(s.host).resolved]
