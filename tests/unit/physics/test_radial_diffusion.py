"""If these fail, lithium in the particles of a layer diffuses otherwise than the law says."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad, solve_ivp
from scipy.linalg import eigh
from scipy.optimize import brentq
from scipy.sparse import diags
from scipy.special import ive, j1

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
    assert np.sqrt(rates[:2]) == pytest.approx(ZEROS[d], rel=1e-4)
    assert np.sqrt(rates[0]) == pytest.approx(ZEROS[d][0], rel=2e-8)


@pytest.mark.parametrize("d", DIMENSIONS)
def test_a_diffusivity_that_is_linear_in_the_square_of_the_radius_is_exact(d):
    found, sto, w = basis(d, 3), 0.4, [0.1, 0.0, 0.0]

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


def shells(d, D_s, start, flux, taus, count=2000):
    """Return the lithiation of the surface by shells that are thin there (finite volumes)."""
    edges = np.tanh(np.linspace(0.0, 4.5, count + 1)) / np.tanh(4.5)
    inner, width = 0.5 * (edges[1:] + edges[:-1]), np.diff(edges**d) / d

    def rate(_, s):
        passed = D_s(0.5 * (s[1:] + s[:-1])) * np.diff(s) / np.diff(inner) * edges[1:-1] ** (d - 1)
        return np.diff([0.0, *passed, flux]) / width

    near = diags([np.ones(count - 1), np.ones(count), np.ones(count - 1)], [-1, 0, 1])
    s = solve_ivp(
        rate, (0.0, taus[-1]), np.full(count, start), "BDF", taus,
        rtol=1e-7, atol=1e-9, jac_sparsity=near,
    ).y[-1]  # fmt: skip
    return s + flux * (1.0 - inner[-1]) / D_s(s)


@pytest.mark.parametrize(("d", "flux"), [(3, 0.4), (3, -0.4), (2, 0.4)])
def test_a_diffusivity_that_depends_on_lithium_is_that_of_thin_shells(d, flux):
    """After a jump of the current, D_s falling by a factor of three through the particle."""
    found, start, taus = basis(d), 0.5, np.array([1e-5, 1e-4, 1e-3, 1e-2, 0.1])

    def D_s(s):
        return np.exp(-4.0 * (s - start))

    def rate(t, w):
        inside = found.transport(start + d * flux * t, w, D_s, depends=True)
        return (d * flux - np.array(inside)) / found.masses

    path = solve_ivp(rate, (0.0, 0.1), np.zeros(COUNT), "BDF", taus, rtol=1e-7, atol=1e-9)
    above = path.y.sum(axis=0)
    expected = shells(d, D_s, start, flux, taus) - start - d * flux * taus
    assert above == pytest.approx(expected, rel=2e-3)
    assert above[1:] == pytest.approx(expected[1:], rel=2e-4)


@pytest.mark.parametrize("d", DIMENSIONS)
def test_what_is_lost_lies_between_what_the_ends_of_the_diffusivity_would_give(d):
    found, rng = basis(d), np.random.default_rng(1)
    for _ in range(20):
        w = rng.normal(size=COUNT)
        lost = found.transport(0.5, w, lambda s: 1.0 + np.sin(9.0 * s) ** 2, depends=True) @ w
        least = w @ found.stiffness @ w
        assert least <= lost <= 2.0 * least


def exact_surface(d, tau):
    """Return (s_surface - s_mean) over i_n R/(F c_max D_s) after a time tau of constant current.

    Crank, The Mathematics of Diffusion, 2nd ed. (1975), 6.45 and 5.45; i_n < 0.
    """
    if d == 3:
        zeros = [
            brentq(lambda z: np.sin(z) - z * np.cos(z), n * np.pi, (n + 0.5) * np.pi - 1e-9)
            for n in range(1, 4000)
        ]
        start = 1.0 / 5.0
    else:
        zeros = [
            brentq(j1, (n + 0.25) * np.pi - 0.5, (n + 0.25) * np.pi + 0.5) for n in range(1, 4000)
        ]
        start = 1.0 / 4.0
    z = np.array(zeros)
    return start - 2.0 * np.sum(np.exp(-(z**2) * tau) / z**2)


@pytest.mark.parametrize("d", DIMENSIONS)
def test_the_surface_after_a_jump_of_the_current_is_that_of_the_closed_form(d):
    found = basis(d)
    taus = np.array([1e-6, 1e-5, 1e-4, 1e-3])

    def rate(_, w):
        return (d - found.stiffness @ w) / found.masses

    path = solve_ivp(rate, (0.0, taus[-1]), np.zeros(COUNT), "Radau", taus, rtol=1e-9, atol=1e-12)
    off = path.y.sum(axis=0) / [exact_surface(d, tau) for tau in taus] - 1.0
    assert np.all(np.abs(off) < [0.06, 1e-3, 1e-4, 1e-5])


@pytest.mark.parametrize("d", DIMENSIONS)
def test_the_surface_under_a_current_that_oscillates_is_that_of_the_closed_form(d):
    """s = 1/(z coth z - 1), I_0(z)/(z I_1(z)) per i_n R/(F c_max D_s), z^2 = i omega R^2/D_s."""
    found = basis(d)
    for frequency, most in ((1e2, 2e-6), (1e3, 3e-5), (1e4, 2e-4), (1e5, 2e-3), (3e5, 2e-2)):
        z = np.sqrt(1j * frequency)
        w = np.linalg.solve(
            1j * frequency * np.diag(found.masses) + found.stiffness, d * np.ones(COUNT)
        )
        exact = 1.0 / (z / np.tanh(z) - 1.0) if d == 3 else ive(0, z) / (z * ive(1, z))
        assert abs(w.sum() + d / (1j * frequency) - exact) < most * abs(exact)
