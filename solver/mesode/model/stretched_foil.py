r"""An elastic foil under an electrode at finite strain, which stretches as a whole.

A rigid collector keeps its length. An elastic one is a membrane of thickness t: the section widens
by kappa = lambda_x - 1, one number, with the mirror at its right, and the particles are bonded to
a foil that is stretched evenly. It stays flat, as one does that is coated on both sides::

    u = u_mirrors + kappa (x - x_left) e_x
    W = t w E_f / (2 (1 - nu_f^2)) (kappa^2 + 2 nu_f kappa zeta + zeta^2)            [J/m]

with zeta = lambda_z - 1, zero in plane strain, and the width w. So the force of the electrode per
depth, its membrane stress times its thickness, is that which stretches the foil::

    1/w int P_xx dA + t E_f / (1 - nu_f^2) (kappa + nu_f zeta) = 0

What a foil gives way between neighbouring particles is left out: it is as thick as they are, and
stiffer. It does not flow; its stress is told.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import ufl
from dolfinx import fem

from mesode.columns import FOIL_STRAIN, FOIL_STRESS
from mesode.mesh.domain import bounding_box
from mesode.model.unknowns import RowKind, make_unknown, number_space

if TYPE_CHECKING:
    from mesode.model.meshed_section import MeshedSection
    from mesode.model.processes.finite_mechanics import FiniteMechanics
    from mesode.model.unknowns import Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Foil:
    """``thickness`` [m], Young's modulus ``E`` [Pa] and Poisson's ratio of a foil.

    Of a foil that is coated on both sides the half of its thickness that belongs to one of them.
    """

    thickness: float
    E: float
    nu: float


def collector_of(section: MeshedSection, mechanics: FiniteMechanics) -> RigidCollector:
    """Return what the options of a mechanics ask for (collective)."""
    foil = mechanics.options.foil
    return RigidCollector() if foil is None else StretchedFoil(section, mechanics, foil)


class RigidCollector:
    """A collector that keeps its length."""

    widening: Unknown | None = None

    def displaced(self, u: Any, widening: Any = None) -> Any:
        """Return the displacement [UFL] of a section that moves by u between its mirrors."""
        return u

    def begin(self) -> None:
        """Remember where a piece of the way begins."""

    def displaced_before(self, u: Any) -> Any:
        """Return the displacement [UFL] there."""
        return u

    def at_nodes(self) -> Any:
        """Return what is carried along at the corners of triangles [m]."""
        return 0.0

    def energy(self) -> Any:
        """Return the energy that is stored [J/m]."""
        return 0

    def row(self, unknown: Unknown) -> Any:
        """Return the slope of the energy by the widening or lambda_z."""
        return 0

    def columns(self) -> dict[str, float]:
        """Return what is told of it."""
        return {}


class StretchedFoil(RigidCollector):
    """The stretch of a foil and its energy (collective)."""

    widening: Unknown

    def __init__(self, section: MeshedSection, mechanics: FiniteMechanics, foil: Foil) -> None:
        self._mechanics, self._foil = mechanics, foil
        space = number_space(mechanics.parent.mesh)
        self.widening = make_unknown("lambda_x - 1", space, row=RowKind.FORCE)
        self._old = fem.Function(space)
        self._collector = section.ds_collector
        mesh = mechanics.domain.mesh
        left = bounding_box(mesh.comm, mesh.geometry.x)[0][0]
        self._ramp = fem.Function(fem.functionspace(mesh, ("Lagrange", 1, (2,))))
        self._ramp.interpolate(lambda x: (x[0] - left, 0.0 * x[0]))

    def displaced(self, u: Any, widening: Any = None) -> Any:
        """Return the displacement [UFL], at the loaded widening or at a given one."""
        return u + (self.widening.value if widening is None else widening) * self._ramp

    def begin(self) -> None:
        """Remember the widening where a piece of the way begins."""
        self._old.x.array[:] = self.widening.scaled.x.array

    def displaced_before(self, u: Any) -> Any:
        """Return the displacement [UFL] there."""
        return u + self._old * self._ramp

    def at_nodes(self) -> Any:
        """Return what the foil carries along at the corners of triangles [m]."""
        return self.widening.number() * self._ramp.x.array

    def energy(self) -> Any:
        """Return the energy of the foil [J/m]."""
        foil, mechanics = self._foil, self._mechanics
        kappa, zeta = self.widening.value, mechanics.stretch - 1
        stiffness = foil.thickness * foil.E / (1 - foil.nu**2)
        square = kappa**2 + 2 * foil.nu * kappa * zeta + zeta**2
        return stiffness / 2 * square * self._collector

    def row(self, unknown: Unknown) -> Any:
        """Return the slope of the energy by the widening or lambda_z."""
        slope = ufl.derivative(self.energy(), unknown.scaled, unknown.test)
        return (1 / unknown.scale) * slope

    def columns(self) -> dict[str, float]:
        """Return strain and stress of the foil along the section."""
        foil, mechanics = self._foil, self._mechanics
        kappa, zeta = self.widening.number(), 0.0
        if mechanics.options.kind.has_axial_strain:
            zeta = mechanics.extension.number()
        stress = foil.E / (1 - foil.nu**2) * (kappa + foil.nu * zeta)
        return {FOIL_STRAIN: kappa, FOIL_STRESS: stress}
