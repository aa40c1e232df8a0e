"""What holds the bodies of a section together, along joints that may come apart.

The displacement is torn along the joints (``mesode.mesh.torn``), and a cohesive law
(``mesode.physics.solid.cohesive``) acts between their sides, on the collector between the solids
and what is rigid. Its damage is kept at the points of the quadrature, three on each facet, and
follows the way of the mechanics. What is between the joints and the pores: see ``torn``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import basix.ufl
import numpy as np
import ufl
from dolfinx import fem

from mesode.columns import DAMAGED_SHARE, DEBONDING_WORK, of_part
from mesode.model.averages import CellMeans
from mesode.model.joints import Kind, sticking
from mesode.model.point_states import PointState
from mesode.physics.solid import cohesive
from mesode.physics.solid.cohesive import Cohesion, Opening
from mesode.physics.solid.growth import deformation
from mesode.section_names import COLLECTOR

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    from dolfinx.mesh import EntityMap

    from mesode.mesh.domain import Subdomain
    from mesode.model.field_groups import FieldGroup
    from mesode.model.joints import Joint
    from mesode.model.meshed_section import MeshedSection
    from mesode.model.process import Seen
    from mesode.model.processes.finite_mechanics import FiniteMechanics
    from mesode.numerics.states import InternalState

    type FloatArray = npt.NDArray[np.float64]

DEBONDING = "debonding work"  # name of the integral
QUADRATURE = 4  # degree along a facet: of the square of a quadratic opening
CONTACT = 10.0  # K_c: modulus of the softest solid over a tenth of a particle's size (assumed)


class Seam:
    """A joint with its law: between two sides, or between one and the rigid collector.

    ``damage`` at its points; all methods give UFL, energies per reference depth [J/m].

    Args:
        section: The section.
        mechanics: Its mechanics, with unknowns.
        joint: Its facets and how they stick.
        key: Of the damage in checkpoints.
    """

    def __init__(
        self, section: MeshedSection, mechanics: FiniteMechanics, joint: Joint, key: str
    ) -> None:
        self._section, self._mechanics, self.joint = section, mechanics, joint
        self.between = joint.cells.shape[1] == 2
        self.line: Subdomain = section.domain.lines_at(joint.facets, mechanics.phases)
        self.side = "+" if self.between else ""
        self._space = fem.functionspace(self.line.mesh, ("DG", 0))
        stiff = CONTACT * mechanics.modulus / mechanics.medium.length
        self.law = Cohesion(self._on(joint.sigma_c), self._on(joint.G_c), stiff)
        points = basix.ufl.quadrature_element("interval", degree=QUADRATURE, scheme="default")
        self.damage = PointState(
            key,
            fem.functionspace(self.line.mesh, points),
            lambda old, _: cohesive.new_damage(self.law, self.opening, old),
            self.measure,
            section.entity_maps,
            side=self.side,
        )

    def _on(self, values: FloatArray) -> Any:
        """Return a number of each facet as the laws see it."""
        found = fem.Function(self._space)
        place = np.searchsorted(self.joint.facets, self.line.cells)
        found.x.array[self._space.dofmap.list[:, 0]] = values[place]
        return found(self.side) if self.side else found

    @cached_property
    def measure(self) -> ufl.Measure:
        """All of it."""
        return self._measure(self.joint)

    def measure_of(self, kind: int) -> ufl.Measure:
        """Return what is of a kind."""
        return self._measure(self.joint.chosen(self.joint.kind == kind))

    def measure_at(self, facets: npt.NDArray[np.int32]) -> ufl.Measure:
        """Return what of it lies on some facets of the section."""
        return self._measure(self.joint.chosen(np.isin(self.joint.facets, facets)))

    def _measure(self, joint: Joint) -> ufl.Measure:
        domain, degree = self._section.domain, {"quadrature_degree": QUADRATURE}
        if self.between:
            return domain.dS_at(joint.facets, joint.cells, **degree)
        return domain.ds_at(joint.facets, **degree)

    # --- laws

    def _jump(self, u: Any) -> Any:
        """Return how far a displacement opens it."""
        return u("-") - u("+") if self.between else -u

    @cached_property
    def opening(self) -> Opening:
        """How far it is open at the loaded state."""
        vector = self._jump(self._mechanics.u.value)
        return Opening(vector, ufl.inner(vector, self._normal))

    @property
    def _normal(self) -> Any:
        N = ufl.FacetNormal(self._section.domain.mesh)
        if not self.between:
            return N  # of the collector, which stays flat; what is on it goes along as it stretches
        u = self._mechanics.foil.displaced(self._mechanics.u.value)
        plus, minus = (deformation(u, 1.0, side) for side in "+-")
        return cohesive.mean_normal(plus, minus, N("+"))

    @property
    def row(self) -> Any:
        """The row of the displacement, at the damage that its opening has."""
        d = cohesive.new_damage(self.law, self.opening, self.damage.here)
        u = self._mechanics.u
        friction = ufl.derivative(self.friction_potential, u.scaled, u.test)
        return self._row_at(d) + (1 / u.scale) * friction

    @property
    def held_row(self) -> Any:
        """The row of the displacement, at the committed damage."""
        return self._row_at(self.damage.here)

    def _row_at(self, d: Any) -> Any:
        return self._work(self._mechanics.u, self._jump(self._mechanics.u.test), d)

    def widening_row(self, *, friction: bool) -> Any:
        """Return the row of a foil's widening, which turns the normal."""
        d = self.damage.here
        if friction:
            d = cohesive.new_damage(self.law, self.opening, d)
        return self._work(self._mechanics.foil.widening, ufl.as_vector([0.0, 0.0]), d)

    def _work(self, unknown: Any, vector: Any, d: Any) -> Any:
        """Return the virtual work of a change of an unknown, which opens it by a vector."""
        opening = self.opening
        normal = ufl.derivative(opening.normal, unknown.scaled, unknown.test) / unknown.scale
        change = Opening(vector, normal)
        return cohesive.virtual_work(self.law, opening, d, change) * self.measure

    @property
    def energy(self) -> Any:
        """The free energy at the committed damage."""
        return cohesive.stored(self.law, self.opening, self.damage.here) * self.measure

    @property
    def friction_potential(self) -> Any:
        """Half of what the viscosity takes in a piece of the way."""
        mechanics = self._mechanics
        rate = mechanics.growth_path.rate
        now, old = (
            self._jump(u) for u in (mechanics.u.value, mechanics.u.scale * mechanics.medium.old)
        )
        return cohesive.friction(self.law, now - old, old, rate) * self.measure

    @property
    def lost(self) -> Any:
        """What has been lost in coming apart."""
        return self.law.G_c * self.damage.here * self.measure

    def damaged(self, kind: int) -> Any:
        """Return the damage of a kind, integrated [m]."""
        return self.damage.here * self.measure_of(kind)


