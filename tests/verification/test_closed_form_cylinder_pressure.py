"""V06, elastic. If this fails, Hooke's law or the traction on a boundary is wrong: a pressed
particle or binder film carries a stress that is off.

Thick-walled cylinder in plane strain, inner pressure p = 1, b/a = 2, nu = 0.3 (Lame's solution).
"""

from __future__ import annotations

import pytest
import ufl

from mesode.numerics.system import BlockSystem
from mesode.physics.elasticity import SectionKind
from support.elastic import MICROMETRE, elastic_quarter, polar
from support.sections import mesh_domain, quarter_rings
from support.solve import mean, solve_steady

E, NU, P, A, B = 10e9, 0.3, 1e6, 1.0, 2.0
SIZE = A / 40

pytestmark = pytest.mark.mpi


@pytest.fixture(scope="module")
def tube(tmp_path_factory):
    section = quarter_rings([A, B], [None, "binder"], SIZE)
    domain = mesh_domain(section, SIZE, SIZE, tmp_path_factory.mktemp("tube"))
    body = elastic_quarter(domain, {"binder": (E, NU)}, {"binder": 0.0}, SectionKind.PLANE_STRAIN)
    inner = domain.ds("ring_0", ("binder",))
    n = ufl.FacetNormal(domain.mesh)
    v = ufl.TestFunction(body.u.function_space)
    pressed = body.rows[0] + P / (E * MICROMETRE) * ufl.inner(n, v) * inner
    solve_steady(BlockSystem(domain.mesh, [pressed], body.unknowns, bcs=body.bcs))
    return domain, body


@pytest.mark.parametrize(("ring", "expected"), [("ring_0", 1.66667), ("ring_1", 0.66667)])
def test_hoop_stress(tube, ring, expected):
    domain, body = tube
    hoop = polar(body.sigma["binder"], domain.mesh)[1]
    assert mean(hoop, domain.ds(ring, ("binder",))) / P == pytest.approx(expected, rel=5e-3)


@pytest.mark.parametrize(("ring", "expected"), [("ring_0", -1.0), ("ring_1", 0.0)])
def test_radial_stress_is_the_pressure(tube, ring, expected):
    domain, body = tube
    radial = polar(body.sigma["binder"], domain.mesh)[0]
    assert mean(radial, domain.ds(ring, ("binder",))) / P == pytest.approx(
        expected, rel=5e-3, abs=5e-3
    )


def test_widening(tube):
    domain, body = tube
    x = ufl.SpatialCoordinate(domain.mesh)
    outward = MICROMETRE * ufl.inner(body.u, x) / ufl.sqrt(ufl.inner(x, x))
    widened = mean(outward, domain.ds("ring_0", ("binder",))) / (A * MICROMETRE)
    assert widened * E / P == pytest.approx(1.90667, rel=5e-3)
