r"""Small-strain elasticity of a 2D section with isotropic swelling in 3D.

Strong form: div sigma = 0 with::

    sigma = lambda tr(e) I + 2 mu e,    e = eps - (swelling(sto) - swelling(sto_0)) / 3 I
    eps = sym grad u in the section;  eps_zz by the kind of section

``swelling`` is the *volumetric* strain dV/V of the free material; a third of it goes to each
direction, out of the section too. The section is stress-free at sto_0. Kinds of section:

- generalised plane strain: eps_zz is one unknown number, the net force along z vanishes;
- plane strain: eps_zz = 0;
- plane stress: sigma_zz = 0 everywhere;
- free particles: eps_zz is one unknown number in each particle, whose own net force along z
  vanishes; between the particles eps_zz = 0.

The energy of all kinds is convex in u and eps_zz, so each has one solution; u is continuous, and
the traction in the plane is in balance across every line.

What the kinds mean. A section shows cylinders. With one number eps_zz all of them are clamped
between the same two rigid plates: right for one material, whose particles swell alike. Particles
that swell differently press each other through these plates, by about E d / 3 for a difference d
of volumetric swelling: silicon beside graphite (d = 2.7) by -7 GPa, although in an electrode there
is nothing but soft binder between them. Free particles have no plates: a particle lengthens as it
likes, as in a matrix that is too soft to hold it along z. The matrix itself is held along z by the
collector, as it is along x by the mirrors. A disc of radius a and moduli E, nu that swells freely
by the linear strain e, far from others in a matrix E_m, nu_m, by Lame's solutions::

    sigma_zz = 0,   sigma_rr = -p = -e / ((1 - nu) / E + (1 + nu_m) / E_m),
    eps_zz = e + 2 nu p / E

whatever the others do. Neglected are the shear of the matrix along z, which holds a round particle
back by a part of e of the order of E_m / E, and an axial force through the neck of two particles
that touch. A core and its shell are one particle and have one eps_zz.

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
    FREE_PARTICLES = "free_particles"

    @property
    def has_axial_strain(self) -> bool:
        """Whether eps_zz is an unknown: a number of the section or of each particle."""
        return self in (SectionKind.GENERALISED_PLANE_STRAIN, SectionKind.FREE_PARTICLES)


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
        eps_zz: The out-of-plane unknown, where the kind has one.
    """
    strain = in_plane_strain(u)
    if kind.has_axial_strain:
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


def layer_stiffness(E: Any, nu: Any, kind: SectionKind) -> Any:
    """Return -d sigma_h / d swelling [Pa] of a thin layer that swells alone.

    Its strain is that of the body below. In plane stress nothing holds it along z: E / 9; else
    2 E / (9 (1 - nu)). A small inclusion in an infinite body has the same (Crum's theorem).
    """
    return E / 9 if kind is SectionKind.PLANE_STRESS else 2 * E / (9 * (1 - nu))


def von_mises(sigma: Any) -> Any:
    """Return the von Mises stress [Pa] of a 3x3 stress."""
    s = sigma - hydrostatic(sigma) * ufl.Identity(3)
    return ufl.sqrt(1.5 * ufl.inner(s, s))


def equilibrium(sigma: Any, v: Any, dx: ufl.Measure) -> ufl.Form:
    """Return the virtual work of the stress, sigma : grad v [N/m]."""
    return ufl.inner(sigma, in_plane_strain(v)) * dx


def axial_balance(sigma: Any, w: Any, dx: ufl.Measure) -> ufl.Form:
    """Return the row of eps_zz: zero net force along z, of the section or a particle [N/m]."""
    return sigma[2, 2] * w * dx
