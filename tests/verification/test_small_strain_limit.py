"""V03 to V05 at finite strain. If these fail, finite mechanics at 0.1 % of strain is another theory
than the one of small strain: its stress in a particle, or what drives lithium, has another size.

A free cylinder holds lithium after a fourth power of the radius, so that its free linear strain is
eps rho^4; its mean within a radius is eps rho^4 / 3. With k = eps E / (1 - nu) its stress is

    s_r = k/2 (1 - rho^4)/3,   s_t = k/2 (1 + rho^4 - 6 rho^4)/3,   s_z = k (1/3 - rho^4)

(free along z), and the stress of the potential 2/3 k (1/3 - rho^4) is linear in the concentration:
stress acts as the diffusivity D (1 + theta c) does, theta = 2 Omega^2 E / (9 R T (1 - nu)). A core
of the free strain eps within a shell is under the pressure p that V05 states.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
import ufl
from dolfinx import fem

from mesode.model.unknowns import number_space
from mesode.numerics.full_newton import FullNewton, FullNewtonOptions
from mesode.numerics.system import BlockSystem
from mesode.physics.solid.growth import deformation
from mesode.physics.solid.hencky_flow import Solid
from mesode.physics.solid.law import SolidLaw, cauchy, piola
from mesode.physics.solid.network import Network
from support.elastic import MICROMETRE, fixed_component
from support.sections import mesh_domain, quarter_rings
from support.solve import integral

pytestmark = pytest.mark.mpi

EPS = 1e-3
E, NU = 60e9, 0.2


@dataclass
class Body:
    """A quarter of rings in balance: its laws by phase, and its deformation."""

    domain: Any
    laws: dict[str, SolidLaw]
    at: Any

    def dx(self, phase):
        return self.domain.dx(metadata={"quadrature_degree": 4})(self.domain.phases[phase])

    def stress(self, phase):
        """Return xx, yy, zz, xy of the Cauchy stress in a phase."""
        solid = self.laws[phase]
        sigma = cauchy(solid, self.at, solid.held(self.at, solid.start))
        return sigma.xx, sigma.yy, sigma.zz, sigma.xy

    def off(self, phase, expected):
        """Return by how much stress differs from polar s_r, s_t, s_z in a phase, in the mean."""
        x = ufl.SpatialCoordinate(self.domain.mesh)
        c, s = (x[k] / ufl.sqrt(ufl.inner(x, x)) for k in (0, 1))
        s_r, s_t, s_z = expected
        cartesian = (s_r * c * c + s_t * s * s, s_r * s * s + s_t * c * c, s_z, (s_r - s_t) * c * s)
        pairs = zip(self.stress(phase), cartesian, strict=True)
        wrong = sum((found - exact) ** 2 for found, exact in pairs)
        size = sum(ufl.as_ufl(exact) ** 2 for exact in cartesian)
        return (integral(wrong * self.dx(phase)) / integral(size * self.dx(phase))) ** 0.5


def balanced(domain, laws, *, free_length):
    """Return a body that is free around and, if asked for, along z; in plane strain else."""
    space = fem.functionspace(domain.mesh, ("Lagrange", 2, (2,)))
    u, v = fem.Function(space), ufl.TestFunction(space)
    length = fem.Function(number_space(domain.mesh))
    w = ufl.TestFunction(length.function_space)
    at = deformation(MICROMETRE * u, 1 + length if free_length else 1)
    body, row, axial = Body(domain, laws, at), 0, 0
    for phase, solid in laws.items():
        P = piola(solid, at, solid.tau(at, solid.start, 0.0))
        row += P.virtual_work(v) / (E * MICROMETRE) * body.dx(phase)
        axial += P.zz * w / (E * MICROMETRE**2) * body.dx(phase)
    bcs = [fixed_component(space, axis, axis, 0.0) for axis in (0, 1)]
    rows, unknowns = ([row, axial], [u, length]) if free_length else ([row], [u])
    system = BlockSystem(domain.mesh, rows, unknowns, bcs=bcs)
    newton = FullNewton(system, FullNewtonOptions(tolerance=1e-12))
    assert newton.solve(), newton.why
    return body


def meshed(radii, phases, size, folder):
    return mesh_domain(quarter_rings(radii, phases, size), size, size, folder)


def radius(domain):
    x = ufl.SpatialCoordinate(domain.mesh)
    return ufl.sqrt(ufl.inner(x, x)) / MICROMETRE


@pytest.fixture(scope="module")
def disc(tmp_path_factory):
    return meshed([1.0], ["active"], 1 / 30, tmp_path_factory.mktemp("disc"))


@pytest.mark.parametrize("law", [Solid, pytest.param(Network, marks=pytest.mark.slow)])
def test_a_particle_with_a_profile_of_lithium(disc, law):
    rho = radius(disc)
    grown = law.of(E, NU, (1 + EPS * rho**4) ** 3)
    body = balanced(disc, {"active": grown}, free_length=True)
    k, r4 = EPS * E / (1 - NU), rho**4
    expected = (k / 6 * (1 - r4), k / 6 * (1 - 5 * r4), k * (1 / 3 - r4))
    assert body.off("active", expected) < 1e-3  # 6e-4 by the mesh, 5e-4 by the strain
    # and what lithium feels of it
    found = grown.chemical_stress(body.at, grown.start)
    exact = 2 / 3 * k * (1 / 3 - r4)
    off = integral((found - exact) ** 2 * body.dx("active"))
    assert (off / integral(exact**2 * body.dx("active"))) ** 0.5 < 1e-3


def pressure(inner, outer, share):
    """Return p of a core of the free strain EPS, also out of the plane, of moduli (E, nu)."""
    (E_i, nu_i), (E_m, nu_m) = inner, outer
    core = (1 + nu_i) * (1 - 2 * nu_i) / E_i
    shell = (1 + nu_m) * (1 + (1 - 2 * nu_m) * share) / (E_m * (1 - share))
    return (1 + nu_i) * EPS / (core + shell)


@pytest.mark.parametrize("law", [pytest.param(Solid, marks=pytest.mark.slow), Network])
def test_a_core_in_its_shell(tmp_path, law):
    inner, outer, a = (E, NU), (1.7e9, 0.35), 0.9
    domain = meshed([a, 1.0], ["active", "binder"], 1 / 30, tmp_path)
    laws = {
        "active": law.of(*inner, (1 + EPS) ** 3),
        "binder": law.of(*outer, 1.0),
    }
    body = balanced(domain, laws, free_length=False)
    share = a**2
    p = pressure(inner, outer, share)
    assert p * 10 / 1e6 == pytest.approx(2.305, rel=1e-3)  # V05 has 1 % of strain
    core = (-p, -p, -2 * NU * p - E * EPS)
    assert body.off("active", core) < 1e-3
    far = p * share / (1 - share)  # Lame
    beyond = far / radius(domain) ** 2
    shell = (far - beyond, far + beyond, 2 * outer[1] * far)
    assert body.off("binder", shell) < 5e-3  # by chords of the thin shell: 3.5e-3 at any strain
