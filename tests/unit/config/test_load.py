"""If this fails, bad input reaches the solver, or a user is not told what is wrong with it."""

from __future__ import annotations

import re
import time

import pytest

from mesode.config import meanings
from mesode.config.case import Case
from mesode.config.load import load_case, parse_case
from mesode.config.yamltext import read_yaml
from mesode.errors import InputError
from support.plain_case import plain_text

STARTER = plain_text("test")


def refused(*overrides, text=STARTER):
    """Return the problems of the starter case with these changes, as {path: text}."""
    with pytest.raises(InputError) as caught:
        parse_case(text, "case.yaml", overrides)
    assert caught.value.exit_code == 2
    return {problem.path: str(problem) for problem in caught.value.problems}


def accepted(*overrides):
    return parse_case(STARTER, "case.yaml", overrides)


BAD_VALUES = [
    # change, path, what the message says
    ("geometry.width=40", "geometry.width", ["with its unit", "got 40", "'3 um'"]),
    ("geometry.width=40 mV", "geometry.width", ["unit of a voltage", "'40 mV'"]),
    ("geometry.width=-40 um", "geometry.width", ["at least 1 nm", "'-40 um'"]),
    ("geometry.width=2 um", "geometry.width", ["largest particle", "3.2 um"]),
    (
        "geometry.electrode.thickness=10 m",
        "geometry.electrode.thickness",
        ["at least 1 nm and at most 1 mm", "'10 m'"],
    ),
    ("geometry.electrode.thickness=3 um", "geometry.electrode.thickness", ["largest particle"]),
    ("geometry.electrode.particles.fraction=0.7", "", ["at most 0.65", "got 0.7"]),
    ("geometry.electrode.particles.fraction=0", "", ["above 0"]),
    ("geometry.electrode.particles.diameter=0 um", "", ["at least 1 nm"]),
    ("geometry.electrode.particles.diameter=[1]", "", ["a length such as"]),
    ("geometry.electrode.particles.gap=3 um", "", ["below the smallest diameter, 3 um"]),
    ("geometry.electrode.particles.gap=-1 nm", "", ["at least 0 um"]),
    ("geometry.electrode.particles.seed=1.5", "", ["whole number"]),
    ("geometry.electrode.particles.seed=-1", "", ["at least 0"]),
    ("geometry.electrode.carbon_binder.kind=films", "", ["'matrix'", "Did you mean 'film'?"]),
    ("physics.top={pressure: 1 MPa}", "physics.top", ["mechanics is none", "to linear"]),
    ("geometry.counter=sodium", "", ["'lithium'"]),
    ("geometry.separator=25 um", "", ["mapping"]),
    ("mesh.interface=1 um", "", ["at most mesh.size, 0.8 um"]),
    ("mesh.surface=0.15 um", "", ["at most half of mesh.interface, 0.1 um"]),
    ("mesh.size=5 um", "", ["smallest particle diameter, 3 um"]),
    ("materials.active.sigma=0 S/m", "", ["above 0 S/m and below 1e9 S/m", "'0 S/m'"]),
    ("materials.active.sigma=1e10 S/m", "", ["below 1e9 S/m"]),
    ("materials.active.sigma=good", "", ["a conductivity"]),
    ("materials.active.D_s=-1e-14 m^2/s", "", ["above 0"]),
    ("materials.active.D_s=4e-13", "", ["with its unit"]),
    ("materials.active.D_s=graphite_chen", "", ["law of D_s", "graphite_chen_2020"]),
    ("materials.active.nu=0.5", "", ["below 0.5"]),
    ("materials.active.E=1 V", "", ["voltage"]),
    ("materials.active.preset=SiO_coated_low_defct", "", ["Did you mean SiO_coated_low_defect"]),
    ("materials.electrolyte.preset=water", "", ["LiPF6_EC_DMC"]),
    ("materials.counter.preset=sodium", "", ["lithium_metal"]),
    ("materials.carbon_binder.porosity=2", "", ["above 0 and at most 1", "got 2"]),
    ("materials.carbon_binder.macmullin=0.5", "", ["at least 1"]),
    ("materials.separator.porosity=0", "", ["above 0"]),
    ("materials.carbon_binder=", "", ["required key", "kind to none"]),
    ("materials.collector.contact_resistance=-1 ohm m^2", "", ["at least 0"]),
    ("physics.temperature=25 C", "", ["'degC'"]),
    ("physics.temperature=400 K", "", ["at least 250 K and at most 350 K"]),
    ("physics.mechanics=lineal", "", ["'linear', 'finite' or 'none'"]),
    ("physics.stress_coupling=none", "", ["'two_way' or 'one_way'"]),
    ("physics.top=shut", "", ["'free', 'fixed'", "{spring: 1 MPa/um}"]),
    ("materials.active.yield_strength=0 MPa", "", ["above 0 Pa"]),
    ("materials.active.hardening=-1 MPa", "", ["at least 0 Pa"]),
    ("materials.active.flow_rate=0 1/s", "", ["above 0 1/s"]),
    ("materials.active.flow_exponent=0.5", "", ["at least 1"]),
    (
        "materials.carbon_binder.adhesion_strength=20 MPa",
        "materials.carbon_binder.adhesion_toughness",
        ["required key", "Give adhesion_toughness beside adhesion_strength"],
    ),
    (
        "materials.active.adhesion_toughness=2 J/m^2",
        "materials.active.adhesion_strength",
        ["required key", "Give adhesion_strength beside adhesion_toughness"],
    ),
    ("materials.active.adhesion_toughness=2 J", "", ["an energy per area"]),
    ("physics.thermal=warm", "", ["'isothermal', 'lumped' or a block", "convection, ambient"]),
    ("physics.thermal={ambient: 20}", "physics.thermal.ambient", ["with its unit"]),
    ("physics.thermal={convection: -1 W/m^2/K}", "physics.thermal.convection", ["at least 0 W"]),
    ("physics.thermal={heat_capacity: 5 J/K}", "physics.thermal.heat_capacity", ["per area"]),
    ("initial.lithiation=1.2", "", ["below 1"]),
    ("initial.lithiation=true", "", ["a number"]),
    ("protocol=[]", "", ["at least one step"]),
    ("protocol=3", "", ["a list"]),
    ("output.fields=many", "", ["whole number"]),
    ("output.figures=3", "", ["true or false"]),
    ("numerics.tolerance=10", "", ["at most 0.1"]),
    ("numerics.displacement_degree=3", "", ["at most 2"]),
    ("numerics.petsc.mat_mumps_icntl_7=1", "", ["0, 2, 3, 4, 5, 6 or 7"]),
    ("numerics.petsc.ksp_rtol=1e-8", "", ["no effect", "ksp_type to gmres"]),
]


