"""If this fails, a value in a case file is silently not the one that is simulated."""

from __future__ import annotations

import pytest

from mesode.constants import T_REF
from mesode.materials.arrhenius import arrhenius_factor
from mesode.materials.expressions import expression_law
from mesode.materials.law import constant
from mesode.materials.library import get_law
from mesode.materials.override_rules import OverrideError
from mesode.materials.overrides import override_keys, with_overrides
from mesode.materials.presets import get_preset
from mesode.materials.tables import table_law

MIDDLE = {"sto": 0.5, "c_e": 1000.0, "T": T_REF}
SIO = get_preset("active", "SiO_coated_high_defect")
MATRIX = get_preset("carbon_binder", "CMC_SBR_SuperP")
SALT = get_preset("electrolyte", "LiPF6_EC_EMC_Nyman")
LITHIUM = get_preset("counter", "lithium_metal")


def keys_assumed(material):
    return {entry.partition(":")[0] for entry in material.assumed}


def test_nothing_given_changes_nothing():
    assert with_overrides(SIO) is SIO
    assert with_overrides(SIO, D_s=None, E=None) is SIO


def test_plain_numbers():
    made = with_overrides(
        SIO, density=2000.0, c_max=1e5, alpha_a=0.4, film_resistance=1e-3, double_layer=0.1
    )
    lithium = made.lithium
    assert (made.density, lithium.c_max, lithium.alpha_a) == (2000.0, 1e5, 0.4)
    assert (lithium.film_resistance, lithium.double_layer, lithium.alpha_c) == (1e-3, 0.1, 0.5)
    assert SIO.density == 2130.0
    assert keys_assumed(SIO) - keys_assumed(made) == {"density", "c_max", "double_layer"}


def test_i_0_ref_sets_the_middle_and_keeps_shape_and_energy():
    law = with_overrides(SIO, i_0_ref=3.0).lithium.i_0
    assert float(law(**MIDDLE)) == pytest.approx(3.0, rel=1e-12)
    cold = {"sto": 0.1, "c_e": 400.0, "T": 273.15}
    old = SIO.lithium.i_0
    assert float(law(**cold) / law(**MIDDLE)) == pytest.approx(float(old(**cold) / old(**MIDDLE)))
    assert not law.assumed
    assert "given by the user" in law.source


def test_i_0_ref_with_its_own_energy():
    law = with_overrides(SIO, i_0_ref=3.0, E_a_i_0=50e3).lithium.i_0
    assert float(law(**MIDDLE)) == pytest.approx(3.0)
    ratio = float(law(sto=0.5, c_e=1000.0, T=273.15)) / 3.0
    assert ratio == pytest.approx(float(arrhenius_factor(273.15, 50e3)))


def test_energy_alone_keeps_the_value_and_its_assumption():
    made = with_overrides(SIO, E_a_i_0=1e3, E_a_D_s=20e3)
    assert float(made.lithium.i_0(**MIDDLE)) == pytest.approx(float(SIO.lithium.i_0(**MIDDLE)))
    assert made.lithium.i_0.E_a == 1e3
    assert made.lithium.i_0.assumed
    assert "i_0" in keys_assumed(made)
    assert "E_a_D_s" not in keys_assumed(made)


def test_a_full_law_replaces_value_and_energy():
    made = with_overrides(SIO, i_0=2.5, D_s=constant(1e-14, "m^2/s"))
    assert made.lithium.i_0(sto=0.9, c_e=10.0, T=250.0) == 2.5
    assert made.lithium.D_s() == 1e-14
    assert {"i_0", "E_a_D_s"}.isdisjoint(keys_assumed(made))


def test_swelling_by_expansion_and_by_molar_volume():
    by_ratio = with_overrides(SIO, volumetric_expansion=1.2).mechanical.swelling
    assert float(by_ratio(sto=0.5)) == pytest.approx(0.6)
    made = with_overrides(SIO, c_max=2e5, partial_molar_volume=9e-6)
    assert float(made.mechanical.swelling(sto=1.0)) == pytest.approx(1.8)
    assert "volumetric_expansion" not in keys_assumed(made)


