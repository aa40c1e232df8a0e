"""If these fail, a step holds another current than it says, or misses its end."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from mesode.config.protocol import parse_step
from mesode.model.diagnostics import Diagnostics
from mesode.protocol import controls, power_limit
from support.small_cell import small_cell

pytestmark = pytest.mark.mpi


@pytest.fixture(scope="module")
def small():
    cell = small_cell(n=2)
    return cell, Diagnostics(cell)


@pytest.fixture
def cell(small):
    small[0].reset()
    return small[0]


@pytest.fixture
def diagnostics(small):
    return small[1]


def begin(cell):
    lithiation = SimpleNamespace(mean_lithiation=lambda: cell.setup.lithiation)
    return controls.begin(0.0, cell, lithiation)


def held(text, cell):
    return controls.terminal(parse_step(text), cell, begin(cell))


@pytest.fixture
def ends(cell, diagnostics):
    def make(text):
        step = parse_step(text)
        start = controls.begin(0.0, cell, diagnostics)
        return controls.ends(step, start, controls.terminal(step, cell, start), cell, diagnostics)

    return make


# of tests/support/small_cell.py: 1 um^2 of 2000 kg/m^3 over a width of 2 um
MASS = 2000.0 * 0.5e-6  # [kg/m^2]
CAPACITY = 96485.33212 * 8e4 * 0.5e-6  # [C/m^2]


@pytest.mark.parametrize(
    ("text", "kind", "target"),
    [
        ("Lithiate at 5 mA/cm2 until 10 mV", "current", 50.0),
        ("Discharge at 0.2 A/g until 10 mV", "current", 200.0 * MASS),
        ("Lithiate at 2C until 10 mV", "current", 2 * CAPACITY / 3600),
        ("Delithiate at C/2 until 1 V", "current", -0.5 * CAPACITY / 3600),
        ("Charge at 5 mA/cm2 until 1 V", "current", -50.0),
        ("Rest for 10 minutes", "current", 0.0),
        ("Hold at 10 mV until C/50", "voltage", 0.01),
        ("Discharge at 1.5 mW/cm2 until 10 mV", "power", 15.0),
        ("Charge at 1.5 mW/cm2 until 1 V", "power", -15.0),
    ],
)
def test_what_the_terminal_holds(cell, text, kind, target):
    found = held(text, cell)
    assert (found.kind, found.rate) == (kind, 0.0)
    assert found.target == pytest.approx(target)


@pytest.mark.parametrize(("until", "rate"), [("10 mV", -1e-4), ("1 V", 1e-4)])
def test_a_sweep_goes_from_where_it_is_to_its_end(cell, until, rate):
    found = held(f"Sweep at 0.1 mV/s until {until}", cell)
    assert found.kind == "voltage"
    assert found.target == pytest.approx(cell.V.number())
    assert found.rate == pytest.approx(rate)


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        ("Lithiate at 1C until 300 mV", 0.301, 0.299),
        ("Delithiate at 1C until 700 mV", 0.699, 0.701),
        ("Sweep at 1 mV/s until 300 mV", 0.301, 0.299),
        ("Sweep at 1 mV/s until 800 mV", 0.799, 0.801),
    ],
)
def test_voltage_ends(cell, ends, text, before, after):
    (event,) = ends(text)
    for V, expected in ((before, 1e-3), (after, -1e-3)):
        cell.V.set(V)
        assert event.indicator() == pytest.approx(expected)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_hold_ends_when_the_current_has_faded(cell, ends, sign):
    (event,) = ends("Hold at 400 mV until C/10")
    for rate, expected in ((0.15, 0.05), (0.05, -0.05)):
        cell.I.set(sign * rate * cell.current_1C)
        assert event.indicator() == pytest.approx(expected * cell.current_1C)


def test_a_current_that_charges_double_layers_ends_no_hold(cell, ends):
    """They may take a tenth of the current at which it ends."""
    (event,) = ends("Hold at 400 mV until C/10")
    cell.I.set(0.05 * cell.current_1C)
    for part, ended in ((0.02, False), (0.005, True)):
        # 0.2 F/m2 of a surface twice as long as the section is wide
        cell.level.scaled_rate.x.array[:] = part * cell.current_1C / 0.4 / cell.level.scale
        assert (event.value() < 0.0) is ended
    cell.level.scaled_rate.x.array[:] = 0.0


@pytest.mark.parametrize(("verb", "sign"), [("Lithiate", 1), ("Delithiate", -1)])
def test_capacity_counts_from_the_begin_of_the_step(cell, ends, verb, sign):
    cell.Q.set(700.0)
    (event,) = ends(f"{verb} at 1C until 100 mAh/g")
    target = 360e3 * MASS  # [C/m^2]
    assert event.indicator() == pytest.approx(target)
    cell.Q.set(700.0 + sign * 1.01 * target)
    assert event.indicator() == pytest.approx(-0.01 * target)


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        ("Lithiate at 1C until lithiation 0.5", 0.4, 0.6),
        ("Delithiate at 1C until lithiation 0.05", 0.06, 0.04),
        ("Sweep at 1 mV/s until 10 mV or lithiation 0.5", 0.4, 0.6),
    ],
)
def test_lithiation_ends(cell, ends, text, before, after):
    event = ends(text)[-1]
    for sto, positive in ((before, True), (after, False)):
        cell.sto["active"].set(sto)
        assert (event.indicator() > 0) is positive


def test_guards_watch_salt_and_room(cell):
    *walls, salt = controls.guards(cell)
    assert salt.indicator() > 0
    assert [wall.indicator() > 0 for wall in walls] == [True, True]
    cell.c_e.set(0.5)
    assert salt.indicator() < 0
    # each end of the hosts is seen from afar, whichever is nearer
    for sto, seen in ((1.02, [False, True]), (-0.02, [True, False])):
        cell.sto["active"].set(sto)
        assert [wall.indicator() > 0 for wall in walls] == seen


def first(text, cell, tolerance=1e-4):
    return controls.first_steps(held(text, cell), cell, tolerance)


def test_double_layers_are_passed_in_a_part_of_the_time_that_fills_the_section(cell):
    whole = {"1C": 3600.0, "10C": 360.0}
    for rate, seconds in whole.items():
        leap = first(f"Lithiate at {rate} until 10 mV", cell).leap
        assert leap == pytest.approx(controls.FIRST_CHARGE * seconds)
    low, high = controls.FIRST_STEP_BOUNDS
    assert first("Lithiate at C/100 until 10 mV", cell).leap == high
    assert first("Lithiate at 30000C until 10 mV", cell).leap == low
    # the error of these steps goes with the square of their length
    assert first("Lithiate at 1C until 10 mV", cell, 1e-6).leap == pytest.approx(0.0216)


def test_where_they_are_followed_a_step_charges_them_by_a_millivolt(cell):
    step = first("Lithiate at 1C until 10 mV", cell).step
    assert step * cell.current_1C / 0.2 == pytest.approx(1e-3)  # 0.2 F/m2
    cell.I.set(cell.current_1C)
    assert first("Rest for 1 minute", cell).step == pytest.approx(step)
    assert first("Delithiate at 1C for 1 minute", cell).step == pytest.approx(0.5 * step)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Lithiate at 1C until 10 mV", "voltage 10 mV reached"),
        ("Lithiate at 1C until 800 mAh/g", "capacity 800 mAh/g reached"),
        ("Lithiate at 1C until lithiation 0.8", "lithiation 0.8 reached"),
        ("Hold at 10 mV until C/50", "current 0.02 C reached"),
    ],
)
def test_ends_in_words(ends, text, words):
    assert [event.name for event in ends(text)] == [words]


@pytest.mark.parametrize(("polarity", "lithiated"), [(1, 1), (-1, -1)])
def test_verbs_of_the_electrode_and_of_the_cell(polarity, lithiated):
    """In a full section the anode gives its lithium away on discharge."""
    cell = SimpleNamespace(polarity=polarity)
    signs = {
        verb: parse_step(f"{verb} at 1 A/m2 for 1 s").current_sign(cell.polarity)
        for verb in ("Discharge", "Charge", "Lithiate", "Delithiate")
    }
    assert signs == {
        "Discharge": 1, "Charge": -1, "Lithiate": lithiated, "Delithiate": -lithiated
    }  # fmt: skip


def test_the_most_power_is_at_the_vertex_of_the_parabola_through_three_currents():
    points = [(x, 5.0 - 3.0 * (x - 2.0) ** 2) for x in (1.0, 1.7, 2.1)]
    assert power_limit._vertex(points) == pytest.approx((2.0, 5.0))
