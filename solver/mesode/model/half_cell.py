"""A half cell: where mesh, materials and physics meet.

A field lives where its property exists: c_s on the lithium hosts, phi_s on the electron
conductors, c_e and phi_e on the ion conductors, u on the mechanical phases. Where a host meets an
ion conductor there is charge transfer. The working electrode's electron potential is solved as its
difference to the voltage V of the collector, which is small: the rounding error of the current
stays far below the balance that is checked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from mpi4py import MPI

import basix.ufl
import numpy as np
import ufl
from dolfinx import fem

from mesode.constants import FARADAY
from mesode.materials.ops import ufl_ops
from mesode.model.mechanics import Mechanics, MechanicsOptions
from mesode.model.unknowns import make_unknown
from mesode.numerics.linear import configure_direct, configure_in_turn
from mesode.numerics.system import BlockSystem
from mesode.physics import conduction, diffusion, electrolyte, kinetics, terminal

if TYPE_CHECKING:
    from mesode.materials.properties import Electrolyte, LithiumMetal, Material
    from mesode.mesh.domain import Domain, Subdomain

P1 = ("Lagrange", 1)
QUADRATURE = 2  # degree of volume integrals: exact for the products of two linear fields
INTERFACE_QUADRATURE = 3
# An error of 1e-4 in lithiation moves the voltage by some 0.1 mV; an error of 1e-3 in c_e by
# RT/F 1e-3 = 0.03 mV. So the salt may have ten times the relative error.
SALT_WEIGHT = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CellMaterials:
    """Materials of the section: one per phase name, the electrolyte, the counter electrode."""

    phases: Mapping[str, Material]
    electrolyte: Electrolyte
    counter: LithiumMetal
    contact_resistance: float

    def having(self, group: str) -> tuple[str, ...]:
        """Return the phases whose material has a property group."""
        return tuple(name for name, m in self.phases.items() if getattr(m, group) is not None)


class HalfCell:
    """Equations of a half cell against lithium metal (collective).

    Args:
        domain: The meshed section with boundaries ``collector`` and ``counter``.
        materials: One material for each phase of the section.
        temperature: [K], uniform.
        lithiation: Initial lithiation of the hosts, the stress-free state.
        mechanics: Options, or None for electrochemistry alone.
    """

    def __init__(
        self,
        domain: Domain,
        materials: CellMaterials,
        *,
        temperature: float,
        lithiation: float,
        mechanics: MechanicsOptions | None = None,
    ) -> None:
        self.domain, self.materials = domain, materials
        self.lithiation = lithiation
        self.T = fem.Constant(domain.mesh, float(temperature))
        self.time = fem.Constant(domain.mesh, 0.0)
        self.hosts = self._present(materials.having("lithium"))
        self.conductors = self._present(materials.having("electronic"))
        self.pores = self._present(materials.having("ionic"))
        self._make_measures()
        self._make_unknowns()
        self._make_control()
        self.mechanics = (
            Mechanics(domain, materials.phases, self.sto, lithiation, mechanics)
            if mechanics
            else None
        )
        self.unknowns = [self.sto, self.phi_s, self.c_e, self.phi_e, self.V, self.I, self.Q]
        self.electrochemical = len(self.unknowns)
        rows = self._rows()
        bcs: list[fem.DirichletBC] = []
        if self.two_way:
            self.unknowns += self.mechanics.unknowns
            rows += self.mechanics.rows
            bcs = self.mechanics.bcs
        self.rows = rows
        self.system = BlockSystem(
            domain.mesh,
            rows,
            [u.scaled for u in self.unknowns],
            [u.scaled_rate for u in self.unknowns],
            entity_maps=self.entity_maps,
            bcs=bcs,
            time=self.time,
            replacements=self._decoupled_blocks() if self.two_way else None,
        )
        self.reset()

    @property
    def two_way(self) -> bool:
        """Whether stress acts back on the electrochemistry."""
        return self.mechanics is not None and self.mechanics.options.two_way

    def _present(self, phases: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(name for name in phases if name in self.domain.phases)

    # --- geometry of the section

    def _make_measures(self) -> None:
        domain = self.domain
        self.dx = domain.dx(metadata={"quadrature_degree": QUADRATURE})
        degree = {"quadrature_degree": INTERFACE_QUADRATURE}
        self.dS = {host: domain.dS((host,), self.pores, **degree) for host in self.hosts}
        self.ds_collector = domain.ds("collector", self.conductors, **degree)
        self.ds_counter = domain.ds("counter", self.pores, **degree)

    def tag(self, phase: str) -> int:
        """Return the mesh tag of a phase."""
        return self.domain.phases[phase]

    def integral(self, expression: ufl.Form) -> float:
        """Integrate a form over the section (collective)."""
        form = fem.form(expression, entity_maps=self.entity_maps)
        return float(self.domain.comm.allreduce(fem.assemble_scalar(form), op=MPI.SUM))

    def area(self, phases: tuple[str, ...]) -> float:
        """Area of phases [m^2]."""
        one = fem.Constant(self.domain.mesh, 1.0)
        tags = self.domain.tags(phases)
        return self.integral(one * self.domain.dx(tags)) if tags else 0.0

    @cached_property
    def width(self) -> float:
        """Length of the collector [m]: currents per area are currents per depth over it."""
        return self.integral(fem.Constant(self.domain.mesh, 1.0) * self.ds_collector)

    @cached_property
    def charge_capacity(self) -> float:
        """Charge from lithiation 0 to 1, per electrode area [C/m^2]."""
        moles = sum(
            self.materials.phases[host].lithium.c_max * self.area((host,)) for host in self.hosts
        )
        return FARADAY * moles / self.width

    @cached_property
    def active_mass(self) -> float:
        """Mass of the hosts per electrode area [kg/m^2]."""
        mass = sum(self.materials.phases[host].density * self.area((host,)) for host in self.hosts)
        return mass / self.width

    @property
    def current_1C(self) -> float:
        """Current density that fills the section in an hour [A/m^2]."""
        return self.charge_capacity / 3600.0

    # --- unknowns

    def _make_unknowns(self) -> None:
        domain = self.domain
        self.host_domain: Subdomain = domain.subdomain(self.hosts)
        self.conductor_domain: Subdomain = domain.subdomain(self.conductors)
        self.pore_domain: Subdomain = domain.subdomain(self.pores)
        self.subdomains = [self.host_domain, self.conductor_domain, self.pore_domain]
        host, conductor, pore = [fem.functionspace(s.mesh, P1) for s in self.subdomains]
        number = fem.functionspace(domain.mesh, basix.ufl.real_element("triangle", ()))
        salt = self.materials.electrolyte.concentration
        self.sto = make_unknown("sto", host, error_weight=1.0, domain=self.host_domain)
        self.phi_s = make_unknown("phi_s", conductor, domain=self.conductor_domain)
        self.c_e = make_unknown(
            "c_e", pore, scale=salt, error_weight=SALT_WEIGHT, domain=self.pore_domain
        )
        self.phi_e = make_unknown("phi_e", pore, domain=self.pore_domain)
        self.V = make_unknown("V", number)
        # entity maps of the mechanics join below; the capacity needs only the host's area
        self.I = make_unknown("I", number, scale=self.current_1C)
        self.Q = make_unknown("Q", number, scale=self.charge_capacity)

    @property
    def entity_maps(self) -> list[Any]:
        """Entity maps of all sub-meshes, for forms."""
        maps = [s.entity_map for s in self.subdomains]
        mechanics = getattr(self, "mechanics", None)
        return maps + ([mechanics.domain.entity_map] if mechanics else [])

    def _make_control(self) -> None:
        mesh = self.domain.mesh
        self._weights = tuple(fem.Constant(mesh, value) for value in (1.0, 0.0, 0.0))
        self._targets = tuple(fem.Constant(mesh, 0.0) for _ in range(3))
        self._sweep = tuple(fem.Constant(mesh, 0.0) for _ in range(2))

    def control(self, kind: str, target: float, *, rate: float = 0.0, start: float = 0.0) -> None:
        """Set what the terminal holds: current [A/m^2], voltage [V] or power [W/m^2].

        With ``rate`` [V/s] the voltage follows target + rate (t - start).
        """
        index = ("current", "voltage", "power").index(kind)
        for k, weight in enumerate(self._weights):
            weight.value = self._row_scale(kind) if k == index else 0.0
        self._targets[index].value = target
        self._sweep[0].value, self._sweep[1].value = rate, start

    def _row_scale(self, kind: str) -> float:
        return {"current": 1.0, "voltage": self.current_1C, "power": 1.0}[kind]

    def reset(self) -> None:
        """Set the state at rest: uniform lithiation, no current, potentials in equilibrium."""
        for unknown in self.unknowns:
            unknown.set(0.0)
            unknown.scaled_rate.x.array[:] = 0.0
        self.sto.set(self.lithiation)
        self.c_e.set(self.materials.electrolyte.concentration)
        self.V.set(self.equilibrium_voltage())
        self.system.store([u.scaled for u in self.unknowns], self.system.x)

    def equilibrium_voltage(self, sto: float | None = None) -> float:
        """Open-circuit voltage [V] at a uniform lithiation, charge-weighted over the hosts."""
        sto = self.lithiation if sto is None else sto
        weights = [self.materials.phases[h].lithium.c_max * self.area((h,)) for h in self.hosts]
        values = [
            float(self.materials.phases[h].lithium.ocp(sto=sto, T=float(self.T.value)))
            for h in self.hosts
        ]
        return float(np.average(values, weights=weights))

    # --- linear algebra

    def _decoupled_blocks(self) -> dict[tuple[int, int], ufl.Form | None]:
        """Return a block lower triangular stand-in for the two-way coupled Jacobian.

        The electrochemistry feels the stress through its free-particle part alone, as a function
        of the lithiation (``Mechanics.stress_slope``); what is left out is small and smooth, and
        Broyden's update picks it up. So each physics keeps a factorisation of its own.
        """
        sigma_h, column = self.mechanics.sigma_h, len(self.unknowns) - 1
        # both live on the same space, so that one trial function serves both derivatives
        trial = ufl.TrialFunction(self.sto.scaled.function_space)
        felt_trial = self.mechanics.stress_slope() * trial
        blocks: dict[tuple[int, int], ufl.Form | None] = {}
        for i, row in enumerate(self.rows[: self.electrochemical]):
            exact = ufl.algorithms.expand_derivatives(ufl.derivative(row, self.sto.scaled, trial))
            felt = ufl.algorithms.expand_derivatives(ufl.derivative(row, sigma_h.scaled, trial))
            if not felt.empty():
                exact += ufl.replace(felt, {trial: felt_trial})
            blocks[i, 0] = None if exact.empty() else exact
            blocks[i, column] = None
        return blocks

    def configure_solver(self, ksp: Any) -> None:
        """Set up the linear solver of the cell's system."""
        if not self.two_way:
            configure_direct(ksp)
            return
        n = len(self.unknowns)
        groups = [range(self.electrochemical), range(self.electrochemical, n - 1), [n - 1]]
        configure_in_turn(ksp, self.system.index_sets(groups))

    # --- equations

    def bulk(self, phase: str) -> electrolyte.Transport:
        """Electrolyte transport in a phase at the present state."""
        bulk, state = self.materials.electrolyte, {"c_e": self.c_e.value, "T": self.T}
        ops = ufl_ops()
        return electrolyte.Transport(
            kappa=bulk.kappa(ops=ops, **state),
            D_e=bulk.D_e(ops=ops, **state),
            t_plus=bulk.t_plus(ops=ops, **state),
            tdf=bulk.tdf(ops=ops, **state),
            macmullin=self.materials.phases[phase].ionic.macmullin,
        )

    def i_e(self, phase: str) -> Any:
        """Ionic current density in a phase [A/m^2]."""
        return electrolyte.ionic_current(self.c_e.value, self.phi_e.value, self.bulk(phase), self.T)

    def i_s(self, phase: str) -> Any:
        """Electronic current density in a phase [A/m^2]."""
        sigma = self.materials.phases[phase].electronic.sigma
        sto = self.sto.value if phase in self.hosts else self.lithiation
        return conduction.electronic_current(
            self.phi_s.value, sigma(sto=sto, T=self.T, ops=ufl_ops())
        )

    def N_s(self, phase: str) -> Any:
        """Lithium flux in a host [mol/m^2/s]."""
        lithium = self.materials.phases[phase].lithium
        D_s = lithium.D_s(sto=self.sto.value, T=self.T, ops=ufl_ops())
        stress = (
            {"Omega": self.mechanics.Omega(phase), "sigma_h": self.mechanics.sigma_h.value}
            if self.two_way
            else {}
        )
        return diffusion.lithium_flux(lithium.c_max * self.sto.value, D_s, T=self.T, **stress)

    def i_n(self, host: str) -> Any:
        """Faradaic current density on a host's surface [A/m^2], "+" is the host."""
        lithium, ops = self.materials.phases[host].lithium, ufl_ops()
        sto = self.sto.value("+")
        U = lithium.ocp(sto=sto, T=self.T, ops=ops)
        if self.two_way:
            U = kinetics.equilibrium_potential(
                U, Omega=self.mechanics.Omega(host, "+"), sigma_h=self.mechanics.sigma_h.value("+")
            )
        drop = self.V.value("+") + self.phi_s.value("+") - self.phi_e.value("-") - U
        i_0 = lithium.i_0(c_e=self.c_e.value("-"), sto=sto, T=self.T, ops=ops)
        return self._charge_transfer(lithium, drop, i_0)

    def _charge_transfer(self, side: Any, drop: Any, i_0: Any) -> Any:
        alphas = {"alpha_a": side.alpha_a, "alpha_c": side.alpha_c}
        if side.film_resistance > 0.0:
            drop = kinetics.overpotential_behind_film(
                drop, i_0, self.T, side.film_resistance, **alphas
            )
        return kinetics.butler_volmer(drop, i_0, self.T, **alphas)

    def i_total(self, host: str) -> Any:
        """Faradaic and charging current density on a host's surface [A/m^2]."""
        charging = kinetics.double_layer(
            self.V.rate("+") + self.phi_s.rate("+"),
            self.phi_e.rate("-"),
            self.materials.phases[host].lithium.double_layer,
        )
        return self.i_n(host) + charging

    def i_counter(self) -> Any:
        """Current density from the lithium metal into the electrolyte [A/m^2]."""
        counter = self.materials.counter
        i_0 = counter.i_0(c_e=self.c_e.value, T=self.T, ops=ufl_ops())
        faradaic = self._charge_transfer(counter, -self.phi_e.value, i_0)
        return faradaic + kinetics.double_layer(0.0, self.phi_e.rate, counter.double_layer)

    def _rows(self) -> list[ufl.Form]:
        return [
            self._row_sto(),
            self._row_phi_s(),
            self._row_c_e(),
            self._row_phi_e(),
            *self._rows_terminal(),
        ]

    def _row_sto(self) -> ufl.Form:
        v = self.sto.test
        row = 0
        for host in self.hosts:
            c_max = self.materials.phases[host].lithium.c_max
            row += diffusion.storage(c_max * self.sto.rate, v, self.dx(self.tag(host)))
            row += diffusion.transport(self.N_s(host), v, self.dx(self.tag(host)))
            row += self.i_n(host) * v("+") * self.dS[host]
        return row

    def _row_phi_s(self) -> ufl.Form:
        v = self.phi_s.test
        row = (
            terminal.collector_current(self.phi_s.value, 0.0, self.materials.contact_resistance)
            * v
            * self.ds_collector
        )
        for phase in self.conductors:
            row += conduction.divergence_free(self.i_s(phase), v, self.dx(self.tag(phase)))
        for host in self.hosts:
            row += self.i_total(host) * v("+") * self.dS[host]
        return row

    def _row_c_e(self) -> ufl.Form:
        v = self.c_e.test
        row = -self.i_counter() * v * self.ds_counter
        for phase in self.pores:
            dx, porosity = self.dx(self.tag(phase)), self.materials.phases[phase].ionic.porosity
            N_e = electrolyte.ion_flux(self.c_e.value, self.i_e(phase), self.bulk(phase))
            row += diffusion.storage(porosity * self.c_e.rate, v, dx)
            row += diffusion.transport(N_e, v, dx)
        for host in self.hosts:
            row -= self.i_total(host) * v("-") * self.dS[host]
        return row

    def _row_phi_e(self) -> ufl.Form:
        v = self.phi_e.test
        row = -self.i_counter() * v * self.ds_counter
        for phase in self.pores:
            row += conduction.divergence_free(self.i_e(phase), v, self.dx(self.tag(phase)))
        for host in self.hosts:
            row -= self.i_total(host) * v("-") * self.dS[host]
        return row

    def _rows_terminal(self) -> list[ufl.Form]:
        ds = self.ds_collector
        outflow = terminal.collector_current(
            self.phi_s.value, 0.0, self.materials.contact_resistance
        )
        current, voltage, power = self._targets
        rate, start = self._sweep
        voltage = voltage + rate * (self.time - start)
        control = terminal.control(
            self.I.value, self.V.value, self._weights, (current, voltage, power)
        )
        return [
            terminal.mean_row(outflow - self.I.value, self.V.test, ds),
            terminal.mean_row(control, self.I.test, ds),
            terminal.mean_row(self.Q.rate - self.I.value, self.Q.test, ds),
        ]
