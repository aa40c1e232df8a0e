r"""Charge transfer: Butler-Volmer, film resistance, double layer.

Signs, once for the whole code: i_n > 0 is oxidation (lithium leaves the host), and current goes
from the solid into the electrolyte::

    i_n = i_0 (exp(alpha_a F eta / R T) - exp(-alpha_c F eta / R T))            [A/m^2]
    eta = phi_s - phi_e - U_eq - i_n R_film                                      [V]
    U_eq = U(sto, T) + Omega sigma_h / F
    i_total = i_n + C_dl d(phi_s - phi_e)/dt

Compression (sigma_h < 0) lowers the equilibrium potential: inserting lithium works against it.
This is the sign that belongs to mu = R T ln c - Omega sigma_h, the potential in the flux.
"""

from __future__ import annotations

from typing import Any

import ufl

from mesode.constants import FARADAY, GAS_CONSTANT

# Newton steps that resolve the film's own equation inside the form. From the bound used as a start
# the error is below 1e-10 of i_n for all eta, i_0 and R_film (tests/unit/physics).
FILM_NEWTON_STEPS = 6


def equilibrium_potential(U: Any, *, Omega: Any = None, sigma_h: Any = None) -> Any:
    """Return the open-circuit potential [V] under hydrostatic stress sigma_h [Pa]."""
    return U if sigma_h is None else U + Omega * sigma_h / FARADAY


def butler_volmer(eta: Any, i_0: Any, T: Any, *, alpha_a: float = 0.5, alpha_c: float = 0.5) -> Any:
    """Return i_n [A/m^2] for overpotential eta [V] and exchange current density i_0 [A/m^2]."""
    f = FARADAY / (GAS_CONSTANT * T)
    return i_0 * (ufl.exp(alpha_a * f * eta) - ufl.exp(-alpha_c * f * eta))


def overpotential_behind_film(
    drop: Any, i_0: Any, T: Any, resistance: Any, *, alpha_a: float = 0.5, alpha_c: float = 0.5
) -> Any:
    """Return eta [V] that solves eta + R_film i_n(eta) = drop.

    ``drop`` is phi_s - phi_e - U_eq. The equation is convex in |eta|, so Newton's method from an
    upper bound of |eta| descends to the root. The bound is the smaller of |drop| and of the
    overpotential at which the film alone would take all of the drop.
    """
    f = FARADAY / (GAS_CONSTANT * T)
    sign = ufl.conditional(ufl.lt(drop, 0), -1.0, 1.0)
    forward = ufl.conditional(ufl.lt(drop, 0), alpha_c, alpha_a)
    backward = ufl.conditional(ufl.lt(drop, 0), alpha_a, alpha_c)
    size = sign * drop
    bound = ufl.ln(1 + size / (resistance * i_0)) / (forward * f)
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
