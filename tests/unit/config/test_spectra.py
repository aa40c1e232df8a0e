"""If these fail, an impedance is measured at other frequencies than the file says, or a slip of a
file is not told with its place."""

from __future__ import annotations

import pytest

from mesode.config.protocol import parse_protocol, parse_step
from mesode.config.steps import Spectrum, StepError
from mesode.units import QuantityError, parse_quantity


def block(**keys):
    return {"impedance": keys}


@pytest.mark.parametrize(
    ("entry", "first", "last", "number"),
    [
        (block(**{"from": "100 kHz", "to": "10 mHz", "points_per_decade": 5}), 1e5, 1e-2, 5),
        (block(**{"from": "1e-2 Hz", "to": "1kHz"}), 1e-2, 1e3, 10),
        ("Impedance from 100 kHz to 10 mHz with 5 points per decade", 1e5, 1e-2, 5),
        ("impedance  from 1 MHz to 1 Hz", 1e6, 1.0, 10),
    ],
)
def test_both_forms_give_the_frequencies(entry, first, last, number):
    step = parse_step(entry)
    assert isinstance(step, Spectrum)
    assert (step.first, step.last, step.points_per_decade) == (first, last, number)
    assert parse_step(step.text) == step
    assert step.still
    assert step.current_sign(-1) == 0


def faults(entry):
    with pytest.raises(StepError) as caught:
        parse_step(entry)
    return {
        each.path: f"{each.expected} {each.hint}" for each in (caught.value, *caught.value.others)
    }


def test_all_that_is_wrong_is_told_at_once():
    entry = block(**{"from": 100, "too": "1 Hz", "points_per_decade": 0}) | {"for": "1 h"}
    found = faults(entry)
    assert set(found) == {
        ("for",),
        ("impedance", "too"),
        ("impedance", "from"),
        ("impedance", "to"),
        ("impedance", "points_per_decade"),
    }
    assert "Did you mean 'to'?" in found["impedance", "too"]
    assert "a frequency with its unit" in found["impedance", "from"]


@pytest.mark.parametrize(
    ("entry", "path", "words"),
    [
        (block(**{"from": "1 m", "to": "1 Hz"}), ("impedance", "from"), "a frequency"),
        (block(**{"from": "-1 Hz", "to": "1 Hz"}), ("impedance", "from"), "above 1e-07 Hz"),
        (block(**{"from": "1 Hz", "to": "1e12 Hz"}), ("impedance", "to"), "at most 1e+09 Hz"),
        (block(**{"from": "1 Hz", "to": "1000 mHz"}), ("impedance",), "both are the same"),
        (block(**{"from": "1 MHz", "to": "1 uHz", "points_per_decade": 100}), ("impedance",),
         "at most 1000 frequencies, these are 1201"),
        (block(**{"from": "1 MHz", "to": "1 Hz", "points_per_decade": 1.5}),
         ("impedance", "points_per_decade"), "a whole number from 1 to 100"),
        (block(**{"from": "1 MHz", "to": "1 Hz", "points_per_decade": True}),
         ("impedance", "points_per_decade"), "a whole number from 1 to 100"),
        ({"impedance": "1 Hz"}, ("impedance",), "expected where it begins and ends"),
        ("Impedance at 1 Hz", (), "this impedance is not understood"),
        ("Impedance from 1 Hz to 2 m", (), "a frequency"),
        ("Impedence from 1 Hz to 2 Hz", (), "Did you mean 'Impedance'?"),
    ],
)  # fmt: skip
def test_a_slip_is_told_with_its_place(entry, path, words):
    found = faults(entry)
    assert list(found) == [path]
    assert words in found[path]


def test_it_stands_in_sequences_and_repetitions():
    steps = parse_protocol(
        [{"repeat": 2, "steps": ["Rest for 1 h", block(**{"from": "1 Hz", "to": "2 Hz"})]}]
    )
    assert [step.still for step in steps] == [True] * 4
    assert [isinstance(step, Spectrum) for step in steps] == [False, True] * 2


def test_frequencies_are_quantities():
    assert parse_quantity("10 mHz", "frequency") == 0.01
    with pytest.raises(QuantityError, match="a frequency"):
        parse_quantity("10 s", "frequency")
