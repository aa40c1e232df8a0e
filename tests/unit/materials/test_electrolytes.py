"""If this fails, ohmic drop, concentration profile and limiting current of the salt are wrong."""

from __future__ import annotations

import numpy as np
import pytest

from mesode.materials.library import get_law, list_laws

MOLAR = (200.0, 500.0, 1000.0, 1500.0, 2000.0)
TABLE = {
    ("kappa", "nyman_2008"): (0.4423, 0.7933, 0.9487, 0.8201, 0.5962),
    ("D_e", "nyman_2008"): (4.10e-10, 3.10e-10, 1.77e-10, 8.83e-11, 4.36e-11),
    ("t_plus", "nyman_2008"): (0.370, 0.300, 0.259, 0.231, 0.119),
    ("kappa", "valoen_reimers_2005"): (0.4911, 0.9498, 1.1943, 1.0679, 0.7963),
    ("D_e", "valoen_reimers_2005"): (5.42e-10, 4.47e-10, 3.22e-10, 2.31e-10, 1.65e-10),
    ("kappa", "landesfeind_2019_ec_dmc"): (0.6183, 1.0227, 1.1819, 1.0001, 0.7312),
    ("D_e", "landesfeind_2019_ec_dmc"): (4.54e-10, 3.84e-10, 2.91e-10, 2.20e-10, 1.66e-10),
    ("tdf", "landesfeind_2019_ec_dmc"): (1.39, 1.65, 2.20, 2.96, 4.01),
    ("t_plus", "landesfeind_2019_ec_dmc"): (0.486, 0.420, 0.325, 0.249, 0.193),
    ("kappa", "landesfeind_2019_ec_emc"): (0.4369, 0.7558, 0.9130, 0.8098, 0.5939),
    ("D_e", "landesfeind_2019_ec_emc"): (4.76e-10, 3.95e-10, 2.89e-10, 2.12e-10, 1.55e-10),
    ("tdf", "landesfeind_2019_ec_emc"): (0.77, 1.37, 2.18, 2.95, 3.85),
    ("t_plus", "landesfeind_2019_ec_emc"): (0.356, 0.305, 0.221, 0.150, 0.106),
}
# The last printed digit of each quantity; D_e has three figures and is compared relatively.
DIGIT = {"kappa": 1e-4, "t_plus": 6e-4, "tdf": 6e-3}
TRANSPORT = [(q, n) for q in ("kappa", "D_e", "t_plus", "tdf") for n in list_laws()[q]]


@pytest.mark.parametrize(("quantity", "name"), TABLE)
def test_laws_meet_the_table_at_25_degrees(quantity, name):
    law = get_law(quantity, name)
    got = [float(law(c_e=c_e, T=298.15)) for c_e in MOLAR]
    if quantity == "D_e":
        assert got == pytest.approx(TABLE[quantity, name], rel=3e-3, abs=0)
    else:
        assert got == pytest.approx(TABLE[quantity, name], abs=DIGIT[quantity])


def test_valoen_factor_at_one_molar_with_the_reference_temperature_of_the_collection():
    assert float(get_law("tdf", "valoen_reimers_2005")(c_e=1000.0, T=298.15)) == pytest.approx(
        2.17, abs=5e-3
    )
    assert get_law("t_plus", "valoen_reimers_2005")() == 0.38


def test_nyman_with_17_kilojoule_freezes_as_arrhenius_says():
    law = get_law("kappa", "nyman_2008")
    ratio = law(c_e=1000.0, T=273.15) / law(c_e=1000.0, T=298.15)
    assert float(ratio) == pytest.approx(np.exp(17e3 / 8.314462618 * (1 / 298.15 - 1 / 273.15)))


@pytest.mark.parametrize("temperature", [250.0, 263.15, 298.15, 323.15, 350.0])
@pytest.mark.parametrize(("quantity", "name"), TRANSPORT)
def test_positive_and_bounded_from_depletion_to_saturation(quantity, name, temperature):
    c_e = np.concatenate([np.linspace(-500.0, 10.0, 50), np.linspace(10.0, 6000.0, 300)])
    values = get_law(quantity, name)(c_e=c_e, T=temperature) + 0.0 * c_e
    assert np.all(np.isfinite(values))
    negative = quantity == "t_plus" and name.startswith("landesfeind")
    assert np.all(values > (-1.0 if negative else 0.0))
    if quantity == "t_plus":
        assert np.all(values < 1.0)


def test_the_transference_number_follows_its_fit_below_zero():
    # the cubic of the paper by hand: EC:EMC 3:7, 1 mol/l, 0 degC
    T = 273.15
    r = (-12.8, -6.12, 8.21e-2, 0.904, 3.18e-2, -1.27e-4, 1.75e-2, -3.12e-3, -3.96e-5)
    by_hand = sum(r[k] for k in (0, 1, 3, 6)) + (r[2] + r[4] + r[7]) * T + (r[5] + r[8]) * T**2
    assert by_hand == pytest.approx(-0.169, abs=1e-3)
    law = get_law("t_plus", "landesfeind_2019_ec_emc")
    assert float(law(c_e=1000.0, T=T)) == pytest.approx(by_hand, abs=2e-4)


@pytest.mark.parametrize(("quantity", "name"), TRANSPORT)
def test_slopes_stay_finite_at_depletion(quantity, name):
    law = get_law(quantity, name)
    for c_e in (-10.0, 0.0, 1.0, 2250.0, 3000.0):
        change = law(c_e=c_e + 1e-3, T=298.15) - law(c_e=c_e - 1e-3, T=298.15)
        middle = law(c_e=1000.0, T=298.15)
        assert abs(change / 2e-3) < 0.1 * abs(middle)
