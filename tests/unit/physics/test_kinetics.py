"""If these fail, current flows the wrong way or with the wrong strength at the particles."""

from __future__ import annotations

from mpi4py import MPI

import numpy as np
import pytest
from dolfinx import fem, mesh
from scipy.optimize import brentq

from mesode.materials.library import get_law
from mesode.physics import kinetics
from support.ufl_numbers import number, values

F, R, T = 96485.33212, 8.314462618, 298.15
f = F / (R * T)
I_0 = 2.0


def current(eta, **alphas):
    return number(kinetics.butler_volmer(eta, I_0, T, **alphas))


def test_no_current_in_equilibrium():
    assert current(0.0) == 0.0


@pytest.mark.parametrize("eta", [0.001, 0.05, 0.3])
def test_oxidation_is_positive(eta):
    assert current(eta) > 0.0 > current(-eta)


def test_linear_limit():
    # i = i_0 (alpha_a + alpha_c) f eta
    assert current(1e-6, alpha_a=0.7, alpha_c=0.4) == pytest.approx(I_0 * 1.1 * f * 1e-6, rel=1e-4)


@pytest.mark.parametrize(("alpha_a", "alpha_c"), [(0.5, 0.5), (0.7, 0.3)])
def test_tafel_slopes(alpha_a, alpha_c):
    decade = np.log(10) / f
    alphas = {"alpha_a": alpha_a, "alpha_c": alpha_c}
    up, down = decade / alpha_a, decade / alpha_c
    assert current(0.4 + up, **alphas) / current(0.4, **alphas) == pytest.approx(10, rel=1e-5)
    assert current(-0.4 - down, **alphas) / current(-0.4, **alphas) == pytest.approx(10, rel=1e-5)


def test_hyperbolic_sine_for_equal_coefficients():
    assert current(0.08) == pytest.approx(2 * I_0 * np.sinh(f * 0.04), rel=1e-12)


def test_temperature_enters_the_exponent():
    hot = number(kinetics.butler_volmer(0.1, I_0, 2 * T))
    assert hot == pytest.approx(current(0.05), rel=1e-12)


@pytest.fixture(scope="module")
def film_cases():
    """Transfer coefficients, i_0 [A/m^2], film [ohm m^2] and drop [V], one case a row."""
    return np.array(
        [
            (*alphas, i_0, resistance, drop)
            for alphas in ((0.5, 0.5), (0.8, 0.3))
            for i_0 in (1e-6, 1e-2, 1.0, 1e3)
            for resistance in (1e-6, 1e-3, 1.0)
            for drop in (-2.0, -0.3, -1e-3, 1e-5, 0.02, 0.5, 2.0)
        ]
    )


def currents_behind_film(cases):
    """Evaluate the compiled expression, one case a cell."""
    line = mesh.create_interval(MPI.COMM_SELF, len(cases), [0.0, 1.0])
    space = fem.functionspace(line, ("DG", 0))
    alpha_a, alpha_c, i_0, resistance, drop = (fem.Function(space) for _ in range(5))
    for function, column in zip((alpha_a, alpha_c, i_0, resistance, drop), cases.T, strict=True):
        function.x.array[:] = column
    alphas = {"alpha_a": alpha_a, "alpha_c": alpha_c}
    eta = kinetics.overpotential_behind_film(drop, i_0, T, resistance, **alphas)
    law = fem.Expression(kinetics.butler_volmer(eta, i_0, T, **alphas), np.array([[0.5]]))
    return law.eval(line, np.arange(len(cases), dtype=np.int32)).ravel()


def current_by_bisection(alpha_a, alpha_c, i_0, resistance, drop):
    def law(eta):
        return i_0 * (np.exp(alpha_a * f * eta) - np.exp(-alpha_c * f * eta))

    high = abs(drop)
    eta = brentq(lambda eta: eta + resistance * law(eta) - drop, -high, high, xtol=1e-16)
    return law(eta)


HOST = get_law("ocp", "si_verbrugge_lithiation")
NEAR_THE_ENDS = (1e-7, 1e-5, 5e-4, 0.3, 1 - 5e-4, 1 - 1e-6)
ALPHAS = [(0.5, 0.5), (0.46, 0.5), (0.8, 0.3)]


def state(sto, alphas):
    """Return the activities of a host, and by what they lower its exchange current."""
    filled, vacant = float(HOST.ends.filled(sto)), float(HOST.ends.vacant(sto))
    share = np.exp(alphas[1] * filled + alphas[0] * vacant)
    law = {"alpha_a": alphas[0], "alpha_c": alphas[1], "filled": filled, "vacant": vacant}
    return law, share


