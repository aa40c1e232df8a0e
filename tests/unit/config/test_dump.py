"""If this fails, the config of a run folder does not repeat the run, or editors get no help."""

from __future__ import annotations

import pytest

from mesode.config.case import Case
from mesode.config.dump import case_hash, dump_case, json_schema
from mesode.config.load import parse_case
from support.plain_case import plain_text

STARTER = plain_text("It's: a # test {x}")
VARIANTS = [
    [],
    ["geometry.electrode.particles.diameter={median: 3 um, spread: 0.2, max: 5 um}"],
    ["geometry.electrode.particles.diameter={histogram: [[2 um, 0.2], [3 um, 20 %]]}"],
    ["geometry.electrode.carbon_binder.kind=none"],
    ["physics={temperature: 310.55 K, mechanics: linear, top: {pressure: 0.1 MPa}}"],
    ["physics={mechanics: linear, top: {spring: 1 MPa/um}}", "title=1e-4"],
    ["materials.active.D_s={expression: '2e-13*(1-0.5*sto)', unit: m^2/s}"],
    ["materials.active.ocp={table: [[0, 1], [1, 0.01]], of: sto, unit: V, method: linear}"],
    ["materials.active.D_s=graphite_chen_2020", "materials.active.E_a_D_s=30.1 kJ/mol"],
    ["materials.active.partial_molar_volume=8.7 cm^3/mol", "materials.active.nu=0.23"],
    ["protocol.2={lithiate: 1 C, until: [10 mV, 2 h, {lithiation: 0.8}], period: 10 s}"],
    ["protocol.2={repeat: 3, steps: [Lithiate at 1 C until 10 mV, Delithiate at 1 C until 1 V]}"],
    ["output.rows=steps"],
    ["output.rows={voltage: 1 mV, charge: 1 %}"],
    ["numerics.petsc={ksp_type: gmres, ksp_rtol: 1e-8, ksp_view: true, mat_mumps_icntl_14: 60}"],
    ["numerics.max_step=0.1 h", "output.fields=0", "title=no"],
]


@pytest.mark.parametrize("overrides", VARIANTS)
def test_dumped_case_loads_back_equal(overrides):
    case = parse_case(STARTER, overrides=overrides)
    again = parse_case(dump_case(case))
    assert again == case
    assert case_hash(again) == case_hash(case)
    assert dump_case(again) == dump_case(case)


def test_dump_holds_defaults_and_units():
    text = dump_case(parse_case(STARTER))
    assert "temperature: 25 degC" in text
    assert "contact_resistance: 1e-07 ohm*m^2" in text or "0.001 ohm*cm^2" in text
    assert "section: automatic" in text
    assert "fields: 20" in text


def test_hash_follows_what_decides_the_result():
    case = parse_case(STARTER)
    assert case_hash(case) == case_hash(parse_case(STARTER, overrides=["title=other"]))
    changed = ["geometry.electrode.particles.seed=2", "materials.active.D_s=1e-13 m^2/s"]
    hashes = {case_hash(parse_case(STARTER, overrides=[change])) for change in changed}
    assert len(hashes | {case_hash(case)}) == 3


def _objects(schema):
    return [schema, *schema["$defs"].values()]


def test_every_key_of_the_schema_is_described():
    schema = json_schema()
    assert schema["properties"].keys() == Case.model_fields.keys()
    # A description equal to that of the section it refers to is left out.
    described = {f"#/$defs/{name}" for name, d in schema["$defs"].items() if d.get("description")}
    bare = [
        (definition["title"], key)
        for definition in _objects(schema)
        for key, value in definition.get("properties", {}).items()
        if not value.get("description") and value.get("$ref") not in described
    ]
    assert bare == []


def test_schema_shows_units():
    schema = json_schema()
    width = schema["$defs"]["Geometry"]["properties"]["width"]
    assert width["type"] == "string"
    assert width["examples"] == ["3 um"]
    assert schema["$defs"]["Physics"]["properties"]["temperature"]["default"] == "25 degC"


def test_models_cannot_change():
    case = parse_case(STARTER)
    with pytest.raises(ValueError, match="frozen"):
        case.mesh.size = 1.0
