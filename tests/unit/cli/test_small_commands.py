"""If these fail, a new user gets no file to begin with, or does not see what there is."""

from __future__ import annotations

import json

import pytest
import yaml

from mesode.case.plan import StepPlan
from mesode.cli.check import protocol_lines
from mesode.cli.main import main
from mesode.config.starter import STARTERS
from mesode.materials.library import list_laws
from mesode.materials.presets import list_presets
from mesode.study.expand import expand_file

pytestmark = pytest.mark.serial


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_the_starter_file_is_valid_as_it_is(tmp_path, capsys):
    assert main(["new", "sio"]) == 0
    assert (tmp_path / "sio.yaml").read_text().startswith("#")
    assert main(["check", "sio.yaml"]) == 0
    out = capsys.readouterr().out
    assert "mesode check sio.yaml" in out
    assert "sio.yaml: valid" in out
    assert "25 values are assumed, not measured; --assumed lists them" in out
    assert "i_0: 2 A/m^2" not in out
    assert main(["check", "sio.yaml", "--assumed"]) == 0
    assert "i_0: 2 A/m^2" in capsys.readouterr().out


@pytest.mark.parametrize("kind", [kind for kind in STARTERS if kind not in ("sio", "study")])
def test_a_starter_is_what_its_name_says_and_valid_without_a_warning(tmp_path, capsys, kind):
    assert main(["new", kind]) == 0
    text = (tmp_path / f"{kind}.yaml").read_text()
    assert f"mesode run {kind}.yaml" in text
    assert main(["check", f"{kind}.yaml"]) == 0
    out = capsys.readouterr().out
    assert f"title: '{kind}'" in text
    assert "warning" not in out
    words = {
        "silicon": ("silicon_average", "Hold at"),
        "sei": ("silicon", "Rest for 30 minutes"),
        "cv": ("Sweep at 0.5 mV/s until 50 mV",),
        "gitt": ("15 times", "Lithiate at C/10 for 40 min or until 50 mV"),
        "rate": ("Discharge at C/20", "Delithiate at 1 C until 0.9 V"),
        "blend": ("graphite 85 wt%, silicon_average 5 wt%",),
        "fullcell": ("N/P", "NMC811"),
        "layers": ("a homogenised layer", "N/P"),
        "micrograph": ("area fraction 0.45",),
        "own_mesh": ("area fraction 0.4",),
    }[kind]
    assert all(word in out for word in words)


def test_a_kind_of_starter_has_any_name_and_brings_its_file(tmp_path, capsys):
    (tmp_path / "sub").mkdir()
    assert main(["new", "sub/cell 7.yaml", "--kind", "micrograph"]) == 0
    assert (tmp_path / "sub" / "cell 7.png").stat().st_size > 500
    assert main(["check", "sub/cell 7.yaml"]) == 0
    (tmp_path / "sub" / "cell 7.yaml").unlink()
    assert main(["new", "sub/cell 7.yaml", "--kind", "micrograph"]) == 2
    assert "cell 7.png: exists already" in capsys.readouterr().err


def test_the_study_that_is_written_has_its_cases(tmp_path):
    assert main(["new", "study"]) == 0
    expansion = expand_file(tmp_path / "study.yaml")
    assert len(expansion.cases) == 6
    assert {case.values[0] for case in expansion.cases} == {8.0, 16.0}


def test_a_file_is_not_overwritten(tmp_path, capsys):
    (tmp_path / "a.yaml").write_text("mine")
    assert main(["new", "a.yaml"]) == 2
    assert (tmp_path / "a.yaml").read_text() == "mine"
    assert "--force" in capsys.readouterr().err
    assert main(["new", "a.yaml", "--force"]) == 0


def test_a_folder_that_is_not_there(capsys):
    assert main(["new", "nowhere/a"]) == 2
    assert "no such folder" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("steps", "lines"),
    [
        (["a", "b"], ["  1. a; about 20 min", "  2. b; about 20 min"]),
        (["a", *["b", "c"] * 3, "a"],
         ["  1. a; about 20 min", "  2. to 7.: 3 times; about 2 h", "    2. b", "    3. c",
          "  8. a; about 20 min"]),
        (["a"] * 400, ["  1. to 400.: 400 times; about 5.56 days", "    1. a"]),
    ],
)  # fmt: skip
def test_steps_that_repeat_themselves_are_printed_once(steps, lines):
    plans = [StepPlan(text=text, current=None, c_rate=None, time=1200.0) for text in steps]
    assert protocol_lines(plans) == lines


