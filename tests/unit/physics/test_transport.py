"""If these fail, the sign or the size of a flux is wrong (checked on linear fields by hand)."""

from __future__ import annotations

from mpi4py import MPI

import pytest
import ufl
from dolfinx import fem, mesh

from mesode.physics import conduction, diffusion, electrolyte
from support.ufl_numbers import number

F, R, T = 96485.33212, 8.314462618, 298.15
WIDTH = 1e-5  # [m] of a square in which fields change along x


@pytest.fixture(scope="module")
def square():
    corners = [[0.0, 0.0], [WIDTH, WIDTH]]
    return mesh.create_rectangle(MPI.COMM_SELF, corners, [4, 4])


@pytest.fixture(scope="module")
def along(square):
    """Return a function that rises linearly in x between two values."""

    def rise(low, high):
        return low + (high - low) * ufl.SpatialCoordinate(square)[0] / WIDTH

    return rise


def mean_x(vector, square):
    """Mean x component of a vector field over the square."""
    form = fem.form(vector[0] * ufl.dx(domain=square, metadata={"quadrature_degree": 6}))
    return fem.assemble_scalar(form) / WIDTH**2


def test_lithium_flows_down_its_gradient(square, along):
    flux = diffusion.lithium_flux(along(1e4, 2e4), 1e-14)
    assert mean_x(flux, square) == pytest.approx(-1e-14 * 1e4 / WIDTH)


def test_lithium_flows_to_tension(square, along):
    c_s = fem.Constant(square, 1e4)
    flux = diffusion.lithium_flux(c_s, 1e-14, Omega=8e-6, sigma_h=along(0, 1e8), T=T)
    assert mean_x(flux, square) == pytest.approx(1e-14 * 8e-6 * 1e4 / (R * T) * 1e8 / WIDTH)


def test_flux_vanishes_in_equilibrium_with_stress(square, along):
    # R T ln c = Omega sigma_h + constant
    sigma_h = along(-1e8, 1e8)
    c_s = 1e4 * ufl.exp(8e-6 * sigma_h / (R * T))
    flux = diffusion.lithium_flux(c_s, 1e-14, Omega=8e-6, sigma_h=sigma_h, T=T)
    alone = diffusion.lithium_flux(c_s, 1e-14)
    assert abs(mean_x(flux, square)) < 1e-10 * abs(mean_x(alone, square))


def test_electrons_carry_current_down_the_potential(square, along):
    assert mean_x(conduction.electronic_current(along(0, 0.1), 10.0), square) == pytest.approx(-1e5)


def transport(**values):
    defaults = {"kappa": 1.0, "D_e": 3e-10, "t_plus": 0.3, "tdf": 1.8, "macmullin": 2.0}
    return electrolyte.Transport(**(defaults | values))


def test_ionic_conduction_in_a_porous_phase(square, along):
    c_e = fem.Constant(square, 1000.0)
    current = electrolyte.ionic_current(c_e, along(0, 0.01), transport(), T)
    assert mean_x(current, square) == pytest.approx(-0.5 * 0.01 / WIDTH)


def test_salt_gradient_drives_current_to_the_dense_side(square, along):
    z = along(0.0, 0.2)
    phi_e = fem.Constant(square, 0.0)
    current = electrolyte.ionic_current(1000 * ufl.exp(z), phi_e, transport(), T)
    expected = 2 * 0.5 * R * T / F * 0.7 * 1.8 * 0.2 / WIDTH
    assert mean_x(current, square) == pytest.approx(expected, rel=1e-6)


def test_concentration_potential_at_rest(square, along):
    # without current phi_e rises by (2RT/F)(1 - t+) tdf ln(c2/c1)
    z = along(0.0, 0.2)
    phi_e = 2 * R * T / F * 0.7 * 1.8 * z
    current = electrolyte.ionic_current(1000 * ufl.exp(z), phi_e, transport(), T)
    assert abs(mean_x(current, square)) < 1e-6 * 0.5 * 0.01 / WIDTH


def test_ion_flux_is_diffusion_and_migration(square, along):
    flux = electrolyte.ion_flux(along(1000, 1100), ufl.as_vector([20.0, 0.0]), transport())
    expected = -3e-10 / 2 * 100 / WIDTH + 0.3 * 20 / F
    assert mean_x(flux, square) == pytest.approx(expected)


@pytest.mark.parametrize(("c_e", "error"), [(1000.0, 1e-8), (10.0, 1e-4)])
def test_bound_of_the_concentration_is_invisible_above_depletion(c_e, error):
    assert number(electrolyte.positive(c_e)) == pytest.approx(c_e, rel=error)


@pytest.mark.parametrize("c_e", [0.0, -1.0, -1000.0])
def test_bound_of_the_concentration_is_positive(c_e):
    assert 0.0 < number(electrolyte.positive(c_e)) < 0.1
