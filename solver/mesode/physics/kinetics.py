r"""Charge transfer: Butler-Volmer, film resistance, double layer.

Signs, once for the whole code: i_n > 0 is oxidation (lithium leaves the host), and current goes
from the solid into the electrolyte::

    i_n = i_0 (exp(alpha_a F eta / R T) - exp(-alpha_c F eta / R T))            [A/m^2]
    eta = phi_s - phi_e - U_eq - i_n R_film                                      [V]
    U_eq = U(sto, T) + Omega sigma_h / F
    i_total = i_n + C_dl d(phi_s - phi_e)/dt

Compression (sigma_h < 0) lowers the equilibrium potential: inserting lithium works against it.
This is the sign that belongs to mu = R T ln c - Omega sigma_h, the potential in the flux.

Where the host runs empty or full, the activities of its lithium and of its vacancies stand before
the two terms (``mesode.materials.ends``)::

    i_n = i_0 (A_filled exp(alpha_a F eta / R T) - A_vacant exp(-alpha_c F eta / R T))

They hold the lithiation in 0 to 1. A multistep method in time does so up to its local error alone:
``returned`` takes back what is beyond.
"""

from __future__ import annotations

from typing import Any

import ufl

from mesode.constants import FARADAY, GAS_CONSTANT

# Newton steps that resolve the film's own equation inside the form. From the bound used as a start
# the error is below 1e-10 of i_n for all eta, i_0 and R_film (tests/unit/physics).
FILM_NEWTON_STEPS = 6

# A lithiation that is further beyond 0 to 1 than this goes back, with this speed [m/s]: a thousand
# times that at which a step of a second changes an element of 0.1 um. 1e-6 beyond it is 1.5 A/m^2.
BEYOND = 5e-7
RETURN = 1e-4

NOTHING = 1e-200  # [V], beside the drop over a film through which nothing passes


def equilibrium_potential(U: Any, *, Omega: Any = None, sigma_h: Any = None) -> Any:
    """Return the open-circuit potential [V] under hydrostatic stress sigma_h [Pa]."""
    return U if sigma_h is None else U + Omega * sigma_h / FARADAY


def butler_volmer(
    eta: Any,
    i_0: Any,
    T: Any,
    *,
    alpha_a: float = 0.5,
    alpha_c: float = 0.5,
    filled: Any = 0,
    vacant: Any = 0,
) -> Any:
    """Return i_n [A/m^2].

    Args:
        eta: Overpotential [V], without the share of the activities.
        i_0: Exchange current density [A/m^2], without the share of the activities.
        T: Temperature [K].
        alpha_a: Anodic transfer coefficient.
        alpha_c: Cathodic transfer coefficient.
        filled: Logarithm of the activity of lithium in the host.
        vacant: Logarithm of the activity of vacancies in the host.
    """
    f, n = FARADAY / (GAS_CONSTANT * T), alpha_a + alpha_c
    leaves, enters = n * filled + alpha_a * f * eta, n * vacant - alpha_c * f * eta
    return i_0 * (ufl.exp(leaves) - ufl.exp(enters))


def returned(sto: Any, c_max: float) -> Any:
    """Return the current density [A/m^2] of lithium that is beyond 0 to 1 and goes back."""
    above, below = sto - 1 - BEYOND, -sto - BEYOND
    return FARADAY * c_max * RETURN * (ufl.max_value(above, 0) - ufl.max_value(below, 0))


def overpotential_behind_film(
    drop: Any,
    i_0: Any,
    T: Any,
    resistance: Any,
    *,
    alpha_a: float = 0.5,
    alpha_c: float = 0.5,
    filled: Any = 0,
    vacant: Any = 0,
) -> Any:
    """Return eta [V] that solves eta + R_film i_n(eta) = drop; arguments as in ``butler_volmer``.

    ``drop`` is phi_s - phi_e - U_eq, without the share of the activities. These move the potential
    of no current and lower the exchange current; with both, Butler-Volmer is what it is without.
    """
    f = FARADAY / (GAS_CONSTANT * T)
    no_current = (vacant - filled) / f
    i_0 = i_0 * ufl.exp(alpha_c * filled + alpha_a * vacant)
    alone = _behind_film(drop - no_current, i_0, f, resistance, alpha_a, alpha_c)
    return alone + no_current


def _behind_film(
    drop: Any, i_0: Any, f: Any, resistance: Any, alpha_a: float, alpha_c: float
) -> Any:
    """Return eta [V] without activities; ``f`` is F/(R T).

    The equation is convex in |eta|, so Newton's method from an upper bound of |eta| descends to the
    root. The bound is the smaller of |drop| and of the overpotential at which the film alone would
    take all of the drop.
    """
    sign = ufl.conditional(ufl.lt(drop, 0), -1.0, 1.0)
    forward = ufl.conditional(ufl.lt(drop, 0), alpha_c, alpha_a)
    backward = ufl.conditional(ufl.lt(drop, 0), alpha_a, alpha_c)
    size = sign * drop
    bound = ufl.ln(1 + size / (resistance * i_0 + NOTHING)) / (forward * f)
    eta = ufl.min_value(size, bound)
    for _ in range(FILM_NEWTON_STEPS):
        rise, fall = ufl.exp(forward * f * eta), ufl.exp(-backward * f * eta)
        value = eta + resistance * i_0 * (rise - fall) - size
        slope = 1 + resistance * i_0 * f * (forward * rise + backward * fall)
        eta = eta - value / slope
    return sign * eta


def double_layer(d_phi_s: Any, d_phi_e: Any, capacitance: float) -> Any:
    """Return the charging current [A/m^2] from the rates of both potentials [V/s]."""
    return capacitance * (d_phi_s - d_phi_e)
