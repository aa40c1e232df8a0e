r"""A thin coating as a law of the interface: conduction along it and stiffness as a membrane.

The coating of thickness t lies on a line with tangent s and normal n; what it does across its
thickness is charge transfer (``kinetics``: its own i_0 and film resistance).

Conduction. Along the line flows the sheet current j = -sigma t dphi_s/ds [A/m]; what it loses goes
into the solid below, whose potential it has. Weak form, added to the row of phi_s [A/m]::

    + int sigma t (P grad phi_s) . (P grad v) ds,    P = I - n n

Membrane. The film is in a state of plane stress across its normal and sticks to the solid, whose
surface strains are eps_ss = s . eps . s and eps_zz; it does not swell. Forces per length [N/m]::

    N_s = E t / (1 - nu^2) (eps_ss + nu eps_zz),   N_z = E t / (1 - nu^2) (eps_zz + nu eps_ss)

where the section fixes eps_zz (plane strain, generalised plane strain). In a plane-stress section
the film is free along z as everything else: N_z = 0, N_s = E t eps_ss. Virtual work, added to the
rows of u and of eps_zz [N/m and N]::

    + int N_s s . sym grad(v) . s ds,     + int N_z w ds

A swelling disc of radius R feels the pressure p = N_s / R, tension of the film compresses it.
Both are the limit of a resolved ring of thickness t for t/R -> 0.
"""

from __future__ import annotations

from typing import Any

import ufl

from mesode.physics.elasticity import SectionKind
from mesode.physics.kinematics import IDENTITY, Kinematics


def tangential_conduction(
    phi_s: Any,
    v: Any,
    sheet_conductance: Any,
    n: Any,
    dS: ufl.Measure,
    kin: Kinematics = IDENTITY,
) -> ufl.Form:
    """Return the row's sheet-current term [A/m]; all arguments restricted to one side.

    Args:
        phi_s: Potential [V].
        v: Test function.
        sheet_conductance: sigma t [S].
        n: Unit normal of the line.
        dS: Measure of the coated line.
        kin: Of the solid, on the same side.
    """
    return -ufl.inner(sheet_current(phi_s, sheet_conductance, n, kin), ufl.grad(v)) * dS


def sheet_current(phi_s: Any, sheet_conductance: Any, n: Any, kin: Kinematics = IDENTITY) -> Any:
    """Return j [A/m], a vector along the line; arguments as above."""
    return kin.along(-sheet_conductance * _along(ufl.grad(phi_s), n), n)


def _along(gradient: Any, n: Any) -> Any:
    """Return the part of a vector along the line, P g."""
    return gradient - ufl.dot(gradient, n) * n


def hoop_strain(u: Any, n: Any) -> Any:
    """Return eps_ss, the strain along the line of a displacement u [m]."""
    s = ufl.perp(n)
    return ufl.dot(s, ufl.dot(ufl.sym(ufl.grad(u)), s))


def membrane_force(
    eps_ss: Any, eps_zz: Any, E_t: Any, nu: Any, *, kind: SectionKind
) -> tuple[Any, Any]:
    """Return N_s and N_z [N/m] for the stiffness E t [N/m]; eps_zz is ignored in plane stress."""
    if kind is SectionKind.PLANE_STRESS:
        return E_t * eps_ss, 0.0
    stiffness = E_t / (1 - nu**2)
    return stiffness * (eps_ss + nu * eps_zz), stiffness * (eps_zz + nu * eps_ss)
