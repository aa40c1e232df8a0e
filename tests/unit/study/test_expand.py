"""If these fail, a study computes other cases than its file says, or the same ones twice."""

from __future__ import annotations

import numpy as np
import pytest

from mesode.errors import InputError
from mesode.study.expand import expand_file, is_study
from support.tiny_case import TINY

pytestmark = pytest.mark.serial

E, D = "materials.carbon_binder.E", "materials.active.D_s"


@pytest.fixture
def expanded(tmp_path):
    (tmp_path / "tiny.yaml").write_text(TINY)

    def expand(text):
        path = tmp_path / "study.yaml"
        path.write_text(f"base: tiny.yaml\n{text}")
        return expand_file(path)

    return expand


def rows(expansion):
    return [case.values for case in expansion.cases]


def problems(expanded, text):
    with pytest.raises(InputError) as caught:
        expanded(text)
    return [str(problem) for problem in caught.value.problems]


def test_grid_is_the_product_the_first_key_slowest(expanded):
    found = expanded("""
vary:
  materials.carbon_binder.E: [1 GPa, 2500 MPa]
  initial.lithiation: [0.1, 0.2, 0.3]
""")
    assert rows(found) == [
        (1.0, 0.1), (1.0, 0.2), (1.0, 0.3), (2.5, 0.1), (2.5, 0.2), (2.5, 0.3)
    ]  # fmt: skip
    assert [p.column for p in found.parameters] == [f"{E} / GPa", "initial.lithiation"]
    assert [case.case.initial.lithiation for case in found.cases] == [0.1, 0.2, 0.3] * 2


def test_ranges_with_units(expanded):
    found = expanded("""
vary:
  materials.carbon_binder.E: {logrange: [0.1 GPa, 10 GPa, 3]}
  materials.electrolyte.concentration: {range: [1 mol/l, 2000 mol/m^3, 3]}
""")
    assert sorted({row[0] for row in rows(found)}) == [0.1, 1.0, 10.0]
    assert sorted({row[1] for row in rows(found)}) == [1.0, 1.5, 2.0]


def test_a_protocol_that_is_set_is_written_out(expanded):
    found = expanded(f"""
set:
  protocol:
    - for_each: {{T: [10 degC, 25 degC], do: [{{step: Rest for 1 h, temperature: $T}}]}}
    - {{repeat: 2, steps: [Rest for 2 h]}}
vary: {{{E}: [1 GPa, 2 GPa]}}
""")
    for case in found.cases:
        steps = case.case.protocol
        assert [step.text for step in steps] == ["Rest for 1 h"] * 2 + ["Rest for 2 h"] * 2
        assert [step.temperature for step in steps] == pytest.approx([283.15, 298.15, None, None])


def test_whole_range_gives_whole_numbers(expanded):
    found = expanded("vary: {geometry.electrode.particles.seed: {range: [1, 5, 3]}}")
    assert rows(found) == [(1,), (3,), (5,)]


def test_zipped_keys_go_together(expanded):
    found = expanded(f"""
vary:
  {E}: [1 GPa, 2 GPa]
  initial.lithiation: [0.1, 0.2]
  {D}: [1e-13 m^2/s, 2e-13 m^2/s]
zip: [[{E}, {D}]]
""")
    assert rows(found) == [
        (1.0, 1e-13, 0.1), (1.0, 1e-13, 0.2), (2.0, 2e-13, 0.1), (2.0, 2e-13, 0.2)
    ]  # fmt: skip


def test_values_go_into_a_text_and_stay_numbers(expanded):
    found = expanded("""
vary:
  protocol.0: {values: [0.5, 2], into: "Lithiate at {} C until 10 mV", name: C-rate}
""")
    assert [p.column for p in found.parameters] == ["C-rate"]
    assert rows(found) == [(0.5,), (2,)]
    assert [c.case.protocol[0].value for c in found.cases] == [0.5, 2.0]


def test_repeat_counts_seeds(expanded):
    found = expanded("repeat: {seeds: 3}\nvary: {initial.lithiation: [0.1]}")
    assert rows(found) == [(0.1, 1), (0.1, 2), (0.1, 3)]
    assert [p.kind for p in found.parameters] == ["factor", "seed"]
    assert [c.case.geometry.electrode.seed for c in found.cases] == [1, 2, 3]


def test_set_holds_for_all_and_equal_cases_stand_once(expanded):
    found = expanded("""
set: {physics.temperature: 300 K}
vary: {initial.lithiation: [0.1, 0.1, 0.2], physics.temperature: [26.85 degC]}
""")
    assert rows(found) == [(0.1, 26.85), (0.2, 26.85)]
    assert {c.case.physics.temperature for c in found.cases} == {300.0}


