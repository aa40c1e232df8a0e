"""Crystalline silicon and Li15Si4: what of a host has which phase, and what its potential then is.

The laws stand in ``mesode.materials.two_phase``. Both phases are internal states: the most lithium
that each node of a host has ever had, and the share of Li15Si4 at each point of its surface. The
laws take the greater of that and of the present lithiation, so that the first pass of the front
does not lag behind; Li15Si4 forms while its plateau is not felt.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import ufl
from dolfinx import fem

from mesode.columns import CRYSTALLINE_SHARE, LI15SI4_SHARE
from mesode.fields import Group
from mesode.materials import two_phase
from mesode.materials.ops import ufl_ops
from mesode.materials.two_phase import SOFT, crossing, positive, step_up
from mesode.model import currents
from mesode.model.averages import CellMeans
from mesode.model.point_states import PointState
from mesode.model.process import Heat, Process, Seen
from mesode.model.processes.hysteresis import SurfaceHysteresis
from mesode.model.unknowns import surface_key
from mesode.physics.heat import HeatKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from mesode.materials.law import Law
    from mesode.model.cell import Cell
    from mesode.model.field_groups import FieldGroups
    from mesode.model.surfaces import Surface


class SiliconPhases(Process):
    """The phases in all hosts that have some of their own."""

    def __init__(self, cell: Cell) -> None:
        self._cell, self._ops = cell, ufl_ops()
        lithium = {host: cell.materials.lithium(host) for host in cell.hosts}
        self._crystalline = {h: c for h, group in lithium.items() if (c := group.crystalline)}
        self._li15si4 = {
            s: found
            for s in cell.drawn_surfaces
            if (model := lithium[s.host].hysteresis) and (found := model.li15si4)
        }
        T = cell.setup.temperature
        self._front = {
            host: crossing(self._amorphous(host), phase.plateau, T)
            for host, phase in self._crystalline.items()
        }
        self._most = {host: self._of_host(host) for host in self._crystalline}
        self._share = {surface: self._of_surface(surface) for surface in self._li15si4}

    def _amorphous(self, host: str) -> Law:
        """Return the potential on lithiation of a host that has been lithiated before."""
        lithium = self._cell.materials.lithium(host)
        return lithium.hysteresis.lithiation if lithium.hysteresis else lithium.ocp

    def _of_host(self, host: str) -> PointState:
        cell, sto = self._cell, self._cell.sto[host]
        return PointState(
            f"most lithium {host}",
            sto.scaled.function_space,
            lambda old, _dt: ufl.max_value(old, sto.value),
            cell.dx_nodes(cell.tag(host)),
            cell.entity_maps,
            start=cell.initial[host],
        )

    def _of_surface(self, surface: Surface) -> PointState:
        cell = self._cell
        return PointState(
            surface_key("li15si4", surface, cell.hosts),
            fem.functionspace(surface.line.mesh, ("Lagrange", 1)),
            lambda old, _dt: self._grown(surface, old),
            surface.dS,
            cell.entity_maps,
            side="+",
        )

    def _grown(self, surface: Surface, old: Any) -> Any:
        """Return the share of Li15Si4 from that of before."""
        phase, cell = self._li15si4[surface], self._cell
        last = crossing(self._delithiation(surface), phase.plateau, cell.setup.temperature)
        below = phase.below + two_phase.NEAR - currents.electrode_drop(cell, surface)
        formed = step_up(below, 0.0, 2.0 * two_phase.NEAR, self._ops)
        left = step_up(cell.sto[surface.host].value("+"), last - SOFT, SOFT, self._ops)
        return ufl.max_value(old, formed) * left

    def _delithiation(self, surface: Surface) -> Law:
        model = self._cell.materials.lithium(surface.host).hysteresis
        if model is None:
            msg = f"{surface.host}: Li15Si4 needs both branches of the potential"
            raise RuntimeError(msg)
        return model.delithiation

    @property
    def states(self) -> Sequence[PointState]:
        """The most lithium, and the shares of Li15Si4."""
        return (*self._most.values(), *self._share.values())

    # --- what it adds to the laws of others

    def _passed(self, host: str, side: str = "") -> Any:
        """Return the most lithium that there has been or is."""
        most, sto = self._most[host].value, self._cell.sto[host].value
        return ufl.max_value(most(side), sto(side)) if side else ufl.max_value(most, sto)

    def passable(self, host: str, places: Sequence[Callable[[Any], Any]]) -> list[Any] | None:
        """Return the integral of d, and of k, over the lithiation, at places that take a field."""
        if host not in self._crystalline:
            return None
        sto, most = self._cell.sto[host].value, self._most[host].value
        front, k, ops = self._front[host], self._crystalline[host].slowness, self._ops
        return [
            two_phase.passable(at(sto), ufl.max_value(at(sto), at(most)), front, k, ops)
            for at in places
        ]

    def amorphous_share(self, host: str, side: str = "") -> Any:
        """Return a, 1 where a host has been lithiated beyond the front."""
        return step_up(self._passed(host, side), self._front[host], SOFT, self._ops)

    def surface_potential(self, surface: Surface) -> Any:
        """Return by how much the plateaus move the potential on a surface [V]."""
        found: Any = 0
        host = surface.host
        sto, T = self._cell.sto[host].value("+"), self._cell.temperature("+")
        if host in self._crystalline:
            gap = self._amorphous(host)(sto=sto, T=T, ops=self._ops)
            gap = positive(gap - self._crystalline[host].plateau, self._ops)
            begun = step_up(sto, self._cell.initial[host], SOFT, self._ops)
            found -= (1.0 - self.amorphous_share(host, "+")) * begun * gap
        if surface in self._li15si4:
            U = self._delithiation(surface)(sto=sto, T=T, ops=self._ops)
            gap = positive(self._li15si4[surface].plateau - U, self._ops)
            hysteresis = self._cell.find(SurfaceHysteresis)
            leaving = 0.5 * (1.0 + (hysteresis.state(surface) if hysteresis else -1.0))
            found += self._share[surface].here * leaving * gap
        return found

    def heat(self) -> Iterator[Heat]:
        """Yield what the current loses on the plateaus."""
        for surface in self._cell.drawn_surfaces:
            if surface.host in self._crystalline or surface in self._li15si4:
                i_n = self._cell.charge_transfer.through(surface)
                lost = i_n * self.surface_potential(surface)
                yield Heat(HeatKind.REACTION, lost, surface.dS, "+")

    # --- reports

    def integrals(self) -> Mapping[str, ufl.Form]:
        """Return what is crystalline [m^2], what has Li15Si4 [m], and of how much."""
        cell, found = self._cell, {}
        one = fem.Constant(cell.domain.mesh, 1.0)
        if self._crystalline:
            parts = [(1.0 - self.amorphous_share(h), cell.dx(cell.tag(h))) for h in self._most]
            found["crystalline"] = sum(value * dx for value, dx in parts)
            found["once crystalline"] = sum(one * dx for _, dx in parts)
        if self._share:
            found["li15si4"] = sum(z.here * s.dS for s, z in self._share.items())
            found["li15si4 length"] = sum(one("+") * s.dS for s in self._share)
        return found

    def columns(self, seen: Seen) -> Mapping[str, float]:
        """Return the shares."""
        have, row = seen.integrals, {}
        if self._crystalline:
            row[CRYSTALLINE_SHARE] = have["crystalline"] / have["once crystalline"]
        if self._share:
            row[LI15SI4_SHARE] = have["li15si4"] / have["li15si4 length"]
        return row

    def show(self, groups: FieldGroups) -> None:
        """Add what is amorphous of the hosts that were crystalline."""
        cell = self._cell
        if self._crystalline:
            parts = [((self.amorphous_share(h),), cell.dx(cell.tag(h))) for h in self._most]
            means = CellMeans(cell.host_domain, parts, cell.entity_maps)
            group = groups.of(Group.ACTIVE, cell.host_domain)
            group.on_cells(means, amorphous=lambda v: np.clip(v[:, 0], 0.0, 1.0))


def has_phases(cell: Cell) -> bool:
    """Tell whether any host has phases of its own."""
    lithium = (cell.materials.lithium(host) for host in cell.hosts)
    return any(
        group.crystalline is not None or (group.hysteresis and group.hysteresis.li15si4)
        for group in lithium
    )