@pytest.mark.parametrize(("change", "path", "said"), BAD_VALUES)
def test_bad_value_is_named_with_its_path_and_what_is_due(change, path, said):
    problems = refused(change)
    path = path or change.partition("=")[0]
    assert list(problems) == [path]
    for words in said:
        assert words in problems[path]


@pytest.mark.parametrize(
    ("change", "path", "said"),
    [
        ("geometry.widht=3 um", "geometry.widht", "Did you mean 'width'?"),
        ("outpt=3", "outpt", "Did you mean 'output'?"),
        ("materials.active.c_maxx=3 mol/l", "materials.active.c_maxx", "Did you mean 'c_max'?"),
        ("numerics.petsc.ksp_tpye=gmres", "numerics.petsc.ksp_tpye", "Did you mean 'ksp_type'?"),
        ("numerics.petsc.pc_type=gamg", "numerics.petsc.pc_type", "unknown key"),
        ("physics.top={presure: 1 MPa}", "physics.top.presure", "Did you mean 'pressure'?"),
        (
            "geometry.electrode.particles.diameter={median: 3 um, spred: 1}",
            "geometry.electrode.particles.diameter.spred",
            "Did you mean 'spread'?",
        ),
        ("mesh.colour=red", "mesh.colour", "Known keys: size, interface, surface"),
    ],
)
def test_unknown_key_offers_the_nearest(change, path, said):
    problem = refused(change)[path]
    assert "unknown key" in problem
    assert said in problem


