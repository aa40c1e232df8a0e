"""If these fail, peaks, diffusivities and b-values of voltammograms are wrong."""

from __future__ import annotations

import numpy as np
import pytest

from mesode.constants import FARADAY
from mesode.evaluate import sweeps
from support.voltammetry import RT_F, aoki, record_of_cycles, uptake


def test_the_constants_of_the_textbook():
    # 2.6865e5 in A, cm^2, mol/cm^3, V/s: 1 cm^2, 1 mol/cm^3, 1 cm^2/s, 1 V/s
    assert sweeps.peak_current(1.0, 1e-4, 1e-4, 1e6) == pytest.approx(2.6865e5, rel=1e-4)
    # n^1.5
    assert sweeps.peak_current(1.0, 1e-4, 1e-4, 1e6, n=2) == pytest.approx(7.5986e5, rel=1e-4)
    irreversible = 2.6865e5 * sweeps.IRREVERSIBLE / sweeps.REVERSIBLE
    assert irreversible == pytest.approx(2.9844e5, rel=1e-3)


@pytest.mark.parametrize(
    ("D", "milliampere"), [(2.04e-10, 0.0970), (8.15e-10, 0.1940), (4.12e-9, 0.4361)]
)
def test_peaks_of_a_coin_cell(D, milliampere):
    I_p = sweeps.peak_current(5e-4, 1e-4 * D, 1.131e-4, 1000.0)
    assert 1e3 * I_p == pytest.approx(milliampere, rel=1e-3)


def test_randles_sevcik_returns_the_diffusivity():
    v = np.array([1e-4, 3e-4, 5e-4, 9e-4])
    I_p = sweeps.peak_current(v, 3e-14, 1.131e-4, 1000.0, T=310.0, n=2)
    D, line = sweeps.randles_sevcik(v, I_p, 1.131e-4, 1000.0, T=310.0, n=2)
    assert pytest.approx(3e-14, rel=1e-6, abs=0) == D
    assert line.r2 == pytest.approx(1.0)


def test_of_nearly_equal_rates_the_last_is_taken():
    rates = (-3.0e-4, 1.0e-4, 1.0e-3, 1.015e-4, 3.0e-4, 1.025e-3)
    found = [sweeps.Sweep(rate, np.zeros(1), np.zeros(1)) for rate in rates]
    kept = [each.rate for each in sweeps.last_of_each_rate(found)]
    assert kept == [1.015e-4, -3.0e-4, 3.0e-4, 1.0e-3, 1.025e-3]


PEAKS = {0.01: 0.0025000, 1.0: 0.24161, 1000.0: 14.1130}


@pytest.mark.parametrize(("W", "peak"), PEAKS.items())
def test_the_slab_of_the_tests_has_its_peaks(W, peak):
    _, i = uptake(W)
    assert i.max() == pytest.approx(peak, rel=2e-3)


def test_diffusion_alone_gives_exponents_between_one_and_a_half():
    W = np.array([0.01, 0.011, 0.3, 0.33, 1.0, 1.1, 10.0, 11.0, 900.0, 1000.0])
    v, I_p = sweeps.peak_currents(sweeps.sweeps(record_of_cycles(W), 1))
    np.testing.assert_allclose(I_p, aoki(W), rtol=0.02)  # an interpolation, good to that
    pairs = [slice(k, k + 2) for k in range(0, len(W), 2)]
    b = [sweeps.b_value(v[pair], I_p[pair]).slope for pair in pairs]
    expected = [sweeps.b_value(W[pair], aoki(W[pair])).slope for pair in pairs]
    np.testing.assert_allclose(b, expected, atol=0.03)
    assert b[0] == pytest.approx(1.0, abs=1e-3)
    assert b[-1] == pytest.approx(0.5, abs=1e-3)
    assert (np.diff(b) < 0.0).all()


def test_the_half_space_returns_its_diffusivity_and_the_thin_layer_does_not():
    # i = i* F D c_max/L at v = W R T D/(F L^2); with D = L = 1 and C = c_max/F, A = 1
    def estimate(W):
        v, I_p = sweeps.peak_currents(sweeps.sweeps(record_of_cycles(W), 1))
        return sweeps.randles_sevcik(v / 1e-4 * RT_F, I_p, 1.0, 1.0 / FARADAY)[0]

    assert estimate([500.0, 1000.0]) == pytest.approx(1.0, rel=5e-3)
    assert estimate([0.05, 0.1]) < 0.1


