"""V01. If this fails, lithium spreads through a particle at the wrong rate: the storage, the
diffusive flux or the flux through the surface is off, or the time integration drifts.

A long cylinder with a constant flux j through its surface from t = 0, y = (c - c_0) D / (j R) at
the centre and at the surface, tau = D t / R^2. Source: Crank, The Mathematics of Diffusion, 2nd
ed. (1975), eq. 5.46; series summed with 400 terms. Tolerance 0.5 % at 40 elements per radius.
"""

from __future__ import annotations

import numpy as np
import pytest
import ufl
from dolfinx import fem

from mesode.constants import FARADAY
from mesode.numerics.system import BlockSystem
from mesode.physics import diffusion
from support.sections import mesh_domain, quarter_rings
from support.shapes import single_disc
from support.solve import advance, integral, mean, start_integrator, value_at

R, D, J, C_0 = 1e-6, 1e-14, 1e-5, 2000.0
UNIT = J * R / D  # [mol/m^3]
SIZE = 1 / 40  # of the elements, in radii
CENTRE_AND_SURFACE = {
    0.01: (0.000000, 0.118140),
    0.02: (0.000000, 0.170460),
    0.05: (0.001198, 0.281043),
    0.10: (0.026922, 0.418326),
    0.20: (0.167938, 0.642770),
    0.50: (0.750219, 1.249912),
    1.00: (1.750000, 2.250000),
}
MID_RADIUS = (0.10, 0.096613)
EARLY = 0.05  # where the wave has barely reached the centre, which takes a finer mesh

pytestmark = pytest.mark.mpi


def start(domain, rim, tolerance):
    space = fem.functionspace(domain.mesh, ("Lagrange", 1))
    c, rate, v = fem.Function(space), fem.Function(space), ufl.TestFunction(space)
    c.x.array[:] = C_0 / UNIT
    dx, ds = domain.dx, domain.ds(rim, ("active",))
    N = diffusion.lithium_flux(UNIT * c, D)
    row = diffusion.storage(UNIT * rate, v, dx) + diffusion.transport(N, v, dx)
    row -= FARADAY * J * v * ds
    system = BlockSystem(domain.mesh, [row], [c], [rate])
    current = FARADAY * J * 2 * np.pi * R
    clock = start_integrator(system, [True], current, tolerance=tolerance, first_step=1e-3)
    return c, ds, clock


@pytest.fixture(scope="module")
def history(tmp_path_factory):
    section = single_disc(1.0, SIZE)
    domain = mesh_domain(section, SIZE, SIZE, tmp_path_factory.mktemp("disc"))
    c, ds, clock = start(domain, "surface", 1e-6)
    found = {}
    for tau in CENTRE_AND_SURFACE:
        advance(clock, tau * R**2 / D)
        centre, *ring = (value_at(c, p) - C_0 / UNIT for p in ((0, 0), (R / 2, 0), (0, -R / 2)))
        y = c - C_0 / UNIT
        stored = integral(y * domain.dx) / (np.pi * R**2)
        found[tau] = (centre, mean(y, ds), stored, np.mean(ring))
    return found


@pytest.mark.parametrize("tau", [tau for tau in CENTRE_AND_SURFACE if tau != EARLY])
def test_centre(history, tau):
    assert history[tau][0] == pytest.approx(CENTRE_AND_SURFACE[tau][0], rel=5e-3, abs=1e-6)


@pytest.mark.parametrize("tau", CENTRE_AND_SURFACE)
def test_surface(history, tau):
    assert history[tau][1] == pytest.approx(CENTRE_AND_SURFACE[tau][1], rel=5e-3)


@pytest.mark.parametrize("tau", CENTRE_AND_SURFACE)
def test_stored_lithium_is_the_flux_passed(history, tau):
    # the rim is a polygon of the disc's area, longer than the circle by 1 in 20000
    assert history[tau][2] == pytest.approx(2 * tau, rel=2e-4)


def test_half_way_in(history):
    tau, expected = MID_RADIUS
    assert history[tau][3] == pytest.approx(expected, rel=5e-3)


def test_first_sign_at_the_centre(tmp_path):
    section = quarter_rings([1.0], ["active"], SIZE / 2)
    domain = mesh_domain(section, SIZE / 2, SIZE / 2, tmp_path)
    c, _, clock = start(domain, "ring_0", 1e-7)
    advance(clock, EARLY * R**2 / D)
    centre = value_at(c, (0, 0)) - C_0 / UNIT
    assert centre == pytest.approx(CENTRE_AND_SURFACE[EARLY][0], rel=5e-3)
