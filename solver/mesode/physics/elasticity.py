r"""Small-strain elasticity of a 2D section with isotropic swelling in 3D.

Strong form: div sigma = 0 with::

    sigma = lambda tr(e) I + 2 mu e,    e = eps - (swelling(sto) - swelling(sto_0)) / 3 I
    eps = sym grad u in the section;  eps_zz by the kind of section

``swelling`` is the *volumetric* strain dV/V of the free material; a third of it goes to each
direction, out of the section too. The section is stress-free at sto_0. Kinds of section:

- generalised plane strain: eps_zz is one unknown number, the net force along z vanishes;
- plane strain: eps_zz = 0;
- plane stress: sigma_zz = 0 everywhere.

All strains here are 3x3 tensors, stresses too [Pa]. Residuals are divided by a reference modulus
and have the unit of length.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import ufl


class SectionKind(StrEnum):
    """How the section is held along its normal z."""

    GENERALISED_PLANE_STRAIN = "generalised_plane_strain"
    PLANE_STRAIN = "plane_strain"
    PLANE_STRESS = "plane_stress"


def in_plane_strain(u: Any) -> Any:
    """Return the 3x3 strain of an in-plane displacement u [m], with eps_zz = 0."""
    g = ufl.sym(ufl.grad(u))
    return ufl.as_tensor([[g[0, 0], g[0, 1], 0], [g[1, 0], g[1, 1], 0], [0, 0, 0]])


def out_of_plane(eps_zz: Any) -> Any:
    """Return the 3x3 strain tensor with eps_zz alone."""
    return ufl.as_tensor([[0, 0, 0], [0, 0, 0], [0, 0, eps_zz]])


def plane_stress_strain(strain: Any, free: Any, nu: Any) -> Any:
    """Return eps_zz that makes sigma_zz vanish, for in-plane strain and free linear strain."""
    elastic_in_plane = strain[0, 0] + strain[1, 1] - 2 * free
    return free - nu / (1 - nu) * elastic_in_plane


def total_strain(u: Any, *, kind: SectionKind, free: Any, nu: Any, eps_zz: Any = None) -> Any:
    """Return the 3x3 strain of the section.

    Args:
        u: In-plane displacement [m].
        kind: Kind of section.
        free: Free linear strain, a third of the volumetric swelling.
        nu: Poisson ratio, used in plane stress.
        eps_zz: The out-of-plane unknown of generalised plane strain.
    """
    strain = in_plane_strain(u)
    if kind is SectionKind.GENERALISED_PLANE_STRAIN:
        return strain + out_of_plane(eps_zz)
    if kind is SectionKind.PLANE_STRESS:
        return strain + out_of_plane(plane_stress_strain(strain, free, nu))
    return strain


def hooke(elastic_strain: Any, E: Any, nu: Any) -> Any:
    """Return the stress [Pa] of an isotropic solid for a 3x3 elastic strain."""
    mu = E / (2 * (1 + nu))
    lam = E * nu / ((1 + nu) * (1 - 2 * nu))
    return lam * ufl.tr(elastic_strain) * ufl.Identity(3) + 2 * mu * elastic_strain


def hydrostatic(sigma: Any) -> Any:
    """Return sigma_h = tr(sigma) / 3 [Pa], positive in tension."""
    return ufl.tr(sigma) / 3


def von_mises(sigma: Any) -> Any:
    """Return the von Mises stress [Pa] of a 3x3 stress."""
    s = sigma - hydrostatic(sigma) * ufl.Identity(3)
    return ufl.sqrt(1.5 * ufl.inner(s, s))


def max_principal_in_plane(sigma: Any) -> Any:
    """Return the larger principal stress [Pa] of the section's plane."""
    mean = (sigma[0, 0] + sigma[1, 1]) / 2
    radius = ufl.sqrt(((sigma[0, 0] - sigma[1, 1]) / 2) ** 2 + sigma[0, 1] ** 2)
    return mean + radius


def equilibrium(sigma: Any, v: Any, dx: ufl.Measure) -> ufl.Form:
    """Return the virtual work of the stress, sigma : grad v [N/m]."""
    return ufl.inner(sigma, in_plane_strain(v)) * dx


def axial_balance(sigma: Any, w: Any, dx: ufl.Measure) -> ufl.Form:
    """Return the row of eps_zz in generalised plane strain: zero net force along z [N/m]."""
    return sigma[2, 2] * w * dx
