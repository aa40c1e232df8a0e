"""If these fail, the distribution of relaxation times has wrong peaks or areas."""

from __future__ import annotations

import numpy as np
import pytest

from mesode.evaluate.circuit import parse
from mesode.evaluate.drt import Distribution, distribution
from support.impedances import noisy

F = np.logspace(5.0, -2.0, 71)
THREE = parse("R0-Zarc1-Zarc2-Zarc3")
VALUES = (5.0, 10.0, 1e-4, 0.9, 20.0, 0.1, 0.95, 15.0, 3.0, 0.9)


@pytest.mark.parametrize("seed", range(8))
def test_three_arcs_with_noise_are_three_peaks(seed):
    found = distribution(F, noisy(THREE.impedance(F, VALUES), 0.005, seed))
    peaks = [peak for peak in found.peaks() if peak.R > 2.0]
    assert [peak.tau for peak in peaks] == pytest.approx([1e-4, 0.1, 3.0], rel=0.3)
    assert [peak.R for peak in peaks] == pytest.approx([10.0, 20.0, 15.0], rel=0.1)
    # noise at the lowest frequencies: a part of a percent of Z is taken for a capacitor in series
    assert found.R + found.R_inf == pytest.approx(50.0, rel=0.015)
    assert found.rms == pytest.approx(0.005 / 2.0**0.5, rel=0.3)


def gamma_of_zarc(R, a, log_ratio):
    top = R / (2.0 * np.pi) * np.sin((1.0 - a) * np.pi)
    return top / (np.cosh(a * log_ratio) - np.cos((1.0 - a) * np.pi))


@pytest.mark.parametrize(
    ("a", "top", "beside"),
    [(0.8, 0.489829, 0.038577), (0.9, 1.004865, 0.015950), (0.95, 2.022255, 0.007064)],
)
def test_the_closed_form_of_an_arc(a, top, beside):
    assert gamma_of_zarc(1.0, a, 0.0) == pytest.approx(top, rel=1e-5)
    assert gamma_of_zarc(1.0, a, np.log(10.0)) == pytest.approx(beside, rel=1e-4)


@pytest.mark.parametrize(("a", "lower"), [(0.8, 0.02), (0.9, 0.1)])  # the narrower the lower
def test_without_noise_the_curve_is_the_closed_form(a, lower):
    f = np.logspace(6.0, -4.0, 101)
    found = distribution(f, parse("R0-Zarc1").impedance(f, (1.0, 1.0, 0.05, a)))
    expected = gamma_of_zarc(1.0, a, np.log(found.tau / 0.05))
    near = np.abs(np.log10(found.tau / 0.05)) < 3.0
    np.testing.assert_allclose(found.gamma[near], expected[near], atol=lower * expected.max())
    assert pytest.approx(1.0, rel=2e-3) == found.R
    assert found.R_inf == pytest.approx(1.0, rel=2e-3)


def test_one_rc_is_one_narrow_peak_with_its_area():
    found = distribution(F, parse("R0-p(R1,C1)").impedance(F, (1.0, 10.0, 1e-3)))
    (peak,) = found.peaks()
    assert peak.tau == pytest.approx(0.01, rel=0.13)  # points are a tenth of a decade apart
    assert pytest.approx(10.0, rel=2e-3) == peak.R
    wide = np.ptp(np.log10(found.tau[found.gamma > 0.01 * peak.gamma]))
    assert wide < 0.5


def test_an_arc_of_which_the_half_is_measured_has_its_area():
    f = np.logspace(4.0, 0.0, 41)  # down to the top
    Z = parse("R0-p(R1,C1)").impedance(f, (1.0, 5.0, 0.2 / (2.0 * np.pi)))
    assert pytest.approx(5.0, rel=0.01) == distribution(f, Z).R


def test_what_is_blocked_is_a_capacitor_not_a_peak():
    found = distribution(F, parse("L0-R0-p(R1,C1)-C2").impedance(F, (1e-6, 3.0, 10.0, 1e-3, 0.5)))
    assert 1.0 / found.inverse_C == pytest.approx(0.5, rel=0.02)
    assert pytest.approx(1e-6, rel=0.02) == found.L
    assert found.R_inf == pytest.approx(3.0, rel=0.02)
    assert pytest.approx(10.0, rel=0.02) == found.R


def test_it_gives_its_spectrum_back_and_the_order_does_not_matter():
    Z = THREE.impedance(F, VALUES)
    found, turned = distribution(F, Z), distribution(F[::-1], Z[::-1])
    np.testing.assert_allclose(found.impedance(F), Z, rtol=5e-3)
    np.testing.assert_allclose(turned.gamma, found.gamma, atol=1e-6 * found.gamma.max())


def test_a_given_lambda_is_taken_and_smooths():
    Z = noisy(THREE.impedance(F, VALUES), 0.005, seed=0)
    tops = [distribution(F, Z, each).gamma.max() for each in (1e-5, 1e-2, 1e0)]
    assert tops[0] > tops[1] > tops[2]


def test_nothing_has_no_peaks():
    tau = np.logspace(-3.0, 1.0, 41)
    empty = Distribution(tau, 0.0 * tau, 1.0, 0.0, 0.0, 1e-3, 0.0)
    assert empty.peaks() == []