def test_both_directions_and_the_last_cycle_are_taken():
    record = record_of_cycles([1.0, 3.0, 1.0])
    for direction in (1, -1):
        found = sweeps.sweeps(record, direction)
        assert [round(abs(each.rate) * 1e4, 6) for each in found] == [1.0, 3.0]
        assert all(np.sign(each.I[each.peak]) == direction for each in found)
    assert sweeps.sweeps(record, 1)[0].I[0] == pytest.approx(record.I[record.step == 5][0])


def test_sweeps_without_numbers_of_steps_are_found():
    numbered, plain = (
        sweeps.sweeps(record_of_cycles([1.0, 3.0], numbered=each), 1) for each in (True, False)
    )
    for with_steps, without in zip(numbered, plain, strict=True):
        assert without.rate == pytest.approx(with_steps.rate, rel=1e-3)
        assert without.I[without.peak] == pytest.approx(with_steps.I[with_steps.peak], rel=1e-9)


def test_the_split_returns_what_it_was_made_of():
    V = np.linspace(0.1, 0.9, 200)
    k1, k2 = 2.0 + np.sin(9.0 * V), 0.05 * (1.0 + V**2)
    rates = (1e-4, 3e-4, 5e-4, 9e-4)
    found = [sweeps.Sweep(v, V, -(k1 * v + k2 * v**0.5)) for v in rates]
    split = sweeps.split(found)
    np.testing.assert_allclose(split.k1, -(2.0 + np.sin(9.0 * split.V)), rtol=2e-4)
    np.testing.assert_allclose(split.k2, -0.05 * (1.0 + split.V**2), rtol=2e-4)
    # where a sweep turns its first and last fiftieth are left out
    assert split.V[[0, -1]] == pytest.approx([0.116, 0.884])
    assert sweeps.split(found[:1]) is None


def test_what_is_no_sum_of_both_is_fitted_in_parts_of_the_root_of_the_rate():
    """I/sqrt(v) of 0, 1, 0 at sqrt(v) of 1, 2, 3: the line of least squares is a third."""
    V = np.linspace(0.0, 1.0, 20)
    found = [sweeps.Sweep(s**2, V, np.full(20, s * y)) for s, y in ((1, 0.0), (2, 1.0), (3, 0.0))]
    split = sweeps.split(found)
    np.testing.assert_allclose(split.k1, 0.0, atol=1e-12)
    np.testing.assert_allclose(split.k2, 1.0 / 3.0, rtol=1e-12)


def test_no_exponent_where_the_current_flows_the_other_way():
    V = np.linspace(1.0, 0.0, 50)
    found = [sweeps.Sweep(-v, V, (0.5 - V) * v) for v in (1e-4, 5e-4)]
    b = sweeps.exponents(found, np.array([0.2, 0.8]))
    assert b[0] == pytest.approx(1.0)
    assert np.isnan(b[1])
    charge = [sweeps.Sweep(v, V[::-1], (0.5 - V[::-1]) * v) for v in (1e-4, 5e-4)]
    assert np.isnan(sweeps.exponents(charge, np.array([0.2, 0.8]))).tolist() == [True, False]


@pytest.mark.parametrize("share", [0.724, 0.560, 0.247])
def test_the_exponent_follows_from_the_share(share):
    """b = (1 + f)/2 where the share is f, at one rate."""
    V, v = np.linspace(0.0, 1.0, 50), np.array([4.99e-4, 5.01e-4])
    k1, k2 = share / 5e-4, (1.0 - share) / 5e-4**0.5
    found = [sweeps.Sweep(-each, V[::-1], np.full(50, k1 * each + k2 * each**0.5)) for each in v]
    np.testing.assert_allclose(sweeps.exponents(found, V[5:-5]), 0.5 * (1.0 + share), atol=1e-5)
    assert sweeps.split(found).share(5e-4) == pytest.approx(share, rel=1e-3)


@pytest.mark.parametrize("way", [1, -1])
def test_a_peak_is_that_in_the_direction_of_the_sweep(way):
    """Right after it has turned a larger current may still flow the other way."""
    V, I = 0.5 - 0.1 * way * np.arange(5.0), way * np.array([-5.0, -1.0, 1.0, 3.0, 2.0])
    sweep = sweeps.Sweep(-1e-3 * way, V, I)
    assert sweep.direction == way
    assert sweep.peak == 3
    assert sweeps.peak_currents([sweep])[1] == pytest.approx([3.0])
