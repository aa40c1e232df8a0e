"""Mechanics of the section: displacement on the elastic phases, swelling from the lithiation.

The collector is rigid and holds the electrode (u = 0), the sides are planes of symmetry
(u_x = 0), the top is free, under a pressure, or against a spring. In two-way coupling the
hydrostatic stress is an unknown of its own, continuous on each host, so that its gradient may
drive lithium; in one-way coupling the displacement follows the lithiation after each time step.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import ufl
from dolfinx import fem

from mesode.fields import Group
from mesode.materials.ops import ufl_ops
from mesode.model import stress
from mesode.model.averages import CellMeans
from mesode.model.bodies import BETWEEN, bodywise_space, find_bodies
from mesode.model.elastic_energy import ElasticEnergy
from mesode.model.process import Process, Seen
from mesode.model.residual import FORCE_SCALE
from mesode.model.skyline import Skyline
from mesode.model.stress_report import StressReport
from mesode.model.surfaces import coated_lines
from mesode.model.unknowns import (
    RowKind,
    Unknown,
    host_key,
    make_unknown,
    number_space,
    order_of_magnitude,
)
from mesode.physics import coating, elasticity
from mesode.physics.diffusion import StressFlux
from mesode.physics.elasticity import SectionKind
from mesode.section_names import FOILS, SEPARATOR, is_counter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    import numpy.typing as npt
    from dolfinx.mesh import EntityMap

    from mesode.materials.properties import Coating
    from mesode.model.cell import Cell
    from mesode.model.field_groups import FieldGroups
    from mesode.model.meshed_section import MeshedSection
    from mesode.model.process import Heat, HostStress, Term

MICROMETRE = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class MechanicsOptions:
    """How the section is held and whether stress acts back.

    ``flux``: the law by which it moves lithium then.
    ``pressure`` [Pa] acts on the top, ``spring`` [Pa/m] resists its displacement.
    """

    kind: SectionKind = SectionKind.GENERALISED_PLANE_STRAIN
    two_way: bool = True
    flux: StressFlux = StressFlux.CHEMICAL_POTENTIAL
    pressure: float = 0.0
    spring: float = 0.0
    degree: int = 2


class Mechanics(Process):
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
        return cls(cell, cell.sto, cell.initial, cell.setup.mechanics or MechanicsOptions())

    def __init__(
        self,
        section: MeshedSection,
        sto: Mapping[str, Unknown],
        reference: Mapping[str, float],
        options: MechanicsOptions,
    ) -> None:
        self._section, self.options = section, options
        self.parent, self.materials = section.domain, section.materials
        self.sto, self.reference = sto, reference
        self.phases = section.having("mechanical")
        self.hosts = tuple(host for host in section.hosts if host in self.phases)
        self.domain, self.dx = self.parent.subdomain(self.phases), section.dx
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

    @property
    def flux(self) -> StressFlux:
        """Law of the flux under stress."""
        return self.options.flux

    @property
    def entity_maps(self) -> Sequence[EntityMap]:
        """That of the elastic phases."""
        return (self.domain.entity_map,)

    def terms(self) -> Iterator[Term]:
        """Yield the rows of the displacement, of eps_zz and of the hydrostatic stress."""
        yield self.u, self._row_u()
        if self.options.kind.has_axial_strain:
            yield self.eps_zz, self._row_eps_zz()
        if self.options.two_way:
            for host, sigma_h in self.sigma_h.items():
                yield sigma_h, self._row_sigma_h(host)

    def constraints(self) -> Sequence[fem.DirichletBC]:
        """Return what holds the section."""
        return self._bcs

    def _stiff_coatings(self) -> dict[str, Coating]:
        return {
            phase: coating
            for phase, coating in self.materials.coatings.items()
            if coating.E is not None and coating.nu is not None
        }

    def _rest(self, phase: str) -> float:
        """Lithiation in the stress-free state, the mean where active material takes no part."""
        return self.reference.get(phase, sum(self.reference.values()) / len(self.reference))

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

    def _clamps(self) -> list[fem.DirichletBC]:
        space = self.u.scaled.function_space
        zero = fem.Function(space)
        held = ("collector", "counter") if self._section.is_full else ("collector",)
        bcs = [fem.dirichletbc(zero, self._boundary_dofs(name, space)) for name in held]
        in_x, collapsed = space.sub(0).collapse()[0], space.sub(0)
        zero_x = fem.Function(in_x)
        for side in ("left", "right"):
            dofs = self._boundary_dofs(side, (collapsed, in_x))
            bcs.append(fem.dirichletbc(zero_x, dofs, collapsed))
        if self.options.kind is SectionKind.FREE_PARTICLES:
            along_z = fem.Function(self.eps_zz.scaled.function_space)
            bcs.append(fem.dirichletbc(along_z, np.array([BETWEEN], dtype=np.int32)))
        return bcs

    def _boundary_dofs(self, boundary: str, space: Any) -> Any:
        """Return the unknowns of elastic phases on a boundary of the section (collective)."""
        facets = self.parent.facets_of(self.domain, boundary)
        return fem.locate_dofs_topological(space, 1, facets)

    # --- results

    @cached_property
    def _report(self) -> StressReport:
        return StressReport(self._section, self)

    def columns(self, seen: Seen) -> Mapping[str, float]:
        """Return rise, stresses and swelling."""
        return self._report.row()

    def particle_columns(self, count: int) -> Mapping[str, npt.NDArray[np.float64]]:
        """Return the stresses in each particle."""
        return self._report.particles(count)

    def show(self, groups: FieldGroups) -> None:
        """Add displacement and stresses."""
        nodal = fem.Function(fem.functionspace(self.domain.mesh, ("Lagrange", 1, (2,))))

        def displacement() -> npt.NDArray[np.float64]:
            nodal.interpolate(self.u.scaled)
            return np.asarray(self.u.scale * nodal.x.array / MICROMETRE)

        group = groups.of(Group.MECHANICAL, self.domain)
        group.at_nodes("u", displacement, size=2)
        group.on_cells(
            self.stress,
            von_mises=stress.von_mises,
            sigma_h=stress.hydrostatic,
            max_principal=stress.max_principal,
            sigma_xx=lambda s: s[:, 0],
            sigma_yy=lambda s: s[:, 1],
            sigma_zz=lambda s: s[:, 2],
            sigma_xy=lambda s: s[:, 3],
        )

    @cached_property
    def stress(self) -> CellMeans:
        """Mean stress of each cell, xx, yy, zz, xy [Pa]."""
        parts = []
        for phase in self.phases:
            s = self.sigma(phase)
            entries = (s[0, 0], s[1, 1], s[2, 2], s[0, 1])
            parts.append((entries, self.dx(self.parent.phases[phase])))
        return CellMeans(self.domain, parts, self._section.entity_maps)

    # --- energy, where the stress acts back

    def stored(self) -> Sequence[ufl.Form]:
        """Return the elastic energy, and that of the load on the top."""
        if self.follows:
            return []
        forms = ElasticEnergy(self).stored()
        if self.options.pressure or self.options.spring:
            rise = self.u.value[1]
            load = self.options.pressure * rise + self.options.spring * rise**2 / 2
            forms.append(load * self._top)
        return forms

    def heat(self) -> Iterable[Heat]:
        """Yield what the elastic energy loses by the moduli alone, which makes no heat."""
        return () if self.follows else ElasticEnergy(self).softening()

    def thickness_change(self) -> float:
        """Return the rise of the working electrode over its thickness without foil (collective).

        It is the mean rise of its uppermost points, see ``skyline``.
        """
        rise = self.u.scale * self._skyline.rise(self.u.scaled.x.array)
        return float(rise / (self._skyline.high - self._skyline.low))

    @cached_property
    def _skyline(self) -> Skyline:
        others = {*FOILS, SEPARATOR}
        phases = [p for p in self.phases if p not in others and not is_counter(p)]
        tags = self.parent.cell_tag[self.domain.cells]
        return Skyline(self.u.scaled.function_space, np.isin(tags, self.parent.tags(phases)))

    # --- constitutive law

    def lithiation(self, phase: str) -> Any:
        """Return what the laws of a phase depend on: where it is not a host, that at rest."""
        return self.sto[phase].value if phase in self.hosts else self._rest(phase)

    def swelling(self, phase: str) -> Any:
        """Volumetric strain of the free material since the stress-free state."""
        if phase not in self.hosts:
            return 0.0
        law = self.materials.mechanical(phase).swelling
        ops = ufl_ops()
        return law(sto=self.sto[phase].value, ops=ops) - float(law(sto=self.reference[phase]))

    def nodal_swelling(self, host: str) -> npt.NDArray[np.float64]:
        """Return the volumetric strain of a free host at the nodes that this rank owns."""
        values, law = self.sto[host].owned(), self.materials.mechanical(host).swelling
        # a law that is a number gives no array
        return np.broadcast_to(law(sto=values) - law(sto=self.reference[host]), values.shape)

    def Omega(self, phase: str, sto: Any) -> Any:
        """Partial molar volume [m^3/mol] at a lithiation, the slope of the swelling law."""
        sto = ufl.variable(sto)
        swelling = self.materials.mechanical(phase).swelling(sto=sto, ops=ufl_ops())
        return ufl.diff(swelling, sto) / self.materials.lithium(phase).c_max

    def layer_stiffness(self, phase: str, sto: Any) -> Any:
        """Pressure that a thin layer feels per own volumetric swelling, at a lithiation [Pa]."""
        return elasticity.layer_stiffness(*self.moduli(phase, sto))

    def sigma(self, phase: str) -> Any:
        """3x3 stress in a phase [Pa]."""
        moduli = self.moduli(phase, self.lithiation(phase))
        return elasticity.hooke(self.elastic_strain(phase), *moduli)

    def moduli(self, phase: str, sto: Any) -> tuple[Any, Any]:
        """E [Pa] and nu of a phase."""
        mechanical, ops = self.materials.mechanical(phase), ufl_ops()
        return mechanical.E(ops=ops, sto=sto), mechanical.nu(ops=ops, sto=sto)

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
            row += scale * elasticity.equilibrium(
                self.sigma(phase), v, self.dx(self.parent.phases[phase])
            )
        if self.options.pressure or self.options.spring:
            push = self.options.pressure + self.options.spring * self.u.value[1]
            row += scale * push * v[1] * self._top
        n = ufl.FacetNormal(self.parent.mesh)("+")
        for phase, film, dS in self.coated:
            force, _ = self.membrane(phase, film, self.film_sto(phase))
            row += scale * force * coating.hoop_strain(v("+"), n) * dS
        return row

    @cached_property
    def _top(self) -> ufl.Measure:
        return self.parent.ds("top", self.phases, quadrature_degree=4)

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
            dx = self.dx(self.parent.phases[phase])
            row += scale * elasticity.axial_balance(self.sigma(phase), w, dx)
        for phase, film, dS in self.coated:
            _, force = self.membrane(phase, film, self.film_sto(phase))
            row += scale * force * w("+") * dS
        return row

    def _row_sigma_h(self, host: str) -> ufl.Form:
        scale, sigma_h = self._force_scale / MICROMETRE, self.sigma_h[host]
        difference = sigma_h.value - elasticity.hydrostatic(self.sigma(host))
        return scale * difference * sigma_h.test * self.dx(self.parent.phases[host])
