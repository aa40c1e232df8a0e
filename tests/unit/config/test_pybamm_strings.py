"""If this fails, an experiment in the words of PyBaMM is another one here.

The strings are those of the documentation of PyBaMM 21.11 to 25.12 (``step.string``,
``Experiment``, the tutorials, the example scripts) and of its tests, which say what they mean: kind
of control, value, duration, end, period, temperature, tags. There Charge is below zero; here
the sign stands beside it.
"""

from __future__ import annotations

import pytest

from mesode.config.protocol import parse_protocol, parse_step
from mesode.config.steps import StepError, Termination

MINUTE, HOUR = 60.0, 3600.0
ZERO = 273.15


def volts(value, side=0):
    return Termination(quantity="voltage", value=value, unit="V", side=side)


def amps(value, unit="A", side=0):
    return Termination(quantity="current", value=value, unit=unit, side=side)


def what(control, value, unit, sign, *, t=None, ends=(), **more):
    return {
        "control": control,
        "value": value,
        "unit": unit,
        "sign": sign,
        "duration": t,
        "until": tuple(ends),
        "period": None,
        "temperature": None,
        "tags": (),
        **more,
    }


# what they are in PyBaMM: positive on discharge, in A, W, Ohm, V or as a C-rate
STRINGS = {
    # pybamm.step.string, version 25.12
    "Discharge at 1C for 0.5 hours": what("current", 1.0, "C", 1, t=1800.0),
    "Discharge at C/20 for 0.5 hours": what("current", 0.05, "C", 1, t=1800.0),
    "Charge at 0.5 C for 45 minutes": what("current", 0.5, "C", -1, t=2700.0),
    "Discharge at 1 A for 0.5 hours": what("current", 1.0, "A", 1, t=1800.0),
    "Charge at 200 mA for 45 minutes": what("current", 0.2, "A", -1, t=2700.0),
    "Discharge at 1W for 0.5 hours": what("power", 1.0, "W", 1, t=1800.0),
    "Charge at 200mW for 45 minutes": what("power", 0.2, "W", -1, t=2700.0),
    "Rest for 10 minutes": what("rest", 0.0, "", 0, t=600.0),
    "Hold at 1V for 20 seconds": what("voltage", 1.0, "V", 0, t=20.0),
    "Charge at 1 C until 4.1V": what("current", 1.0, "C", -1, ends=[volts(4.1)]),
    "Hold at 4.1 V until 50mA": what("voltage", 4.1, "V", 0, ends=[amps(0.05)]),
    "Hold at 3V until C/50": what("voltage", 3.0, "V", 0, ends=[amps(0.02, "C")]),
    "Discharge at C/3 for 2 hours or until 2.5 V": what(
        "current", 1 / 3, "C", 1, t=7200.0, ends=[volts(2.5)]
    ),
    "Charge at 1 C for 1 hour": what("current", 1.0, "C", -1, t=HOUR),
    "Charge at 1 C until 4.2 V": what("current", 1.0, "C", -1, ends=[volts(4.2)]),
    "Charge at 1 C for 1 hour or until 4.2 V": what(
        "current", 1.0, "C", -1, t=HOUR, ends=[volts(4.2)]
    ),
    "Charge at 4 A until 3.8 V": what("current", 4.0, "A", -1, ends=[volts(3.8)]),
    "Charge at 4 A for 3 hours": what("current", 4.0, "A", -1, t=3 * HOUR),
    # tutorial 5, run experiments; long experiments; example scripts
    "Discharge at 1 A for 90 seconds": what("current", 1.0, "A", 1, t=90.0),
    "Charge at 200mA for 45 minutes": what("current", 0.2, "A", -1, t=2700.0),
    "Hold at 4.1 V until 50 mA": what("voltage", 4.1, "V", 0, ends=[amps(0.05)]),
    "Discharge at C/10 for 10 hours or until 3.3 V": what(
        "current", 0.1, "C", 1, t=36000.0, ends=[volts(3.3)]
    ),
    "Charge at 1 A until 4.1 V": what("current", 1.0, "A", -1, ends=[volts(4.1)]),
    "Rest for 1 hour": what("rest", 0.0, "", 0, t=HOUR),
    "Discharge at 1C until 3.3 V": what("current", 1.0, "C", 1, ends=[volts(3.3)]),
    "Discharge at 1A for 1 hour or until 2.5V": what(
        "current", 1.0, "A", 1, t=HOUR, ends=[volts(2.5)]
    ),
    "Discharge at 1C until 3V": what("current", 1.0, "C", 1, ends=[volts(3.0)]),
    "Charge at 1C until 4.2V": what("current", 1.0, "C", -1, ends=[volts(4.2)]),
    "Hold at 4.2V until C/50": what("voltage", 4.2, "V", 0, ends=[amps(0.02, "C")]),
    "Charge at C/2 until 4.1 V": what("current", 0.5, "C", -1, ends=[volts(4.1)]),
    "Hold at 4.1 V until 10 mA": what("voltage", 4.1, "V", 0, ends=[amps(0.01)]),
    "Discharge at C/20 for 1 hour": what("current", 0.05, "C", 1, t=HOUR),
    "Discharge at 0.1C until 3V": what("current", 0.1, "C", 1, ends=[volts(3.0)]),
    "Discharge at 2 W until 3.5 V": what("power", 2.0, "W", 1, ends=[volts(3.5)]),
    "Discharge at 4 Ohm for 10 minutes": what("resistance", 4.0, "ohm", 1, t=600.0),
    "Discharge at C/20 for 2 min": what("current", 0.05, "C", 1, t=120.0),
    "Discharge at C/20 for 30 m": what("current", 0.05, "C", 1, t=1800.0),
    "Discharge at 20000 C for 10 minutes": what("current", 2e4, "C", 1, t=600.0),
    # with a period
    "Discharge at C/20 for 1h (2 minute period)": what(
        "current", 0.05, "C", 1, t=HOUR, period=120.0
    ),
    "Charge at 200mA for 45 minutes (1 minute period)": what(
        "current", 0.2, "A", -1, t=2700.0, period=MINUTE
    ),
    "Rest for 10 minutes (5 minute period)": what("rest", 0.0, "", 0, t=600.0, period=300.0),
    "Charge at 100 A until 4.1 V at 35oC (1 second period)": what(
        "current", 100.0, "A", -1, ends=[volts(4.1)], temperature=ZERO + 35.0, period=1.0
    ),
    "Hold at 4.1 V until 5 A at 35oC (1 seconds period)": what(
        "voltage", 4.1, "V", 0, ends=[amps(5.0)], temperature=ZERO + 35.0, period=1.0
    ),
    # with a temperature, versions 23.1 to 23.5
    "Discharge at 1C for 0.5 hours at 27oC": what(
        "current", 1.0, "C", 1, t=1800.0, temperature=ZERO + 27.0
    ),
    "Charge at 0.5 C for 45 minutes at -5oC": what(
        "current", 0.5, "C", -1, t=2700.0, temperature=ZERO - 5.0
    ),
    "Discharge at 1 A for 0.5 hours at -5.1oC": what(
        "current", 1.0, "A", 1, t=1800.0, temperature=ZERO - 5.1
    ),
    "Charge at 200 mA for 45 minutes at 10.2oC (1 minute period)": what(
        "current", 0.2, "A", -1, t=2700.0, temperature=ZERO + 10.2, period=MINUTE
    ),
    "Discharge at 1W for 0.5 hours at -10.4oC": what(
        "power", 1.0, "W", 1, t=1800.0, temperature=ZERO - 10.4
    ),
    "Discharge at C/3 for 2 hours or until 2.5 V at 26oC": what(
        "current", 1 / 3, "C", 1, t=7200.0, ends=[volts(2.5)], temperature=ZERO + 26.0
    ),
    "Rest for 2 hours at 35oC": what("rest", 0.0, "", 0, t=7200.0, temperature=ZERO + 35.0),
    # with tags, versions 22.11 to 23.5
    "Discharge at 1C for 0.5 hours [tag1]": what("current", 1.0, "C", 1, t=1800.0, tags=("tag1",)),
    "Discharge at C/20 for 0.5 hours [tag2,tag3]": what(
        "current", 0.05, "C", 1, t=1800.0, tags=("tag2", "tag3")
    ),
    "Charge at 200 mA for 45 minutes (1 minute period) [tag5]": what(
        "current", 0.2, "A", -1, t=2700.0, period=MINUTE, tags=("tag5",)
    ),
    "Rest for 10 minutes (5 minute period) [tag1,tag3,tag4]": what(
        "rest", 0.0, "", 0, t=600.0, period=300.0, tags=("tag1", "tag3", "tag4")
    ),
    # terminations with an operator, from version 23.9 on: current is positive on discharge
    "Charge at 1C until > 4.2 V": what("current", 1.0, "C", -1, ends=[volts(4.2, 1)]),
    "Discharge at 1C until <2.5V": what("current", 1.0, "C", 1, ends=[volts(2.5, -1)]),
    "Hold at 4.2 V until > -50 mA": what("voltage", 4.2, "V", 0, ends=[amps(-0.05, side=1)]),
    "Rest for 1 hour or until > 3.5 V": what("rest", 0.0, "", 0, t=HOUR, ends=[volts(3.5, 1)]),
}


