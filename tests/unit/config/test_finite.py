"""If these fail, a case gets something else than the finite mechanics that it asks for."""

from __future__ import annotations

import pytest

from mesode.config.dump import dump_case
from mesode.config.load import parse_case
from mesode.config.resolve import resolve_materials
from mesode.errors import InputError
from mesode.materials.sheet import material_sheet
from support.plain_case import plain_text

STARTER = plain_text("test")


def refused(*overrides):
    """Return the problems of the starter case with these changes, as {path: text}."""
    with pytest.raises(InputError) as caught:
        parse_case(STARTER, "case.yaml", overrides)
    return {problem.path: str(problem) for problem in caught.value.problems}


@pytest.mark.parametrize(
    ("changes", "path", "said"),
    [
        (["physics.top=fixed"], "physics.top", "finite mechanics alone"),
        (
            [
                "physics.mechanics=finite",
                "materials.active={preset: SiO, yield_strength: 0 Pa}",
            ],
            "materials.active.yield_strength",
            "above 0",
        ),
        (
            ["physics.mechanics=finite", "materials.carbon_binder.E=1e30 Pa"],
            "materials.carbon_binder.E",
            "at most",
        ),
        (
            [
                "physics.mechanics=finite",
                "materials.active={preset: silicon, volumetric_expansion: 280 %}",
                "initial.lithiation=0.4",
            ],
            "initial.lithiation",
            "-12 % of its volume at lithiation 0",
        ),
        (
            ["physics={mechanics: finite, section: plane_stress}"],
            "physics.section",
            "'plane_strain' or 'generalised_plane_strain'",
        ),
        (
            ["physics.mechanics=finite", "numerics.displacement_degree=1"],
            "numerics.displacement_degree",
            "expected 2",
        ),
        (
            [
                "physics.mechanics=finite",
                "geometry.electrode.coating={integrity: 0.5}",
                "materials.coating={preset: carbon_coating}",
            ],
            "physics.mechanics",
            "stiffness of a coating",
        ),
    ],
)
def test_what_finite_mechanics_does_not_know_is_refused(changes, path, said):
    assert said in refused(*changes)[path]


HEALS = "materials.carbon_binder.network={bonds: {share: 80 %, rate: 0.01 1/s}}"


@pytest.mark.parametrize(
    ("changes", "path", "said"),
    [
        ([HEALS], "materials.carbon_binder.network", "finite mechanics alone"),
        (
            [
                "physics.mechanics=finite",
                "materials.carbon_binder.network={bonds: {share: 80 %, rate: 1 1/s}, "
                "relaxation: [{share: 30 %, time: 10 s}]}",
            ],
            "materials.carbon_binder.network",
            "at most 100 % together",
        ),
        (
            ["physics.mechanics=finite", HEALS.replace("80 %", "0")],
            "materials.carbon_binder.network.bonds.share",
            "above 0",
        ),
        (
            ["physics.mechanics=finite", HEALS.replace("0.01 1/s", "0 1/s")],
            "materials.carbon_binder.network.bonds.rate",
            "above 0",
        ),
    ],
)
def test_a_network_that_cannot_be_is_refused(changes, path, said):
    assert said in refused(*changes)[path]


@pytest.mark.parametrize("kind", ["active", "carbon_binder"])
def test_adhesion_without_finite_mechanics_is_refused(kind):
    path = f"materials.{kind}.adhesion_strength"
    changes = [f"{path}=20 MPa", f"materials.{kind}.adhesion_toughness=2 J/m^2"]
    assert "finite mechanics alone" in refused(*changes)[path]
    parse_case(STARTER, "case.yaml", ["physics.mechanics=finite", *changes])


def network_of(*changes):
    case = parse_case(STARTER, "case.yaml", ["physics.mechanics=finite", *changes])
    return resolve_materials(case).phases["carbon_binder"]


def test_a_binder_becomes_a_network():
    term = "materials.carbon_binder.network.relaxation=[{share: 10 %, time: 1 minute}]"
    binder = network_of(HEALS, term)
    found = binder.mechanical.network
    assert [(t.share, t.time) for t in found.terms] == [(0.8, 100.0), (0.1, 60.0)]
    assert found.permanent == pytest.approx(0.1)
    assert binder.mechanical.yield_strength is None
    assert not any(note.startswith("yield_strength") for note in binder.assumed)
    sheet = material_sheet(binder)["network"]
    assert sheet["bonds"] == {"share": 0.8, "rate": 0.01}
    assert network_of("materials.carbon_binder.network={}").mechanical.network.permanent == 1.0
    assert network_of().mechanical.network is None


