"""If these fail, nobody can tell from a run folder what the run was computed with."""

from __future__ import annotations

import dataclasses

import pytest
import yaml

from mesode.case.material_file import HEAD, material_sheets, write_material_file
from mesode.config.load import parse_case
from mesode.materials.law import Law
from mesode.materials.presets import get_preset, list_presets
from mesode.materials.sheet import laws_of, material_sheet
from support.tiny_case import TINY

FLOW = {"hardening": "yield_strength", "flow_exponent": "flow_rate"}


def sheets_of(*overrides):
    return material_sheets(parse_case(TINY, "", overrides))


def numbers_of(material):
    """Return the numbers of a material and its groups, found without the code under test.

    A network has a sheet of its own; hardening of what does not flow, and an exponent of what
    does not creep, are no numbers of the material.
    """
    found, values = {}, vars_of(material)
    idle = [k for k, of in FLOW.items() if values.get(of) is None]
    for key, value in values.items():
        if key in {"network", *idle}:
            continue
        if dataclasses.is_dataclass(value) and not isinstance(value, Law):
            found |= numbers_of(value)
        elif isinstance(value, float):
            found[key] = value
    return found


def vars_of(item):
    return {field.name: getattr(item, field.name) for field in dataclasses.fields(item)}


@pytest.mark.parametrize("row", list_presets(), ids=lambda row: f"{row.kind}-{row.name}")
def test_each_value_of_each_preset_has_unit_source_and_evidence(row):
    material = get_preset(row.kind, row.name)
    properties = material_sheet(material)["properties"]
    assert set(properties) == {*numbers_of(material), *laws_of(material)}
    for key, sheet in properties.items():
        assert sheet["unit"], key
        assert sheet["source"], key
        assert isinstance(sheet["assumed"], bool), key
        assert ("value" in sheet) != ("values" in sheet), key
    for key, value in numbers_of(material).items():
        assert properties[key]["value"] == pytest.approx(value, rel=1e-5, abs=0)


def test_what_no_source_says_of_flow_is_not_told_as_theirs():
    silicon = material_sheet(get_preset("active", "silicon"))["properties"]
    told = {"value": 0.0, "unit": "Pa", "assumed": True, "source": "default of mesode"}
    assert silicon["hardening"] == told
    assert "flow_exponent" not in silicon  # its flow has no rate
    graphite = material_sheet(get_preset("active", "graphite"))["properties"]
    assert not {*FLOW, *FLOW.values()} & set(graphite)  # it does not flow
    given = sheets_of("materials.active.flow_rate=0.01 1/s", "materials.active.flow_exponent=4")
    exponent = given["active"]["properties"]["flow_exponent"]
    assert (exponent["value"], exponent["source"]) == (4.0, "given by the user")


def test_a_network_tells_its_shares_and_rates_and_what_is_assumed_of_them():
    sheet = material_sheet(get_preset("carbon_binder", "alginate_borax"))
    assert sheet["network"] == {
        "permanent": pytest.approx(0.2),
        "bonds": {"share": 0.8, "rate": pytest.approx(1 / 300, rel=1e-5)},
    }
    assert any(entry.startswith("network") for entry in sheet["assumed"])


def test_what_is_assumed_of_a_preset_is_assumed_in_its_sheet():
    for row in list_presets():
        sheet = material_sheet(get_preset(row.kind, row.name))
        properties = sheet["properties"]
        for entry in row.assumed:
            key = entry.partition(":")[0]
            key = {"volumetric_expansion": "swelling"}.get(key, key)
            if key not in properties and not key.startswith("E_a_"):
                assert entry in sheet["assumed"]
            elif not key.startswith("E_a_"):
                assert properties[key]["assumed"], (row.name, key)


def test_a_law_is_written_down_over_its_range():
    ocp = sheets_of()["active"]["properties"]["ocp"]
    law = get_preset("active", "SiO_coated_low_defect").lithium.ocp
    assert ocp["values"]["over"] == "sto / 1"
    expected = [float(law(sto=x)) for x in ocp["values"]["x"]]
    assert ocp["values"]["y"] == pytest.approx(expected, rel=1e-5)
    assert ocp["branch"] == "lithiation"
    assert "known_for" in ocp


def test_what_the_user_gave_is_told_as_given():
    before = sheets_of()["active"]["properties"]
    changed = sheets_of(
        "materials.active={preset: SiO_coated_low_defect, density: 2.2 g/cm^3, "
        "D_s: 1e-13 m^2/s, i_0_ref: 1 A/m^2, partial_molar_volume: 5 cm^3/mol}",
        "materials.collector.contact_resistance=1 ohm*cm^2",
    )
    after = changed["active"]["properties"]
    assert before["density"]["assumed"]
    assert before["swelling"]["assumed"]
    assert (after["density"]["value"], after["density"]["assumed"]) == (2200, False)
    for key in ("density", "D_s", "i_0", "swelling"):
        assert "given by the user" in after[key]["source"]
        assert after[key]["assumed"] is False
    assert after["c_max"] == before["c_max"]
    contact = changed["interfaces"]["contact_resistance"]
    assert contact == {
        "value": pytest.approx(1e-4), "unit": "ohm m^2", "assumed": False,
        "source": "given by the user",
    }  # fmt: skip


def test_the_file_is_yaml_with_each_phase(tmp_path):
    path = tmp_path / "materials.yaml"
    write_material_file(parse_case(TINY), path)
    text = path.read_text("utf-8")
    assert text.startswith(HEAD)
    assert set(yaml.safe_load(text)) == {
        "active", "carbon_binder", "separator", "electrolyte", "counter", "interfaces",
    }  # fmt: skip