def test_all_that_a_value_may_be_is_told_at_once():
    with pytest.raises(InputError) as caught:
        parse_case(STARTER, "case.yaml", ["output.fields=lots"])
    (problem,) = caught.value.problems
    assert str(problem) == "output.fields: expected 'auto' or a whole number, got 'lots'"


def test_missing_keys_are_named_and_described():
    problems = refused(text="geometry: {width: 15 um}\nmesh:\n")
    assert {"geometry.electrode", "mesh.size", "mesh.interface", "materials", "protocol"} <= set(
        problems
    )
    assert "Edge length in the bulk" in problems["mesh.size"]


@pytest.mark.parametrize(
    ("value", "where", "said"),
    [
        ("{expression: '2e-13*foo', unit: m^2/s}", ".expression", "'foo'"),
        ("{expression: '2e-13*c_e', unit: m^2/s}", ".expression", "may depend on sto, T"),
        ("{expression: '2e-13*(', unit: m^2/s}", ".expression", "cannot read"),
        ("{expression: '2e-13'}", ".unit", "a unit of a diffusivity"),
        ("{expression: '2e-13', unit: V}", ".unit", "voltage"),
        ("{expression: '2e-13', unit: m^2/s, of: sto}", ".of", "belongs to a table"),
        ("{table: [[0, 1]], unit: m^2/s}", ".table", "two points"),
        ("{table: [[0, 1e-9], [0, 1e-9]], unit: m^2/s}", ".table[1][0]", "increase"),
        ("{table: [[0, 1e-9], [1, 0]], unit: m^2/s}", ".table[1][1]", "above 0 m^2/s"),
        ("{table: [[0, 1e-9], [1, x]], unit: m^2/s}", ".table[1][1]", "a number"),
        ("{table: [[0, 1e-9], [1]], unit: m^2/s}", ".table[1]", "a pair"),
        ("{table: [[0, 1], [1, 1]], of: c_e, unit: m^2/s}", ".of", "sto, T"),
        ("{tabel: 3}", ".tabel", "Known keys"),
        ("{unit: V}", "", "{table: ...}"),
    ],
)
def test_bad_law_is_named_where_it_is_bad(value, where, said):
    problems = refused(f"materials.active.D_s={value}")
    assert said in problems[f"materials.active.D_s{where}"]


@pytest.mark.parametrize(
    ("step", "path", "said"),
    [
        ("Lithiat at 5 mA/cm2 until 10 mV", "protocol[1]", "'Lithiat'"),
        ("Rest", "protocol[1]", "never ends"),
        ("{lithiate: 1 C, until: [10 mV, 2 um]}", "protocol[1].until[1]", "not an end of a step"),
        ("{holt: 10 mV}", "protocol[1].holt", "Did you mean 'hold'?"),
        ("{repeat: 0, steps: [Rest for 1 h]}", "protocol[1].repeat", "from 1 to 10000"),
        ("{repeat: 2.5, steps: [Rest for 1 h]}", "protocol[1].repeat", "whole number"),
        ("{repeat: true, steps: [Rest for 1 h]}", "protocol[1].repeat", "whole number"),
        ("{repeat: 2, steps: []}", "protocol[1].steps", "a list of steps"),
        ("{repeat: 2, steps: Rest for 1 h}", "protocol[1].steps", "a list of steps"),
        ("{repeat: 2, step: [Rest for 1 h]}", "protocol[1].step", "unknown key"),
        ("{repeat: 2, steps: [Rest for 1 h, Wait]}", "protocol[1].steps[1]", "'Wait'"),
        (
            "{repeat: 2, steps: [{repeat: 2, steps: [Rest]}]}",
            "protocol[1].steps[0].steps[0]",
            "never ends",
        ),
    ],
)
def test_bad_step_is_named_where_it_is_bad(step, path, said):
    assert said in refused(f"protocol.1={step}")[path]


LITHIATE, DELITHIATE = "Lithiate at 1 C until 10 mV", "Delithiate at 1 C until 1 V"


