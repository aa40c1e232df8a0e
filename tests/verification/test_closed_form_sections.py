"""If this fails, the out-of-plane direction of a kind of section is treated wrongly, and every
stress of a run with it.

A square of one material that swells uniformly by the linear strain e, by hand. Free: no stress,
but sigma_zz = -E e in plane strain, and in-plane strain e or (1 + nu) e. Held along x: sigma_xx =
-E e when z is free to move, sigma_xx = sigma_zz = -E e / (1 - nu) when it is not.
"""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from mesode.numerics.system import BlockSystem
from mesode.physics import elasticity
from mesode.physics.elasticity import SectionKind
from support.elastic import MICROMETRE, elastic_quarter, fixed_component
from support.sections import mesh_domain
from support.shapes import rectangle
from support.solve import mean, solve_steady

E, NU, SWELLING, SIDE = 60e9, 0.2, 0.01, 1.0
GENERALISED = SectionKind.GENERALISED_PLANE_STRAIN
STRAIN, STRESS = SectionKind.PLANE_STRAIN, SectionKind.PLANE_STRESS
FREE = {  # stress xx, yy, zz over E e, displacement of the top over e times the side
    GENERALISED: (0, 0, 0, 1),
    STRAIN: (0, 0, -1, 1 + NU),
    STRESS: (0, 0, 0, 1),
}
HELD = {
    GENERALISED: (-1, 0, 0, 1 + NU),
    STRAIN: (-1 / (1 - NU), 0, -1 / (1 - NU), (1 + NU) / (1 - NU)),
    STRESS: (-1, 0, 0, 1 + NU),
}

pytestmark = pytest.mark.mpi


@pytest.fixture(scope="module")
def domain(tmp_path_factory):
    section = rectangle(SIDE, SIDE, "active")
    return mesh_domain(section, 0.25, 0.25, tmp_path_factory.mktemp("square"))


def solved(domain, kind, *, held):
    body = elastic_quarter(domain, {"active": (E, NU)}, {"active": SWELLING}, kind)
    bcs = list(body.bcs)
    if held:
        bcs.append(fixed_component(body.u.function_space, 0, 0, SIDE * MICROMETRE))
    solve_steady(BlockSystem(domain.mesh, body.rows, body.unknowns, bcs=bcs))
    sigma = body.sigma["active"]
    risen = mean(body.u[1], domain.ds("counter", ("active",))) / SIDE
    found = [mean(sigma[k, k], domain.dx) / (E * SWELLING) for k in range(3)]
    return SimpleNamespace(sigma=sigma, values=(*found, risen / SWELLING))


@pytest.mark.parametrize("kind", FREE)
def test_free_square(domain, kind):
    found = solved(domain, kind, held=False)
    assert found.values == pytest.approx(FREE[kind], abs=1e-9)


@pytest.mark.parametrize("kind", FREE)
def test_square_held_along_x(domain, kind):
    found = solved(domain, kind, held=True)
    assert found.values == pytest.approx(HELD[kind], abs=1e-9)


@pytest.mark.parametrize("kind", FREE)
def test_invariants_of_the_stress(domain, kind):
    found = solved(domain, kind, held=True)
    xx, yy, zz, _ = HELD[kind]
    unit = E * SWELLING
    hydrostatic = mean(elasticity.hydrostatic(found.sigma), domain.dx) / unit
    assert hydrostatic == pytest.approx((xx + yy + zz) / 3, rel=1e-9)
    # one or two equal principal stresses: von Mises is their size
    von_mises = mean(elasticity.von_mises(found.sigma), domain.dx) / unit
    assert von_mises == pytest.approx(abs(xx), rel=1e-9)