def test_a_network_does_not_flow():
    with pytest.raises(InputError) as caught:
        network_of(HEALS, "materials.carbon_binder.hardening=1 MPa")
    assert "does not flow" in str(caught.value)


@pytest.mark.parametrize(
    ("preset", "given", "path", "said"),
    [
        ("PAA", "flow_exponent: 3", "flow_exponent", "give flow_rate, too"),
        ("graphite", "hardening: 1 MPa", "hardening", "give its yield_strength, too"),
        ("graphite", "flow_rate: 1 1/s", "flow_rate", "give its yield_strength, too"),
    ],
)
def test_a_key_of_flow_that_has_no_effect_is_refused(preset, given, path, said):
    kind = "active" if preset == "graphite" else "carbon_binder"
    block = f"materials.{kind}={{preset: {preset}, {given}}}"
    told = refused("physics.mechanics=finite", block)
    assert said in told[f"materials.{kind}.{path}"]


def test_a_network_is_written_as_it_was_read():
    changes = ["physics.mechanics=finite", HEALS]
    case = parse_case(STARTER, "case.yaml", changes)
    assert parse_case(dump_case(case)) == case


def test_finite_mechanics_acts_back_unless_it_is_told_otherwise():
    case = parse_case(STARTER, "case.yaml", ["physics.mechanics=finite"])
    assert case.physics.stress_coupling == "two_way"


def test_one_way_it_goes_with_impedance():
    text = "physics={mechanics: finite, stress_coupling: one_way}"
    steps = "protocol=[Lithiate at 1C for 1 minute, impedance: {from: 1 kHz, to: 1 Hz}]"
    assert parse_case(STARTER, "case.yaml", [text, steps]).physics.mechanics == "finite"


def test_linear_mechanics_may_begin_at_any_lithiation():
    silicon = "materials.active={preset: silicon, volumetric_expansion: 280 %}"
    changes = ["physics.mechanics=linear", silicon, "initial.lithiation=0.4"]
    assert parse_case(STARTER, "case.yaml", changes).initial.lithiation == 0.4


def test_a_stack_gives_way_by_its_pads_in_series_shared_by_its_cells():
    stack = "{springs: [1 MPa/um, 3 MPa/um], cells: 6, preload: 0.2 MPa}"
    text = f"physics={{mechanics: finite, top: {{stack: {stack}}}}}"
    case = parse_case(STARTER, "case.yaml", [text])
    found = case.physics.top.stack
    assert found.stiffness == pytest.approx(6 / (1 / 1e12 + 1 / 3e12))
    assert found.preload == 2e5


@pytest.mark.parametrize(
    ("top", "path", "said"),
    [
        ("{stack: {springs: []}}", "physics.top.stack.springs", "at least 1"),
        ("{stack: {springs: [0 MPa/um]}}", "physics.top.stack.springs[0]", "above 0"),
        (
            "{stack: {springs: [1 MPa/um], preload: 1 MPa, gap: 1 um}}",
            "physics.top.stack.gap",
            "no gap under a preload",
        ),
        ("up", "physics.top", "{stack:"),
    ],
)
def test_tops_that_are_none(top, path, said):
    assert said in refused("physics.mechanics=finite", f"physics.top={top}")[path]


@pytest.mark.parametrize("top", ["fixed", "{height: 40 um}", "{stack: {springs: [1 MPa/um]}}"])
def test_plates_are_of_finite_mechanics(top):
    assert "finite" in refused(f"physics={{mechanics: linear, top: {top}}}")["physics.top"]


def test_an_elastic_collector_is_copper_unless_it_is_told_otherwise():
    text = "physics={mechanics: finite, collector: {thickness: 5 um}}"
    foil = parse_case(STARTER, "case.yaml", [text]).physics.collector
    assert (foil.thickness, foil.E, foil.nu) == (5e-6, 120e9, 0.34)


@pytest.mark.parametrize(
    ("changes", "path", "said"),
    [
        (
            ["physics={mechanics: linear, collector: {thickness: 5 um}}"],
            "physics.collector",
            "finite",
        ),
        (["physics={mechanics: finite, collector: soft}"], "physics.collector", "'rigid'"),
        (
            ["physics={mechanics: finite, collector: {thickness: 5 um, E: 1e30 Pa}}"],
            "physics.collector.E",
            "at most",
        ),
    ],
)
def test_collectors_that_are_none(changes, path, said):
    assert said in refused(*changes)[path]
