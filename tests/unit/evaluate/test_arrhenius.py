"""If these fail, activation energies or stresses from Raman shifts are wrong."""

from __future__ import annotations

import numpy as np
import pytest

from mesode.constants import FARADAY, GAS_CONSTANT, T_REF
from mesode.evaluate import raman
from mesode.evaluate.arrhenius import activation_energy
from mesode.evaluate.lines import line_through_origin, straight_line

T = np.array([273.15, 298.15, 313.15, 333.15])
#: R_ct(T)/R_ct(25 degC) at 0, 40 and 60 degC of three activation energies [J/mol].
RATIOS = {
    12060.0: (1.561, 0.792, 0.600),
    15550.0: (1.776, 0.740, 0.517),
    24530.0: (2.474, 0.623, 0.354),
}


@pytest.mark.parametrize(("E_a", "ratios"), RATIOS.items())
def test_ratios_give_the_energies_of_the_paper(E_a, ratios):
    R = np.insert(ratios, 1, 1.0)
    assert activation_energy(T, 1.0 / R).E_a == pytest.approx(E_a, rel=0.01)


@pytest.mark.parametrize("E_a", RATIOS)
def test_with_the_temperature_of_the_rate_the_energy_is_exact(E_a):
    i_0 = np.exp(-E_a / GAS_CONSTANT * (1.0 / T - 1.0 / T_REF))
    R = GAS_CONSTANT * T / (FARADAY * i_0)
    assert activation_energy(T, T / R).E_a == pytest.approx(E_a, rel=1e-9)
    # 1/R_ct leaves out the factor T: smaller by about R T
    by_paper = activation_energy(T, 1.0 / R).E_a
    assert E_a - by_paper == pytest.approx(GAS_CONSTANT * T.mean(), rel=0.02)


def test_noise_is_told():
    random = np.random.default_rng(4)
    off, told = [], []
    for _ in range(200):
        k = np.exp(-2e4 / GAS_CONSTANT / T + 0.02 * random.standard_normal(4))
        found = activation_energy(T, k)
        off.append(found.E_a - 2e4)
        told.append(found.error)
    assert np.std(off) == pytest.approx(np.sqrt(np.mean(np.square(told))), rel=0.15)


def test_lines():
    x = np.array([1.0, 2.0, 4.0])
    line = straight_line(x, 3.0 - 2.0 * x)
    assert (line.slope, line.intercept, line.r2) == pytest.approx((-2.0, 3.0, 1.0))
    assert line.at(5.0) == pytest.approx(-7.0)
    assert line_through_origin(x, 2.0 * x).slope == pytest.approx(2.0)
    assert np.isnan(straight_line(x[:2], x[:2]).error)


def test_what_lines_leave_over():
    """By hand: squares of 1.5 of 6 about the mean, of 2 of 10 about zero, one point to spare."""
    line = straight_line(np.arange(3.0), np.array([0.0, 0.0, 3.0]))
    assert (line.slope, line.r2, line.error) == pytest.approx((1.5, 0.75, 0.75**0.5))
    line = line_through_origin(np.ones(2), np.array([1.0, 3.0]))
    assert (line.slope, line.r2, line.error) == pytest.approx((2.0, 0.8, 1.0))


@pytest.mark.parametrize(("shift", "gigapascal"), [(15.55, 3.25), (45.26, 9.46), (62.06, 12.97)])
def test_stress_of_silicon_and_its_sign(shift, gigapascal):
    # the paper rounds the coefficient to 0.209
    assert 1e-9 * raman.stress(520.0 - shift) == pytest.approx(gigapascal, rel=5e-3)
    assert raman.stress(520.0 + shift) < 0.0


def test_stress_for_each_wave_number():
    for w_0, coefficient in ((520.0, -0.2083), (521.0, -0.2087), (522.0, -0.2091)):
        assert 1e-9 * raman.stress(w_0 + 1.0, w_0) == pytest.approx(coefficient, abs=6e-5)
