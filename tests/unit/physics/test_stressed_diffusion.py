"""If these fail, lithium moves under stress where mu is uniform, or not as mu drives it."""

from __future__ import annotations

from mpi4py import MPI

import numpy as np
import pytest
import ufl
from dolfinx import fem, mesh

from mesode.constants import FARADAY
from mesode.materials.library import get_law
from mesode.materials.ops import ufl_ops
from mesode.physics.diffusion import corner_values, lithium_flux, transport
from mesode.physics.kinematics import IDENTITY, Deformed
from mesode.physics.stressed_diffusion import LEAST_SLOPE, STEEP_ENOUGH, drive, stressed_flux
from support.ufl_numbers import values

T, D, C_MAX, OMEGA, WIDTH = 298.15, 1e-14, 3e5, 9e-6, 1e-6
STIFF = 1e12  # no stress makes such a host unstable
ONCE = {"quadrature_degree": 0}
OCP = get_law("ocp", "si_verbrugge_average")


def constant(_):
    return OMEGA


def rising(sto):
    return OMEGA * (0.5 + sto)


def bowl(sto):
    """A molar volume that has its minimum inside."""
    return OMEGA * (0.2 + (sto - 0.5) ** 2)


@pytest.fixture(scope="module")
def nodes():
    """A mesh of triangles of many shapes, its lithiation and its hydrostatic stress."""
    square = mesh.create_rectangle(MPI.COMM_SELF, [[0.0, 0.0], [WIDTH, WIDTH]], [5, 4])
    x = square.geometry.x[:, :2] / WIDTH
    inside = np.flatnonzero((np.abs(x - 0.5) < 0.49).all(axis=1))
    rng = np.random.default_rng(1)
    square.geometry.x[inside, :2] += 0.04 * WIDTH * rng.uniform(-1, 1, (len(inside), 2))
    space = fem.functionspace(square, ("Lagrange", 1))
    return fem.Function(space), fem.Function(space)


def rows(nodes, Omega=constant, ocp=OCP, stiffness=0.0, sites=C_MAX, kin=IDENTITY):
    """Return the rows of the flux [A/m]; ``sites`` per volume [mol/m^3]."""
    sto, sigma_h = nodes
    domain = sto.function_space.mesh
    N = stressed_flux(
        domain,
        corner_values(sto, domain),
        [s / FARADAY for s in corner_values(sigma_h, domain)],
        lambda s: ocp(sto=s, T=T, ops=ufl_ops()),
        Omega,
        stiffness=stiffness,
        conductance=D * sites,
        kin=kin,
    )
    return fem.assemble_vector(fem.form(transport(N, weight(nodes), ufl.dx(metadata=ONCE)))).array


def fick(nodes):
    N = lithium_flux(C_MAX * nodes[0], D)
    return fem.assemble_vector(fem.form(transport(N, weight(nodes), ufl.dx))).array


def weight(nodes):
    return ufl.TestFunction(nodes[0].function_space)


def scatter(function, low, high):
    rng = np.random.default_rng(2)
    function.x.array[:] = rng.uniform(low, high, len(function.x.array))


@pytest.mark.parametrize("Omega", [constant, rising, bowl])
@pytest.mark.parametrize("ends", [(0.1, 0.9), (0.5, 0.5), (0.9999, 1.0), (1e-7, 0.5)])
def test_without_stress_it_is_ficks_law(nodes, Omega, ends):
    sto, sigma_h = nodes
    scatter(sto, *ends)
    sigma_h.x.array[:] = 0.0
    assert rows(nodes, Omega) == pytest.approx(fick(nodes), rel=1e-9, abs=1e-18)


@pytest.mark.parametrize("Omega", [constant, rising])
@pytest.mark.parametrize("ends", [(0.1, 0.9), (0.3, 0.300001), (0.99, 1 - 1e-7)])
def test_nothing_flows_where_mu_is_equal_at_the_nodes(nodes, Omega, ends):
    sto, sigma_h = nodes
    scatter(sto, *ends)
    s = sto.x.array
    sigma_h.x.array[:] = FARADAY / Omega(s) * (OCP(sto=0.5) - OCP(sto=s))
    assert np.abs(rows(nodes, Omega, stiffness=STIFF)).max() < 1e-8 * np.abs(fick(nodes)).max()
    # a tenth more of the stress drives a tenth of what the gradient does
    sigma_h.x.array[:] += 0.1 * FARADAY / Omega(s) * (OCP(sto=0.5) - OCP(sto=s))
    assert rows(nodes, Omega, stiffness=STIFF) == pytest.approx(
        -0.1 * fick(nodes), rel=1e-6, abs=1e-18
    )


