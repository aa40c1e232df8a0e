"""If these fail, a repetition is not left where it should be, or a step has another temperature."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from mesode.columns import FREQUENCY, IMPEDANCE, MEAN_LITHIATION, TEMPERATURE, VOLTAGE
from support import protocols
from support.protocols import OneCheckpoint, Spectra
from support.small_cell import law, small_cell

GITT = {"gitt": {"current": "1C", "pulse": "3 min", "rest": "2 min", "until": "300 mV"}}
AFTER = "Rest for 10 s"


run = partial(protocols.run, tolerance=1e-4, observer=Spectra)


@pytest.fixture(scope="module")
def cell():
    return small_cell(n=2)


def test_gitt_ends_with_the_pulse_that_reaches_its_end(cell):
    result, record = run(cell, GITT, AFTER)
    assert result.status == "completed"
    *pulses, last = [end for end in record.ends if end.text.startswith("Lithiate")]
    assert {end.reason for end in pulses} == {"duration reached"}
    assert last.reason == "voltage 300 mV reached"
    assert record.ends[-1].text == AFTER
    assert record.ends[-2] is last  # no rest after it
    assert record.points[-1].step == 2 * 20 + 1  # its number in the protocol as it is written out
    assert last.end[VOLTAGE] == pytest.approx(0.3, abs=2e-6)
    assert last.tags == ("gitt",)


def test_an_end_that_is_there_already_leaves_the_repetition(cell):
    again = {"repeat": 5, "until": "300 mV", "steps": ["Lithiate at 1C for 1 min", AFTER]}
    result, record = run(cell, "Hold at 250 mV for 10 min", again, "Rest for 1 s")
    assert [end.text for end in record.ends] == [
        "Hold at 250 mV for 10 min", "Lithiate at 1C for 1 min", "Rest for 1 s",
    ]  # fmt: skip
    assert record.ends[1].reason == "voltage 300 mV reached before the step began"
    assert result.status == "completed"


def test_a_repetition_that_does_not_come_to_its_end_has_the_number_that_it_says(cell):
    again = {"repeat": 2, "until": "lithiation 0.9", "steps": ["Lithiate at 1C for 1 min", AFTER]}
    result, record = run(cell, again)
    assert (result.status, len(record.ends)) == ("completed", 4)


@pytest.mark.parametrize("side", ["<", ">"])
def test_an_end_on_one_side_ends_a_rest(cell, side):
    first = "Lithiate at 2C for 3 min" if side == ">" else "Delithiate at 2C for 1 min"
    _, record = run(cell, first, "Rest for 1 h")
    middle = 0.5 * (record.column(VOLTAGE, 2)[0] + record.ends[-1].end[VOLTAGE])
    _, record = run(cell, first, f"Rest for 1 h or until {side} {middle:.6f} V")
    assert record.ends[-1].end[VOLTAGE] == pytest.approx(round(middle, 6), abs=2e-6)
    assert ("above" if side == ">" else "below") in record.ends[-1].reason


def test_a_resistance_is_held(cell):
    _, record = run(cell, "Discharge at 100 ohm cm2 for 3 min", "Charge at 100 ohm cm2 for 2 s")
    for step, R in ((1, 0.01), (2, -0.01)):
        V, I = (np.array(record.column(n, step)) for n in (VOLTAGE, "Current Density / A.m-2"))
        assert pytest.approx(R * I, rel=1e-6) == V


# --- temperature


def warm(T):
    """Return a cell whose potential and exchange current depend on the temperature, at T."""

    def ocp(*, sto, T, ops):
        return 0.6 - 0.5 * sto + 0.05 * ops.tanh(5 - 10 * sto) + 2e-4 * (T - 300.0) * (1 - sto)

    def i_0(*, c_e, sto, T, ops):
        return 0.02 * c_e * (0.05 + sto) * (1.05 - sto) * ops.exp(0.02 * (T - 300.0))

    laws = {"ocp": law(ocp, "sto", "T"), "i_0": law(i_0, "c_e", "sto", "T")}
    return small_cell(n=2, lithium=laws, setup={"temperature": T})


def test_a_step_at_a_temperature_is_that_of_a_cell_at_it():
    text = "Lithiate at 1C for 10 min"
    _, held = run(warm(300.0), f"{text} at 320 K")
    _, whole = run(warm(320.0), text)
    _, cold = run(warm(300.0), text)
    a, b, c = (record.points[-1].row for record in (held, whole, cold))
    assert a[VOLTAGE] == pytest.approx(b[VOLTAGE], abs=1e-6)
    assert abs(c[VOLTAGE] - b[VOLTAGE]) > 1e-3
    name = "Open-Circuit Voltage / V"
    assert a[name] == pytest.approx(b[name], abs=1e-6)
    assert abs(c[name] - b[name]) > 1e-3


def test_a_series_of_temperatures_closes_the_balances_and_shows_in_spectra():
    series = {"for_each": {"T": ["290 K", "300 K", "320 K"], "do": [
        {"step": "Rest for 1 h", "temperature": "$T"},
        {"step": "Impedance from 1 kHz to 1 Hz with 1 points per decade", "temperature": "$T"},
        {"step": "Lithiate at 1C for 3 min", "temperature": "$T"},
    ]}}  # fmt: skip
    _, record = run(warm(300.0), series, tolerance=1e-5)
    T = [found.rows[0][TEMPERATURE] for _, _, found in record.found]
    assert pytest.approx([290 - 273.15, 300 - 273.15, 320 - 273.15]) == T
    R = [found.rows[-1][IMPEDANCE["real"]] for _, _, found in record.found]
    assert R[0] > R[1] > R[2]
    largest = record.diagnostics.balances()
    assert largest["energy"] < 2e-4
    assert largest["lithium"] < 1e-8


@pytest.mark.mpi
def test_a_run_that_goes_on_has_its_temperature():
    items = ["Lithiate at 1C for 3 min at 320 K", "Rest for 1 min at 290 K", "Rest for 1 min"]
    memory = OneCheckpoint(at=30)
    _, whole = run(warm(300.0), *items, checkpoints=memory)
    _, rest = run(warm(300.0), *items, snapshot=memory.snapshot)
    assert rest.points[-1].row[VOLTAGE] == pytest.approx(whole.points[-1].row[VOLTAGE], rel=1e-9)
    found, expected = (record.diagnostics.balances() for record in (rest, whole))
    assert found == pytest.approx(expected, rel=1e-6)


# --- spectra within a step

TO_300_MV = "Lithiate at 1C until 300 mV"
WITHIN = {"from": "1 kHz", "to": "1 Hz", "points_per_decade": 1}


def measured(cell, text, every, **more):
    step = {"step": text, "impedance": {"every": every, **WITHIN}}
    return run(cell, step, AFTER, **more)


@pytest.fixture(scope="module")
def every_50_mV(cell):
    """Spectra on the way, and a snapshot from between them."""
    memory = OneCheckpoint(at=12)
    _, record = measured(cell, TO_300_MV, "50 mV", checkpoints=memory)
    return record, memory.snapshot


def test_spectra_every_so_many_millivolts(every_50_mV):
    record, _ = every_50_mV
    V = [found.rows[0][VOLTAGE] for _, _, found in record.found]
    assert pytest.approx([0.55, 0.5, 0.45, 0.4, 0.35, 0.3], abs=3e-6) == V
    assert {step for _, step, _ in record.found} == {1}
    assert all(len(found.rows) == 4 for _, _, found in record.found)


def test_spectra_every_so_much_lithium(cell):
    _, record = measured(cell, "Lithiate at 1C until lithiation 0.45", {"lithiation": 0.1})
    sto = [found.rows[0][MEAN_LITHIATION] for _, _, found in record.found]
    assert pytest.approx([0.2, 0.3, 0.4], abs=1e-6) == sto


def test_spectra_every_so_many_minutes_of_a_rest(cell):
    step = {"step": "Rest for 10 min", "impedance": {"every": "4 min", **WITHIN}}
    _, record = run(cell, "Lithiate at 1C for 3 min", step)
    t = [t - 180.0 for t, _, _ in record.found]
    assert pytest.approx([240.0, 480.0], abs=1e-3) == t


def test_the_step_goes_on_as_if_nothing_had_been_measured(cell, every_50_mV):
    with_it, _ = every_50_mV
    _, without = run(cell, TO_300_MV, AFTER)
    assert with_it.ends[0].t_end == pytest.approx(without.ends[0].t_end, rel=1e-5)
    a, b = (record.points[-1].row for record in (with_it, without))
    assert a[VOLTAGE] == pytest.approx(b[VOLTAGE], abs=1e-5)


@pytest.mark.mpi
def test_a_run_that_goes_on_measures_the_same_spectra(cell, every_50_mV):
    whole, snapshot = every_50_mV
    _, rest = measured(cell, TO_300_MV, "50 mV", snapshot=snapshot)
    late = whole.found[-len(rest.found) :]
    assert rest.found
    for (_, _, a), (_, _, b) in zip(late, rest.found, strict=True):
        for row, other in zip(a.rows, b.rows, strict=True):
            assert row[FREQUENCY] == other[FREQUENCY]
            assert row[IMPEDANCE["real"]] == pytest.approx(other[IMPEDANCE["real"]], rel=1e-6)
