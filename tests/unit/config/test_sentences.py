"""If this fails, the protocol that runs is not the one that was written."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mesode.config.protocol import parse_step
from mesode.config.sentences import parse_sentence
from mesode.config.steps import StepError, Termination

V10MV = Termination(quantity="voltage", value=0.01, unit="V")
MINUTE = 60.0
HOUR = 3600.0

# text: control, value, unit, sign, duration, until, period
SENTENCES = {
    "Lithiate at 5 mA/cm2 until 10 mV": ("current", 50.0, "A/m2", 1, None, (V10MV,), None),
    "lithiate AT 5 mA/cm^2 Until 10mV": ("current", 50.0, "A/m2", 1, None, (V10MV,), None),
    "Discharge at C/20 for 0.5 hours": ("current", 0.05, "C", 1, 0.5 * HOUR, (), None),
    "Discharge at 2C for 10 minutes": ("current", 2.0, "C", 1, 10 * MINUTE, (), None),
    "Charge at 1 C until 4.1V": (
        *("current", 1.0, "C", -1, None),
        (Termination(quantity="voltage", value=4.1, unit="V"),),
        None,
    ),
    "Delithiate at 0.2 A/g for 2 hours or until 10 mV": (
        *("current", 200.0, "A/kg", -1, 2 * HOUR),
        (V10MV,),
        None,
    ),
    "Lithiate at 50 mA/g until 10 mV, or for 2 h": (
        *("current", 50.0, "A/kg", 1, 2 * HOUR),
        (V10MV,),
        None,
    ),
    "Hold at 10 mV for 2 hours or until C/50": (
        *("voltage", 0.01, "V", 0, 2 * HOUR),
        (Termination(quantity="current", value=0.02, unit="C"),),
        None,
    ),
    "Hold at 4.1 V until 50 mA/cm2": (
        *("voltage", 4.1, "V", 0, None),
        (Termination(quantity="current", value=500.0, unit="A/m2"),),
        None,
    ),
    "Rest for 10 m": ("rest", 0.0, "", 0, 600.0, (), None),
    "Rest for 10 minutes (30 second period)": ("rest", 0.0, "", 0, 600.0, (), 30.0),
    "Discharge at 1.5 mW/cm2 until 10 mV (minute period)": (
        *("power", 15.0, "W/m2", 1, None),
        (V10MV,),
        MINUTE,
    ),
    "Lithiate at C/5 until lithiation 0.8": (
        *("current", 0.2, "C", 1, None),
        (Termination(quantity="lithiation", value=0.8, unit="1"),),
        None,
    ),
    "Lithiate at C/5 until 80 % lithiation or 800 mAh/g": (
        *("current", 0.2, "C", 1, None),
        (
            Termination(quantity="lithiation", value=0.8, unit="1"),
            Termination(quantity="specific_capacity", value=2.88e6, unit="C/kg"),
        ),
        None,
    ),
    "Sweep at 0.1 mV/s until 10 mV": ("sweep", 1e-4, "V/s", 0, None, (V10MV,), None),
}


def _fields(step):
    return (
        *(step.control, step.value, step.unit, step.sign),
        *(step.duration, step.until, step.period),
    )


@pytest.mark.parametrize(("text", "expected"), SENTENCES.items())
def test_sentence_gives_the_step(text, expected):
    assert _fields(parse_sentence(text)) == expected


MAPPINGS = [
    ({"lithiate": "5 mA/cm^2", "until": "10 mV"}, "Lithiate at 5 mA/cm^2 until 10 mV"),
    (
        {"lithiate": "5 mA/cm^2", "until": ["10 mV", "2 h", "800 mAh/g", {"lithiation": 0.8}]},
        "Lithiate at 5 mA/cm^2 for 2 h or until 10 mV or 800 mAh/g or lithiation 0.8",
    ),
    ({"hold": "10 mV", "until": ["C/50"]}, "Hold at 10 mV until C/50"),
    ({"rest": "10 min"}, "Rest for 10 min"),
    ({"rest": "10 m"}, "Rest for 10 min"),
    (
        {"lithiate": "1C", "for": "10m", "until": "10 mV", "period": "1 m"},
        "Lithiate at 1C for 10 min or until 10 mV (1 min period)",
    ),
    ({"charge": "1 C", "for": "1 h", "period": "10 s"}, "Charge at 1 C for 1 h (10 s period)"),
    ({"sweep": "0.1 mV/s", "until": "10 mV"}, "Sweep at 0.1 mV/s until 10 mV"),
]


@pytest.mark.parametrize(("mapping", "sentence"), MAPPINGS)
def test_mapping_means_the_same_as_the_sentence(mapping, sentence):
    assert _fields(parse_step(mapping)) == _fields(parse_sentence(sentence))


@pytest.mark.parametrize("given", [*SENTENCES, *(mapping for mapping, _ in MAPPINGS)])
def test_text_of_a_step_reads_back_to_the_same_step(given):
    step = parse_step(given)
    assert parse_sentence(step.text) == step


NONSENSE = {
    "Lithiat at 5 mA/cm2 until 10 mV": ["'Lithiat'", "Did you mean 'Lithiate'?"],
    "Make coffee": ["'Make'", "Rest for 1 hour"],
    "": ["expected a protocol step"],
    "Lithiate at 5 mA/cm2": ["never ends", "until 10 mV"],
    "Rest": ["never ends", "for 10 minutes"],
    "Lithiate until 10 mV": ["'at <value>' is missing"],
    "Lithiate 5 mA/cm2 until 10 mV": ["'5'", "'at'"],
    "Lithiate at 5 mA/cm2 whenever 10 mV": ["'whenever' is not understood"],
    "Lithiate at 5 until 10 mV": ["with its unit"],
    "Lithiate at 5 V until 10 mV": ["the unit of a voltage"],
    "Lithiate at -5 mA/cm2 until 10 mV": ["above 0", "lithiate or delithiate"],
    "Lithiate at 0 mA/cm2 until 10 mV": ["above 0"],
    "Lithiate at C/0 until 10 mV": ["above 0"],
    "Lithiate at 5 mA/cm2 until 10 kV": ["-1 to 6 V"],
    "Lithiate at 5 mA/cm2 until 10 um": ["not an end of a step"],
    "Lithiate at 5 mA/cm2 until 10 m": ["not an end of a step"],
    "Lithiate at 5 mA/cm2 until": ["nothing follows after 'until'"],
    "Lithiate at 5 mA/cm2 until 10 mV or": ["nothing follows after 'or'"],
    "Lithiate at 5 mA/cm2 or until 10 mV": ["'or' joins"],
    "Lithiate at 5 mA/cm2 for 10 mV": ["a time"],
    "Lithiate at 5 mA/cm2 until 10 mV at 3 V": ["'at' may appear once"],
    "Lithiate at 5 mA/cm2 until lithiation 1.2": ["between 0 and 1"],
    "Lithiate at 5 mA/cm2 until C/20": ["cannot end on a current"],
    "Hold at 10 mV until 20 mV": ["cannot end on a voltage"],
    "Rest until 10 mV": ["cannot end on a voltage"],
    "Rest at 10 mV for 2 h": ["makes no sense in a rest"],
    "Sweep at 0.1 mV/s for 2 h": ["voltage to go to"],
    "Rest for 10 minutes (5 mV period)": ["a time"],
    "Rest for -10 minutes": ["above 0"],
    "Rest for 100 years": ["at most"],
}


@pytest.mark.parametrize(("text", "said"), NONSENSE.items())
def test_nonsense_is_explained(text, said):
    with pytest.raises(StepError) as caught:
        parse_sentence(text)
    for words in said:
        assert words in str(caught.value)


@pytest.mark.parametrize(
    ("mapping", "path", "said"),
    [
        ({"holt": "10 mV"}, ("holt",), "Did you mean 'hold'?"),
        ({"hold": "10 mV", "rest": "1 h"}, (), "found hold, rest"),
        ({}, (), "found none"),
        ({"lithiate": 5, "until": "10 mV"}, ("lithiate",), "with its unit"),
        ({"lithiate": "5 V", "until": "10 mV"}, ("lithiate",), "voltage"),
        ({"lithiate": "1 C", "until": ["10 mV", "2 foo"]}, ("until", 1), "'2 foo'"),
        ({"lithiate": "1 C", "until": ["10 mV", "2 m"]}, ("until", 1), "not an end of a step"),
        ({"lithiate": "1 C", "until": [{"lithiation": 8}]}, ("until", 0, "lithiation"), "0 and 1"),
        ({"lithiate": "1 C", "until": [{"voltage": 8}]}, ("until", 0), "{lithiation: 0.8}"),
        ({"lithiate": "1 C", "for": "3 V"}, ("for",), "a time"),
        ({"lithiate": "1 C", "for": "3 h", "period": 3}, ("period",), "with its unit"),
        (5, (), "a sentence or a mapping"),
    ],
)
def test_bad_mapping_names_its_key(mapping, path, said):
    with pytest.raises(StepError) as caught:
        parse_step(mapping)
    assert caught.value.path == path
    assert said in str(caught.value)


@settings(max_examples=150)
@given(
    verb=st.sampled_from(["Lithiate", "delithiate", "CHARGE", "Discharge"]),
    current=st.floats(min_value=1e-6, max_value=1e3),
    unit=st.sampled_from([("mA/cm2", 10.0), ("A/m^2", 1.0), ("A/g", 1e3), ("mA/g", 1.0)]),
    hours=st.floats(min_value=1e-3, max_value=1e3),
    millivolts=st.floats(min_value=-500, max_value=5000),
    time_first=st.booleans(),
)
def test_numbers_of_any_sentence_arrive(verb, current, unit, hours, millivolts, time_first):
    ends = [f"for {hours!r} h", f"until {millivolts!r} mV"]
    text = f"{verb} at {current!r} {unit[0]} " + " or ".join(ends if time_first else ends[::-1])
    step = parse_sentence(text)
    assert step.sign == (1 if verb.lower() in ("lithiate", "discharge") else -1)
    assert step.value == pytest.approx(current * unit[1], rel=1e-14)
    assert step.duration == pytest.approx(hours * HOUR, rel=1e-14)
    assert step.until[0].value == pytest.approx(millivolts / 1e3, rel=1e-14, abs=0)
    assert parse_sentence(step.text) == step


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("Lithiate at 1/3 C until 10 mV", "Write 'C/3'"),
        ("Hold at 10 mV until 1 / 50C", "Write 'C/50'"),
        ("Lithiate at 2/3 C until 10 mV", "Write '0.6667 C'"),
        ("Lithiate at C/3 until 10 mv", "Did you mean '10 mV'? Capitals matter in units"),
        ("Lithiate at C/3 until 800 mah/g", "Did you mean '800 mAh/g'?"),
        ("Hold at 10 mv for 1 h", "Did you mean 'mV'? Capitals matter in units"),
        ("Lithiate at 5 ma/cm2 until 10 mV", "Did you mean 'mA/cm^2'?"),
        ("Lithiate at 1 C for 10 minuts", "Did you mean 'minutes'?"),
    ],
)
def test_a_slip_of_the_pen_gets_a_hint(text, hint):
    with pytest.raises(StepError) as caught:
        parse_sentence(text)
    assert caught.value.hint.startswith(hint)


WORDS = (
    *("lithiate", "rest", "hold", "sweep", "at", "for", "until", "or", "lithiation", "(", "period"),
    *("10", "mV", "2", "h", "C/20", "5", "mA/cm2", "0.8", "1e999", "-", "800", "mAh/g"),
    *(")", ",", "%", "%s", "\x00", "½", "é"),
)


@settings(max_examples=150)
@given(words=st.lists(st.sampled_from(WORDS) | st.text(max_size=6), max_size=9))
def test_any_text_is_a_step_or_a_clear_error(words):
    try:
        step = parse_sentence(" ".join(words))
    except StepError:
        return
    assert parse_sentence(step.text) == step
