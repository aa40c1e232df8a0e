r"""A third medium in pores and voids, which closes them without a triangle turning over.

Open pores carry nearly nothing; a pore that closes becomes stiff before it has no area left, so
that its walls press on each other (third medium contact). Energy per reference volume::

    psi / E_b = g / 4 (F : F - 3 - 2 ln J) + 3 c / 2 <ln(J / J_c)>_-^2 + k l^2 / 2 |Grad Grad u|^2

E_b is the modulus of the softest solid: Young's, or 100 times its yield stress where that is less.
The first part, of Poisson's ratio 0, keeps the medium in one piece; the second acts where a pore
has shrunk to less than J_c of its volume, and is the sum over three rules of quadrature; the last
keeps neighbouring triangles from folding, with a length l like that of the particles. A viscosity
takes energy out of motions that nothing holds, per growth and not per time::

    eta w / (2 dJ_g) |Grad (u - u_old)|^2,   w = 1 / max(tr C / 3, 1) of u_old in the plane

with dJ_g the largest growth of the step. Beside walls that slide on each other triangles are drawn
out to ten times their length; the stress is that over a reference area times F^T / J, so that
without w they bear a hundred times what others do.

Where a section loses its balance all the same, as solids do that soften and have no pores beside
them, it holds the solids back, too, until the end of the way (``mesode.numerics.path_follower``).
The numbers are those of a numerical method, not of a material: the thickness of an electrode that
doubles its volume moves by 1 % with them. With these 60 % of SiO goes to full lithiation and back,
and what open pores bear is mostly of eta while the section moves.

Sources: Wriggers, Schroeder and Schwarz, Comput. Mech. 52 (2013) 837; Bluhm, Sigmund and Poulios,
Comput. Mech. 67 (2021) 1377 (term in Grad Grad u).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import ufl

from mesode.physics.solid.planar import Planar

if TYPE_CHECKING:
    from mesode.physics.solid.growth import Deformation


RULES = 3  # of quadrature that the barrier is summed over, see ``model.pore_medium``


@dataclass(frozen=True, slots=True, kw_only=True)
class ThirdMedium:
    """Numbers of the medium; all but ``closed`` are over E_b.

    ``stiffness`` g; ``barrier`` c from the area ratio ``closed`` J_c on; ``folding`` k;
    ``viscosity`` eta per unit of growth.
    """

    stiffness: float = 2e-5
    barrier: float = 1e-2
    closed: float = 0.3
    folding: float = 1e-4
    viscosity: float = 1.4e-5


def energy(medium: ThirdMedium, at: Deformation) -> Any:
    """Return the first part of the energy per reference volume over E_b."""
    log_J = ufl.ln(at.J)
    tr_C = at.xx**2 + at.xy**2 + at.yx**2 + at.yy**2 + at.stretch**2
    return medium.stiffness / 4 * (tr_C - 3 - 2 * log_J)


def barrier(medium: ThirdMedium, at: Deformation) -> Any:
    """Return the energy of what is nearly closed by one rule, per reference volume over E_b.

    In a solid, whose volume its own law keeps, it holds the corners of a triangle.
    """
    return medium.barrier / 2 * _closed(medium, at) ** 2


def is_open(medium: ThirdMedium, at: Deformation) -> Any:
    """Return 1 where the barrier bears nothing, 0 where a pore is nearly closed."""
    return ufl.conditional(ufl.gt(at.J, medium.closed), 1.0, 0.0)


def _closed(medium: ThirdMedium, at: Deformation) -> Any:
    """Return <ln(J / J_c)>_-; that of a volume below zero is no number, as Newton's method asks."""
    return ufl.conditional(ufl.gt(at.J, medium.closed), 0.0, ufl.ln(at.J / medium.closed))


def folding_energy(medium: ThirdMedium, u: Any, length: float) -> Any:
    """Return the energy of the second gradient per reference volume over E_b; l in m."""
    H = ufl.grad(ufl.grad(u))
    return medium.folding / 2 * length**2 * ufl.inner(H, H)


def friction(medium: ThirdMedium, before: Deformation, g: Any, growth: Any) -> Any:
    """Return the potential of the viscosity per reference volume over E_b.

    ``before``: deformation u_old where the piece begins; ``g``: Grad (u - u_old); ``growth``: one
    over the largest growth dJ_g of the step, 0 for none.
    """
    return _viscosity(medium, before) / 2 * growth * ufl.inner(g, g)


def _viscosity(medium: ThirdMedium, before: Deformation) -> Any:
    """Return eta w, of the deformation that the medium has before it moves on."""
    return medium.viscosity / ufl.max_value(before.push(Planar(1, 1, 0, 1)).trace / 3, 1)


def drag(
    medium: ThirdMedium, at: Deformation, before: Deformation, g: Any, growth: Any, E_b: float
) -> tuple[Any, Any, Any, Any]:
    """Return the Cauchy stress xx, yy, zz, xy [Pa] of the viscosity; arguments as of ``friction``.

    Its symmetric part: resistance to Grad u is no law of a material, and turns hold against it.
    """
    F = ufl.as_matrix(((at.xx, at.xy), (at.yx, at.yy)))
    sigma = _viscosity(medium, before) * growth * E_b / at.J * ufl.sym(g * F.T)
    return sigma[0, 0], sigma[1, 1], 0, sigma[0, 1]


def cauchy(medium: ThirdMedium, at: Deformation, E_b: float) -> tuple[Any, Any, Any, Any]:
    """Return the Cauchy stress xx, yy, zz, xy [Pa], without the term in Grad Grad u."""
    b = at.push(Planar(1, 1, 0, 1))
    pressed = RULES * medium.barrier * _closed(medium, at)
    half, J = medium.stiffness / 2, at.J / E_b
    normal = [(half * (entry - 1) + pressed) / J for entry in (b.xx, b.yy, b.zz)]
    return normal[0], normal[1], normal[2], half * b.xy / J