def seen(step):
    return {name: getattr(step, name) for name in next(iter(STRINGS.values()))}


@pytest.mark.parametrize(("text", "expected"), STRINGS.items())
def test_a_string_of_pybamm_means_the_same(text, expected):
    step = parse_step(text)
    value = pytest.approx(expected["value"], rel=1e-15)
    temperature = expected["temperature"]
    if temperature is not None:
        temperature = pytest.approx(temperature, rel=1e-15)
    assert seen(step) == {**expected, "value": value, "temperature": temperature}


@pytest.mark.parametrize("text", STRINGS)
def test_it_reads_back(text):
    assert parse_step(parse_step(text).text) == parse_step(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        # each of them an error in PyBaMM's tests
        ("Discharge at 1 A at 2 hours", "once only"),
        ("Play at 1 A for 2 hours", "'Play' is not a step"),
        ("Do at 1 A", "'Do' is not a step"),
        ("Cell Charge at 1 A for 2 hours", "'Cell' is not a step"),
        ("Discharge at 1 B for 2 hours", "'1 B'"),
        ("Discharge at 1 A", "never ends"),
        ("Discharge at 1 A for 1 hour at 25oC at 30oC", "one temperature"),
        ("Discharge at 1 A for 1 hour at 500oC", "from 250 to 350 K"),
        ("Discharge at 1 A for 1 hour []", "expected tags"),
        ("Charge at 1C until > 2 hours", "a voltage or a current after '>'"),
    ],
)
def test_what_pybamm_refuses_is_refused(text, said):
    with pytest.raises(StepError) as caught:
        parse_step(text)
    assert said in str(caught.value)


def test_keywords_of_pybamms_steps_are_keys():
    given = {"step": "Discharge at 1C for 1 hour", "period": "1 minute", "temperature": "25oC"}
    step = parse_step({**given, "tags": ["tag1"]})
    assert step == parse_step("Discharge at 1C for 1 hour at 25oC (1 minute period) [tag1]")


def test_a_whole_cell_is_divided_by_its_area():
    steps = parse_protocol(
        ["Charge at 2 A until 1 V", "Hold at 1 V until 5 mA", "Discharge at 1 W for 1 h",
         "Discharge at 4 Ohm for 1 h", "Charge at C/2 until 1 V"],
        area=0.1,
    )  # fmt: skip
    assert [(step.value, step.unit) for step in steps] == [
        *((pytest.approx(20.0), "A/m2"), (1.0, "V"), (pytest.approx(10.0), "W/m2")),
        *((pytest.approx(0.4), "ohm m2"), (0.5, "C")),
    ]
    assert steps[1].until[0] == Termination(
        quantity="current", value=pytest.approx(0.05), unit="A/m2"
    )