def test_a_repetition_is_its_steps_that_often():
    inner = {"repeat": 2, "steps": [LITHIATE, DELITHIATE]}
    outer = {"repeat": 3, "steps": [inner, "Rest for 1 h"]}
    data = read_yaml(plain_text("test"), "") | {"protocol": ["Rest for 1 s", outer, LITHIATE]}
    block = [LITHIATE, DELITHIATE] * 2 + ["Rest for 1 h"]
    texts = [step.text for step in parse_case(data).protocol]
    assert texts == ["Rest for 1 s", *block * 3, LITHIATE]
    changed = ["protocol.1.repeat=1", "protocol.1.steps.0.steps.1=Rest for 2 h"]
    texts = [step.text for step in parse_case(data, overrides=changed).protocol]
    assert texts == ["Rest for 1 s", *[LITHIATE, "Rest for 2 h"] * 2, "Rest for 1 h", LITHIATE]


@pytest.mark.parametrize("times", [[10_000, 2], [10_000, 10_000], [10_000] * 3])
def test_too_many_steps_are_refused_before_they_are_written_out(times):
    steps = ["Rest for 1 h"]
    for number in times:
        steps = [{"repeat": number, "steps": steps}]
    data = read_yaml(plain_text("test"), "") | {"protocol": steps}
    begin = time.monotonic()
    with pytest.raises(InputError, match="at most 10000 steps in all"):
        parse_case(data)
    assert time.monotonic() - begin < 1.0


def test_repetitions_within_each_other_end():
    steps = ["Rest for 1 h"]
    for _ in range(500):
        steps = [{"repeat": 1, "steps": steps}]
    data = read_yaml(plain_text("test"), "") | {"protocol": steps}
    with pytest.raises(InputError, match="at most 3 nested repetitions"):
        parse_case(data)


def test_a_change_that_the_preset_does_not_take_is_refused():
    problems = refused("materials.carbon_binder={preset: PAA, macmullin: 3}")
    assert "no pores" in problems["materials.carbon_binder.macmullin"]
    problems = refused("materials.active.i_0=2 A/m^2", "materials.active.i_0_ref=2 A/m^2")
    assert "not both" in problems["materials.active.i_0_ref"]


def test_all_problems_are_listed_at_once_with_the_name_of_the_file():
    changes = [change for change, *_ in BAD_VALUES if change.startswith("physics.")]
    with pytest.raises(InputError) as caught:
        parse_case(STARTER, "case.yaml", ["geometry.width=10 m", "mesh.siz=1", *changes])
    assert len(caught.value.problems) == 2 + len({c.partition("=")[0] for c in changes})
    assert "problems in case.yaml:" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "where", "said"),
    [
        ("a: [1,\nb: 2", "case.yaml:2", "brackets"),
        ("a:\n\t- b", "case.yaml:2:1", "not with tabs"),
        ("a: b: c", "case.yaml:1:5", "colon"),
        ("a: 1\nb: 3\na: 2", "case.yaml:3:1", "twice"),
        ("a: 'b", "case.yaml:1", "quotes"),
        ("!!python/object:os.system {}", "case.yaml:1:1", "tag"),
        ("? {a: 1}\n: 2", "case.yaml:1:3", "a key must be a word"),
        ("a: \x00", "case.yaml", "not YAML"),
        ("", "case.yaml", "empty"),
        ("# nothing but this\n", "case.yaml", "empty"),
        ("- 1\n- 2", "case.yaml", "a mapping"),
        ("just words", "case.yaml", "a mapping"),
    ],
)
def test_malformed_yaml_is_located(text, where, said):
    ((path, problem),) = refused(text=text).items()
    assert path.startswith(where)
    assert said in problem


def test_absent_file_names_the_nearest(tmp_path):
    (tmp_path / "zhang2024_low.yaml").write_text(STARTER)
    with pytest.raises(InputError, match=r"no such file.*zhang2024_low\.yaml"):
        load_case(tmp_path / "zhang2024_lwo.yaml")
    with pytest.raises(InputError, match="There is no folder"):
        load_case(tmp_path / "nothing" / "case.yaml")
    with pytest.raises(InputError, match="a folder"):
        load_case(tmp_path)


