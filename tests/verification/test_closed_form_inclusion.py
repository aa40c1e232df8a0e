"""V05. If this fails, a swelling particle in a binder film presses with the wrong force: the
swelling, the modulus of a phase or the bond between phases is wrong.

A core that swells by the linear strain 1 % in all directions, in a shell with a/b = 0.9, perfect
bond, plane strain (closed form: Lame's solutions joined at the interface), tolerance 0.5 %.
"""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from mesode.numerics.system import BlockSystem
from mesode.physics.elasticity import SectionKind
from support.elastic import elastic_quarter, polar
from support.sections import mesh_domain, quarter_rings
from support.solve import mean, sampled, solve_steady, value_at

CORE, SHELL = "active", "carbon_binder"
E_CORE, NU_CORE, NU_SHELL, MISFIT = 60e9, 0.2, 0.35, 0.01
A, B = 0.9, 1.0
SIZE = B / 40
PRESSURE = {1.70e9: 2.305e6, 2.76e9: 3.736e6}  # by modulus of the shell [Pa]

pytestmark = pytest.mark.mpi


@pytest.fixture(scope="module")
def domain(tmp_path_factory):
    section = quarter_rings([A, B], [CORE, SHELL], SIZE)
    return mesh_domain(section, SIZE, SIZE, tmp_path_factory.mktemp("shell"))


def solved(domain, E_shell):
    moduli = {CORE: (E_CORE, NU_CORE), SHELL: (E_shell, NU_SHELL)}
    free = {CORE: MISFIT, SHELL: 0.0}
    body = elastic_quarter(domain, moduli, free, SectionKind.PLANE_STRAIN)
    solve_steady(BlockSystem(domain.mesh, body.rows, body.unknowns, bcs=body.bcs))
    hoop = polar(body.sigma[SHELL], domain.mesh)[1]
    # Equilibrium: the mean in-plane stress of the core is minus the mean pressure on its surface.
    # Read point by point at the surface, stress scatters by 2 % at the corners of the polygon.
    in_plane = (body.sigma[CORE][0, 0] + body.sigma[CORE][1, 1]) / 2
    core = [value_at(sampled(body.sigma[CORE][k, k], domain.mesh), (0, 0)) for k in range(3)]
    return SimpleNamespace(
        core=core,
        contact=mean(in_plane, domain.dx(domain.phases[CORE])),
        hoop_inner=mean(hoop, domain.ds("ring_0", (SHELL,))),
        hoop_outer=mean(hoop, domain.ds("ring_1", (SHELL,))),
    )


@pytest.mark.parametrize(("E_shell", "p"), PRESSURE.items())
def test_pressure_on_the_core(domain, E_shell, p):
    found = solved(domain, E_shell)
    assert found.core[:2] == pytest.approx([-p, -p], rel=5e-3)
    assert found.contact == pytest.approx(-p, rel=5e-3)


def test_stress_in_shell_and_along_the_core(domain):
    found = solved(domain, 1.70e9)
    assert found.hoop_inner == pytest.approx(21.953e6, rel=5e-3)
    assert found.hoop_outer == pytest.approx(19.649e6, rel=5e-3)
    assert found.core[2] == pytest.approx(-600.92e6, rel=5e-3)
