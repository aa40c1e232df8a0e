"""If these fail, lists and blocks of a protocol stand for other steps, or hide what is wrong."""

from __future__ import annotations

import pickle

import pytest
import yaml

from mesode.config.dump import dump_case, plain_data
from mesode.config.load import parse_case
from mesode.config.protocol import parse_protocol
from mesode.config.steps import Termination
from mesode.errors import InputError
from support.plain_case import plain_text

DOWN, UP = "Lithiate at 1 C until 10 mV", "Delithiate at 1 C until 1 V"
SPECTRUM = {"from": "1 kHz", "to": "1 Hz"}


def case_of(*items, **geometry):
    data = yaml.safe_load(plain_text("test"))
    data["geometry"] |= geometry
    return parse_case(data | {"protocol": list(items)})


def texts(*items):
    return [step.text for step in case_of(*items).protocol]


def refused(*items):
    """Return what is said of each path."""
    with pytest.raises(InputError) as caught:
        case_of(*items)
    return {
        problem.path: f"{problem.expected}. {problem.hint}" for problem in caught.value.problems
    }


# --- blocks


def test_cyclic_voltammetry():
    block = {"window": ["10 mV", "1.5 V"], "rates": ["0.1 mV/s", "0.2 mV/s"], "cycles": 2}
    down, up = "Sweep at {} until 10 mV", "Sweep at {} until 1.5 V"
    one, two = ([down.format(rate), up.format(rate)] * 2 for rate in block["rates"])
    assert texts({"cyclic_voltammetry": block}) == [*one, *two]
    turned = {"cyclic_voltammetry": {**block, "rates": "1 mV/s", "cycles": 1, "first": "charge"}}
    assert texts(turned) == [up.format("1 mV/s"), down.format("1 mV/s")]


def test_gitt_has_as_many_pulses_as_fill_the_electrode():
    block = {"current": "C/10", "pulse": "20 min", "rest": "30 min", "until": "50 mV"}
    steps = case_of({"gitt": block}, "Rest for 1 h").protocol
    assert [step.text for step in steps[:2]] == [
        "Lithiate at C/10 for 20 min or until 50 mV", "Rest for 30 min",
    ]  # fmt: skip
    assert len(steps) == 2 * 30 + 1
    # whichever pulse reaches 50 mV, the next step is the one after the block
    ends = {k + 1 + steps[k].until[0].skips for k in range(0, 60, 2)}
    assert ends == {60}
    assert {step.until for step in steps[1:60:2]} == {()}
    assert len(case_of({"gitt": {**block, "at_most": 7}}).protocol) == 14
    assert len(case_of({"gitt": {**block, "current": "0.1 A/g"}}).protocol) == 2 * 200


def test_constant_current_constant_voltage():
    block = {"lithiate": "C/2", "to": "10 mV", "until": "C/20", "for": "2 h"}
    assert texts({"cc_cv": block}) == [
        "Lithiate at C/2 until 10 mV", "Hold at 10 mV until C/20 or for 2 h",
    ]  # fmt: skip


def test_formation_and_slow_cycling_have_rates_of_their_own():
    window = {"window": ["10 mV", "1 V"]}
    formation = {"formation": {**window, "cycles": 2, "hold": "C/100", "rest": "10 min"}}
    cycle = [
        *("Discharge at C/20 until 10 mV", "Hold at 10 mV until C/100", "Rest for 10 min"),
        *("Charge at C/20 until 1 V", "Rest for 10 min"),
    ]
    assert texts(formation) == cycle * 2
    slow = {"slow_cycling": {**window, "first": "charge"}}
    assert texts(slow) == ["Charge at C/50 until 1 V", "Discharge at C/50 until 10 mV"]
    assert "expected a quantity" in refused({"cycling": window})["protocol[0].cycling.rate"]


def test_a_block_tags_its_steps_and_has_a_temperature():
    block = {"formation": {"window": ["10 mV", "1 V"]}, "temperature": "40 degC", "tags": ["a"]}
    for step in case_of(block).protocol:
        assert step.temperature == pytest.approx(313.15)
        assert step.tags == ("a", "formation")
        assert step.place == (0, "formation")


# --- values put in, repetitions until an end


def test_for_each_puts_values_in():
    block = {"rate": ["C/10", "C/5"], "T": ["20 degC", "30 degC"], "do": [
        {"step": "Lithiate at $rate until 10 mV", "temperature": "$T"},
        {"repeat": 2, "steps": ["Delithiate at $rate until 1 V"]},
    ]}  # fmt: skip
    steps = case_of({"for_each": block}).protocol
    assert [step.text for step in steps] == [
        text.replace("$", rate)
        for rate in ("C/10", "C/5")
        for text in ("Lithiate at $ until 10 mV", *["Delithiate at $ until 1 V"] * 2)
    ]
    assert [step.temperature for step in steps] == [
        *(pytest.approx(293.15), None, None), *(pytest.approx(303.15), None, None),
    ]  # fmt: skip