def test_file_that_is_no_text_is_refused(tmp_path):
    path = tmp_path / "case.yaml"
    path.write_bytes("title: 3 µm".encode("latin-1"))
    with pytest.raises(InputError, match="UTF-8"):
        load_case(path)


def test_byte_order_mark_and_greek_letters_are_read(tmp_path):
    path = tmp_path / "case.yaml"
    path.write_text("\ufeff" + STARTER.replace("width: 15 um", "width: 15 µm"), encoding="utf-8")
    assert load_case(path).geometry.width == 15e-6


def test_scalars_are_what_they_look_like():
    case = accepted("title=2024-01-01", "numerics.tolerance=1e-5", "output.figures=off")
    assert (case.title, case.numerics.tolerance) == ("2024-01-01", 1e-5)
    assert case.output.figures is False
    assert accepted("geometry.electrode.particles.seed=010").geometry.electrode.seed == 10
    assert accepted("mesh={<<: {size: 1 um}, interface: 0.2 um}").mesh.size == 1e-6


def test_override_reaches_lists_and_new_keys():
    case = accepted(
        "geometry.electrode.particles.seed=3",
        'protocol.0="Discharge at C/20 for 0.5 hours"',
        "protocol[2]=Rest for 1 h",
        "materials.active.density=2.2 g/cm^3",
    )
    assert case.geometry.electrode.seed == 3
    assert [step.control for step in case.protocol] == ["current", "rest", "rest"]
    assert case.materials.active.density == 2200.0


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("geometry.width", "KEY=VALUE"),
        ("=3", "KEY=VALUE"),
        ("geometry.width.x=3", "below a value"),
        ("protocol.9=Rest for 1 h", "index from 0 to 2"),
        ("protocol.last=Rest for 1 h", "index from 0 to 2"),
        ("geometry=[", "brackets"),
    ],
)
def test_bad_override_is_explained(override, said):
    with pytest.raises(InputError) as caught:
        parse_case(STARTER, "case.yaml", [override])
    assert said in str(caught.value)


@pytest.mark.parametrize("key", ["diameter", "spread"])
def test_truncation_must_hold_the_median(key):
    diameter = "{median: 3 um, spread: 0.2, min: 4 um}"
    if key == "spread":
        diameter = "{median: 3 um, spread: 0.2, max: 2 um}"
    problems = refused(f"geometry.electrode.particles.diameter={diameter}")
    assert "the median" in next(iter(problems.values()))


@pytest.mark.parametrize(
    ("change", "hint"),
    [
        ("mesh.sizes=1 um", "Did you mean 'size'?"),
        ("physics.tempreature=300 K", "Did you mean 'temperature'?"),
        ("temperature=300 K", "Did you mean physics.temperature?"),
        ("physics.seed=2", "Did you mean geometry.electrode."),
        ("sei=1", "Did you mean materials.sei"),
        ("materials.active.capacity=3", "Did you mean materials.active.c_max"),
        ("materials.active.youngs_modulus=3", "Did you mean materials.active.E?"),
        ("materials.binder={}", "Did you mean carbon_binder?"),
        ("geometry.electrode.loading=3 mg/cm2", "Did you mean geometry.electrode.recipe.loading"),
        ("initial.SOC=0.1", "Did you mean initial.soc?"),
        ("physics.cRate=1", "Did you mean protocol"),
        ("numerics.timeStep=1 s", "Did you mean numerics.max_step?"),
        ("numerics.xyz=1", "Known keys: "),
    ],
)
def test_a_key_is_suggested_by_letters_by_its_place_or_by_its_meaning(change, hint):
    with pytest.raises(InputError) as caught:
        parse_case(plain_text("test"), "", [change])
    (problem,) = caught.value.problems
    assert problem.hint.startswith(hint)


def test_each_meaning_names_keys_that_there_are():
    paths = {path for places in meanings._places(Case).values() for path in places}
    ends = {path.rpartition(".")[2] for path in paths}
    for word, place in meanings.MEANINGS.items():
        named = re.findall(r"[a-zA-Z_][\w]*(?:\.[\w]+)+", place.replace("e.g.", ""))
        assert all(path in paths for path in named), (word, named)
        assert named or set(re.findall(r"\w+", place)) & ends, word
