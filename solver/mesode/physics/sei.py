r"""Growth of the solid electrolyte interphase (SEI): what the electrolyte loses to a surface.

The reduction takes electrons from the host and lithium ions from the electrolyte, and nothing of
what the host holds. With the signs of ``kinetics`` its current density is i_sei < 0, per area of
the film::

    r = i_0 exp(-alpha F (phi_s - phi_e - i_n L/kappa - U) / (R T))     rate of the reaction
    d = F c D / L                                     what of the solvent comes through the film
    i_sei = -k r                                      reaction limited
    i_sei = -k d                                      solvent diffusion limited
    i_sei = -k r / (1 + r L/(F c D))                  both in series (EC reaction limited)
    k = exp(E_a/R (1/T_ref - 1/T))

The film has the volume v per area of the surface as it is drawn, and lies on the area A::

    (z F / V) dv/dt = -A i_sei,      L = v / A,      A = max(1, a/(1 + eps_c))

a is the largest area that the surface has had so far over that at the start. The film stretches
with it up to eps_c, and is not thought to be thinner for that. Beyond, it cracks: the surface that
comes is bare, and what was made lies on all of it (L is the mean of old and new film, so that the
film grows faster and conducts better). What has grown in a crack does not close it: A never falls.

In solvent diffusion and A = 1, L^2 = L_0^2 + 2 k c D (V/z) t; reaction limited at a constant
potential, L = L_0 + k r (V/(z F)) t.

i_n L/kappa is the drop of what the host takes or gives; the growth itself is left out of it.

Sources: Ramadass et al., J. Electrochem. Soc. 151 (2004) A196 (reaction); Ploehn, Ramadass, White,
J. Electrochem. Soc. 151 (2004) A456 (solvent diffusion); Yang et al., J. Power Sources 360 (2017)
28, eqs. 10 and 11 (series). Names as in PyBaMM.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ufl

from mesode.constants import FARADAY, GAS_CONSTANT
from mesode.materials.arrhenius import arrhenius_factor
from mesode.materials.ops import ufl_ops

if TYPE_CHECKING:
    from mesode.materials.properties import Sei


def sei_current(film: Sei, drop: Any, L: Any, T: Any) -> Any:
    """Return i_sei [A/m^2].

    Args:
        film: Of what kind it is.
        drop: phi_s - phi_e without what i_n loses in the film [V].
        L: Thickness [m].
        T: Temperature [K].
    """
    r = film.i_0_sei * ufl.exp(-film.alpha_sei * FARADAY * (drop - film.U_sei) / (GAS_CONSTANT * T))
    through = FARADAY * film.c_solvent * film.D_solvent  # times 1/L
    match film.law:
        case "reaction_limited":
            rate = r
        case "solvent_diffusion_limited":
            rate = through / L
        case "ec_reaction_limited":
            rate = r / (1 + r * L / through)
    return -arrhenius_factor(T, film.E_a_sei, ops=ufl_ops()) * rate


def charge_per_volume(film: Sei) -> float:
    """Return the charge in a film [C/m^3]."""
    return FARADAY * film.z_sei / film.V_sei


def film_area(a: Any, crack_strain: float) -> Any:
    """Return A of the largest area ``a`` so far, both over the area at the start."""
    return ufl.max_value(1, a / (1 + crack_strain))


def swollen_area(strain: Any) -> Any:
    """Return the area of a free body over that at the start, of its volumetric strain since then.

    Swelling is isotropic: an area grows as J^(2/3).
    """
    return (1 + strain) ** (2 / 3)
