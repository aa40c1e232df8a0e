"""If this fails, kinetics and diffusion are off, or wrong at any temperature but 25 degC."""

from __future__ import annotations

import numpy as np
import pytest

from mesode.constants import T_REF
from mesode.materials.arrhenius import arrhenius, arrhenius_factor
from mesode.materials.exchange_current import insertion_law
from mesode.materials.law import constant, scaled
from mesode.materials.library import get_law, list_laws
from mesode.materials.presets import get_preset

MIDDLE = {"sto": 0.5, "c_e": 1000.0, "T": T_REF}
# resistance at 0, 40, 60 degC over that at 25 degC, three coatings of Zhang 2024
RATIOS = {
    "low": (12.06e3, 1.561, 0.792, 0.600),
    "medium": (15.55e3, 1.776, 0.740, 0.517),
    "high": (24.53e3, 2.474, 0.623, 0.354),
}


@pytest.mark.parametrize("level", RATIOS)
def test_charge_transfer_resistance_follows_the_reported_activation_energies(level):
    energy, *expected = RATIOS[level]
    i_0 = get_preset("active", f"SiO_coated_{level}_defect").lithium.i_0
    state = {"sto": 0.5, "c_e": 1000.0}
    # R_ct = RT/(F i_0); the ratios of V10 leave the prefactor T out
    ratios = [
        float(i_0(**state, T=T_REF) / i_0(**state, T=celsius + 273.15)) for celsius in (0, 40, 60)
    ]
    assert ratios == pytest.approx(expected, abs=6e-4)
    kelvin = np.array([273.15, 298.15, 313.15, 333.15])
    slope = np.polyfit(1.0 / kelvin, np.log(i_0(**state, T=kelvin)), 1)[0]
    assert -slope * 8.314462618 == pytest.approx(energy, rel=1e-9)


@pytest.mark.parametrize(
    ("quantity", "name", "expected"),
    [
        ("i_0", "si_chen_2020", 0.294),
        ("i_0", "nmc811_chen_2020", 3.41),
        ("i_0", "graphite_oregan_2022", 2.668 * 0.5**0.792 * 0.5**0.208),
        ("i_0", "lithium_xu_2019", 70.6),
        ("D_s", "si_bonkile_2024", 3e-16),
        ("D_s", "graphite_oregan_2022", 2.9e-16),
    ],
)
def test_values_at_the_reference_state(quantity, name, expected):
    assert float(get_law(quantity, name)(**MIDDLE)) == pytest.approx(expected, rel=0.015, abs=0)


def test_graphite_diffusion_over_the_lithiation():
    law = get_law("D_s", "graphite_oregan_2022")
    got = [float(law(sto=sto, T=T_REF)) for sto in (0.1, 0.5, 0.9)]
    assert got == pytest.approx([1.5e-14, 2.9e-16, 8.7e-16], rel=0.02, abs=0)


def test_insertion_shape_is_newmans():
    law = insertion_law("i_0", 2.0, "", alpha_a=0.3, alpha_c=0.7)
    expected = 2.0 * 0.25**0.3 * (2 * 0.2) ** 0.7 * (2 * 0.8) ** 0.3
    assert float(law(sto=0.2, c_e=250.0)) == pytest.approx(expected, rel=1e-4)
    half = insertion_law("i_0", 2.0, "")
    assert float(half(sto=0.5, c_e=1000.0)) == pytest.approx(2.0, rel=1e-5)
    assert float(half(sto=0.1, c_e=250.0)) == pytest.approx(2.0 * 0.5 * 0.6, rel=1e-4)


@pytest.mark.parametrize("name", sorted(list_laws()["i_0"]))
def test_exchange_current_survives_empty_full_and_depleted(name):
    law = get_law("i_0", name)
    for sto in (-0.05, 0.0, 1e-6, 0.5, 1.0, 1.05):
        for c_e in (-100.0, 0.0, 1e-3, 1000.0):
            value = float(law(sto=sto, c_e=c_e, T=T_REF))
            assert np.isfinite(value)
            assert value > 0.0
            over_sto = law(sto=sto + 1e-7, c_e=c_e, T=T_REF) - law(sto=sto - 1e-7, c_e=c_e, T=T_REF)
            assert abs(over_sto / 2e-7) < 1e4 * float(law(**MIDDLE))


def test_i_0_keeps_the_rule_of_the_coatings():
    middle = {level: get_preset("active", f"SiO_coated_{level}_defect").lithium for level in RATIOS}
    i_0 = {level: float(lithium.i_0(**MIDDLE)) for level, lithium in middle.items()}
    D_s = {level: float(lithium.D_s(**MIDDLE)) for level, lithium in middle.items()}
    assert i_0["low"] == pytest.approx(2.0, rel=1e-5)
    for level in ("medium", "high"):
        ratio = i_0[level] / i_0["low"]
        assert ratio == pytest.approx(np.sqrt(D_s[level] / D_s["low"]), rel=1e-9)


def test_arrhenius_is_replaced_not_stacked():
    law = arrhenius(arrhenius(constant(2.0, "m^2/s"), 30e3), 10e3)
    assert float(law(T=323.15)) == pytest.approx(2.0 * arrhenius_factor(323.15, 10e3))
    assert law.E_a == 10e3
    assert float(law(T=T_REF)) == pytest.approx(2.0)


def test_arrhenius_after_scaling_acts_on_the_scaled_law():
    law = arrhenius(scaled(arrhenius(constant(2.0, "m^2/s"), 30e3), 5.0), 10e3)
    assert float(law(T=273.15)) == pytest.approx(10.0 * arrhenius_factor(273.15, 10e3))


def test_arrhenius_refuses_a_law_that_knows_its_temperature():
    with pytest.raises(ValueError, match="depends on temperature by itself"):
        arrhenius(get_law("kappa", "landesfeind_2019_ec_dmc"), 10e3)
    with pytest.raises(ValueError, match="at least 0"):
        arrhenius(constant(1.0, "m^2/s"), -1.0)
