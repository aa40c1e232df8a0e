r"""Growth of a host and the deformation of a section that holds it.

A point X of the reference section, the one that is drawn, moves to X + u(X), and everything
stretches along z by lambda_z::

    F = 1 + Grad u in the plane, F_zz = lambda_z,   J = det F
    F = F_e F_p F_g,   F_g = J_g^(1/3) 1

J_g = 1 + swelling(sto) - swelling(sto_0) is the volume that a free piece of the host has at a
lithiation, over that at the initial one: the growth is the same in all three directions, and
nothing is stressed at the start. Lithium is counted per reference volume, so that the slope of J_g
is the partial molar volume times c_max.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import ufl

from mesode.physics.solid.planar import Planar


@dataclass(frozen=True, slots=True)
class Deformation:
    """The gradient by its entries in the plane and the stretch along z."""

    xx: Any
    xy: Any
    yx: Any
    yy: Any
    stretch: Any

    @property
    def area(self) -> Any:
        """Area over that in the reference section."""
        return self.xx * self.yy - self.xy * self.yx

    @property
    def J(self) -> Any:
        """Volume over that in the reference section."""
        return self.area * self.stretch

    def push(self, A: Planar) -> Planar:
        """Return F A F^T."""
        ax, ay = self.xx * A.xx + self.xy * A.xy, self.xx * A.xy + self.xy * A.yy
        bx, by = self.yx * A.xx + self.yy * A.xy, self.yx * A.xy + self.yy * A.yy
        return Planar(
            ax * self.xx + ay * self.xy,
            bx * self.yx + by * self.yy,
            ax * self.yx + ay * self.yy,
            self.stretch**2 * A.zz,
        )

    def inverse(self) -> Deformation:
        """Return F^-1."""
        d = self.area
        return Deformation(self.yy / d, -self.xy / d, -self.yx / d, self.xx / d, 1 / self.stretch)

    def first_piola(self, tau: Planar) -> Piola:
        """Return tau F^-T."""
        back = self.inverse()
        plane = ufl.as_tensor(
            [
                [tau.xx * back.xx + tau.xy * back.xy, tau.xx * back.yx + tau.xy * back.yy],
                [tau.xy * back.xx + tau.yy * back.xy, tau.xy * back.yx + tau.yy * back.yy],
            ]
        )
        return Piola(plane, tau.zz * back.stretch)


@dataclass(frozen=True, slots=True)
class Piola:
    """The first Piola stress: force per reference area [Pa], 2x2 in the plane and along z."""

    plane: Any
    zz: Any

    def virtual_work(self, v: Any) -> Any:
        """Return P : Grad v of the plane, for the row of the displacement."""
        return ufl.inner(self.plane, ufl.grad(v))


def deformation(u: Any, stretch: Any = 1.0, side: str = "") -> Deformation:
    """Return the deformation of a displacement u [m], on a side, and a stretch along z."""
    g = ufl.grad(u)(side) if side else ufl.grad(u)
    return Deformation(1 + g[0, 0], g[0, 1], g[1, 0], 1 + g[1, 1], ufl.as_ufl(stretch))