def test_stiffness():
    made = with_overrides(SIO, E=constant(5e10, "Pa"), nu=0.25, strength=2e9)
    assert (made.mechanical.E(), made.mechanical.nu()) == (5e10, 0.25)
    assert made.mechanical.strength == 2e9
    assert made.mechanical.swelling is SIO.mechanical.swelling


def test_porosity_takes_a_bruggeman_number_along_but_not_a_measured_one():
    made = with_overrides(MATRIX, porosity=0.5)
    assert made.ionic.macmullin == pytest.approx(0.5**-1.5)
    notes = [entry for entry in made.assumed if entry.startswith("macmullin")]
    assert len(notes) == 1
    assert "0.5^-1.5" in notes[0]
    assert "porosity" not in keys_assumed(made)
    separator = with_overrides(get_preset("separator", "Celgard_2500"), porosity=0.5)
    assert (separator.ionic.porosity, separator.ionic.macmullin) == (0.5, 4.5)
    both = with_overrides(MATRIX, porosity=0.5, macmullin=3.0)
    assert (both.ionic.porosity, both.ionic.macmullin) == (0.5, 3.0)
    assert "macmullin" not in keys_assumed(both)


def test_a_dense_binder_becomes_a_matrix_with_porosity_and_sigma():
    made = with_overrides(get_preset("carbon_binder", "PVDF"), porosity=0.6, sigma=50.0)
    assert made.ionic.macmullin == pytest.approx(0.6**-1.5)
    assert made.electronic.sigma() == 50.0
    assert "macmullin" in keys_assumed(made)
    assert made.mechanical is not None


def test_electrolyte():
    made = with_overrides(SALT, concentration=1200.0, kappa=1.0, E_a_D_e=30e3, t_plus=0.3, tdf=2.0)
    assert (made.concentration, made.kappa(), made.t_plus(), made.tdf()) == (1200.0, 1.0, 0.3, 2.0)
    assert made.D_e.E_a == 30e3
    assert float(made.D_e(**MIDDLE)) == pytest.approx(1.77e-10, rel=3e-3, abs=0)
    assert made.assumed == ()


def test_counter():
    made = with_overrides(LITHIUM, i_0_ref=10.0, E_a_i_0=40e3, film_resistance=1e-4)
    assert float(made.i_0(c_e=1000.0, T=T_REF)) == pytest.approx(10.0)
    assert float(made.i_0(c_e=500.0, T=T_REF)) == pytest.approx(10.0 * 0.5**0.3, rel=1e-5)
    assert made.film_resistance == 1e-4