def test_lithium_flows_to_tension_as_the_slope_of_the_potential_says(nodes):
    sto, sigma_h = nodes
    sto.x.array[:] = 0.4
    sigma_h.interpolate(lambda x: 1e7 * x[0] / WIDTH)
    slope = (OCP(sto=0.4001) - OCP(sto=0.3999)) / 2e-4
    # what flows is that of a lithiation that falls by as much
    out = rows(nodes)
    sto.interpolate(lambda x: 0.4 + OMEGA * 1e7 / FARADAY / slope * x[0] / WIDTH)
    assert out == pytest.approx(fick(nodes), rel=1e-5, abs=1e-18)


@pytest.mark.parametrize("sto", [1e-7, 1 - 1e-7])
def test_stress_moves_nothing_in_an_empty_or_a_full_host(nodes, sto):
    scatter(nodes[1], -1e9, 1e9)
    nodes[0].x.array[:] = 0.4
    half = np.abs(rows(nodes)).max()
    nodes[0].x.array[:] = sto
    assert np.abs(rows(nodes)).max() < 1e-5 * half


def flat(*, sto, T, ops):
    return 0.1 - STEEP_ENOUGH * sto


@pytest.mark.parametrize(("stiffness", "uphill"), [(0.0, False), (STIFF, True)])
def test_stress_that_makes_a_host_unstable_does_not_let_it_fall_apart(nodes, stiffness, uphill):
    """Compression and a molar volume that falls: F U + Omega sigma_h rises with the lithiation."""
    sto, sigma_h = nodes
    sto.interpolate(lambda x: 0.2 + 0.1 * x[0] / WIDTH)
    sigma_h.x.array[:] = -1e8
    share = np.dot(rows(nodes, bowl, flat, stiffness), sto.x.array) / np.dot(
        fick(nodes), sto.x.array
    )
    # the stiffness of the body, which is not a part of this flux, keeps it together
    assert (share < 0.0) == uphill
    if not uphill:
        assert 0.5 < share < 2 / 3  # what stress takes is more than the least slope


@pytest.mark.parametrize("Omega", [constant, rising, bowl])
def test_a_deformed_host_has_the_flux_of_the_host_that_it_has_become(nodes, Omega):
    sto, sigma_h = nodes
    scatter(sto, 0.1, 0.9)
    scatter(sigma_h, -1e9, 1e9)
    F = np.array([[1.4, 0.3], [-0.2, 0.9]])
    kin = Deformed(ufl.as_matrix(F.tolist()))
    found = rows(nodes, Omega, stiffness=STIFF, kin=kin)
    x = sto.function_space.mesh.geometry.x
    drawn = x.copy()
    try:
        x[:, :2] = drawn[:, :2] @ F.T
        expected = rows(nodes, Omega, stiffness=STIFF, sites=C_MAX / float(np.linalg.det(F)))
    finally:
        x[:] = drawn
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-12 * np.abs(expected).max())
    assert np.abs(rows(nodes, Omega, stiffness=STIFF) - found).max() > 0.1 * np.abs(found).max()


def test_the_least_slope_of_an_edge_is_what_stress_takes_twice_less_what_the_body_gives():
    """On a plateau, S = L + 2 B - K with K = stiffness Omega^2 at the mean, by hand."""
    ends, pressed = (ufl.as_ufl(0.3), ufl.as_ufl(0.4)), -1e7 / FARADAY
    B, K = 0.02, 0.012  # [V]
    slope = B / pressed  # of Omega
    mean = 3e-6

    def Omega(s):
        return mean + slope * (s - 0.35)

    found = drive(ends, (pressed, pressed), lambda s: 0 * s, Omega, stiffness=K / mean**2)
    least = LEAST_SLOPE + 2 * B - K
    assert values(found)[0] == pytest.approx(0.1 * (1 - B / least), rel=1e-6)