def test_for_each_nests_for_all_pairs():
    inner = {"for_each": {"end": ["10 mV", "20 mV"], "do": ["Lithiate at $rate until $end"]}}
    assert texts({"for_each": {"rate": ["C/10", "C/5"], "do": [inner]}}) == [
        f"Lithiate at {rate} until {end}" for rate in ("C/10", "C/5") for end in ("10 mV", "20 mV")
    ]


def test_numbers_are_put_in_as_numbers():
    block = {"for_each": {"n": [1, 3], "do": [{"repeat": "$n", "steps": ["Rest for $n min"]}]}}
    assert texts(block) == ["Rest for 1 min", *["Rest for 3 min"] * 3]


def test_an_end_of_a_repetition_is_that_of_each_step_with_a_current():
    inner = {"repeat": 3, "until": "50 mV", "steps": ["Lithiate at 1 C for 1 min", "Rest for 1 h"]}
    steps = case_of({"repeat": 2, "steps": [inner, "Rest for 1 s"]}).protocol
    assert len(steps) == 14
    skips = [[end.skips for end in step.until] for step in steps]
    assert skips == [[5], [], [3], [], [1], [], []] * 2


def test_a_side_is_kept_where_the_steps_go_both_ways():
    block = {"repeat": 3, "steps": [DOWN, UP]}
    said = refused({**block, "until": "50 mV"})
    assert "'< 50 mV'" in said["protocol[0].until"]
    steps = case_of({**block, "until": "< 5 mV"}).protocol
    assert steps[1].until == (
        Termination(quantity="voltage", value=1.0, unit="V"),
        Termination(quantity="voltage", value=0.005, unit="V", side=-1, skips=4),
    )


# --- what is written


ITEMS = [
    {"gitt": {"current": "C/10", "pulse": "20 min", "rest": "30 min", "until": "50 mV"}},
    {"for_each": {"rate": ["C/10", "C/5"], "do": ["Lithiate at $rate until 10 mV"]}},
    {"repeat": 3, "steps": [DOWN, {"delithiate": "1 C", "until": "1 V", "tags": "a"}]},
    {"step": DOWN, "impedance": {"every": "50 mV", **SPECTRUM}, "temperature": "30 degC"},
    {"lithiate": "5 mA/cm2", "until": ["10 mV", {"lithiation": 0.8}]},
    "Discharge at 2 A until 10 mV at 25oC (1 minute period) [one, two]",
]


def test_a_case_is_written_as_it_stands_and_reads_back():
    case = case_of(*ITEMS, cell_area="0.1 m^2")
    again = parse_case(dump_case(case))
    assert again.protocol == case.protocol
    assert again.protocol.written == case.protocol.written
    written = plain_data(case)["protocol"]
    assert written[:4] == ITEMS[:4]
    assert written[4:] == ["Lithiate at 5 mA/cm2 until 10 mV or until lithiation 0.8", ITEMS[5]]
    assert pickle.loads(pickle.dumps(case.protocol)).written == written


# --- what is wrong

