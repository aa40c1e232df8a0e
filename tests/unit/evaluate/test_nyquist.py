"""If these fail, resistances of arcs or diffusivities from Warburg's line are wrong."""

from __future__ import annotations

import numpy as np
import pytest

from mesode.constants import FARADAY, GAS_CONSTANT, T_REF
from mesode.evaluate import nyquist
from mesode.evaluate.circuit import parse

F = np.logspace(5.0, -2.0, 71)


@pytest.mark.parametrize(
    ("i_0", "ohm_cm2"), [(0.1, 2569.3), (0.294, 873.9), (1.0, 256.93), (2.2, 116.78), (10.0, 25.69)]
)
def test_the_arc_of_charge_transfer_gives_its_resistance(i_0, ohm_cm2):
    R = GAS_CONSTANT * T_REF / (FARADAY * i_0)
    (arc,) = nyquist.arcs(F, parse("R0-p(R1,C1)").impedance(F, (0.01 * R, R, 0.2)))
    assert pytest.approx(ohm_cm2, rel=1e-3) == 1e4 * arc.R
    assert pytest.approx(0.2, rel=0.13) == arc.C  # the frequencies are a tenth of a decade apart
    assert arc.begin == pytest.approx(0.01 * R, abs=1e-3 * R)


@pytest.mark.parametrize("alpha", [0.7, 0.8, 0.95])
def test_a_depressed_arc_has_its_chord(alpha):
    (arc,) = nyquist.arcs(F, parse("R0-Zarc1").impedance(F, (3.0, 40.0, 1e-2, alpha)))
    assert pytest.approx(40.0, rel=1e-3) == arc.R
    assert arc.begin == pytest.approx(3.0, abs=0.05)


def test_two_arcs_are_two_from_high_to_low_frequency():
    Z = parse("R0-p(R1,C1)-p(R2,C2)").impedance(F, (3.0, 10.0, 1e-5, 40.0, 1e-2))
    found = nyquist.arcs(F, Z)
    assert [arc.R for arc in found] == pytest.approx([10.0, 40.0], rel=0.05)
    assert [arc.R for arc in nyquist.arcs(F[::-1], Z[::-1])] == [arc.R for arc in found]


def test_no_arc_and_no_line_where_there_is_none():
    resistor = parse("R0").impedance(F, (3.0,))
    assert nyquist.arcs(F, resistor) == []
    assert nyquist.warburg(F, resistor) is None
    assert nyquist.warburg(F, parse("R0-p(R1,C1)").impedance(F, (3.0, 10.0, 1e-3))) is None


def test_the_line_of_warburg_returns_the_diffusivity():
    """sigma of an ideal solution with D 1e-14 m^2/s, 1000 mol/m^3, 1 m^2."""
    sigma = 1.8829e-3
    Z = parse("R0-p(R1-W1,C1)").impedance(F, (1e-4, 2e-4, sigma, 0.2))
    found = nyquist.warburg(F, Z)
    # the window reaches into the foot of the arc as far as the rule lets it
    assert found.sigma == pytest.approx(sigma, rel=0.02)
    D = nyquist.diffusivity(found.sigma, 1.0, nyquist.ideal_slope(1000.0))
    assert pytest.approx(1e-14, rel=0.04, abs=0) == D
    assert nyquist.diffusivity(sigma, 1.0, nyquist.ideal_slope(1000.0)) == pytest.approx(
        1e-14, rel=1e-4, abs=0
    )


def test_between_two_arcs_there_is_no_line():
    values = (1.0, 3.6, 2e-5, 139.0, 7e-5)  # as lithium metal and charge transfer at 0 degC
    assert nyquist.warburg(F, parse("R0-p(R1,C1)-p(R2,C2)").impedance(F, values)) is None


def test_what_rises_by_another_angle_is_no_line_of_warburg():
    # both parts are nearly straight over omega^-0.5; the imaginary one is tan(36 deg) as steep
    assert nyquist.warburg(F, parse("R0-CPE1").impedance(F, (1.0, 0.01, 0.4))) is None


def test_the_window_ends_where_the_slab_does():
    # tau = L^2/D: Z coth(s)/s has sigma = Z/sqrt(2 tau) above its end
    Z = parse("R0-Wo1").impedance(F, (1.0, 100.0, 500.0))
    found = nyquist.warburg(F, Z)
    assert found.sigma == pytest.approx(100.0 / 1000.0**0.5, rel=0.02)
    assert pytest.approx(1.0, rel=1e-3) == found.R
    assert found.f_high > 1e4 * found.f_low
    short = parse("R0-Wo1").impedance(F, (1.0, 100.0, 0.5))
    assert nyquist.warburg(F, short).f_low > 0.2


def test_electrons_count_as_in_the_formula():
    # D = R^2 T^2/(2 A^2 n^4 F^4 C^2 sigma^2)
    A, n, C, sigma, T = 1.131e-4, 2, 900.0, 30.0, 310.0
    expected = (GAS_CONSTANT * T) ** 2 / (2.0 * A**2 * n**4 * FARADAY**4 * C**2 * sigma**2)
    found = nyquist.diffusivity(sigma, A, nyquist.ideal_slope(C, T, n))
    assert found == pytest.approx(expected, rel=1e-6, abs=0)
