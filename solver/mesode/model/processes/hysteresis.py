"""Hysteresis of the potential of hosts: a state at each point of their surfaces.

In a homogenised layer that is one for the particles at each point.
The equations stand in ``mesode.physics.hysteresis``. The state of a one-state model is an unknown
on the surface, whose row is the equation of its rate; an instant one follows i_n. What it does to
the potential is ``surface_potential``, which charge transfer asks for. Lithium inside the host and
the stress that moves it know the potential of the start alone; so do contacts with other hosts.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from mpi4py import MPI

import numpy as np
import ufl
from dolfinx import fem

from mesode.columns import MEAN_HYSTERESIS
from mesode.constants import FARADAY
from mesode.fields import Group
from mesode.materials.ops import ufl_ops
from mesode.model.averages import SurfaceMeans, assemble_at
from mesode.model.process import Heat, Process, Seen
from mesode.model.unknowns import P1, RowKind, make_unknown, surface_key
from mesode.numerics.jit import compile_form
from mesode.physics import hysteresis
from mesode.physics.heat import HeatKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import numpy.typing as npt

    from mesode.materials.hysteresis import Hysteresis
    from mesode.model.cell import Cell
    from mesode.model.field_groups import FieldGroups
    from mesode.model.process import Term
    from mesode.model.surfaces import Surface
    from mesode.model.unknowns import Unknown

    type FloatArray = npt.NDArray[np.float64]

# At 1e-4 a step may move the state by 1e-4 off, whose errors add up until the branch is reached.
STATE_WEIGHT = 1.0
WIDTH = 1e-3  # of the mean 1C current density of the surfaces: an instant state switches within it


class SurfaceHysteresis(Process):
    """The states on all surfaces of hosts whose potential has a hysteresis."""

    def __init__(self, cell: Cell) -> None:
        self._cell = cell
        self._models = {
            surface: model for surface in cell.surfaces if (model := _of(cell, surface))
        }
        self._h = {
            surface: self._make(surface)
            for surface, model in self._models.items()
            if model.model == "one_state"
        }
        self._volume_per_surface = {
            host: _volume_per_surface(cell, host)
            for host in dict.fromkeys(surface.host for surface in self._h if not surface.spread)
        }

    @cached_property
    def _width(self) -> float:
        """Current density within which an instant state switches [A/m^2] (collective)."""
        return WIDTH * _mean_1C(self._cell)

    def _make(self, surface: Surface) -> Unknown:
        return make_unknown(
            surface_key("h", surface, self._cell.hosts),
            fem.functionspace(surface.line.mesh, P1),
            error_weight=STATE_WEIGHT,
            row=RowKind.LAW,
        )

    # --- unknowns and equations

    @property
    def unknowns(self) -> Sequence[Unknown]:
        """The states that are not instant."""
        return tuple(self._h.values())

    def reset(self) -> None:
        """Begin with the states that the materials have."""
        for surface, h in self._h.items():
            h.set(self._models[surface].initial)

    def state(self, surface: Surface) -> Any:
        """Return h on a surface."""
        if surface in self._h:
            return surface.at_host(self._h[surface].value)
        i_n = self._cell.charge_transfer.passed(surface)
        return hysteresis.instant_state(i_n, self._width)

    def terms(self) -> Iterator[Term]:
        """Yield the equation of each state that is not instant."""
        cell = self._cell
        for surface, h in self._h.items():
            c_max, decay = cell.materials.lithium(surface.host).c_max, self._models[surface].decay
            i_n, host = cell.charge_transfer.through(surface), surface.at_host
            inertia = FARADAY * c_max * self._thickness(surface) / decay
            row = inertia * host(h.rate) - hysteresis.state_rate(host(h.value), i_n)
            yield h, row * host(h.test) * surface.dS

    def _thickness(self, surface: Surface) -> Any:
        """Return the volume over the surface [m]: of each particle, or of a layer."""
        if surface.spread:
            return 1.0 / self._cell.materials.layer(surface.host).surface
        return surface.at_host(self._volume_per_surface[surface.host])

    def surface_potential(self, surface: Surface) -> Any:
        """Return (h - h_0) G on a surface [V], 0 where it has no hysteresis."""
        model = self._models.get(surface)
        if model is None:
            return 0
        sto = self._cell.surface_sto(surface.host, surface.inside)
        T = self._cell.temperature(surface.inside)
        gap = model.half_gap(sto=sto, T=T, ops=ufl_ops())
        return (self.state(surface) - model.initial) * gap

    def heat(self) -> Iterator[Heat]:
        """Yield what the current loses between the branches."""
        for surface in self._models:
            i_n = self._cell.charge_transfer.through(surface)
            lost = i_n * self.surface_potential(surface)
            yield Heat(HeatKind.REACTION, lost, surface.dS, surface.inside)

    # --- reports

    def integrals(self) -> Mapping[str, ufl.Form]:
        """Return the integral of the state [m] and the length of its surfaces [m]."""
        one = fem.Constant(self._cell.domain.mesh, 1.0)
        return {
            "hysteresis": sum(self.state(surface) * surface.dS for surface in self._models),
            "hysteresis length": sum(s.at_host(one) * s.dS for s in self._models),
        }

    def columns(self, seen: Seen) -> Mapping[str, float]:
        """Return the mean state."""
        return {MEAN_HYSTERESIS: seen.integrals["hysteresis"] / seen.integrals["hysteresis length"]}

    def show(self, groups: FieldGroups) -> None:
        """Add the state along the surfaces."""
        cell = self._cell
        states = {surface: (self.state(surface),) for surface in self._models}
        means = SurfaceMeans(cell.host_domain, states, cell.entity_maps)
        groups.of(Group.ACTIVE, cell.host_domain).on_cells(means, hysteresis=lambda v: v[:, 0])


def _of(cell: Cell, surface: Surface) -> Hysteresis | None:
    model = cell.materials.lithium(surface.host).hysteresis
    return None if model is None or model.model == "none" else model


def has_hysteresis(cell: Cell) -> bool:
    """Tell whether the potential of any surface has one."""
    return any(_of(cell, surface) is not None for surface in cell.surfaces)


def _mean_1C(cell: Cell) -> float:
    """Return the mean current density on the surfaces of the electrode at 1C [A/m^2]."""
    one = fem.Constant(cell.domain.mesh, 1.0)
    parts = [surface for surface in cell.surfaces if surface.host in cell.working]
    return cell.current_1C * cell.width / cell.integral(sum(s.at_host(one) * s.dS for s in parts))


def _volume_per_surface(cell: Cell, host: str) -> fem.Function:
    """Return the volume of each particle over its surface with pores [m], by triangle (collective).

    What has no number (a mesh of the user's) counts as one particle.
    """
    domain = cell.host_domains[host]
    found = fem.Function(fem.functionspace(domain.mesh, ("DG", 0)))
    one, q = fem.Constant(domain.mesh, 1.0), ufl.TestFunction(found.function_space)
    surfaces = [surface for surface in cell.surfaces if surface.host == host]
    outside = compile_form(sum(one("+") * q("+") * s.dS for s in surfaces), cell.entity_maps)
    each = cell.domain.cell_areas[domain.cells], assemble_at(outside, found)
    particle = cell.domain.particle[domain.cells]
    last = int(cell.domain.comm.allreduce(int(particle.max(initial=-1)), op=MPI.MAX))
    number = np.where(particle < 0, last + 1, particle)
    owned = domain.mesh.topology.index_map(2).size_local
    sums: FloatArray = np.array(
        [np.bincount(number[:owned], values[:owned], last + 2) for values in each],
        dtype=np.float64,
    )
    cell.domain.comm.Allreduce(MPI.IN_PLACE, sums)
    volume, surface = sums
    found.x.array[:] = (volume / np.where(surface > 0.0, surface, np.inf))[number]
    return found
