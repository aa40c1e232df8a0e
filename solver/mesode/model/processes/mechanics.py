"""Mechanics of the section: displacement on the elastic phases, swelling from the lithiation.

The collector is rigid and holds the electrode (u = 0), the sides are planes of symmetry
(u_x = 0), the top is free, under a pressure, or against a spring. In two-way coupling the
hydrostatic stress is an unknown of its own, continuous on each host, so that its gradient may
drive lithium; in one-way coupling the displacement follows the lithiation after each time step.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import ufl
from dolfinx import fem

from mesode.materials.ops import ufl_ops
from mesode.model.bodies import BETWEEN, bodywise_space, find_bodies
from mesode.model.elastic_energy import ElasticEnergy
from mesode.model.process import Store, Suspect
from mesode.model.processes.solids import MICROMETRE, Solids, SolidsOptions
from mesode.model.residual import FORCE_SCALE
from mesode.model.surfaces import coated_lines
from mesode.model.unknowns import (
    RowKind,
    Unknown,
    host_key,
    make_unknown,
    number_space,
    order_of_magnitude,
)
from mesode.model.unstable_hosts import rise
from mesode.physics import coating, elasticity
from mesode.physics.elasticity import SectionKind
from mesode.physics.heat import HeatKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from mesode.materials.properties import Coating
    from mesode.model.cell import Cell
    from mesode.model.meshed_section import MeshedSection
    from mesode.model.process import Heat, HostStress, Term


@dataclass(frozen=True, slots=True, kw_only=True)
class MechanicsOptions(SolidsOptions):
    """How the section is held; ``spring`` [Pa/m] resists the displacement of its top."""

    spring: float = 0.0


def _tell_unstable(host: str, rise: float) -> str:
    return (
        f"stress makes {host} unstable: where it takes in lithium its potential rises by up to "
        f"{1e3 * rise:.2g} mV per unit of lithiation, so that single nodes fill or empty at once"
    )


class Mechanics(Solids):
    """Equations of the elastic section for a given field of lithiation (collective).

    Args:
        section: With boundaries ``collector``, ``left``, ``right``, ``top``.
        sto: Lithiation of each host.
        reference: Lithiation of each host at which the section is free of stress.
        options: See ``MechanicsOptions``.
    """

    @classmethod
    def of_cell(cls, cell: Cell) -> Self:
        """Return the mechanics that a cell is set up with."""
        options = cell.setup.mechanics
        own = options if isinstance(options, MechanicsOptions) else MechanicsOptions()
        return cls(cell, cell.sto, cell.initial, own)

    def __init__(
        self,
        section: MeshedSection,
        sto: Mapping[str, Unknown],
        reference: Mapping[str, float],
        options: MechanicsOptions,
    ) -> None:
        super().__init__(section, sto, reference)
        self.options: MechanicsOptions = options
        stiffest = max(
            float(self.materials.mechanical(p).E(sto=self._rest(p))) for p in self.phases
        )
        self.E_ref = order_of_magnitude(stiffest)
        self.coated = tuple(coated_lines(self.parent, self._stiff_coatings(), self.phases))
        self._make_unknowns()
        self._bcs = self._clamps()

    @property
    def follows(self) -> bool:  # type: ignore[override]
        """Whether the stress does not act back (one-way coupling)."""
        return not self.options.two_way

    @property
    def settles(self) -> bool:  # type: ignore[override]
        """Whether there is stress at rest: that of a pressure on the top."""
        return self.options.pressure != 0.0

    def stress_on(self, host: str) -> HostStress | None:
        """Return this, where its stress acts back."""
        return self if self.options.two_way and host in self.hosts else None

    def stress_at(self, host: str, of: Callable[[Any], Any]) -> Any:
        """Return sigma_h of a host [Pa] at the place where ``of`` takes a field."""
        return of(self.sigma_h[host].value)

    def terms(self) -> Iterator[Term]:
        """Yield the rows of the displacement, of eps_zz and of the hydrostatic stress."""
        yield self.u, self._row_u()
        if self.options.kind.has_axial_strain:
            yield self.eps_zz, self._row_eps_zz()
        if self.options.two_way:
            for host, sigma_h in self.sigma_h.items():
                yield sigma_h, self._row_sigma_h(host)

    def _clamps(self) -> list[fem.DirichletBC]:
        bcs = self._held()
        if self.options.kind is SectionKind.FREE_PARTICLES:
            along_z = fem.Function(self.eps_zz.scaled.function_space)
            bcs.append(fem.dirichletbc(along_z, np.array([BETWEEN], dtype=np.int32)))
        return bcs

    def _stiff_coatings(self) -> dict[str, Coating]:
        return {
            phase: coating
            for phase, coating in self.materials.coatings.items()
            if coating.E is not None and coating.nu is not None
        }

    def _make_unknowns(self) -> None:
        space = fem.functionspace(self.domain.mesh, ("Lagrange", self.options.degree, (2,)))
        self.u = make_unknown("u", space, scale=MICROMETRE, row=RowKind.FORCE)
        self.eps_zz = make_unknown("eps_zz", self._axial_space(), row=RowKind.FORCE)
        self.sigma_h = {
            host: make_unknown(
                host_key("sigma_h", host, self.hosts),
                self.sto[host].scaled.function_space,
                scale=self.E_ref,
                row=RowKind.FORCE,
            )
            for host in self.hosts
        }

    def _axial_space(self) -> fem.FunctionSpace:
        """Return the space of eps_zz: one number, or one of each particle."""
        mesh = self.parent.mesh
        if self.options.kind is not SectionKind.FREE_PARTICLES:
            return number_space(mesh)
        of_particles = {*self.hosts, *self.materials.former_hosts}
        body, count = find_bodies(self.parent, self.phases, of_particles)
        return bodywise_space(mesh, body, count)

    @property
    def unknowns(self) -> Sequence[Unknown]:
        """Displacement, eps_zz where the section has one, sigma_h in two-way coupling."""
        numbers = [self.eps_zz] if self.options.kind.has_axial_strain else []
        fields = [*self.sigma_h.values()] if self.options.two_way else []
        return [self.u, *numbers, *fields]

    # --- energy, where the stress acts back

    def dx_at_nodes(self, phase: str) -> ufl.Measure:
        """Return the triangles of a phase, with the weights at the nodes that lithium has."""
        return self._section.dx_nodes(self._section.tag(phase))

    def stored(self) -> Sequence[Store]:
        """Return the elastic energy, and that of the load on the top."""
        if self.follows:
            return []
        forms = ElasticEnergy(self).stored()
        if self.options.pressure or self.options.spring:
            rise = self.u.value[1]
            load = self.options.pressure * rise + self.options.spring * rise**2 / 2
            forms.append(load * self.top)
        return [Store(HeatKind.DIFFUSION, form) for form in forms]

    def heat(self) -> Iterator[Heat]:
        """Yield what the elastic energy loses and lithium does not gain, which makes no heat."""
        if not self.follows:
            energy = ElasticEnergy(self)
            yield from energy.softening()
            yield from energy.projection()

    # --- where it ends

    def suspects(self) -> Iterator[Suspect]:
        """Yield where stress makes hosts unstable, if it moves their lithium."""
        for host in self.hosts if self.options.by_potential else ():
            sto, sigma_h = self.sto[host].owned(), self.sigma_h[host].owned()
            laws = self.materials.lithium(host), self.materials.mechanical(host)
            values = rise(*laws, sto, sigma_h, self.options.kind)
            yield Suspect(self.sto[host], values, partial(_tell_unstable, host))

    # --- constitutive law

    def stress_entries(self, phase: str) -> tuple[Any, Any, Any, Any]:
        """Return the stress in a phase, xx, yy, zz, xy [Pa]."""
        s = self.sigma(phase)
        return s[0, 0], s[1, 1], s[2, 2], s[0, 1]

    def sigma(self, phase: str) -> Any:
        """3x3 stress in a phase [Pa]."""
        moduli = self.moduli(phase, self.lithiation(phase))
        return elasticity.hooke(self.elastic_strain(phase), *moduli)

    def elastic_strain(self, phase: str) -> Any:
        """3x3 strain of a phase beyond that of the free material."""
        _, nu = self.moduli(phase, self.lithiation(phase))
        free = self.swelling(phase) / 3
        strain = elasticity.total_strain(
            self.u.value,
            kind=self.options.kind,
            free=free,
            nu=nu,
            eps_zz=self.eps_zz.value if self.options.kind.has_axial_strain else None,
        )
        return strain - free * ufl.Identity(3)

    # --- rows

    @property
    def _force_scale(self) -> float:
        return FORCE_SCALE / (self.E_ref * order_of_magnitude(self._section.width))

    def _row_u(self) -> ufl.Form:
        v, scale = self.u.test, self._force_scale
        row = 0
        for phase in self.phases:
            row += scale * elasticity.equilibrium(self.sigma(phase), v, self.dx_in(phase))
        if self.options.pressure or self.options.spring:
            push = self.options.pressure + self.options.spring * self.u.value[1]
            row += scale * push * v[1] * self.top
        n = ufl.FacetNormal(self.parent.mesh)("+")
        for phase, film, dS in self.coated:
            force, _ = self.membrane(phase, film, self.film_sto(phase))
            row += scale * force * coating.hoop_strain(v("+"), n) * dS
        return row

    def film_sto(self, phase: str) -> Any:
        """Lithiation below a coating."""
        return self.lithiation(phase)("+") if phase in self.hosts else self.lithiation(phase)

    def film_strains(self) -> tuple[Any, Any]:
        """Strains of a coating along its line and along z."""
        n = ufl.FacetNormal(self.parent.mesh)("+")
        axial = self.eps_zz.value("+") if self.options.kind.has_axial_strain else 0.0
        return coating.hoop_strain(self.u.value("+"), n), axial

    def membrane(self, phase: str, film: Coating, sto: Any) -> tuple[Any, Any]:
        """Forces of a coating along its line and along z [N/m], with the moduli of ``sto``."""
        if film.E is None or film.nu is None:
            return 0.0, 0.0
        E, nu = film.E(ops=ufl_ops(), sto=sto), film.nu(ops=ufl_ops(), sto=sto)
        kind = self.options.kind
        return coating.membrane_force(*self.film_strains(), film.thickness * E, nu, kind=kind)

    def _row_eps_zz(self) -> ufl.Form:
        scale = self._force_scale / MICROMETRE
        w, row = self.eps_zz.test, 0
        for phase in self.phases:
            row += scale * elasticity.axial_balance(self.sigma(phase), w, self.dx_in(phase))
        for phase, film, dS in self.coated:
            _, force = self.membrane(phase, film, self.film_sto(phase))
            row += scale * force * w("+") * dS
        return row

    def _row_sigma_h(self, host: str) -> ufl.Form:
        scale, sigma_h = self._force_scale / MICROMETRE, self.sigma_h[host]
        difference = sigma_h.value - elasticity.hydrostatic(self.sigma(host))
        return scale * difference * sigma_h.test * self.dx_in(host)
