"""Lithium in the hosts: F dc_s/dt + F div N_s = 0 in each, see ``mesode.physics.diffusion``.

The unknown of a host is its lithiation ``sto`` = c_s / c_max. Storage is integrated at the nodes.
Between the particles of a homogenised layer no lithium moves: N_s = 0 there, ``sto`` at a point is
the mean of its particle, and what is inside of that is the business of ``layer_diffusion``.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from dolfinx import fem, la

from mesode.constants import FARADAY
from mesode.fields import Group
from mesode.model import currents
from mesode.model.host_energy import HostEnergy
from mesode.model.process import Heat, Process, Seen
from mesode.model.quantiles import nodal_ends
from mesode.model.unknowns import P1, host_key, make_unknown
from mesode.numerics.events import Event
from mesode.numerics.step_control import ErrorScale
from mesode.physics import diffusion, heat
from mesode.physics.heat import Carrier, HeatKind
from mesode.section_names import COUNTER_PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import ufl

    from mesode.model.cell import Cell
    from mesode.model.field_groups import FieldGroups, FloatArray
    from mesode.model.process import Term
    from mesode.model.unknowns import Unknown

BEYOND = 1e-6  # lithiation outside 0 to 1 that the kinetics never let a host have
LEFT = "the lithiation has left 0 to 1"


class Lithium(Process):
    """Lithium in each host for itself; ``sto`` by the name of the host."""

    def __init__(self, cell: Cell) -> None:
        self._cell = cell
        self.sto = {host: self._make(host) for host in cell.hosts}

    def _make(self, host: str) -> Unknown:
        space = fem.functionspace(self._cell.host_domains[host].mesh, P1)
        key = host_key("sto", host, self._cell.hosts)
        change = ErrorScale.CHANGE
        return make_unknown(key, space, error_weight=1.0, error_scale=change, bounds=(0.0, 1.0))

    @property
    def unknowns(self) -> Sequence[Unknown]:
        """The lithiations."""
        return tuple(self.sto.values())

    def terms(self) -> Iterator[Term]:
        """Yield storage and transport."""
        cell = self._cell
        for host, sto in self.sto.items():
            tag, c_max = cell.tag(host), cell.materials.lithium(host).c_max
            yield sto, diffusion.storage(c_max * sto.rate, sto.test, cell.dx_nodes(tag))
        for host in cell.drawn:
            sto, dx = self.sto[host], currents.flux_measure(cell, host)
            yield sto, diffusion.transport(currents.N_s(cell, host), sto.test, dx)

    # --- energy

    def heat(self) -> Iterator[Heat]:
        """Yield what diffusion makes, and the heat of the entropy that it carries."""
        cell, mesh = self._cell, self._cell.domain.mesh
        for host in cell.drawn:
            N_s, dx = currents.N_s(cell, host), currents.flux_measure(cell, host)
            lost = heat.lithium_diffusion(N_s, currents.corner_potentials(cell, host), mesh)
            yield Heat(HeatKind.DIFFUSION, lost, dx, carrier=Carrier.LITHIUM)
            if currents.has_entropy(cell, host):
                corners = currents.corner_entropics(cell, host)
                yield Heat(HeatKind.REVERSIBLE, -heat.lithium_diffusion(N_s, corners, mesh), dx)

    def nodal_energy(self, T: float) -> float:
        """Return the free energy of the lithium in its hosts, over that before the run."""
        return -FARADAY * sum(
            float(moles @ energy.integral(self.sto[host].array(), T))
            for host, (moles, energy) in self._hosts.items()
        )

    def nodal_power(self, T: float) -> float:
        """Return how fast that grows."""
        return -FARADAY * sum(
            float(
                (moles * energy.potential(self.sto[host].array(), T))
                @ self.sto[host].scaled_rate.x.array
            )
            for host, (moles, energy) in self._hosts.items()
        )

    @cached_property
    def _hosts(self) -> dict[str, tuple[FloatArray, HostEnergy]]:
        """Sites around each node that this rank counts [mol/m], and the energy of each host."""
        cell, found = self._cell, {}
        for host, sto in self.sto.items():
            area = cell.nodal_areas(cell.host_domains[host], sto.scaled.function_space)
            lithium = cell.materials.lithium(host)
            found[host] = (lithium.c_max * area, HostEnergy(lithium.ocp, cell.initial[host]))
        return found

    def reset(self) -> None:
        """Set each host to its lithiation at rest."""
        for host, sto in self.sto.items():
            sto.set(self._cell.initial[host])

    # --- reports

    def integrals(self) -> Mapping[str, ufl.Form]:
        """Return the lithium in each host, and in the hosts of each electrode [C/m]."""
        cell = self._cell
        held = {
            host: FARADAY * cell.materials.lithium(host).c_max * sto.value * cell.dx(cell.tag(host))
            for host, sto in self.sto.items()
        }
        found = {f"lithium {host}": form for host, form in held.items()} if len(held) > 1 else {}
        for prefix, hosts in cell.electrodes.items():
            found[f"{prefix}lithium"] = sum(held[host] for host in hosts)
        return found

    def ranged(self) -> Sequence[Unknown]:
        """Return the lithiations."""
        return self.unknowns

    def columns(self, seen: Seen) -> Mapping[str, float]:
        """Return lithiations of the electrode and of its hosts, and what voltage they stand for."""
        cell = self._cell
        mean = {prefix: self.mean(seen.integrals, prefix) for prefix in cell.electrodes}
        row = {
            "Open-Circuit Voltage / V": cell.equilibrium_voltage(*mean.values()),
            "Mean Lithiation / 1": mean[""],
            "Min Lithiation / 1": min(seen.low[sto.key] for sto in self.unknowns),
            "Max Lithiation / 1": max(seen.high[sto.key] for sto in self.unknowns),
        }
        if cell.is_full:
            row["Mean Lithiation Counter / 1"] = mean[COUNTER_PREFIX]
        if len(self.sto) > 1:
            for host, sto in self.sto.items():
                full = cell.host_capacities[host] * cell.width
                row[f"Mean Lithiation {host} / 1"] = seen.integrals[f"lithium {host}"] / full
                row[f"Min Lithiation {host} / 1"] = seen.low[sto.key]
                row[f"Max Lithiation {host} / 1"] = seen.high[sto.key]
        return row

    def mean(self, integrals: Mapping[str, float], prefix: str) -> float:
        """Return the lithium in the hosts of an electrode over what they can hold."""
        cell = self._cell
        full = sum(cell.host_capacities[host] for host in cell.electrodes[prefix])
        return integrals[f"{prefix}lithium"] / (full * cell.width)

    def extremes(self) -> tuple[float, float]:
        """Return the smallest and largest lithiation at any node (collective)."""
        return nodal_ends(self._cell.domain.comm, *self.unknowns)

    def show(self, groups: FieldGroups) -> None:
        """Add lithiation and concentration."""
        cell = self._cell
        group = groups.of(Group.ACTIVE, cell.host_domain)
        nodes = _HostNodes(cell)
        group.at_nodes("sto", lambda: nodes.values(dict.fromkeys(cell.hosts, 1.0)))
        c_max = {host: cell.materials.lithium(host).c_max for host in cell.hosts}
        group.at_nodes("c_s", lambda: nodes.values(c_max))

    # --- ends

    def limits(self) -> Sequence[Event]:
        """Return that the lithiation stays in 0 to 1."""

        def left() -> float:
            low, high = self.extremes()
            return min(low, 1.0 - high) + BEYOND

        return [Event(LEFT, left, 0.1 * BEYOND)]

    def guards(self) -> Sequence[Event]:
        """Return the same, each end for itself: steps foresee how far away it is."""
        return [
            Event(LEFT, lambda: 1.0 + BEYOND - self.extremes()[1], 0.1 * BEYOND, wall=0.0),
            Event(LEFT, lambda: self.extremes()[0] + BEYOND, 0.1 * BEYOND, wall=0.0),
        ]


class _HostNodes:
    """Brings the lithiation of each host to the nodes of all hosts (collective).

    A node where hosts touch has a value in each of them; shown is their mean. At a border of ranks
    the one that owns it need not see all of its hosts: what the others see is added.
    """

    def __init__(self, cell: Cell) -> None:
        space = fem.functionspace(cell.host_domain.mesh, P1)
        self._sto, self._there = cell.sto, fem.Function(space)
        self._nodes: dict[str, Any] = {}
        self._seen: dict[str, FloatArray] = {}
        row_of = {int(cell_): row for row, cell_ in enumerate(cell.host_domain.cells)}
        for host, domain in cell.host_domains.items():
            rows = np.array([row_of[int(c)] for c in domain.cells], dtype=np.int64)
            own = cell.sto[host].scaled.function_space.dofmap.list
            nodes = np.zeros(len(cell.sto[host].scaled.x.array), dtype=np.int64)
            nodes[own] = space.dofmap.list[rows]
            self._nodes[host] = nodes
            self._seen[host] = self._over_ranks(nodes, np.ones(len(nodes)))
        self._count = sum(seen > 0.0 for seen in self._seen.values())

    def _over_ranks(self, nodes: Any, values: FloatArray) -> FloatArray:
        """Return the sum of what the ranks have at each node, ghosts included."""
        array: FloatArray = self._there.x.array
        array[:] = 0.0
        array[nodes] = values
        self._there.x.scatter_reverse(la.InsertMode.add)
        self._there.x.scatter_forward()
        return array.copy()

    def values(self, factors: dict[str, float]) -> FloatArray:
        """Return the lithiation times a factor of each host at the nodes, ghosts included."""
        total: FloatArray = np.zeros_like(self._there.x.array)
        for host, nodes in self._nodes.items():
            found = self._over_ranks(nodes, self._sto[host].array())
            total += factors[host] * found / np.maximum(self._seen[host], 1.0)
        return total / np.maximum(self._count, 1.0)