@pytest.mark.parametrize(
    ("material", "changes", "key", "message"),
    [
        (SIO, {"i_0": 1.0, "i_0_ref": 1.0}, "i_0", "not both"),
        (
            SIO,
            {"volumetric_expansion": 1.0, "partial_molar_volume": 1e-6},
            "volumetric_expansion",
            "not both",
        ),
        (SIO, {"porosity": 0.5}, "porosity", "cannot be overridden here"),
        (SIO, {"c_max": -1.0}, "c_max", r"above 0 and at most 1e\+06 mol/m\^3, got -1"),
        (SIO, {"c_max": "much"}, "c_max", "expected a number"),
        (SIO, {"nu": 0.5}, "nu", "above -1 and below 0.5"),
        (SIO, {"D_s": 0.0}, "D_s", "expected a finite number above 0"),
        (SIO, {"ocp": get_law("E", "si_qi_2014")}, "ocp", "expected at least -1 and at most 6 V"),
        (SIO, {"E": get_law("D_s", "si_bonkile_2024")}, "E", "may depend on sto, not on T"),
        (MATRIX, {"c_max": 1.0}, "c_max", "cannot be overridden here"),
        (MATRIX, {"porosity": 2.0}, "porosity", "at most 1"),
        (MATRIX, {"macmullin": 0.5}, "macmullin", "at least 1"),
        (get_preset("carbon_binder", "CCL"), {"macmullin": 3.0}, "macmullin", "give a porosity"),
        (get_preset("carbon_binder", "CCL"), {"E_a_sigma": 3.0}, "E_a_sigma", "no sigma"),
        (
            get_preset("electrolyte", "LiPF6_EC_DMC"),
            {"E_a_kappa": 1e4},
            "E_a_kappa",
            "by itself",
        ),
        (LITHIUM, {"i_0": get_law("i_0", "si_chen_2020")}, "i_0", "no lithiation"),
        (LITHIUM, {"ocp": 0.0}, "ocp", "cannot be overridden here"),
    ],
)
def test_what_makes_no_sense_is_refused_with_the_key(material, changes, key, message):
    with pytest.raises(OverrideError, match=message) as caught:
        with_overrides(material, **changes)
    assert key in caught.value.problems
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    ("material", "key", "text", "message"),
    [
        (SIO, "D_s", "1e3", r"gives 1000 m\^2/s, expected above 0 and at most 0.0001"),
        (SIO, "D_s", "1e-14*(1 - 1.005*sto)", r"gives -.* at sto = 0.99"),
        (SIO, "D_s", "1e-14/sto", "is not finite at sto = 0"),
        (SIO, "D_s", "1e-14*(1 + 0.03*(T - 298.15))", r"gives -.* at T = 263"),
        (SIO, "i_0", "1e7*sto", "expected above 0 and at most 1e\\+06"),
        (SIO, "i_0", "1 - c_e/1500", "gives 0 A/m.2 at c_e = 1500"),
        (SIO, "ocp", "7 - sto", "expected at least -1 and at most 6 V"),
        (SIO, "ocp", "0.1 - 0.02*sto + 0.3*(sto - 0.99)*(1 + tanh(1e3*(sto - 0.99)))", "rises"),
        (SALT, "kappa", "1 - (c_e/1800)**2", "at c_e = 2000"),
        (SALT, "t_plus", "0.2 + c_e/1000", "expected at least -1 and below 1"),
    ],
)
def test_values_of_laws_have_the_bounds_of_numbers(material, key, text, message):
    with pytest.raises(OverrideError, match=message) as caught:
        with_overrides(material, temperature=263.0, **{key: expression_law(text)})
    assert list(caught.value.problems) == [key]


def test_what_is_asked_for_only_where_the_potential_is_known_may_end_at_zero():
    made = with_overrides(SIO, i_0=expression_law("2*sqrt(sto*(1 - sto))"))
    assert float(made.lithium.i_0(sto=0.5)) == 1.0
    far = table_law([[2.0, 0.5], [3.0, 0.1]], unit="V")
    with pytest.raises(OverrideError, match="known for sto from 2 to 3, not in 0 to 1"):
        with_overrides(SIO, ocp=far)


def test_a_potential_that_rises_is_refused():
    rising = get_law("swelling", "graphite_ai_2020")
    with pytest.raises(OverrideError, match="a potential must fall"):
        with_overrides(SIO, ocp=rising)


def test_all_problems_are_listed_at_once():
    with pytest.raises(OverrideError) as caught:
        with_overrides(SIO, c_max=-1.0, nu=0.7, colour=1.0)
    assert set(caught.value.problems) == {"c_max", "nu", "colour"}


def test_override_keys_of_each_kind():
    assert "partial_molar_volume" in override_keys(SIO)
    assert "porosity" not in override_keys(SIO)
    assert "porosity" in override_keys(MATRIX)
    assert "E" not in override_keys(get_preset("separator", "Celgard_2500"))


def test_a_coating_takes_its_own_or_the_scaled_kinetics_of_the_host():
    preset = get_preset("coating", "carbon_coating")
    thin = with_overrides(preset, thickness=5e-9, sigma=1e4, film_resistance=1e-3, i_0_ref=2.0)
    assert (thin.thickness, float(thin.sigma()), thin.film_resistance) == (5e-9, 1e4, 1e-3)
    assert (thin.i_0, thin.i_0_ref) == (None, 2.0)
    assert {entry.partition(":")[0] for entry in thin.assumed} == {"E", "nu"}
    own = with_overrides(thin, i_0=0.5)
    assert (float(own.i_0()), own.i_0_ref) == (0.5, None)
    with pytest.raises(OverrideError, match="porosity: cannot be overridden"):
        with_overrides(preset, porosity=0.3)
    with pytest.raises(OverrideError, match="thickness: expected a finite number above 0"):
        with_overrides(preset, thickness=0.0)
