r"""Lithium in a host: diffusion driven by concentration and hydrostatic stress.

Strong form, per unstrained volume [mol/m^3/s]::

    dc_s/dt = -div N_s,    N_s = -D_s (grad c_s - Omega c_s / (R T) grad sigma_h)

and with -D_s C^-1 (...) per reference area where the section deforms (``kinematics``).

Natural boundary condition: N_s . n = i_n / F where charge is transferred (i_n > 0 is oxidation,
lithium leaves), zero elsewhere.

The stress term here is that of an ideal solution, mu = R T ln c_s - Omega sigma_h, which closed
forms use: tension (sigma_h > 0) attracts lithium. It does not know the open-circuit potential; the
law that shares one chemical potential with the voltage is in ``stressed_diffusion``.

``mobile`` takes the place of c_s in the stress term where the host is about to run empty or full:
what is not there is not moved, and nothing is moved to where there is no room.

Source of the stress term: Zhang, Shyy, Sastry, J. Electrochem. Soc. 154 (2007) A910.
Rows are written as currents: the residual has the unit A per metre of depth.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

import ufl

from mesode.constants import FARADAY, GAS_CONSTANT
from mesode.physics.kinematics import IDENTITY, Kinematics

if TYPE_CHECKING:
    from collections.abc import Sequence


class StressFlux(StrEnum):
    """Whose chemical potential drives lithium under stress."""

    CHEMICAL_POTENTIAL = "chemical_potential"
    IDEAL_SOLUTION = "ideal_solution"


def lithium_flux(
    c_s: Any,
    D_s: Any,
    *,
    Omega: Any = None,
    sigma_h: Any = None,
    T: Any = None,
    mobile: Any = None,
    kin: Kinematics = IDENTITY,
) -> Any:
    """Return N_s [mol/m^2/s]; without ``sigma_h`` it is Fick's law.

    Args:
        c_s: Concentration [mol/m^3].
        D_s: Diffusion coefficient [m^2/s].
        Omega: Partial molar volume [m^3/mol].
        sigma_h: Hydrostatic stress [Pa], differentiable (not cell-wise constant).
        T: Temperature [K].
        mobile: Concentration that stress moves [mol/m^3], c_s if not given.
        kin: Of the host.
    """
    drive = ufl.grad(c_s)
    if sigma_h is not None:
        moved = c_s if mobile is None else mobile
        drive -= Omega * moved / (GAS_CONSTANT * T) * ufl.grad(sigma_h)
    return fick(drive, D_s, kin=kin)


def fick(slope: Any, D_s: Any, *, kin: Kinematics = IDENTITY) -> Any:
    """Return N_s [mol/m^2/s] of the slope of a concentration [mol/m^4]."""
    return -D_s * kin.diffused(slope)


def corner_slope(values: Sequence[Any], mesh: Any) -> Any:
    """Return the slope of what is linear between three values at the corners of a triangle."""
    rise = ufl.as_vector([values[1] - values[0], values[2] - values[0]])
    return ufl.dot(ufl.transpose(ufl.JacobianInverse(mesh)), rise)


def corner_values(u: Any, mesh: Any) -> list[Any]:
    """Return the values of a linear field at the corners of a triangle."""
    corners, x = ufl.geometry.CellVertices(mesh), ufl.SpatialCoordinate(mesh)
    slope = ufl.grad(u)
    return [u + sum(slope[k] * (corners[n, k] - x[k]) for k in (0, 1)) for n in range(3)]


def storage(dc_dt: Any, v: Any, dx: ufl.Measure) -> ufl.Form:
    """Return the row's storage term, F dc/dt v [A/m]."""
    return FARADAY * dc_dt * v * dx


def transport(N: Any, v: Any, dx: ufl.Measure) -> ufl.Form:
    """Return the row's flux term, -F N . grad v [A/m]."""
    return -FARADAY * ufl.inner(N, ufl.grad(v)) * dx
