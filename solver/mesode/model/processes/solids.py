"""What the solids of a section have in common, at small and at finite strain.

The collector is rigid and holds the electrode (u = 0), the sides are planes of symmetry
(u_x = 0), the top is free, under a pressure, or against a spring.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import ufl
from dolfinx import fem

from mesode.columns import COUNTER_THICKNESS, THICKNESS
from mesode.fields import Group
from mesode.materials.ops import ufl_ops
from mesode.model import stress
from mesode.model.averages import CellMeans
from mesode.model.process import Process, Seen
from mesode.model.skyline import Skyline
from mesode.model.stress_report import StressReport
from mesode.physics import elasticity
from mesode.physics.diffusion import StressFlux
from mesode.physics.elasticity import SectionKind
from mesode.section_names import FOILS, SEPARATOR, is_counter

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt
    from dolfinx.mesh import EntityMap

    from mesode.mesh.domain import Subdomain
    from mesode.model.field_groups import FieldGroups
    from mesode.model.meshed_section import MeshedSection
    from mesode.model.unknowns import Unknown

    type FloatArray = npt.NDArray[np.float64]

MICROMETRE = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class SolidsOptions:
    """How the section is held.

    ``kind``: along its normal; ``pressure`` [Pa] acts on the top; ``degree`` of the displacement.
    ``two_way``: whether mechanics acts back; ``flux``: how stress moves lithium then. ``tears``:
    whether bodies may come off each other.
    """

    tears: ClassVar[bool] = False

    kind: SectionKind = SectionKind.GENERALISED_PLANE_STRAIN
    pressure: float = 0.0
    degree: int = 2
    two_way: bool = True
    flux: StressFlux = StressFlux.CHEMICAL_POTENTIAL

    @property
    def by_potential(self) -> bool:
        """Whether stress moves lithium by the potential of its host."""
        return self.two_way and self.flux is StressFlux.CHEMICAL_POTENTIAL


class Solids(Process):
    """A displacement ``u`` on the solids of a section, and what is reported of it (collective).

    Args:
        section: With boundaries ``collector``, ``left``, ``right``, ``top``.
        sto: Lithiation of each host.
        reference: Lithiation of each host at which the section is free of stress.
        between: Phases without property on which there is a displacement too.
    """

    u: Unknown
    options: SolidsOptions
    _bcs: Sequence[fem.DirichletBC]

    def __init__(
        self,
        section: MeshedSection,
        sto: Mapping[str, Unknown],
        reference: Mapping[str, float],
        between: Sequence[str] = (),
    ) -> None:
        self._section = section
        self.parent, self.materials = section.domain, section.materials
        self.sto, self.reference = sto, reference
        self.phases = section.having("mechanical")
        self.hosts = tuple(host for host in section.hosts if host in self.phases)
        self.domain = self._make_domain((*self.phases, *between))

    def _make_domain(self, phases: Sequence[str]) -> Subdomain:
        """Return what the displacement lives on (collective)."""
        return self.parent.subdomain(phases)

    @property
    def entity_maps(self) -> Sequence[EntityMap]:
        """That of the phases that move."""
        return (self.domain.entity_map,)

    def dx_in(self, phase: str) -> ufl.Measure:
        """Return the triangles of a phase."""
        return self._section.dx(self._section.tag(phase))

    def constraints(self) -> Sequence[fem.DirichletBC]:
        """Return what holds the section."""
        return self._bcs

    def _rest(self, phase: str) -> float:
        """Lithiation in the stress-free state, the mean where active material takes no part."""
        return self.reference.get(phase, sum(self.reference.values()) / len(self.reference))

    def _held(self) -> list[fem.DirichletBC]:
        """Return what the collectors and the planes of symmetry hold (collective)."""
        space = self.u.scaled.function_space
        zero = fem.Function(space)
        held = ("collector", "counter") if self._section.is_full else ("collector",)
        bcs = [fem.dirichletbc(zero, self._boundary_dofs(name, space)) for name in held]
        return [*bcs, *(self._component_held(0, side) for side in ("left", "right"))]

    def _component_held(self, component: int, boundary: str) -> fem.DirichletBC:
        """Hold one component of the displacement on a boundary (collective)."""
        space = self.u.scaled.function_space.sub(component)
        collapsed = space.collapse()[0]
        dofs = self._boundary_dofs(boundary, (space, collapsed))
        return fem.dirichletbc(fem.Function(collapsed), dofs, space)

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

    def particle_columns(self, count: int) -> Mapping[str, FloatArray]:
        """Return the stresses in each particle."""
        return self._report.particles(count)

    def show(self, groups: FieldGroups) -> None:
        """Add displacement and stresses."""
        group = groups.of(Group.MECHANICAL, self.domain)
        group.at_nodes("u", lambda: self.nodal_displacement() / MICROMETRE, size=2)
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
    def _nodal(self) -> fem.Function:
        return fem.Function(fem.functionspace(self.domain.mesh, ("Lagrange", 1, (2,))))

    def nodal_displacement(self) -> FloatArray:
        """Return the displacement at the corners of triangles [m]."""
        self._nodal.interpolate(self.u.scaled)
        return np.asarray(self.u.scale * self._nodal.x.array)

    @cached_property
    def stress(self) -> CellMeans:
        """Mean stress of each cell, xx, yy, zz, xy [Pa]."""
        parts = [(self.stress_entries(phase), self.dx_in(phase)) for phase in self.domain.phases]
        return CellMeans(self.domain, parts, self._section.entity_maps)

    @abstractmethod
    def stress_entries(self, phase: str) -> tuple[Any, Any, Any, Any]:
        """Return the Cauchy stress in a phase, xx, yy, zz, xy [Pa, UFL]."""

    def thickness_changes(self) -> dict[str, float]:
        """Return the rise of each electrode over its thickness without foil (collective).

        It is the mean rise of its uppermost points, see ``skyline``.
        """
        u = self.u.scaled.x.array
        return {
            column: float(self.u.scale * line.rise(u) / (line.high - line.low))
            for column, line in self._skylines.items()
        }

    @cached_property
    def _skylines(self) -> dict[str, Skyline]:
        others, found = {*FOILS, SEPARATOR}, {}
        tags = self.parent.cell_tag[self.domain.cells]
        for column, counter in ((THICKNESS, False), (COUNTER_THICKNESS, True)):
            phases = [p for p in self.phases if p not in others and is_counter(p) == counter]
            chosen = np.isin(tags, self.parent.tags(phases))
            if phases:
                found[column] = Skyline(self.u.scaled.function_space, chosen, hangs=counter)
        return found

    # --- laws

    def lithiation(self, phase: str) -> Any:
        """Return what the laws of a phase depend on: where it is not a host, that at rest."""
        return self.sto[phase].value if phase in self.hosts else self._rest(phase)

    def swelling(self, phase: str) -> Any:
        """Volumetric strain of the free material since the stress-free state."""
        return self.swelling_at(phase, self.lithiation(phase))

    def swelling_at(self, phase: str, sto: Any) -> Any:
        """Volumetric strain of a free phase at a lithiation [UFL]; 0 where it is not a host."""
        if phase not in self.hosts:
            return 0
        law = self.materials.mechanical(phase).swelling
        return law(sto=sto, ops=ufl_ops()) - float(law(sto=self.reference[phase]))

    def swelling_of(self, host: str, sto: FloatArray) -> FloatArray:
        """Return the volumetric strain of a free host at lithiations."""
        law = self.materials.mechanical(host).swelling
        # a law that is a number gives no array
        return np.broadcast_to(law(sto=sto) - law(sto=self.reference[host]), sto.shape)

    def nodal_swelling(self, host: str) -> FloatArray:
        """Return the volumetric strain of a free host at the nodes that this rank owns."""
        return self.swelling_of(host, self.sto[host].owned())

    def moduli(self, phase: str, sto: Any) -> tuple[Any, Any]:
        """E [Pa] and nu of a phase."""
        mechanical, ops = self.materials.mechanical(phase), ufl_ops()
        return mechanical.E(ops=ops, sto=sto), mechanical.nu(ops=ops, sto=sto)

    def Omega(self, phase: str, sto: Any) -> Any:
        """Partial molar volume [m^3/mol] at a lithiation, the slope of the swelling law."""
        sto = ufl.variable(sto)
        swelling = self.materials.mechanical(phase).swelling(sto=sto, ops=ufl_ops())
        return ufl.diff(swelling, sto) / self.materials.lithium(phase).c_max

    def layer_stiffness(self, phase: str, sto: Any) -> Any:
        """Pressure that a thin layer feels per own volumetric swelling, at a lithiation [Pa]."""
        return elasticity.layer_stiffness(*self.moduli(phase, sto), self.options.kind)

    @property
    def flux(self) -> StressFlux:
        """Law of the flux under stress."""
        return self.options.flux

    @cached_property
    def top(self) -> ufl.Measure:
        """The solids at the top."""
        return self.parent.ds("top", self.phases, quadrature_degree=4)
