"""The third medium of a section: its energy in the pores, and what holds the corners of all phases.

See ``mesode.physics.solid.third_medium``. All is relative to the modulus of the softest solid.
"""

from __future__ import annotations

from functools import cached_property
from math import pi, sqrt
from typing import TYPE_CHECKING, Any

import ufl
from dolfinx import fem

from mesode.model.averages import CellMeans
from mesode.physics.solid import third_medium
from mesode.physics.solid.growth import deformation
from mesode.physics.solid.planar import Planar
from mesode.section_names import SEPARATOR

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mesode.model.meshed_section import MeshedSection
    from mesode.model.processes.finite_mechanics import FiniteMechanics
    from mesode.model.unknowns import Unknown
    from mesode.physics.solid.growth import Deformation

QUADRATURE = 4  # of what holds triangles, beside three points and the corners


def between_solids(section: MeshedSection) -> tuple[str, ...]:
    """Return the pores and voids of an electrode, those too that take no part elsewhere."""
    solids = set(section.having("mechanical"))
    return tuple(
        name for name in section.domain.phases if name not in solids and SEPARATOR not in name
    )


class PoreMedium:
    """Energy of the third medium [J/m], UFL.

    ``old`` is the displacement where a piece of the way begins, ``first`` that where the last way
    did, in its unit.

    Args:
        section: The section.
        mechanics: Its mechanics, with unknowns.
    """

    def __init__(self, section: MeshedSection, mechanics: FiniteMechanics) -> None:
        self._section, self._mechanics = section, mechanics
        self.old, self.first = (fem.Function(mechanics.u.scaled.function_space) for _ in range(2))

    def reset(self) -> None:
        """Begin where nothing has moved."""
        for displacement in (self.old, self.first):
            displacement.x.array[:] = 0.0

    def begin_way(self) -> None:
        """Begin a way at the loaded state."""
        self.first.x.array[:] = self._mechanics.u.scaled.x.array

    def row(self, unknown: Unknown, *, friction: bool = True) -> Any:
        """Return the slope of the energy by an unknown, with what ``friction`` holds it back by."""
        energy = self.energy()
        if friction and unknown is self._mechanics.u:
            energy += self.friction_potential()
        return (1 / unknown.scale) * ufl.derivative(energy, unknown.scaled, unknown.test)

    def energy(self) -> Any:
        """Return the free energy of the medium, and of the corners that it holds."""
        mechanics, energy = self._mechanics, 0
        medium, at = mechanics.options.medium, mechanics.at
        density = third_medium.energy(medium, at)
        density += third_medium.folding_energy(medium, mechanics.u.value, self.length)
        for phase in mechanics.domain.phases:
            energy += sum(third_medium.barrier(medium, at) * dx for dx in self._all_over(phase))
            if phase in mechanics.media:
                energy += density * mechanics.dx_in(phase)
        return mechanics.modulus * energy

    def friction_potential(self) -> Any:
        """Return half of what the viscosity takes in a piece of the way, in solids where held."""
        mechanics, path = self._mechanics, self._mechanics.growth_path
        (before, g), potential = self._since(self.old), 0
        for phase in mechanics.domain.phases:
            rate = path.rate if phase in mechanics.media else path.held_rate
            density = third_medium.friction(mechanics.options.medium, before, g, rate)
            potential += density * mechanics.dx_in(phase)
        return mechanics.modulus * potential

    @cached_property
    def borne(self) -> CellMeans:
        """Share of a triangle that is open, and that share times what is borne there [Pa].

        Open is where J is above that of closed pores, point by point: of a triangle on walls that
        press on each other a part is pressed, however large the rest is. Borne is the von Mises
        stress, that of the viscosity in the mean over the last way, since its pieces are as long as
        Newton's method likes, ever shorter where a section snaps. Without the term in
        Grad Grad u, which has no part in the mean over a body of even F.
        """
        mechanics = self._mechanics
        medium, at, E_b = mechanics.options.medium, mechanics.at, mechanics.modulus
        before, g = self._since(self.first)
        held = third_medium.cauchy(medium, at, E_b)
        dragged = third_medium.drag(medium, at, before, g, mechanics.growth_path.way_rate, E_b)
        xx, yy, zz, xy = (a + b for a, b in zip(held, dragged, strict=True))
        equivalent = ufl.sqrt(1.5 * Planar(xx, yy, xy, zz).deviator().square)
        is_open = third_medium.is_open(medium, at)
        entries = (is_open, is_open * equivalent)
        parts = [(entries, mechanics.dx_in(phase)) for phase in mechanics.media]
        return CellMeans(mechanics.domain, parts, self._section.entity_maps)

    def _since(self, displacement: fem.Function) -> tuple[Deformation, Any]:
        """Return a deformation before, and what has been added to Grad u since."""
        mechanics = self._mechanics
        old = mechanics.u.scale * displacement
        return deformation(old), ufl.grad(mechanics.u.value - old)

    def _all_over(self, phase: str) -> Sequence[ufl.Measure]:
        """Return measures that together see a triangle all over, its corners too."""
        tag = self._section.tag(phase)
        within = self._section.domain.dx(metadata={"quadrature_degree": QUADRATURE})
        return self._mechanics.dx_in(phase), within(tag), self._section.dx_nodes(tag)

    @cached_property
    def length(self) -> float:
        """A third of the diameter of a mean particle [m] (collective)."""
        parent = self._mechanics.parent
        numbers = parent.comm.allgather(int(parent.particle.max(initial=0)))
        area = self._section.area(self._section.hosts) / (1 + max(numbers))
        return 2 * sqrt(area / pi) / 3
