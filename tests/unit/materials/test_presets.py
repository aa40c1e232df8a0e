"""If this fails, a preset carries a wrong number, or an assumed value is not shown as one."""

from __future__ import annotations

import numpy as np
import pytest

from mesode.constants import T_REF
from mesode.materials.library import get_law
from mesode.materials.names import UnknownNameError
from mesode.materials.overrides import override_keys
from mesode.materials.presets import KINDS, get_preset, list_presets
from mesode.materials.property_table import PROPERTIES
from support.laws import laws_of

MIDDLE = {"sto": 0.5, "c_e": 1000.0, "T": T_REF}
ROWS = list_presets()
REQUIRED = {
    "active": (
        "SiO_coated_low_defect SiO_coated_medium_defect SiO_coated_high_defect SiO silicon "
        "graphite NMC811"
    ),
    "carbon_binder": (
        "CMC_SBR_SuperP CMC_SBR PVDF PAA alginate alginate_borax PFDP_Li PFDP_Li_crosslinked CCL "
        "carbon_black"
    ),
    "electrolyte": "LiPF6_EC_DMC LiPF6_EC_EMC LiPF6_EC_EMC_Nyman LiPF6_PC_EC_DMC",
    "separator": "Celgard_2500 Celgard_2400",
    "counter": "lithium_metal",
    "coating": "carbon_coating",
    "sei": "EC_Yang_2017 solvent_OKane_2022 reaction_Ramadass_2004",
    "foil": "copper aluminium",
}


@pytest.mark.parametrize("kind", REQUIRED)
def test_every_required_preset_exists(kind):
    for name in REQUIRED[kind].split():
        assert get_preset(kind, name).name == name
    assert set(KINDS) == set(REQUIRED)


@pytest.mark.parametrize(
    ("level", "D_s", "i_0", "sigma", "E_a"),
    [
        ("low", 4.12e-13, 2.0, 10.0, 12.06e3),
        ("medium", 8.15e-14, 0.8895, 3.0, 15.55e3),
        ("high", 2.04e-14, 0.4450, 1.0, 24.53e3),
    ],
)
def test_coated_oxides_differ_in_four_numbers(level, D_s, i_0, sigma, E_a):
    preset = get_preset("active", f"SiO_coated_{level}_defect")
    assert float(preset.lithium.D_s(**MIDDLE)) == D_s
    assert float(preset.lithium.i_0(**MIDDLE)) == pytest.approx(i_0, rel=1e-4)
    assert float(preset.electronic.sigma(**MIDDLE)) == sigma
    assert preset.lithium.i_0.E_a == E_a
    assert (preset.density, preset.lithium.c_max) == (2130.0, 110_000.0)
    assert float(preset.mechanical.swelling(sto=1.0)) == pytest.approx(0.66)
    keys = {entry.partition(":")[0] for entry in preset.assumed}
    assert {"i_0", "sigma", "ocp", "c_max", "volumetric_expansion", "E", "nu"} <= keys
    assert preset.lithium.i_0.assumed
    assert "Randles" in preset.description


def test_capacity_of_the_oxide_is_1389_mah_per_gram():
    preset = get_preset("active", "SiO")
    capacity = preset.lithium.c_max * 96485.33212 / 3.6 / preset.density / 1e3
    assert capacity == pytest.approx(1389.0, rel=5e-3)  # 110000 is rounded


# Mohtat 2020, as in the PyBaMM set of that name; Chen 2020, table VII
@pytest.mark.parametrize(
    ("name", "c_max", "mah_per_g"),
    [("graphite_Mohtat", 28_746.0, 341), ("graphite", 33_133.0, 393)],
)
def test_lithium_in_graphite_is_that_of_its_source(name, c_max, mah_per_g):
    preset = get_preset("active", name)
    assert preset.lithium.c_max == c_max
    assert c_max * 96485.33212 / 3.6 / preset.density / 1e3 == pytest.approx(mah_per_g, abs=0.5)


