"""If these fail, a film or a hysteresis is computed with other numbers than the file gives."""

from __future__ import annotations

import pytest

from mesode.case.facts import material_facts
from mesode.case.material_file import material_sheets
from mesode.config.dump import dump_case
from mesode.config.load import parse_case
from mesode.config.resolve import resolve_materials
from mesode.config.starter import starter_text
from mesode.errors import InputError

SILICON, FULL = starter_text("test", "silicon"), starter_text("test", "fullcell")
SEI = "materials.sei={preset: EC_Yang_2017}"
HYSTERESIS = "materials.active.hysteresis={}"


def case(*overrides, text=SILICON):
    return parse_case(text, overrides=list(overrides))


def resolved(*overrides, text=SILICON):
    return resolve_materials(case(*overrides, text=text))


def test_nothing_grows_unless_it_is_asked_for():
    assert resolved().sei == {}
    assert resolved().phases["active"].lithium.hysteresis is None


def test_a_film_is_that_of_the_file():
    film = resolved(
        SEI,
        "materials.sei.law=solvent_diffusion_limited",
        "materials.sei.D_solvent=3e-22 m^2/s",
        "materials.sei.initial_thickness=2 nm",
        "materials.sei.crack_strain=5 %",
        "materials.sei.on_coating=false",
    ).sei["active"]
    assert (film.law, film.on_coating) == ("solvent_diffusion_limited", False)
    assert film.D_solvent == 3e-22
    assert film.initial_thickness == pytest.approx(2e-9, rel=1e-6, abs=0)
    assert (film.crack_strain, film.U_sei) == (0.05, 0.4)
    assert not [text for text in film.assumed if text.startswith(("crack_strain", "D_solvent"))]


def test_each_electrode_has_its_own_film():
    films = resolved("materials.counter.sei={preset: reaction_Ramadass_2004}", text=FULL).sei
    assert {host: film.law for host, film in films.items()} == {
        "counter_active": "reaction_limited"
    }


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        ("materials.sei.initial_thickness=0 nm", "expected a thickness above 0"),
        ("materials.sei.law=solvent", "expected one of|Input should be|ec_reaction_limited"),
        ("materials.sei.crack_strain=-1", "at least 0"),
        ("materials.sei.kappa_sei=1 m", "a conductivity"),
        ("materials.sei.thickness=1 nm", "unknown key"),
    ],
)
def test_a_film_that_cannot_be_is_refused(override, expected):
    solvent = "materials.sei={preset: solvent_OKane_2022}"
    with pytest.raises(InputError, match=expected):
        resolved(solvent, override)


def test_the_manifest_says_what_of_a_film_is_assumed():
    facts = material_facts(case(SEI))
    assert any(text.startswith("SEI on active (EC_Yang_2017): U_sei") for text in facts.assumed)
    assert any("Yang" in text for text in facts.citations)
    sheet = material_sheets(case(SEI))["SEI on active"]
    assert sheet["law"] == "ec_reaction_limited"
    assert sheet["properties"]["kappa_sei"]["value"] == 5e-6


def test_the_branches_come_from_the_library_or_from_the_file():
    preset = resolved(HYSTERESIS).phases["active"].lithium
    names = (preset.hysteresis.lithiation.name, preset.hysteresis.delithiation.name)
    assert names == ("si_verbrugge_lithiation", "si_verbrugge_delithiation")
    own = resolved(
        HYSTERESIS,
        "materials.active.ocp={lithiation: {table: [[0, 0.5], [1, 0.1]], unit: V}, "
        "delithiation: si_durdel_delithiation}",
        "materials.active.hysteresis.initial=-1",
    ).phases["active"].lithium  # fmt: skip
    assert own.hysteresis.delithiation.name == "si_durdel_delithiation"
    assert float(own.ocp(sto=0.3)) == pytest.approx(0.38)  # on the branch of lithiation


def test_one_branch_alone_has_no_hysteresis():
    with pytest.raises(InputError, match=r"one branch alone.*Give both"):
        resolved(HYSTERESIS, "materials.active.preset=silicon_Castelli")
    off = resolved("materials.active.hysteresis={model: none}").phases["active"].lithium
    assert off.hysteresis is None


def test_a_decay_that_nobody_gave_is_assumed():
    assumed = resolved(HYSTERESIS).phases["active"].assumed
    assert [text for text in assumed if text.startswith("hysteresis.decay: 10")]
    for given in ("{decay: 20}", "{model: instant}"):
        settled = resolved(f"materials.active.hysteresis={given}").phases["active"].assumed
        assert not [text for text in settled if text.startswith("hysteresis")]


def test_the_state_of_the_start_is_noted():
    silicon = "materials.active.preset=silicon"
    notes = material_facts(case(silicon, HYSTERESIS)).notes
    assert any("at the state 0 of the start" in text for text in notes)


def test_a_case_with_both_is_written_and_read_again():
    whole = case(SEI, HYSTERESIS, "materials.active.hysteresis.decay=20")
    again = parse_case(dump_case(whole))
    assert again.materials == whole.materials
    assert material_sheets(again)["active"]["hysteresis"]["decay"] == 20.0