@pytest.mark.parametrize("alphas", ALPHAS)
@pytest.mark.parametrize("sto", NEAR_THE_ENDS)
def test_tails_and_activities_are_one_physics(sto, alphas):
    # Butler-Volmer with U and its exchange current against activities and U without its tails
    law, share = state(sto, alphas)
    for phi in (-0.1, 0.3, 0.9):
        found = number(kinetics.butler_volmer(phi - HOST.known(sto=sto, T=T), I_0, T, **law))
        eta = phi - float(HOST(sto=sto, T=T))
        whole = np.exp(alphas[0] * f * eta) - np.exp(-alphas[1] * f * eta)
        assert found == pytest.approx(I_0 * share * whole, rel=1e-9)


@pytest.mark.parametrize("alphas", ALPHAS)
@pytest.mark.parametrize("sto", NEAR_THE_ENDS)
def test_a_film_sees_the_same_activities(sto, alphas):
    law, share = state(sto, alphas)
    resistance, phi = 1e-3, 0.5
    drop = phi - float(HOST.known(sto=sto, T=T))
    eta = kinetics.overpotential_behind_film(drop, I_0, T, resistance, **law)
    (found,) = values(kinetics.butler_volmer(eta, I_0, T, **law))
    alone = current_by_bisection(*alphas, I_0 * share, resistance, phi - float(HOST(sto=sto, T=T)))
    assert found == pytest.approx(alone, rel=1e-8)


def test_no_potential_empties_what_is_empty_or_fills_what_is_full():
    for sto, phi, sign in ((0.0, 2.0, 1), (-1e-6, 3.0, 1), (1.0, -1.0, -1), (1.0 + 1e-6, -2.0, -1)):
        law, _ = state(sto, (0.5, 0.5))
        eta = phi - float(HOST.known(sto=sto, T=T))
        inside, _ = state(0.5, (0.5, 0.5))
        flows = [sign * number(kinetics.butler_volmer(eta, I_0, T, **a)) for a in (law, inside)]
        assert flows[1] > 1e6
        assert abs(flows[0]) < (1e-4 if sto in (0.0, 1.0) else 1e-20) * flows[1]


def test_what_is_beyond_goes_back():
    for sto in (-5e-7, 0.0, 0.3, 1.0):
        assert number(kinetics.returned(sto, 1e5)) == 0.0
    assert number(kinetics.returned(-1.5e-6, 1e5)) == pytest.approx(-F * 1e5 * 1e-4 * 1e-6)
    assert number(kinetics.returned(1.0 + 1.5e-6, 1e5)) == pytest.approx(F * 1e5 * 1e-4 * 1e-6)


def test_film_takes_its_share_of_the_drop(film_cases):
    exact = [current_by_bisection(*case) for case in film_cases]
    error = np.abs(currents_behind_film(film_cases) - exact)
    rounding = 10 * np.finfo(float).eps * film_cases[:, 2]  # of the difference of exponentials
    assert np.all(error <= 1e-9 * np.abs(exact) + rounding)


def test_film_at_rest_carries_nothing():
    assert currents_behind_film(np.array([[0.5, 0.5, I_0, 1e-3, 0.0]])) == 0.0


def test_double_layer_charges_with_the_difference():
    assert number(kinetics.double_layer(3.0, 1.0, 0.2)) == pytest.approx(0.4)


def test_compression_lowers_the_potential():
    # 8.5e-6 m^3/mol at -1 GPa: 88.1 mV
    shifted = kinetics.equilibrium_potential(0.4, Omega=8.5e-6, sigma_h=-1e9)
    assert number(shifted) == pytest.approx(0.4 - 0.0881, abs=1e-4)
    assert number(kinetics.equilibrium_potential(0.4)) == 0.4


def test_potential_and_flux_belong_to_one_chemical_potential():
    # mu = R T ln c - Omega sigma_h and U = -mu/F + const: where the flux vanishes, the stress part
    # of the potential balances the concentration part of an ideal host
    Omega, sigma_h = 8.5e-6, 2e8
    ln_c = Omega * sigma_h / (R * T)
    ideal = -R * T / F * ln_c
    shifted = number(kinetics.equilibrium_potential(ideal, Omega=Omega, sigma_h=sigma_h))
    assert shifted == pytest.approx(0.0, abs=1e-12)
