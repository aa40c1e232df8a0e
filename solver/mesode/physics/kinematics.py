r"""Kinematics: transport of a section that deforms, on the section as it is drawn.

All equations are written on the reference section, with its gradient Grad, its volumes dX and its
normals N. A point X goes to x = X + u, and a metre of depth becomes lambda_z metres::

    F = 1 + Grad u (2x2),    J = lambda_z det F,    C = F^T F

so J is the present over the reference *volume*, with the depth in it; F, C and the gradients are
those of the plane, since nothing varies along z. Rows remain currents per metre of *reference*
depth [A/m]. lambda_z enters through J alone::

    a flux per present area, j = -k grad phi:   J F^-1 j = -k J C^-1 Grad phi
    lithium per reference volume:               N = -D C^-1 Grad c_s, without J
    areas (Nanson):                             da / dA = J |F^-T N|
    stored per present volume:                  d(J eps c)/dt

``conducted`` is for electrons, ions and all that is counted per present volume: a section that is
twice as deep conducts twice as much. ``diffused`` is for lithium: a host that has swollen holds no
more sites than before, c_max / J per present volume, so that n = -D (c_max / J) grad sto and J F^-1
n = -D c_max C^-1 Grad sto: the longer way counts, the larger area does not. Both sides of an
interface stretch alike where u is continuous.

Coatings do not swell and keep their volume: the thickness of one falls as its area grows. Its sheet
current, per reference depth and along the line of stretch l, is that of the reference over l^2.

A motion that is extrapolated in time may go further than a pore that closes can: det F counts as no
less than ``LEAST`` (with a corner that is rounded up to 1.2 times that), so that no conductance is
negative or without bound.

While nothing moves the kinematics is ``IDENTITY``, which returns what it is given: equations and
compiled forms are those of a rigid section.

Source: Holzapfel, Nonlinear Solid Mechanics (2000), ch. 2.4 (Piola transformation, Nanson).
"""

from __future__ import annotations

from typing import Any

import ufl

from mesode.physics.smooth import ROUNDED, at_least_one

#: Of the area of a piece of the section: what counts as left of it (assumed).
LEAST = 0.02


class Kinematics:
    """The identity: a section that is as it is drawn."""

    @property
    def J(self) -> Any:
        """Present over reference volume."""
        return 1

    def conducted(self, gradient: Any) -> Any:
        """Return J C^-1 g of a reference gradient."""
        return gradient

    def diffused(self, gradient: Any) -> Any:
        """Return C^-1 g of a reference gradient."""
        return gradient

    def present(self, flux: Any) -> Any:
        """Return the flux per present area, F I / J, of a flux I per reference area."""
        return flux

    def square(self, flux: Any) -> Any:
        """Return J |j|^2 of the present flux j that belongs to one per reference area."""
        return ufl.inner(flux, flux)

    def stretch(self, N: Any) -> Any:
        """Return the present over the reference area of a facet with the normal N."""
        return 1

    def along(self, sheet: Any, N: Any) -> Any:
        """Return the sheet current of a coating [A/m] from that of the reference."""
        return sheet

    def edge_weight(self, a: Any, b: Any, area: Any) -> Any:
        """Return -a . b / (4 A^2) of two edges of a triangle of this area, as they are now."""
        return -ufl.inner(a, b) / (2 * area) ** 2


IDENTITY = Kinematics()


class Deformed(Kinematics):
    """The kinematics of a deformation.

    Args:
        F: Its gradient in the plane, 2x2; on an interface restricted to one side.
        lambda_z: Stretch along z.
    """

    def __init__(self, F: Any, lambda_z: Any = 1) -> None:
        self.F, self.lambda_z = F, lambda_z

    @property
    def area(self) -> Any:
        """Present over reference area in the plane, no less than ``LEAST``."""
        least = LEAST / (1 + ROUNDED)
        return least * at_least_one(ufl.det(self.F) / least)

    @property
    def J(self) -> Any:
        """Present over reference volume."""
        return self.area * self.lambda_z

    def conducted(self, gradient: Any) -> Any:
        """Return J C^-1 g of a reference gradient."""
        return self.J * self.diffused(gradient)

    def diffused(self, gradient: Any) -> Any:
        """Return C^-1 g of a reference gradient."""
        inverse = self._cofactors / self.area
        return ufl.dot(inverse, ufl.dot(ufl.transpose(inverse), gradient))

    @property
    def _cofactors(self) -> Any:
        """F^-1 det F."""
        F = self.F
        return ufl.as_matrix([[F[1, 1], -F[0, 1]], [-F[1, 0], F[0, 0]]])

    def present(self, flux: Any) -> Any:
        """Return the flux per present area, F I / J, of a flux I per reference area."""
        return ufl.dot(self.F, flux) / self.J

    def square(self, flux: Any) -> Any:
        """Return J |j|^2 of the present flux j that belongs to one per reference area."""
        moved = ufl.dot(self.F, flux)
        return ufl.inner(moved, moved) / self.J

    def stretch(self, N: Any) -> Any:
        """Return the present over the reference area of a facet with the normal N."""
        return self.lambda_z * self._length(N)

    def along(self, sheet: Any, N: Any) -> Any:
        """Return the sheet current of a coating [A/m] from that of the reference."""
        return sheet / self._length(N) ** 2

    def edge_weight(self, a: Any, b: Any, area: Any) -> Any:
        """Return -a . b / (4 A^2) of two edges of a triangle of this area, as they are now."""
        a, b = ufl.dot(self.F, a), ufl.dot(self.F, b)
        return -ufl.inner(a, b) / (2 * area * self.area) ** 2

    def _length(self, N: Any) -> Any:
        """Return the stretch of a line with the normal N, |F t| = det F |F^-T N|."""
        along = ufl.dot(self.F, ufl.perp(N))
        return ufl.sqrt(ufl.inner(along, along))