def test_hash_does_not_depend_on_how_a_value_is_written(expanded):
    one, other = (expanded(f"vary: {{{E}: [{text}]}}") for text in ("2 GPa", "2000 MPa"))
    assert one.cases[0].hash == other.cases[0].hash


def test_base_may_stand_inline(tmp_path):
    body = "".join(f"  {line}\n" for line in TINY.splitlines())
    (tmp_path / "s.yaml").write_text(f"base:\n{body}vary: {{initial.lithiation: [0.1]}}\n")
    assert len(expand_file(tmp_path / "s.yaml").cases) == 1
    assert is_study(tmp_path / "s.yaml")


@pytest.mark.parametrize("method", ["lhs", "sobol", "random"])
def test_samples_are_the_same_for_the_same_seed(expanded, method):
    text = f"""
sample:
  method: {method}
  n: 8
  seed: SEED
  keys:
    {E}: {{log: [0.2 GPa, 12.5 GPa]}}
    initial.lithiation: [0.1, 0.3]
"""
    one, again, other = (rows(expanded(text.replace("SEED", s))) for s in "112")
    assert one == again != other
    assert len(one) == 8
    assert all(0.2 <= e <= 12.5 and 0.1 <= x <= 0.3 for e, x in one)
    if method == "lhs":  # one point in each eighth
        assert sorted(int((x - 0.1) / 0.2 * 8) for _, x in one) == list(range(8))
        eighths = 8 * np.log([e / 0.2 for e, _ in one]) / np.log(12.5 / 0.2)
        assert sorted(eighths.astype(int).tolist()) == list(range(8))  # of the logarithm


def test_all_problems_at_once_with_the_nearest_key(expanded):
    found = problems(
        expanded,
        "vary: {materials.carbon_binder.EE: [1 GPa], initial.lithiation: [0.1, 3],"
        " materials.active.c_max: [1 m]}",
    )
    assert any("materials.carbon_binder.EE: unknown key. Did you mean 'E'?" in p for p in found)
    assert any("initial.lithiation" in p and "(case 2)" in p and "got 3" in p for p in found)
    assert any("materials.active.c_max" in p and "unit of a length" in p for p in found)
    assert len(found) == 3


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"vary: {{{E}: {{range: [1 GPa, 2 s, 3]}}}}", "are not units of one quantity"),
        (f"vary: {{{E}: {{logrange: [0 GPa, 2 GPa, 3]}}}}", "expected positive numbers"),
        (f"vary: {{{E}: {{range: [a, b, 3]}}}}", "expected two numbers"),
        (f"vary: {{{E}: []}}", "expected at least one value"),
        (f"vary: {{{E}: [1 GPa]}}\nzip: [[{D}]]", "is not a key of vary"),
        (f"vary: {{{E}: [1 GPa], {D}: [1 m^2/s, 2 m^2/s]}}\nzip: [[{E}, {D}]]", "as many values"),
        (f"vary: {{{E}: [1 GPa]}}\nsample: {{method: lhs, n: 2, keys: {{{E}: [1 GPa, 2 GPa]}}}}",
         "varied already"),
        ("sample: {method: lhs, n: 0, keys: {a: [1, 2]}}", "at least 1"),
        ("varry: {}", "Did you mean 'vary'?"),
        ("collect: {x: {take: end}}", "expected one of column and manifest"),
    ],
)  # fmt: skip
def test_problems_of_the_study_itself(expanded, text, message):
    assert any(message in problem for problem in problems(expanded, text))


@pytest.mark.parametrize(
    ("figure", "key"),
    [
        ("{manifest: solver.steps, take: max}", "take"),
        ("{manifest: solver.steps, step: 1}", "step"),
        ("{column: Voltage / V, take: max, at: {column: Test Time / s, value: 3}}", "take"),
    ],
)
def test_a_key_without_effect_on_a_figure_of_merit_is_refused(expanded, figure, key):
    (told,) = problems(expanded, f"vary: {{initial.lithiation: [0.1]}}\ncollect: {{a: {figure}}}")
    assert told.startswith(f"collect.a.{key}: no effect")


STUDY = """
set: {materials.carbon_binder: {preset: CMC_SBR_SuperP, network: {}}, physics.top: {height: 1 mm}}
vary: {physics.mechanics: [none, linear, finite]}
"""


def test_a_study_may_vary_the_mechanics_that_keys_of_its_base_need(expanded):
    found = [each.case for each in expanded(STUDY).cases]
    assert [case.physics.mechanics for case in found] == ["none", "linear", "finite"]
    with pytest.raises(InputError, match="finite mechanics alone"):
        expanded(STUDY.partition("vary")[0])