@pytest.mark.parametrize(
    ("name", "E", "strength", "sigma"),
    [
        ("PFDP_Li", 1.70e9, 17.42e6, 1.98),
        ("PFDP_Li_crosslinked", 2.76e9, 87.85e6, 1.98),
        ("CCL", 12.48e9, None, None),
        ("CMC", 9.77e9, 65e6, None),
    ],
)
def test_binders_of_the_papers(name, E, strength, sigma):
    preset = get_preset("carbon_binder", name)
    assert float(preset.mechanical.E()) == E
    assert preset.mechanical.strength == strength
    assert (preset.electronic.sigma() if preset.electronic else None) == sigma
    assert preset.ionic is None


def test_separators():
    ionic = get_preset("separator", "Celgard_2500").ionic
    assert (ionic.porosity, ionic.macmullin) == (0.55, 4.5)
    ionic = get_preset("separator", "Celgard_2400").ionic
    assert (ionic.porosity, ionic.macmullin) == (0.41, pytest.approx(0.41**-2.5, rel=2e-3))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_preset_is_complete_and_honest(row):
    preset = get_preset(row.kind, row.name)
    assert row.description
    assert row.sources
    for entry in row.assumed:
        key, separator, reason = entry.partition(":")
        assert separator, entry
        assert reason.strip(), entry
        assert key in {*PROPERTIES, "network"}, entry
    for law in laws_of(preset):
        value = np.asarray(law(**MIDDLE))
        assert np.all(np.isfinite(value))
        assert law.source or law.assumed
    assert override_keys(preset)


@pytest.mark.parametrize("row", [row for row in ROWS if row.kind == "active"], ids=lambda r: r.name)
def test_active_materials_have_all_groups_and_plausible_values(row):
    preset = get_preset(row.kind, row.name)
    assert preset.lithium
    assert preset.electronic
    assert preset.ionic is None
    assert 1e-18 < float(preset.lithium.D_s(**MIDDLE)) < 1e-12
    assert 0.05 < float(preset.lithium.i_0(**MIDDLE)) < 50.0
    assert 1e9 < float(preset.mechanical.E(**MIDDLE)) < 4e11
    assert 500.0 < preset.density < 6000.0


@pytest.mark.parametrize(
    ("kind", "name", "offered"),
    [
        ("active", "SiO_coated_lo_defect", "SiO_coated_low_defect"),
        ("electrolyte", "lipf6_ec_dmc", "LiPF6_EC_DMC"),
        ("separator", "Celgard2500", "Celgard_2500"),
        ("counter", "lithium", "lithium_metal"),
    ],
)
def test_an_unknown_name_offers_the_nearest(kind, name, offered):
    with pytest.raises(UnknownNameError, match="did you mean") as caught:
        get_preset(kind, name)
    assert caught.value.nearest[0] == offered
    assert str(caught.value).startswith(f"unknown {kind} preset '{name}'")


def test_an_unknown_kind_or_law_is_told_what_there_is():
    with pytest.raises(KeyError, match="active, carbon_binder"):
        get_preset("zzz", "SiO")
    with pytest.raises(KeyError, match="did you mean si_verbrugge_lithiation"):
        get_law("ocp", "si_verbruge_lithiation")
    with pytest.raises(UnknownNameError):
        get_law("sigma", "anything")


def test_the_carbon_coating_conducts_like_a_thin_sheet():
    coating = get_preset("coating", "carbon_coating")
    assert coating.thickness * float(coating.sigma()) == pytest.approx(3e-5)  # [S]
    assert coating.thickness * float(coating.E()) == pytest.approx(200.0)  # [N/m]
    assert (coating.film_resistance, coating.i_0) == (0.0, None)
    assert {e.partition(":")[0] for e in coating.assumed} >= {"thickness", "sigma", "E", "i_0"}


def test_foils_conduct_electrons_and_nothing_else():
    copper, aluminium = (get_preset("foil", name) for name in ("copper", "aluminium"))
    assert (float(copper.electronic.sigma()), copper.density) == (5.84e7, 8960.0)
    assert (float(aluminium.mechanical.E()), aluminium.density) == (70e9, 2700.0)
    assert {foil.ionic for foil in (copper, aluminium)} == {None}
    assert {foil.lithium for foil in (copper, aluminium)} == {None}
