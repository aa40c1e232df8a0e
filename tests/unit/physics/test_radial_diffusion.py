"""If these fail, lithium in the particles of a layer diffuses otherwise than the law says."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad, solve_ivp
from scipy.linalg import eigh
from scipy.optimize import brentq
from scipy.special import j1

from mesode.physics.radial_diffusion import COUNT, RadialBasis

# zeros of tan z = z and of J_1
ZEROS = {3: (4.493409457909064, 7.725251836937707), 2: (3.8317059702075125, 7.015586669815619)}
DIMENSIONS = (2, 3)


def basis(d, count=COUNT):
    return RadialBasis(d, count)


def mean(f, d):
    """Return the mean over the volume of a particle of a function of x."""
    return d * quad(lambda x: f(x) * x ** (d - 1), 0.0, 1.0, epsabs=1e-13, epsrel=1e-12)[0]


def phi(found, x):
    return found.values(np.array([x]))[0]


def slope(found, x, h=1e-6):
    return (phi(found, x + h) - phi(found, x - h)) / (2 * h)


@pytest.mark.parametrize("d", DIMENSIONS)
def test_profiles_have_no_mean_are_orthogonal_and_one_at_the_surface(d):
    found = basis(d, 3)
    assert phi(found, 1.0) == pytest.approx(np.ones(3))
    for k in range(3):
        assert mean(lambda x, k=k: phi(found, x)[k], d) == pytest.approx(0.0, abs=1e-12)
        for j in range(3):
            product = mean(lambda x, k=k, j=j: phi(found, x)[k] * phi(found, x)[j], d)
            assert product == pytest.approx(found.masses[k] * (k == j), abs=1e-12)


@pytest.mark.parametrize("d", DIMENSIONS)
def test_profiles_decay_as_those_of_the_closed_form(d):
    found = basis(d)
    rates = eigh(found.stiffness, np.diag(found.masses), eigvals_only=True)
    assert np.sqrt(rates[:2]) == pytest.approx(ZEROS[d], rel=1e-10)


@pytest.mark.parametrize("d", DIMENSIONS)
def test_a_diffusivity_that_depends_on_lithium_is_taken_where_it_is(d):
    found, sto, w = basis(d, 3), 0.4, [0.1, -0.05, 0.02]

    def D_s(s):
        return 1.0 + 2.0 * s

    def row(k):
        def flux(x):
            here = slope(found, x)
            return D_s(sto + phi(found, x) @ w) * here[k] * (here @ w)

        return mean(flux, d)

    assert found.transport(sto, w, D_s, depends=True) == pytest.approx(
        [row(k) for k in range(3)], rel=1e-6
    )
    constant = found.transport(sto, w, lambda s: 2.0, depends=False)
    assert found.transport(sto, w, lambda s: 2.0 + 0.0 * s, depends=True) == pytest.approx(constant)


def exact_surface(d, tau):
    """Return (s_surface - s_mean) over i_n R/(F c_max D_s) after a time tau of constant current.

    Crank, The Mathematics of Diffusion, 2nd ed. (1975), 6.45 and 5.45; i_n < 0.
    """
    if d == 3:
        zeros = [
            brentq(lambda z: np.sin(z) - z * np.cos(z), n * np.pi, (n + 0.5) * np.pi - 1e-9)
            for n in range(1, 400)
        ]
        start = 1.0 / 5.0
    else:
        zeros = [
            brentq(j1, (n + 0.25) * np.pi - 0.5, (n + 0.25) * np.pi + 0.5) for n in range(1, 400)
        ]
        start = 1.0 / 4.0
    z = np.array(zeros)
    return start - 2.0 * np.sum(np.exp(-(z**2) * tau) / z**2)


@pytest.mark.parametrize("d", DIMENSIONS)
def test_the_surface_after_a_jump_of_the_current_is_that_of_the_closed_form(d):
    found = basis(d)
    taus = np.array([1e-4, 3e-4, 1e-3])

    def rate(_, w):
        return (d - found.stiffness @ w) / found.masses

    path = solve_ivp(rate, (0.0, taus[-1]), np.zeros(COUNT), "Radau", taus, rtol=1e-9, atol=1e-12)
    off = path.y.sum(axis=0) / [exact_surface(d, tau) for tau in taus] - 1.0
    assert off == pytest.approx(np.zeros(3), abs=4e-3)
    assert off[1:] == pytest.approx(np.zeros(2), abs=4e-4)
    assert off[2] == pytest.approx(0.0, abs=3e-5)


def test_the_surface_of_a_sphere_under_a_current_that_oscillates_is_that_of_the_closed_form():
    """s = 1/(z coth z - 1) per i_n R/(F c_max D_s), z^2 = i omega R^2/D_s."""
    found = basis(3)
    for frequency, most in ((1e2, 1e-12), (1e3, 1e-8), (4e3, 1e-4), (1.4e4, 8e-3)):
        z = np.sqrt(1j * frequency)
        w = np.linalg.solve(
            1j * frequency * np.diag(found.masses) + found.stiffness, 3.0 * np.ones(COUNT)
        )
        exact = 1.0 / (z / np.tanh(z) - 1.0)
        assert abs(w.sum() + 3.0 / (1j * frequency) - exact) < most * abs(exact)