@pytest.mark.parametrize(
    ("time", "text"),
    [
        (0.0, "0 s"), (119.0, "119 s"), (120.0, "2 min"), (3594.0, "59.9 min"), (3600.0, "1 h"),
        (172_440.0, "47.9 h"), (172_800.0, "2 days"),
    ],
)  # fmt: skip
def test_a_time_is_told_in_the_unit_that_suits_it(time, text):
    plan = StepPlan(text="a", current=None, c_rate=None, time=time)
    assert protocol_lines([plan]) == [f"  1. a; about {text}"]


def test_what_is_not_known_of_a_time_is_told():
    def plan(time, *, left_out=False):
        return StepPlan(text="a", current=1.0, c_rate=0.5, time=time, left_out=left_out)

    assert protocol_lines([plan(None)]) == ["  1. a  (+1 A/m^2, 0.5 C); time not known"]
    loop = [plan(5.0), plan(7.0), plan(None), plan(0.0, left_out=True)]
    assert protocol_lines(loop)[0] == (
        "  1. to 4.: at most 4 times, expected 3; about 12 s and what is not known"
    )


def test_all_presets_and_laws_are_listed(capsys):
    assert main(["list"]) == 0
    text = capsys.readouterr().out
    assert all(row.name in text for row in list_presets())
    assert all(name in text for laws in list_laws().values() for name in laws)
    assert "sio_16um.yaml" in text


def test_one_list_only(capsys):
    assert main(["list", "laws"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("laws:")
    assert "presets" not in text


def test_a_preset_is_listed_with_each_value(tmp_path, capsys):
    assert main(["list", "SiO_coated_low_defect", "--plot", "sio.png"]) == 0
    text = capsys.readouterr().out
    sheet = yaml.safe_load(text.partition("picture in")[0])["materials.active"]
    assert sheet["properties"]["density"] == {
        "value": 2130, "unit": "kg/m^3", "assumed": True, "source": "sources of the preset",
        "note": "2130 kg/m^3, literature value recalled (2130 to 2240)",
    }  # fmt: skip
    assert sheet["properties"]["D_s"]["value"] == 4.12e-13
    assert sheet["properties"]["D_s"]["assumed"] is False
    assert (tmp_path / "sio.png").stat().st_size > 20_000


def test_a_law_is_listed_with_its_values(capsys):
    assert main(["list", "graphite_chen_2020"]) == 0
    sheets = list(yaml.safe_load_all(capsys.readouterr().out.replace("\n\n", "\n---\n")))
    found = {key: law for sheet in sheets if sheet for key, law in sheet.items()}
    assert set(found) == {"law of D_s", "law of i_0"}
    assert found["law of i_0"]["unit"] == "A/m^2"
    law = list_laws()["i_0"]["graphite_chen_2020"]
    values = found["law of i_0"]["values"]
    expected = [float(law(sto=x, c_e=1000.0, T=298.15)) for x in values["x"]]
    assert values["y"] == pytest.approx(expected, rel=1e-5)


def test_a_name_that_is_not_listed(capsys):
    assert main(["list", "graphit"]) == 2
    assert "Did you mean graphite or" in capsys.readouterr().err
    assert main(["list", "presets", "--plot", "x.png"]) == 2
    assert "before --plot" in capsys.readouterr().err
    assert main(["list", "Celgard_2500", "--plot", "x.png"]) == 2
    assert "nothing to draw" in capsys.readouterr().err


def test_the_schema_is_json(capsys):
    assert main(["schema"]) == 0
    schema = json.loads(capsys.readouterr().out)
    assert {"geometry", "materials", "protocol"} <= set(schema["properties"])


def test_the_mesh_has_report_and_picture(tmp_path, capsys):
    main(["new", "a"])
    change = ["--set", "geometry.width=6 um"]
    assert main(["mesh", "a.yaml", *change]) == 0
    folder = tmp_path / "runs" / "a-mesh" / "mesh"
    assert json.loads((folder / "quality.json").read_text())["particles"]["number"] > 0
    assert (folder / "geometry.png").stat().st_size > 10_000
    assert (folder / "model.msh").exists()
    assert "requested  achieved" in capsys.readouterr().out
    assert main(["mesh", "a.yaml", *change]) == 2
    assert main(["mesh", "a.yaml", *change, "--force"]) == 0
