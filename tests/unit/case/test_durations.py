"""If these fail, `check` foresees other times than a protocol takes."""

from __future__ import annotations

import numpy as np
import pytest

from mesode.case.durations import RestCurve, expected
from mesode.config.protocol import parse_protocol
from mesode.materials.law import Law
from mesode.model.equilibrium import Equilibrium
from mesode.model.rest import Rest, Side

CAPACITY, LOADING = 3600.0, 0.01  # C/m2, so that 1C is 1 A/m2; kg/m2


def electrode(slope, top, start):
    """Return an electrode whose potential falls evenly with the lithiation."""

    def line(*, sto, ops):
        return top - slope * sto

    ocp = Law(name="line", function=line, variables=("sto",))
    return Side(Equilibrium({"host": ocp}, {"host": CAPACITY}, 298.15), CAPACITY, start)


@pytest.fixture(scope="module")
def half():
    return RestCurve(Rest(electrode(1.0, 1.0, 0.0), None, 1))  # 1 V to 0 V


def times(curve, *items):
    steps = parse_protocol(list(items))
    currents = [
        step.current_sign(curve.polarity) * step.value if step.unit in ("A/m2", "C") else None
        for step in steps
    ]
    return expected(steps, currents, curve, LOADING)


def hours(found):
    return [None if each.time is None else each.time / 3600.0 for each in found]


def test_each_end_has_its_time(half):
    found = times(
        half,
        "Lithiate at C/2 until 0.6 V",  # from 0 to 0.4
        "Rest for 1 h",
        "Lithiate at 1C for 6 min",  # 0.5
        "Delithiate at 1C until lithiation 0.2",
        "Delithiate at 1C until 0.95 V or for 6 min",  # 0.1
        "Lithiate at 1C until 18 mAh/g",  # 648 C/m2
        "Impedance from 1 kHz to 1 Hz",
    )
    assert hours(found[:5]) == pytest.approx([0.8, 1.0, 0.1, 0.3, 0.1], abs=1e-6)
    assert found[5].time == pytest.approx(648.0, rel=1e-6)
    assert found[6].time == 0.0


def test_a_step_without_an_end_on_its_way_ends_with_the_capacity(half):
    assert hours(times(half, "Lithiate at 1C until -0.5 V")) == pytest.approx([1.0], abs=1e-6)


def test_scans_holds_and_what_follows(half):
    found = times(
        half, "Sweep at 0.1 mV/s until 0.1 V", "Hold at 0.2 V until C/50", "Hold at 0.3 V for 1 h",
        "Lithiate at 1C until 0.1 V",
    )  # fmt: skip
    assert hours(found) == [
        pytest.approx(2.5, abs=1e-5), None, pytest.approx(1.0), pytest.approx(0.2, abs=1e-6),
    ]  # fmt: skip


def test_a_power_and_a_resistance_have_about_their_time(half):
    found = times(half, "Discharge at 0.01 mW/cm2 for 6 min", "Discharge at 10 ohm m2 for 6 min")
    assert hours(found) == pytest.approx([0.1, 0.1])


def test_a_repetition_is_left_where_it_is_expected_to_be(half):
    block = {"current": "C/10", "pulse": "1 h", "rest": "1 h", "until": "0.45 V", "at_most": 9}
    found = times(half, {"gitt": block}, "Rest for 1 h")
    assert [each.left_out for each in found] == [False] * 11 + [True] * 7 + [False]
    assert sum(each.time for each in found) / 3600.0 == pytest.approx(5.5 + 5 + 1, abs=1e-6)


def test_a_full_cell_goes_the_other_way():
    curve = RestCurve(Rest(electrode(1.0, 1.0, 0.9), electrode(1.0, 4.5, 0.2), -1))
    assert curve.voltage_at(0.0) == pytest.approx(4.3 - 0.1)
    assert np.diff(curve.V).max() < 0.0
    found = times(curve, "Discharge at 1C until 3.8 V", "Charge at 1C until 4.0 V",
                  "Lithiate at 1C until lithiation 0.8")  # fmt: skip
    # both potentials move by 1 V for the whole capacity: 0.4 V are a fifth of it
    assert hours(found) == pytest.approx([0.2, 0.1, 0.0], abs=1e-6)
