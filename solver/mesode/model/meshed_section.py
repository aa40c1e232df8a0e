"""The section of a cell: which phase can do what, measures and sub-meshes, sizes per area.

A field lives on the phases that have its property: lithium on each host for itself, the electrons'
potential on the conductors, salt and ionic potential in the pores. Everything "per area" is per
area of the electrode, whose width in the section is that of the collector, touched or not.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from mpi4py import MPI

import numpy as np
from dolfinx import fem

from mesode.constants import FARADAY
from mesode.mesh.torn import torn_subdomain
from mesode.model.joints import find_joints
from mesode.model.surfaces import (
    INTERFACE_QUADRATURE,
    build_contacts,
    build_necks,
    build_surfaces,
    coated_lines,
    spread_surface,
)
from mesode.numerics.jit import compile_form
from mesode.section_names import COUNTER_PREFIX, FOILS, is_counter

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt
    import ufl

    from mesode.mesh.domain import Domain, Subdomain
    from mesode.model.joints import Joint
    from mesode.model.materials import CellMaterials
    from mesode.model.surfaces import Surface

    type FloatArray = npt.NDArray[np.float64]

_NO_FACETS = np.empty(0, dtype=np.int32)
QUADRATURE = 2  # degree of volume integrals: exact for the products of two linear fields
# Storage is integrated at the nodes: what is in a node changes by what flows to it and from it, and
# by nothing else, so that a steep front neither under- nor overshoots (discrete maximum principle).
AT_NODES = {"quadrature_rule": "vertex", "quadrature_degree": 1}
# Fluxes of linear fields: their gradients are even in a triangle, their laws are taken at its
# middle. What that leaves out is of the order of what linear elements leave out, h^2.
AT_THE_MIDDLE = {"quadrature_degree": 1}


class MeshedSection:
    """A meshed section with its materials (collective).

    ``hosts``, ``conductors``, ``pores``: phases that take lithium, conduct electrons, conduct ions;
    ``working`` and ``counter_hosts`` are the hosts of the two electrodes; ``layers`` those that are
    homogenised, ``drawn`` the others. ``surfaces`` are where hosts meet pores, in layers at all
    points, ``drawn_surfaces`` those that are lines; ``contacts`` where they meet each other, and
    where particles of one may come apart; ``coated`` all coated lines of hosts.
    ``torn_conductors`` are the facets at which conductors may come apart, ``feet`` those at which
    they may come off the collector, ``comes_apart`` whether there are any of both; ``ds_contact``
    is the part of the collector that conductors touch, ``ds_collector`` all of it; ``ds_counter``
    the counter electrode, seen from the pores or, in a full section, from the conductors.

    Args:
        domain: The meshed section with boundaries ``collector`` and ``counter``.
        materials: One material for each phase of the section.
        may_tear: Whether conductors that say how they stick to others may come off them.
    """

    def __init__(self, domain: Domain, materials: CellMaterials, *, may_tear: bool = False) -> None:
        self.domain, self.materials = domain, materials
        self.hosts = self.having("lithium")
        self.working = tuple(host for host in self.hosts if not is_counter(host))
        self.counter_hosts = tuple(host for host in self.hosts if is_counter(host))
        self.layers = tuple(h for h in self.hosts if materials.phases[h].layer is not None)
        self.drawn = tuple(host for host in self.hosts if host not in self.layers)
        self.conductors = self.having("electronic")
        self.pores = self.having("ionic")
        self.torn_conductors = self._between_conductors() if may_tear else _NO_FACETS
        self.host_domains = {h: torn_subdomain(domain, (h,), self._torn_in(h)) for h in self.hosts}
        self.feet = self._on_collector() if may_tear else _NO_FACETS
        loose = len(self.torn_conductors) + len(self.feet)
        self.comes_apart = domain.comm.allreduce(loose) > 0
        self.conductor_domain = torn_subdomain(domain, self.conductors, self.torn_conductors)
        self.pore_domain = domain.subdomain(self.pores)
        subdomains = [*self.host_domains.values(), self.conductor_domain, self.pore_domain]
        self.host_domain = self._union_of_hosts()
        if len(self.hosts) > 1:
            subdomains.append(self.host_domain)
        self.entity_maps: list[Any] = [s.entity_map for s in subdomains]
        self._make_measures()

    @cached_property
    def joints(self) -> tuple[Joint, Joint]:
        """Where bodies stick to each other, and to the collector."""
        return find_joints(self)

    def _between_conductors(self) -> npt.NDArray[np.int32]:
        """Return the facets at which conductors stick to each other."""
        joint, domain = self.joints[0], self.domain
        conduct = np.isin(domain.cell_tag[joint.cells], domain.tags(self.conductors))
        return joint.facets[conduct.all(axis=1)]

    def _on_collector(self) -> npt.NDArray[np.int32]:
        """Return the facets at which conductors stick to the collector, and may come off."""
        joint, domain = self.joints[1], self.domain
        conduct = np.isin(domain.cell_tag[joint.cells[:, 0]], domain.tags(self.conductors))
        return joint.facets[conduct]

    def _torn_in(self, host: str) -> npt.NDArray[np.int32]:
        """Return those of the torn facets that lie between particles of a host."""
        facets, pairs = self.domain.inner_facets
        within = (self.domain.cell_tag[pairs] == self.tag(host)).all(axis=1)
        found: npt.NDArray[np.int32] = facets[within & np.isin(facets, self.torn_conductors)]
        return found

    def _union_of_hosts(self) -> Subdomain:
        """Return the sub-mesh of all hosts: no field is solved on it, results are shown on it."""
        if len(self.hosts) == 1:
            return self.host_domains[self.hosts[0]]
        return self.domain.subdomain(self.hosts)

    def having(self, group: str) -> tuple[str, ...]:
        """Return the phases of the section whose material has a property group."""
        return tuple(name for name in self.materials.having(group) if name in self.domain.phases)

    def _make_measures(self) -> None:
        domain, materials = self.domain, self.materials
        self.dx = domain.dx(metadata={"quadrature_degree": QUADRATURE})
        self.dx_once = domain.dx(metadata={"quadrature_degree": 0})  # of constants
        self.dx_nodes = domain.dx(metadata=AT_NODES)
        self.dx_middle = domain.dx(metadata=AT_THE_MIDDLE)
        self.drawn_surfaces = build_surfaces(domain, materials, self.drawn, self.pores)
        self.surfaces = (*self.drawn_surfaces, *(self._spread(layer) for layer in self.layers))
        self.contacts = build_contacts(domain, self.drawn)
        if self.comes_apart:
            self.contacts += tuple(build_necks(domain, self.joints[0], self.drawn))
        self.coated = tuple(coated_lines(domain, materials.coatings, self.drawn))
        degree = {"quadrature_degree": INTERFACE_QUADRATURE}
        self.ds_contact = domain.ds("collector", self.conductors, **degree)
        self.ds_collector = domain.ds("collector", domain.phases, **degree)
        beyond = self.conductors if self.is_full else self.pores
        self.ds_counter = domain.ds("counter", beyond, **degree)

    def _spread(self, layer: str) -> Surface:
        dx = self.dx_nodes(self.tag(layer))
        return spread_surface(layer, self.materials, self.host_domains[layer], dx)

    @cached_property
    def electrodes(self) -> dict[str, tuple[str, ...]]:
        """Hosts of each electrode of the section, by the prefix of its phases."""
        found = {"": self.working, COUNTER_PREFIX: self.counter_hosts}
        return found if self.is_full else {"": self.working}

    @cached_property
    def contact_lines(self) -> dict[str, ufl.Measure]:
        """Where the conductors of each electrode touch its collector, by the prefix."""
        found = {"": self.ds_contact, COUNTER_PREFIX: self.ds_counter}
        return found if self.is_full else {"": self.ds_contact}

    @property
    def is_full(self) -> bool:
        """Whether the counter electrode is a part of the section."""
        return self.materials.counter is None

    @cached_property
    def binders(self) -> tuple[str, ...]:
        """Elastic phases that are neither active material nor a foil."""
        others = {*self.hosts, *self.materials.former_hosts, *FOILS}
        return tuple(name for name in self.having("mechanical") if name not in others)

    def tag(self, phase: str) -> int:
        """Return the mesh tag of a phase."""
        return self.domain.phases[phase]

    def integral(self, expression: ufl.Form) -> float:
        """Integrate a form over the section (collective)."""
        form = compile_form(expression, self.entity_maps)
        return float(self.domain.comm.allreduce(fem.assemble_scalar(form), op=MPI.SUM))

    def area(self, phases: Iterable[str]) -> float:
        """Area of phases [m^2] (collective)."""
        owned = self.domain.mesh.topology.index_map(2).size_local
        own = np.isin(self.domain.cell_tag[:owned], self.domain.tags(phases))
        return float(self.domain.comm.allreduce(self.domain.cell_areas[:owned][own].sum()))

    def nodal_areas(
        self, part: Subdomain, space: fem.FunctionSpace, share: FloatArray | float = 1.0
    ) -> FloatArray:
        """Return the area around each node of a linear field that this rank counts [m^2].

        ``share`` of each cell's area that counts. A node on the border of ranks has a part on each.
        """
        owned = part.mesh.topology.index_map(2).size_local
        areas = (self.domain.cell_areas[part.cells] * share)[:owned] / 3.0
        found: FloatArray = np.zeros(len(fem.Function(space).x.array))
        np.add.at(found, space.dofmap.list[:owned], areas[:, None])
        return found

    @cached_property
    def width(self) -> float:
        """Length of the collector [m]: currents per area are currents per depth over it."""
        return self.integral(fem.Constant(self.domain.mesh, 1.0) * self.ds_collector)

    @cached_property
    def host_capacities(self) -> dict[str, float]:
        """Charge from lithiation 0 to 1 of each host, per electrode area [C/m^2]."""
        c_max = {host: self.materials.lithium(host).c_max for host in self.hosts}
        return {h: FARADAY * c * self.area((h,)) / self.width for h, c in c_max.items()}

    @property
    def charge_capacity(self) -> float:
        """Charge from lithiation 0 to 1 of the working electrode, per its area [C/m^2]."""
        return sum(self.host_capacities[host] for host in self.working)

    @cached_property
    def active_mass(self) -> float:
        """Mass of the working electrode's hosts per its area [kg/m^2]."""
        mass = [self.materials.density(host) * self.area((host,)) for host in self.working]
        return sum(mass) / self.width

    @property
    def current_1C(self) -> float:
        """Current density that fills the section in an hour [A/m^2]."""
        return self.charge_capacity / 3600.0