GITT = ITEMS[0]["gitt"]
CV = {"window": ["10 mV", "1 V"], "rates": ["1 mV/s"]}
WRONG = [
    ({"gitt": {**GITT, "pulse": "20 mV"}}, "gitt.pulse", "a time"),
    ({"gitt": {**GITT, "pulse": 20}}, "gitt.pulse", "with its unit"),
    ({"gitt": {**GITT, "current": "5 V"}}, "gitt.current", "voltage"),
    ({"gitt": {**GITT, "until": "2 h"}}, "gitt.until", "a voltage or a lithiation"),
    ({"gitt": {**GITT, "at_most": 0}}, "gitt.at_most", "from 1 to 10000"),
    ({"gitt": {**GITT, "direction": "down"}}, "gitt.direction", "lithiate"),
    ({"gitt": {**GITT, "puls": "1 h"}}, "gitt.puls", "Did you mean 'pulse'?"),
    ({"gitt": 5}, "gitt", "expected a mapping"),
    ({"gitt": GITT, "rest": "1 h"}, "rest", "unknown key"),
    ({"cyclic_voltammetry": {**CV, "window": "1 V"}}, "cyclic_voltammetry.window", "two voltages"),
    (
        {"cyclic_voltammetry": {**CV, "window": ["1 V", "10 mV"]}},
        "cyclic_voltammetry.window", "Write [10 mV, 1 V]",
    ),
    (
        {"cyclic_voltammetry": {**CV, "window": ["1 V", "1000 mV"]}},
        "cyclic_voltammetry.window", "Give two voltages that differ",
    ),
    ({"cyclic_voltammetry": {**CV, "rates": ["1 mV"]}}, "cyclic_voltammetry.rates[0]", "per time"),
    ({"cyclic_voltammetry": {**CV, "rates": []}}, "cyclic_voltammetry.rates", "at least one"),
    ({"cc_cv": {"to": "10 mV", "until": "C/20"}}, "cc_cv", "found none"),
    ({"cc_cv": {"lithiate": "1C", "to": "10 mV", "until": "1 V"}}, "cc_cv.until", "a current"),
    ({"for_each": {"rate": ["C/10"], "do": [DOWN]}}, "for_each.rate", "no step names $rate"),
    ({"for_each": {"rate": "C/10", "do": ["Rest for $rate"]}}, "for_each.rate", "a list of values"),
    ({"for_each": {"do": [DOWN]}}, "for_each", "at least one list"),
    ({"for_each": {"rate": ["C/10"]}}, "", "under 'do'"),
    ({"for_each": {"t": ["1 h"]}, "steps": ["Rest for $t"]}, "", "under 'do'"),
    ({"for_each": {"t": ["1 h"]}, "steps": ["Rest for $t"]}, "steps", "Known keys: for_each"),
    (
        {"for_each": {"a": ["1 h"], "b": ["1 h", "2 h"], "do": ["Rest for $a", "Rest for $b"]}},
        "for_each", "a has 1, b has 2",
    ),
    ({"for_each": {"t": ["1 h"], "do": ["Rest for $t", "Rest for $x"]}}, "for_each.do[1]", "$x"),
    ({"repeat": 5, "until": "50 mV", "steps": ["Rest for 1 h"]}, "until", "never ends"),
    ({"repeat": 5, "until": "1 h", "steps": [DOWN]}, "until", "a voltage or a lithiation"),
    ({"step": DOWN, "impedance": {"every": "5 Hz", **SPECTRUM}}, "impedance.every", "not an end"),
    ({"step": DOWN, "impedance": {"every": "50 mV", "from": "1 Hz"}}, "impedance.to", "frequency"),
    ({"step": DOWN, "temperature": "900 K"}, "temperature", "from 250 to 350 K"),
    ({"step": DOWN, "tags": [3]}, "tags", "words of your own"),
    ({"step": DOWN, "until": "5 mV"}, "until", "unknown key"),
    ("Discharge at 2 A until 10 mV", "", "geometry.cell_area"),
    ("Charge at 200mW for 45 minutes", "", "geometry.cell_area"),
    ("Hold at 10 mV until 5 mA", "", "'5 mA/cm2'"),
]  # fmt: skip


@pytest.mark.parametrize(("item", "path", "said"), WRONG)
def test_what_is_wrong_is_told_where_it_is(item, path, said):
    where = "protocol[1]" + (f".{path}" if path else "")
    assert said in refused("Rest for 1 h", item)[where]


def test_a_time_below_zero_has_no_direction():
    said = refused({"gitt": {**GITT, "pulse": "-4 min"}})["protocol[0].gitt.pulse"]
    assert "-4 min" not in said  # what was found stands after it
    assert "verb" not in said
    assert "verb" in refused({"gitt": {**GITT, "current": "-1 mA/cm2"}})["protocol[0].gitt.current"]


def test_nested_lists_have_an_end():
    steps = ["Rest for $t"]
    for _ in range(2):
        steps = [{"repeat": 2, "steps": steps}]
    deep = {"for_each": {"t": ["1 h"], "do": [{"repeat": 2, "steps": steps}]}}
    assert "at most 3 nested" in next(iter(refused(deep).values()))
    steps = ["Rest for $t"]
    for _ in range(200):
        steps = [{"for_each": {"t": ["1 h"], "do": steps}}]
    assert "at most 3 nested" in next(iter(refused(*steps).values()))


def test_all_that_is_wrong_with_a_block_is_told_at_once():
    said = refused({"gitt": {"current": "5 V", "pulse": "1 V", "rest": "1 h", "untill": "50 mV"}})
    assert set(said) == {
        f"protocol[0].gitt.{key}" for key in ("current", "pulse", "until", "untill")
    }


def test_an_area_is_what_amperes_are_divided_over():
    (step,) = case_of("Discharge at 2 A until 10 mV", cell_area="0.1 m^2").protocol
    assert (step.value, step.unit) == (pytest.approx(20.0), "A/m2")
    assert parse_protocol(["Rest for 1 h"]).written == ["Rest for 1 h"]


@pytest.mark.parametrize(
    ("item", "path", "said"),
    [
        (
            {"cyclic_voltammetry": {**CV, "window": ["2.5 V", "4.2 V"]}},
            "cyclic_voltammetry",
            "2.5 V",
        ),
        ("Sweep at 1 mV/s until 5 V", "", "known from 0.05"),
        ({"gitt": {**GITT, "pulse": "20 h"}}, "gitt", "200 % of the capacity"),
        ({"repeat": 2, "steps": [{"gitt": {**GITT, "pulse": "20 h"}}]}, "steps[0].gitt", "200 %"),
    ],
)
def test_what_the_materials_cannot_mean_is_refused(item, path, said):
    where = "protocol[0]" + (f".{path}" if path else "")
    assert said in refused(item)[where]


def test_scans_of_the_laboratory_are_not():
    assert len(case_of({"cyclic_voltammetry": {**CV, "window": ["5 mV", "1.5 V"]}}).protocol) == 2
