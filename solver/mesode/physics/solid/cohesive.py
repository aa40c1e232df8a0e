r"""A cohesive law: what holds two bodies together along their interface, until it does not.

Both sides of an interface have a displacement of their own. With the opening delta = u- - u+ and
n the normal of the deformed interface, from "+" to "-", its part along it is delta_n = delta . n.
What is pressed together stays pressed on each other, without friction once it is broken; all else
counts as an effective opening, the same for opening and sliding (<>_- is the negative part)::

    delta_e^2 = |delta|^2 - <delta_n>_-^2
    psi = k/2 delta_e^2 + K_c/2 <delta_n>_-^2                                     [J/m^2]

The traction over the effective opening rises to the strength sigma_c at delta_0, and falls from
there to nothing at delta_f, both along straight lines; the area below is the toughness G_c::

    delta_f = 2 G_c / sigma_c,   delta_0 = ONSET delta_f

The damage d is how far the largest opening so far has come from the one to the other. It is the
share of the toughness that is spent, G_c d is dissipated, and what is left has the stiffness k::

    d = largest of (delta_e - delta_0) / (delta_f - delta_0), within 0 and 1
    k = sigma_c (1 - d) / (delta_0 + d (delta_f - delta_0)) + s sigma_c / delta_f

The last part is a weak spring that stays, elastic: what has come off all others would be anywhere
without it. At delta_f it bears the s-th part of the strength. Damage does not heal. A brittle
interface snaps: its traction falls faster than what it holds can unload. A viscosity lets it do so
in steps that Newton's method can go; in a piece of the way with the growth dJ_g, where delta was
delta_old, it has the potential::

    eta / (2 dJ_g) |delta - delta_old|^2,   eta = r sigma_c / largest of delta_f and |delta_old|

In pieces shorter than r its stiffness outweighs the falling traction, which falls as steeply to the
very end. So it does not fade with the damage: it would be gone where the last of a joint goes, and
what that sets free would jump however short a piece is. What has come apart moves away the more
easily the further it is: it bears the share r dln(delta)/dJ_g of the strength.

All is per reference area. n is that of the mean of both sides' deformations, so that a rigid motion
of both changes nothing. Points that were together are held apart: where sides have slid by more
than their radius of curvature allows, a broken interface is no contact law.

Sources: bilinear law: Geubelle and Baylor, Compos. B 29 (1998) 589; with damage: Alfano and
Crisfield, IJNME 50 (2001) 1701; viscosity: Gao and Bower, Model. Simul. Mater. Sci. Eng. 12 (2004)
453.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import ufl

if TYPE_CHECKING:
    from mesode.physics.solid.growth import Deformation

ONSET = 0.01  # delta_0 over delta_f (assumed: stiff, not rigid)
SPRING = 1e-6  # s, of the strength at delta_f (assumed): what has come off all others stays near
RELAXATION = 2e-3  # r, in growth (assumed)
# Of d. What has opened lies to rounding where its damage has come to, and counts as no further
# there: else it is by chance that Newton's method begins with the stiffness that is left or with
# the falling one. Far from a balance, where a joint snaps, that decides which pieces can be gone.
RISES = 1e-10


@dataclass(frozen=True, slots=True)
class Cohesion:
    """An interface: strength sigma_c [Pa], toughness G_c [J/m^2], contact K_c [Pa/m].

    Numbers or UFL.
    """

    sigma_c: Any
    G_c: Any
    K_c: Any

    @property
    def delta_f(self) -> Any:
        """Opening at which nothing holds any more [m]."""
        return 2 * self.G_c / self.sigma_c

    @property
    def delta_0(self) -> Any:
        """Opening at the strength [m]."""
        return ONSET * self.delta_f

    def stiffness(self, d: Any) -> Any:
        """Return k at a damage [Pa/m]."""
        falling = (1 - d) / (self.delta_0 + d * (self.delta_f - self.delta_0))
        return self.sigma_c * (falling + SPRING / self.delta_f)


@dataclass(frozen=True, slots=True)
class Opening:
    """How far an interface is open: the vector and its part along the normal [m]."""

    vector: Any
    normal: Any

    @property
    def pressed(self) -> Any:
        """Its negative part along the normal."""
        return ufl.conditional(ufl.lt(self.normal, 0.0), self.normal, 0.0)

    @property
    def square(self) -> Any:
        """Square of the effective opening [m^2]."""
        return ufl.inner(self.vector, self.vector) - self.pressed**2


def mean_normal(plus: Deformation, minus: Deformation, N: Any) -> Any:
    """Return the normal of an interface between two deformations that has N in the reference."""
    xx, xy, yx, yy = (
        getattr(plus, name) + getattr(minus, name) for name in ("xx", "xy", "yx", "yy")
    )
    n = ufl.as_vector([yy * N[0] - yx * N[1], xx * N[1] - xy * N[0]])
    return n / ufl.sqrt(ufl.inner(n, n))


def new_damage(law: Cohesion, opening: Opening, d: Any) -> Any:
    """Return the damage that an opening leaves where it has been ``d``."""
    first, last, square = law.delta_0, law.delta_f, opening.square
    opens, gone = ufl.gt(square, first**2), ufl.gt(square, last**2)
    delta = ufl.sqrt(ufl.conditional(opens, square, first**2))
    reached = ufl.conditional(gone, 1.0, (delta - first) / (last - first))
    return ufl.conditional(ufl.gt(reached, d + RISES), reached, d)


def stored(law: Cohesion, opening: Opening, d: Any) -> Any:
    """Return the free energy psi [J/m^2]."""
    return law.stiffness(d) / 2 * opening.square + law.K_c / 2 * opening.pressed**2


def virtual_work(law: Cohesion, opening: Opening, d: Any, change: Opening) -> Any:
    """Return the slope of psi at a damage in the direction of a change of the opening [J/m^2]."""
    pressed = opening.pressed * change.normal
    slides = ufl.inner(opening.vector, change.vector) - pressed
    return law.stiffness(d) * slides + law.K_c * pressed


def friction(law: Cohesion, moved: Any, old: Any, growth: Any, r: float = RELAXATION) -> Any:
    """Return the potential of the viscosity [J/m^2] of what has ``moved`` in a piece [m].

    ``old``: the opening where it begins [m], a vector; ``growth``: one over dJ_g, 0 for none.
    """
    far = ufl.sqrt(ufl.max_value(ufl.inner(old, old), law.delta_f**2))
    return r * law.sigma_c / far / 2 * growth * ufl.inner(moved, moved)
