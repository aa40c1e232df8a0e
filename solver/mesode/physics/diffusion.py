r"""Lithium in a host: diffusion driven by concentration and hydrostatic stress.

Strong form, per unstrained volume [mol/m^3/s]::

    dc_s/dt = -div N_s,    N_s = -D_s (grad c_s - Omega c_s / (R T) grad sigma_h)

Natural boundary condition: N_s . n = i_n / F where charge is transferred (i_n > 0 is oxidation,
lithium leaves), zero elsewhere. The stress term follows from the chemical potential
mu = R T ln c_s - Omega sigma_h: tension (sigma_h > 0) attracts lithium.

Source of the stress term: Zhang, Shyy, Sastry, J. Electrochem. Soc. 154 (2007) A910.
Rows are written as currents: the residual has the unit A per metre of depth.
"""

from __future__ import annotations

from typing import Any

import ufl

from mesode.constants import FARADAY, GAS_CONSTANT


def lithium_flux(
    c_s: Any, D_s: Any, *, Omega: Any = None, sigma_h: Any = None, T: Any = None
) -> Any:
    """Return N_s [mol/m^2/s]; without ``sigma_h`` it is Fick's law.

    Args:
        c_s: Concentration [mol/m^3].
        D_s: Diffusion coefficient [m^2/s].
        Omega: Partial molar volume [m^3/mol].
        sigma_h: Hydrostatic stress [Pa], differentiable (not cell-wise constant).
        T: Temperature [K].
    """
    drive = ufl.grad(c_s)
    if sigma_h is not None:
        drive -= Omega * c_s / (GAS_CONSTANT * T) * ufl.grad(sigma_h)
    return -D_s * drive


def storage(dc_dt: Any, v: Any, dx: ufl.Measure) -> ufl.Form:
    """Return the row's storage term, F dc/dt v [A/m]."""
    return FARADAY * dc_dt * v * dx


def transport(N: Any, v: Any, dx: ufl.Measure) -> ufl.Form:
    """Return the row's flux term, -F N . grad v [A/m]."""
    return -FARADAY * ufl.inner(N, ufl.grad(v)) * dx
