"""If these fail, who leaves a block out or writes it wrongly is not told what to write."""

from __future__ import annotations

import pytest

from mesode.config.geometry import Geometry
from mesode.config.load import parse_case
from mesode.config.remedies import for_block, for_list, for_missing, for_preset
from mesode.config.specs import ElectrolyteSpec, presets_of
from mesode.config.yamltext import read_yaml
from mesode.errors import InputError
from support.plain_case import plain_text


def refused_without(block, key):
    """Return what is said of the starter case without a key of a block."""
    data = read_yaml(plain_text("test"), "")
    del data[block][key]
    with pytest.raises(InputError) as caught:
        parse_case(data)
    return {problem.path: str(problem) for problem in caught.value.problems}


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("electrolyte", "such as electrolyte: {preset: LiPF6_EC_DMC}"),
        ("active", "such as active: {preset: SiO_coated_low_defect}"),
        ("separator", "Presets: Celgard_2500, Celgard_2400"),
    ],
)
def test_a_material_that_is_missing_is_given_a_preset(key, said):
    told = refused_without("materials", key)[f"materials.{key}"]
    assert "required key is missing" in told
    assert said in told


def test_a_block_that_is_missing_tells_its_keys():
    told = refused_without("geometry", "separator")["geometry.separator"]
    assert told.endswith("Its keys are thickness (required)")
    keys = "Its keys are width, electrode, separator (required), counter, "
    assert keys in for_missing("geometry", [Geometry], "The section.")


def test_a_value_that_is_missing_is_described():
    assert for_missing("width", [], "Width of the section.") == "Width of the section"


@pytest.mark.parametrize(
    ("changes", "path", "said"),
    [
        (["materials.electrolyte=LiPF6_EC_DMC"], "materials.electrolyte", "{preset: LiPF6_EC_DMC}"),
        (["materials.counter=lithium"], "materials.counter", "{preset: lithium_metal}"),
        (["materials.electrolyte={}"], "materials.electrolyte.preset", "Presets: LiPF6_EC_DMC, "),
        (["geometry.separator=25 um"], "geometry.separator", "Its keys are thickness (required)"),
        (
            ["physics={mechanics: finite, top: {stack: {springs: 1 MPa/um}}}"],
            "physics.top.stack.springs",
            "Put it in brackets: [1 MPa/um]",
        ),
        (
            ["physics={mechanics: finite, top: {stack: {springs: []}}}"],
            "physics.top.stack.springs",
            "a list of at least 1",
        ),
        (
            ["physics={mechanics: finite, top: {pressure: 1 MPa, spring: 1 MPa/um}}"],
            "physics.top",
            "Take one of them",
        ),
        (
            ["physics={mechanics: finite, top: {heigth: 1 um}}"],
            "physics.top.heigth",
            "mean 'height'?",
        ),
        (["physics.top={}"], "physics.top", "expected 'free', 'fixed', "),
        (
            ["materials.carbon_binder.network={relaxation: {share: 20 %, time: 1 s}}"],
            "materials.carbon_binder.network.relaxation",
            "Write a list of blocks, [{...}, ...]. Its keys are share, time (required)",
        ),
        (
            ["materials.active={preset: SiO, i_0: 1 A/m^2, i_0_ref: 2 A/m^2}"],
            "materials.active.i_0_ref",
            "take one of them out",
        ),
        (
            [
                "materials.active.volumetric_expansion=1",
                "materials.active.partial_molar_volume=9 cm^3/mol",
            ],
            "materials.active.partial_molar_volume",
            "take one of them out",
        ),
        (
            ["materials.active.ocp={expression: 0.1 + sto, unit: V}"],
            "materials.active.ocp",
            "where it was counted the other way, take 1 - sto",
        ),
        (
            ["materials.active.ocp={table: [[0, 0.1], [1, 0.9]], unit: V}"],
            "materials.active.ocp.table",
            "where it was counted the other way, take 1 - sto",
        ),
        (
            ["materials.active.E=1 GP"],
            "materials.active.E",
            "viscosity, got '1 GP'. Did you mean 'GPa'?",
        ),
        (["protocol.0=Lithiate at 1C untill 10 mV"], "protocol[0]", "Did you mean 'until'?"),
        (["protocol.0=Lithiate at -1C until 10 mV"], "protocol[0]", "C-rate above 0: '-1C'"),
        (["protocol.0=Lithiate at -1C until 10 mV"], "protocol[0]", "The verb gives the direction"),
        (["protocol.0=Lithiate at $rate until 10 mV"], "protocol[0]", "$rate stand in a for_each"),
        (
            ["protocol.0={step: Rest for 1 h, temperature: 25}"],
            "protocol[0].temperature",
            "'25 degC'",
        ),
        (["initial={soc: 50 %, window: 1 V}"], "initial.window", "Write a list, [1 V, ...]"),
        (["output.fields={every: 5}"], "output.fields", "expected 'auto' or a whole number, got {"),
        (["output.rows=5"], "output.rows", "expected 'steps' or a mapping of keys to values"),
        (["output.rows=5"], "output.rows", "Its keys are voltage, charge"),
        (
            ["geometry.electrode.particles.inside=hollow"],
            "geometry.electrode.particles.inside.void",
            "required key is missing",
        ),
        (
            ["geometry.electrode.carbon_binder=0.1"],
            "geometry.electrode.carbon_binder",
            "Such as {kind: matrix}, or of kind none, film, ",
        ),
        (["numerics.petsc=gmres"], "numerics.petsc", "Its keys are ksp_type, "),
    ],
)
def test_what_to_write_is_told(changes, path, said):
    with pytest.raises(InputError) as caught:
        parse_case(plain_text("test"), "case.yaml", changes)
    assert said in {problem.path: str(problem) for problem in caught.value.problems}[path]


def test_a_potential_that_rises_in_a_part_is_not_counted_the_other_way():
    with pytest.raises(InputError, match=r"rises with sto at 0\.\d\d, a potential must fall$"):
        parse_case(
            plain_text("test"),
            "case.yaml",
            ["materials.active.ocp={expression: 0.5 - 0.3*sto + 0.4*sto**2, unit: V}"],
        )


def test_a_preset_in_the_place_of_its_block_is_put_into_one():
    assert for_block("LiPF6_EC_EMC", [ElectrolyteSpec]) == "Write {preset: LiPF6_EC_EMC}"
    assert "Such as {preset: LiPF6_EC_DMC}" in for_block(5, [ElectrolyteSpec])
    assert for_block(5, []) == ""


def test_presets_are_those_of_the_kind():
    assert presets_of(Geometry) == ()
    assert presets_of(ElectrolyteSpec)[0] == "LiPF6_EC_DMC"
    assert for_preset(ElectrolyteSpec).startswith("Presets: LiPF6_EC_DMC, LiPF6_EC_EMC, ")


def test_a_long_value_is_not_repeated_in_brackets():
    for value in ("a" * 100, {"share": 1}):
        assert for_list(value, of_one=True) == "Put it in brackets: [...]"
        assert for_list(value, of_one=False) == "Write a list, [..., ...]"