class Cohesions:
    """All seams of a section; without any it adds nothing (all methods collective).

    ``derived``: states that follow from the damage.

    Args:
        section: The section.
        mechanics: Its mechanics, with unknowns.
        joints: Between bodies, to the collector.
    """

    def __init__(
        self, section: MeshedSection, mechanics: FiniteMechanics, joints: Sequence[Joint]
    ) -> None:
        comm = section.domain.comm
        self._section, self._domain = section, mechanics.domain
        self.derived: list[InternalState] = []
        self.seams = [
            Seam(section, mechanics, joint, f"damage {name}")
            for name, joint in zip(("of joints", "at collector"), joints, strict=True)
            if comm.allreduce(len(joint.facets)) > 0
        ]

    def held(self, boundary: str, dofs: Any, space: Any) -> Any:
        """Return the unknowns of a space that a boundary holds, of those that lie on it.

        On the collector those of solids that may come off it are left out.
        """
        if boundary != COLLECTOR:
            return dofs
        loose = self._section.domain.facets_of(self._domain, boundary, sticking(self._section))
        return np.setdiff1d(dofs, fem.locate_dofs_topological(space, 1, loose))

    @property
    def states(self) -> Sequence[InternalState]:
        """The damage of each seam, and what follows from it."""
        return [*(seam.damage for seam in self.seams), *self.derived]

    @property
    def entity_maps(self) -> Sequence[EntityMap]:
        """Maps of their lines."""
        return [seam.line.entity_map for seam in self.seams]

    def sum(self, form: str) -> Any:
        """Return the sum of a form of all seams, 0 without any."""
        return sum(getattr(seam, form) for seam in self.seams)

    def pull(self, *, friction: bool) -> Any:
        """Return the row of a foil's widening, 0 without any between bodies."""
        return sum(seam.widening_row(friction=friction) for seam in self.seams if seam.between)

    # --- reports

    @cached_property
    def _lengths(self) -> dict[Kind, float]:
        """Length of each kind of joint that there is [m]."""
        one = fem.Constant(self._section.domain.mesh, 1.0)
        found = {}
        for k, kind in enumerate(Kind):
            forms = [one(s.side) if s.side else one for s in self.seams]
            parts = [f * s.measure_of(k) for f, s in zip(forms, self.seams, strict=True)]
            found[kind] = self._section.integral(sum(parts[1:], parts[0])) if parts else 0.0
        return {kind: length for kind, length in found.items() if length > 0.0}

    def lost(self) -> dict[str, ufl.Form]:
        """Return what coming apart has taken since the start [J/m]."""
        return {DEBONDING: self.sum("lost")} if self.seams else {}

    def damaged(self) -> dict[str, ufl.Form]:
        """Return the damage of each kind of joint that there is [m]."""
        kinds = {kind: k for k, kind in enumerate(Kind) if kind in self._lengths}
        return {
            f"damaged {kind}": sum(s.damaged(k) for s in self.seams) for kind, k in kinds.items()
        }

    def columns(self, seen: Seen) -> dict[str, float]:
        """Return the damaged share of each kind of joint, and what coming apart has taken."""
        if not self.seams:
            return {}
        row = {of_part(DAMAGED_SHARE, kind): 0.0 for kind in Kind}
        for kind, length in self._lengths.items():
            row[of_part(DAMAGED_SHARE, kind)] = seen.integrals[f"damaged {kind}"] / length
        return row | {DEBONDING_WORK: seen.integrals[DEBONDING] / self._section.width}

    def show(self, group: FieldGroup) -> None:
        """Add the damage of the triangles beside a joint: of both sides, the mean along it."""
        if not self.seams:
            return
        sides = [(s, side) for s in self.seams for side in (("+", "-") if s.between else ("",))]
        means = [
            CellMeans(
                self._domain,
                [((s.damage.value(side) if side else s.damage.value,), s.measure)],
                self._section.entity_maps,
                side=side,
            )
            for s, side in sides
        ]
        group.on_cells(_Most(means), damage=lambda v: v[:, 0])


@dataclass(frozen=True, slots=True)
class _Most:
    """The largest of several means of each cell (collective)."""

    means: Sequence[CellMeans]

    def compute(self) -> FloatArray:
        """Return it, shape (cells with ghosts, 1)."""
        first, *others = (each.compute() for each in self.means)
        for other in others:
            np.maximum(first, other, out=first)
        return first
