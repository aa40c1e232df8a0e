"""If these fail, a cell is told to move another charge between two voltages than it does."""

from __future__ import annotations

import pytest

from mesode.case.foresight import rest_between
from mesode.case.plan import make_plan
from mesode.case.window import asked_voltages, window_between
from mesode.config.load import parse_case
from mesode.config.resolve import resolve_materials
from mesode.config.starter import starter_text

CAPACITIES = {"active": 110.0, "counter_active": 160.0}


def case(*overrides, kind="layers"):
    return parse_case(starter_text("test", kind), "", overrides)


@pytest.fixture(scope="module")
def rest():
    return rest_between(case(), resolve_materials(case()), CAPACITIES)


def test_the_ends_of_the_window_have_its_voltages_and_the_lithium_of_the_start(rest):
    window = window_between(rest, 2.8, 4.2)
    (x_low, x_high), (y_low, y_high) = window.means
    assert rest.voltage(x_low, y_low) == pytest.approx(2.8, abs=2e-3)
    assert rest.voltage(x_high, y_high) == pytest.approx(4.2, abs=2e-3)
    assert 110.0 * (x_high - x_low) == pytest.approx(window.charge)
    assert 160.0 * (y_low - y_high) == pytest.approx(window.charge)
    assert 110.0 * x_low + 160.0 * y_low == pytest.approx(110.0 * 0.03 + 160.0 * 0.9)
    assert window.hosts == {"active": (x_low, x_high), "counter_active": (y_low, y_high)}


def test_n_over_p_is_what_the_anode_can_take_over_what_it_is_given(rest):
    window = window_between(rest, 2.8, 4.2)
    assert window.ratio == pytest.approx(110.0 / window.charge)
    assert window.text().startswith(f"{window.ratio:.3g} between 2.8 and 4.2 V at rest")


def test_a_half_cell_has_a_window_and_no_ratio():
    half = rest_between(case(kind="sio"), resolve_materials(case(kind="sio")), {"active": 1.0})
    assert window_between(half, 0.1, 0.6).ratio is None


def test_the_voltages_are_those_of_the_window_else_of_the_protocol():
    assert asked_voltages(case()) == [2.8, 4.2]
    assert asked_voltages(case("initial={soc: 0, window: [3 V, 4.1 V]}")) == [3.0, 4.1]


def test_check_tells_it_of_a_full_cell():
    rows = dict(make_plan(case()).rows())
    assert "1.14 between 2.8 and 4.2 V at rest" in rows["  in use"]
    assert make_plan(case("protocol=[Rest for 1 s]")).window is None
