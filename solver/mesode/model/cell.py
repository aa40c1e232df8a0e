"""A cell: where mesh, materials and physics meet.

A field lives where its property exists: c_s on each lithium host for itself, phi_s on the electron
conductors, c_e and phi_e on the ion conductors, u on the mechanical phases. Where a host meets an
ion conductor there is charge transfer, where it meets another host lithium passes as atoms. The
electron potential is solved as its difference to the level that an electrode has at its contact to
the collector, which is small: the rounding error of the current stays far below the balance that is
checked. The level of the working electrode is an unknown of the whole section, that of a counter
electrode of hosts is where all potentials are counted from.

The counter electrode is lithium metal at 0 V, or a part of the section with hosts and conductors
of its own, whose collector is at 0 V (a full section). Positive current is discharge: the working
electrode takes lithium against the metal, and as an anode gives it to a counter electrode. V is
that of the positive collector against the negative, so that in a full section current and voltage
are the negative of what the working electrode sees (``polarity``).

What a section cuts off may hang on the electrode behind it (``backbones``).

Where to look: ``section`` (phases, measures, sizes), ``surfaces`` (bare, coated, contacts),
``currents`` (fluxes, Butler-Volmer), ``rows`` and ``terminal`` (equations), ``mechanics`` (stress).
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import basix.ufl
from dolfinx import fem

from mesode.model.backbone import ThirdDimension, build_backbones
from mesode.model.equilibrium import Equilibrium
from mesode.model.mechanics import Mechanics, MechanicsOptions
from mesode.model.rows import electrochemical_rows
from mesode.model.section import Section
from mesode.model.terminal import Terminal, Voltage
from mesode.model.unknowns import host_key, make_unknown, order_of_magnitude
from mesode.numerics.system import BlockSystem
from mesode.section_names import COUNTER_PREFIX

if TYPE_CHECKING:
    from mesode.mesh.domain import Domain
    from mesode.model.backbone import Backbone
    from mesode.model.materials import CellMaterials
    from mesode.model.unknowns import Unknown

P1 = ("Lagrange", 1)
# An error of 1e-4 in lithiation moves the voltage by some 0.1 mV; an error of 1e-3 in c_e by
# RT/F 1e-3 = 0.03 mV. So the salt may have ten times the relative error.
SALT_WEIGHT = 10.0


class Cell(Section):
    """Equations of a cell (collective).

    ``unknowns``, ``rows`` and ``system`` go together. ``mechanics`` is None for electrochemistry
    alone; ``feedback`` is the mechanics whose stress acts back on it, None where it does not.
    ``sto`` is the lithiation of each host, ``initial`` its value at rest before the run.
    ``polarity`` is 1 where V and I are those of the working electrode, -1 where of the counter.

    Args:
        domain: The meshed section with boundaries ``collector`` and ``counter``.
        materials: One material for each phase of the section.
        temperature: [K], uniform.
        lithiation: Initial mean lithiation of the hosts, the stress-free state. Hosts of several
            materials share it so that they are in equilibrium with each other.
        counter_lithiation: The same of the counter electrode of a full section.
        mechanics: Options, or None for electrochemistry alone.
        third: What hangs on the electrode behind the section; None where nothing does.
    """

    def __init__(
        self,
        domain: Domain,
        materials: CellMaterials,
        *,
        temperature: float,
        lithiation: float,
        counter_lithiation: float = 0.0,
        mechanics: MechanicsOptions | None = None,
        third: ThirdDimension | None = None,
    ) -> None:
        super().__init__(domain, materials)
        self.lithiation, self._counter_lithiation = lithiation, counter_lithiation
        self.polarity = -1 if self.is_full else 1
        self.T = fem.Constant(domain.mesh, float(temperature))
        self.time = fem.Constant(domain.mesh, 0.0)
        self._working_rest = self._rest(self.working, temperature)
        self.initial = self._working_rest.lithiations(lithiation)
        self._counter_rest = self._rest(self.counter_hosts, temperature) if self.is_full else None
        if self._counter_rest is not None:
            self.initial |= self._counter_rest.lithiations(counter_lithiation)
        self._make_unknowns()
        self.backbones = self._make_backbones(third or ThirdDimension())
        resistance = self.materials.contact_resistance * sum(self.crowding)
        self.V = Voltage(domain.mesh, self.level, self.I, resistance)
        self.terminal = Terminal(domain.mesh, self.current_1C)
        self.mechanics = self._make_mechanics(mechanics) if mechanics else None
        self.feedback = self.mechanics if mechanics and mechanics.two_way else None
        self.rows = electrochemical_rows(self)
        self.electrochemical = len(self.rows)
        self.system = self._make_system()
        self.reset()

    def _rest(self, hosts: tuple[str, ...], T: float) -> Equilibrium:
        ocps = {host: self.materials.lithium(host).ocp for host in hosts}
        return Equilibrium(ocps, self.host_capacities, T)

    @property
    def two_way(self) -> bool:
        """Whether stress acts back on the electrochemistry."""
        return self.feedback is not None

    def _make_unknowns(self) -> None:
        conductor, pore = [
            fem.functionspace(s.mesh, P1) for s in (self.conductor_domain, self.pore_domain)
        ]
        number = fem.functionspace(self.domain.mesh, basix.ufl.real_element("triangle", ()))
        salt = self.materials.electrolyte.concentration
        self.sto = {host: self._make_sto(host) for host in self.hosts}
        self.phi_s = make_unknown("phi_s", conductor)
        self.c_e = make_unknown("c_e", pore, scale=salt, error_weight=SALT_WEIGHT)
        self.phi_e = make_unknown("phi_e", pore)
        self.level = make_unknown("V", number)
        self.I = make_unknown("I", number, scale=order_of_magnitude(self.current_1C))
        self.Q = make_unknown("Q", number, scale=order_of_magnitude(self.charge_capacity))
        fields = [*self.sto.values(), self.phi_s, self.c_e, self.phi_e]
        self.unknowns = [*fields, self.level, self.I, self.Q]

    def _make_sto(self, host: str) -> Unknown:
        space = fem.functionspace(self.host_domains[host].mesh, P1)
        return make_unknown(host_key("sto", host, self.hosts), space, error_weight=1.0)

    def _make_backbones(self, third: ThirdDimension) -> tuple[Backbone, ...]:
        backbones = build_backbones(self, third)
        for backbone in backbones:
            self.entity_maps.append(backbone.domain.entity_map)
            self.unknowns += backbone.unknowns
        return backbones

    def _make_mechanics(self, options: MechanicsOptions) -> Mechanics:
        mechanics = Mechanics(self, self.sto, self.initial, options)
        self.entity_maps.append(mechanics.domain.entity_map)
        return mechanics

    def _make_system(self) -> BlockSystem:
        bcs: list[fem.DirichletBC] = []
        if self.feedback is not None:
            self.unknowns += self.feedback.unknowns
            self.rows = self.rows + self.feedback.rows
            bcs = self.feedback.bcs
        return BlockSystem(
            self.domain.mesh,
            self.rows,
            [u.scaled for u in self.unknowns],
            [u.scaled_rate for u in self.unknowns],
            entity_maps=self.entity_maps,
            bcs=bcs,
            time=self.time,
        )

    def control(self, kind: str, target: float, *, rate: float = 0.0, start: float = 0.0) -> None:
        """Set what the terminal holds: current [A/m^2], voltage [V] or power [W/m^2].

        With ``rate`` [V/s] the voltage follows target + rate (t - start).
        """
        self.terminal.hold(kind, target, rate=rate, start=start)

    def reset(self) -> None:
        """Set the state at rest: uniform lithiation, no current, potentials in equilibrium.

        Forces are in balance too, under a pressure on the top.
        """
        for unknown in self.unknowns:
            unknown.set(0.0)
            unknown.scaled_rate.x.array[:] = 0.0
        for host, sto in self.sto.items():
            sto.set(self.initial[host])
        self.c_e.set(self.materials.electrolyte.concentration)
        self.V.set(self.equilibrium_voltage())
        self.phi_e.set(-self._counter_potential())
        if self.mechanics is not None:
            self.mechanics.reset()
        for backbone in self.backbones:
            backbone.reset(-self._counter_potential())
        self.system.store([u.scaled for u in self.unknowns], self.system.x)

    @cached_property
    def crowding(self) -> tuple[float, ...]:
        """How much denser the current is where it leaves an electrode than over all of its area.

        At the collector and, in a full section, at that of the counter electrode; the electrode
        behind the section shares in it.
        """
        one = fem.Constant(self.domain.mesh, 1.0)
        touched = {"": self.ds_contact, COUNTER_PREFIX: self.ds_counter}
        return tuple(
            self.width
            / (self.integral(one * ds) + sum(b.contact_length(prefix) for b in self.backbones))
            for prefix, ds in list(touched.items())[: 1 + self.is_full]
        )

    def references(self) -> tuple[float, float]:
        """Return what phi_s of the working electrode, and all other potentials, are counted from.

        In volts against the collector of the counter electrode; the same on all ranks.
        """
        if not self.is_full:
            return self.level.number(), 0.0
        counter = self.materials.contact_resistance * self.crowding[1] * self.I.number()
        return counter - self.level.number(), counter

    def equilibrium_voltage(
        self, sto: float | None = None, counter_sto: float | None = None
    ) -> float:
        """Open-circuit voltage [V] at mean lithiations, each electrode in equilibrium."""
        working = self._working_rest.potential(self.lithiation if sto is None else sto)
        return self.polarity * (working - self._counter_potential(counter_sto))

    def _counter_potential(self, sto: float | None = None) -> float:
        """Open-circuit potential of the counter electrode [V], 0 for lithium metal."""
        if self._counter_rest is None:
            return 0.0
        return self._counter_rest.potential(self._counter_lithiation if sto is None else sto)
