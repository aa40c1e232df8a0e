"""Mechanics of the section at finite strain: growth, flow, pores that close.

The displacement lives on the solids and on the pores between them, which are a third medium
(``physics.solid``). It follows the lithiation after each accepted time step, along its way: what
has flowed or relaxed is kept at the points of the quadrature, three in each triangle. Sides and
collector are those of all mechanics; the top is free, at a fixed height, or under a plate that
presses by a weight, a spring or a stack (``model.top_load``).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

import numpy as np
import ufl
from dolfinx import fem

from mesode.fields import Group
from mesode.mesh.torn import torn_subdomain
from mesode.model import finite_answer
from mesode.model.averages import CellMeans
from mesode.model.cohesion import Cohesions
from mesode.model.finite_coupling import FiniteCoupling
from mesode.model.finite_report import FiniteReport
from mesode.model.force_rows import force_rows
from mesode.model.growth_path import GrowthPath
from mesode.model.mechanics_ahead import damage_ahead
from mesode.model.point_states import PointState, points_in_triangles
from mesode.model.pore_medium import PoreMedium, between_solids
from mesode.model.processes.solids import MICROMETRE, Solids, SolidsOptions
from mesode.model.solid_laws import YIELD_STRAIN, solid_law, yield_stress
from mesode.model.stretched_foil import Foil, collector_of
from mesode.model.top_load import Plate, top_load
from mesode.model.unknowns import RowKind, make_unknown, number_space
from mesode.model.work_account import WorkAccount
from mesode.numerics.full_newton import FullNewtonOptions
from mesode.numerics.path_follower import FollowerState, PathFollower
from mesode.physics.elasticity import SectionKind
from mesode.physics.solid import law, third_medium
from mesode.physics.solid.growth import Deformation, Piola, deformation
from mesode.physics.solid.law import Begin
from mesode.physics.solid.third_medium import ThirdMedium

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import numpy.typing as npt
    from dolfinx.mesh import EntityMap

    from mesode.mesh.domain import Subdomain
    from mesode.model.ahead import Ahead
    from mesode.model.cell import Cell
    from mesode.model.field_groups import FieldGroups
    from mesode.model.meshed_section import MeshedSection
    from mesode.model.motion import Motion
    from mesode.model.process import HostStress, Seen, Term
    from mesode.model.unknowns import Unknown
    from mesode.numerics.states import InternalState
    from mesode.numerics.system import BlockSystem
    from mesode.physics.solid.law import SolidLaw

    type FloatArray = npt.NDArray[np.float64]

TOLERANCE = 1e-10  # 1-norm of the forces out of balance, over softest modulus times width
KINDS = (SectionKind.PLANE_STRAIN, SectionKind.GENERALISED_PLANE_STRAIN)


@dataclass(frozen=True, slots=True, kw_only=True)
class FiniteOptions(SolidsOptions):
    """How the section is held.

    ``fixed``: the top stays; ``plate``: one above it, which ``pressure`` pushes; ``foil``: what
    stretches under it; ``two_way``: transport follows the shape, stress acts on flux and voltage.
    """

    tears: ClassVar[bool] = True
    kind: SectionKind = SectionKind.PLANE_STRAIN
    two_way: bool = False
    fixed: bool = False
    plate: Plate | None = None
    foil: Foil | None = None
    medium: ThirdMedium = field(default_factory=ThirdMedium)


class FiniteMechanics(Solids):
    """Equations of the section at finite strain for a given field of lithiation (collective).

    ``u`` and ``stretch`` (lambda_z) are the motion, ``growth_path`` what drives it.

    Args:
        section: With boundaries ``collector``, ``left``, ``right``, ``top``.
        sto: Lithiation of each host.
        reference: Lithiation of each host at which the section is free of stress.
        options: See ``FiniteOptions``.
    """

    follows = True

    @classmethod
    def of_cell(cls, cell: Cell) -> Self:
        """Return the mechanics that a cell is set up with."""
        made = cls(cell, cell.sto, cell.initial, cast("FiniteOptions", cell.setup.mechanics))
        if made.foreseen is not None:
            made.foreseen.weigh_by(cell.charge_transfer.passed)
        return made

    def __init__(
        self,
        section: MeshedSection,
        sto: Mapping[str, Unknown],
        reference: Mapping[str, float],
        options: FiniteOptions,
    ) -> None:
        self.media = between_solids(section)
        super().__init__(section, sto, reference, self.media)
        self.options: FiniteOptions = options
        self.modulus = min(self.yields_at(phase) for phase in self.phases) / YIELD_STRAIN
        grows = {host: sto[host] for host in self.hosts}
        load = (options.pressure, self.modulus, options.medium.viscosity)
        self.growth_path = GrowthPath(self.parent.mesh, grows, self._nodal_growth, *load)
        self._make_unknowns()
        self.cohesions = Cohesions(section, self, section.joints)
        self._states = self._make_states()
        self.way = FollowerState("finite mechanics")
        self.coupling = FiniteCoupling(section, self) if options.two_way else None
        self.foreseen = self.coupling or damage_ahead(section, self)
        self.work = WorkAccount(section, self)
        self._bcs = self._held()
        if options.fixed:
            self._bcs.append(self._component_held(1, "top"))

    def _make_domain(self, phases: Sequence[str]) -> Subdomain:
        """Return solids and pores, torn along the joints (collective)."""
        return torn_subdomain(self.parent, phases, self._section.joints[0].facets, self.media)

    def _boundary_dofs(self, boundary: str, space: Any) -> Any:
        """Return the unknowns on a boundary; the collector holds no solid that may come off it."""
        return self.cohesions.held(boundary, super()._boundary_dofs(boundary, space), space)

    def yields_at(self, phase: str) -> float:
        """Return the yield stress at rest, or what counts as such of what does not flow [Pa]."""
        return yield_stress(self.materials.mechanical(phase), self._rest(phase))

    def _make_unknowns(self) -> None:
        space = fem.functionspace(self.domain.mesh, ("Lagrange", self.options.degree, (2,)))
        self.u = make_unknown("u", space, scale=MICROMETRE, row=RowKind.FORCE)
        self.extension = make_unknown(
            "lambda_z - 1", number_space(self.parent.mesh), row=RowKind.FORCE
        )
        self._old_extension = fem.Function(self.extension.scaled.function_space)
        self.medium = PoreMedium(self._section, self)
        self.load, self.foil = top_load(self._section, self), collector_of(self._section, self)

    def _make_states(self) -> dict[str, PointState]:
        """Return the state of each phase that remembers, on its own sub-mesh."""
        self._maps: list[EntityMap] = []
        found = {}
        for phase in self.phases:
            if not (solid := self.solid(phase)).remembers:
                continue
            part = self._section.host_domains.get(phase)
            if part is None:
                part = self.parent.subdomain((phase,))
                self._maps.append(part.entity_map)
            found[phase] = PointState(
                f"flow {phase}",
                points_in_triangles(part.mesh, (len(solid.start),)),
                partial(self._flow_law, phase),
                self.dx_in(phase),
                self._section.entity_maps,
                start=solid.start,
            )
        return found

    def _flow_law(self, phase: str, old: Any, dt: Any) -> Any:
        """Return what has flowed by the end of a piece of ``dt`` [s] [UFL]."""
        return ufl.as_vector(self.solid(phase).new_state(self.at, old, dt, self.begin(phase)))

    @property
    def unknowns(self) -> Sequence[Unknown]:
        """Displacement, lambda_z where the section has one, and a plate on the top that moves."""
        axis = [self.extension] if self.options.kind.has_axial_strain else []
        foil = [self.foil.widening] if self.foil.widening else []
        return [self.u, *axis, *foil, *self.load.unknowns]

    @property
    def entity_maps(self) -> Sequence[EntityMap]:
        """Of all phases that move, and of those that flow."""
        return (self.domain.entity_map, *self._maps, *self.cohesions.entity_maps)

    @property
    def states(self) -> Sequence[InternalState]:
        """What has flowed, where the way has come to, and what is foreseen of it."""
        return (*self._on_the_way, self.way, *([self.foreseen] if self.foreseen else []))

    @property
    def _on_the_way(self) -> Sequence[InternalState]:
        """What each piece of the way changes, in this order: the work reads what flows in it."""
        return (*self._states.values(), self.work, *self.cohesions.states)

    @property
    def flows(self) -> bool:
        """Whether anything may flow or relax."""
        return bool(self._states)

    # --- what acts back

    def motion(self) -> Motion | None:
        """Return how the section moves, where it acts back."""
        return None if self.coupling is None else self.coupling.motion()

    def ahead(self) -> Ahead | None:
        """Return what is foreseen of it."""
        return None if self.foreseen is None else self.foreseen.ahead()

    def stress_on(self, host: str) -> HostStress | None:
        """Return the stress on a host that is foreseen, where it acts back."""
        return self.coupling.stress() if self.coupling and host in self.hosts else None

    def chemical_stress(self, host: str) -> Any:
        """Return the stress that the potential of a host has at the loaded state [Pa, UFL]."""
        return self.solid(host, solved=True).chemical_stress(self.at, self.state(host))

    def answers(self) -> Iterable[Term]:
        """Yield the motion, and the stress and lithiation that are foreseen."""
        if self.foreseen is not None:
            self.foreseen.recall()
        return () if self.coupling is None else finite_answer.answers(self, self.coupling)

    def longest_step(self, tolerance: float) -> float:
        """Return how long the next time step may be [s]."""
        return (self.coupling or self.way.there).longest_step(tolerance)

    def reset(self) -> None:
        """Begin the way at the state at rest."""
        self.growth_path.reset()
        self.medium.reset()

    def follower(self, system: BlockSystem) -> PathFollower:
        """Return what goes the way."""
        tolerance = TOLERANCE * self.force_scale * self.modulus * self._section.width
        options = FullNewtonOptions(tolerance=tolerance, symmetric=True)
        self.way.follower = PathFollower(system, self, self._on_the_way, options)
        return self.way.follower

    # --- the way (``numerics.path_follower``)

    def aim(self, t: float) -> float:
        """See the loaded state, that of ``t`` [s], as the end of the way; return its length."""
        self.medium.begin_way()
        return self.growth_path.aim(t)

    def go(self, begin: float, end: float, *, again: bool = False, held: bool = False) -> float:
        """Let the equations see the part of the way up to ``end``; return how long it takes [s]."""
        self.medium.old.x.array[:] = self.u.scaled.x.array
        self._old_extension.x.array[:] = self.extension.scaled.x.array
        self.foil.begin()
        return self.growth_path.go(begin, end, again=again, held=held)

    def arrive(self, t: float) -> None:
        """Begin the next way at the loaded state, that of ``t`` [s]."""
        self.growth_path.arrive(t)

    def go_back(self) -> None:
        """Begin the next way where the last one has begun."""
        self.growth_path.go_back()

    def tell(self) -> str:
        """Say what is wrong at the loaded state (collective)."""
        return self.report.most_squeezed()

    # --- laws

    @property
    def stretch(self) -> Any:
        """lambda_z [UFL]."""
        return 1 + self.extension.value if self.options.kind.has_axial_strain else 1

    @cached_property
    def at(self) -> Deformation:
        """Deformation at the loaded state [UFL]."""
        return deformation(self.foil.displaced(self.u.value), self.stretch)

    def nodal_displacement(self) -> FloatArray:
        """Return the displacement at the corners of triangles [m]."""
        return np.asarray(super().nodal_displacement() + self.foil.at_nodes())

    def begin(self, phase: str) -> Begin:
        """Return a solid where a piece of the way begins."""
        way = self.growth_path
        sto = way.before[phase] if phase in self.hosts else self._rest(phase)
        old = self.foil.displaced_before(self.u.scale * self.medium.old)
        stretch = 1 + self._old_extension if self.options.kind.has_axial_strain else 1
        return Begin(self.solid_at(phase, sto), deformation(old, stretch))

    def growth(self, phase: str, sto: Any) -> Any:
        """J_g of a phase at a lithiation [UFL]."""
        return 1 + self.swelling_at(phase, sto)

    def _nodal_growth(self, host: str, sto: FloatArray) -> FloatArray:
        return 1 + self.swelling_of(host, sto)

    def solid(self, phase: str, *, solved: bool = False) -> SolidLaw:
        """Return a solid on the way, or at the loaded lithiation: there it is ``solved``."""
        sto: Any = self._rest(phase)
        if phase in self.hosts:
            sto = self.sto[phase].value if solved else self.growth_path.sto[phase]
        return self.solid_at(phase, sto)

    def solid_at(self, phase: str, sto: Any) -> SolidLaw:
        """Return a solid at a lithiation [UFL]."""
        return solid_law(self.materials.mechanical(phase), sto, self.growth(phase, sto))

    def state(self, phase: str) -> Any:
        """What has flowed in a phase [UFL]."""
        return self._states[phase].value if phase in self._states else self.solid(phase).start

    def new_state(self, phase: str) -> Any:
        """What has flowed up to the end of a piece that is not committed yet [UFL]."""
        return self._states[phase].new if phase in self._states else self.solid(phase).start

    def stress_entries(self, phase: str) -> tuple[Any, Any, Any, Any]:
        """Return the Cauchy stress in a phase, xx, yy, zz, xy [Pa]."""
        if phase in self.media:
            return third_medium.cauchy(self.options.medium, self.at, self.modulus)
        solid = self.solid(phase, solved=True)
        sigma = law.cauchy(solid, self.at, solid.held(self.at, self.state(phase)))
        return sigma.xx, sigma.yy, sigma.zz, sigma.xy

    def show(self, groups: FieldGroups) -> None:
        """Add what has flowed and the volume to the fields of all mechanics."""
        super().show(groups)
        group = groups.of(Group.MECHANICAL, self.domain)
        group.on_cells(
            self.local,
            volume_ratio=lambda v: v[:, 0],
            plastic_strain=lambda v: v[:, 1],
            lost_work=lambda v: v[:, 2],
        )
        self.cohesions.show(group)

    @cached_property
    def local(self) -> CellMeans:
        """Volume ratio J, plastic strain and lost work of each cell."""
        parts = []
        for phase in self.domain.phases:
            values = (ufl.as_ufl(0), ufl.as_ufl(0))
            if phase in self._states:
                solid, state = self.solid(phase), self.state(phase)
                values = (solid.plastic_strain(state), solid.lost(state))
            parts.append(((self.at.J, *values), self.dx_in(phase)))
        return CellMeans(self.domain, parts, self._section.entity_maps)

    # --- rows

    @property
    def force_scale(self) -> float:
        """One over a force of the softest solid [m/N]."""
        return 1.0 / (self.modulus * self._section.width)

    def terms(self) -> Iterator[Term]:
        """Yield the rows of the displacement, of lambda_z and of a plate on the top."""
        yield from force_rows(self, self._piola, friction=True)

    def _piola(self, phase: str) -> Piola:
        solid = self.solid(phase)
        tau = solid.tau(self.at, self.state(phase), self.growth_path.dt)
        return law.piola(solid, self.at, tau)

    # --- what is measured

    @cached_property
    def report(self) -> FiniteReport:
        """What is reported beside stress."""
        return FiniteReport(self._section, self)

    def integrals(self) -> Mapping[str, ufl.Form | fem.Form]:
        """Return the energy of the solids, what has been lost [J/m], and the damage of joints."""
        return {
            "solid energy": self.work.stored(),
            **self.load.integrals(),
            **self.report.lost,
            **self.cohesions.damaged(),
        }

    def balances(self, seen: Seen, start: Seen) -> Mapping[str, float]:
        """Return by how much work, stored energy and what flow takes do not add up."""
        lost = sum(seen.integrals[name] for name in self.report.lost)
        return {"work": self.work.error(seen.integrals["solid energy"], lost)}

    def columns(self, seen: Seen) -> Mapping[str, float]:
        """Return those of all mechanics, plastic strain, works, and what the pores bear."""
        return {
            **super().columns(seen),
            **self.report.row(seen),
            **({} if self.foreseen is None else self.foreseen.columns()),
        }
