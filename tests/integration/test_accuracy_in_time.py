"""If these fail, voltage or current of a run depend on the time steps, most of all after a jump."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.interpolate import PchipInterpolator

from mesode.protocol.dense import Spacing
from support import small_cell as cells
from support.protocols import run
from support.small_cell import small_cell

V, I, OCV = "Voltage / V", "Current Density / A.m-2", "Open-Circuit Voltage / V"
DEFAULT, CONVERGED = 1e-4, 1e-7
ROWS = Spacing(voltage=2e-3, charge=0.005)
PULSES = (
    "Lithiate at 2C for 2 minutes",
    "Rest for 5 minutes",
    "Lithiate at C/2 for 5 s",
    "Delithiate at 1C for 2 minutes",
    "Rest for 5 minutes",
)


@pytest.fixture(scope="module")
def cell():
    return small_cell(n=2)


def rows_of(record, step, name):
    """Return times since the begin of a step and a column there, the rows between included."""
    begin = max((p.t for p in record.points if p.step < step), default=0.0)
    rows = [row for p in record.points for row in (*p.between, (p.t, p.row)) if p.step == step]
    return np.array([(t - begin, row[name]) for t, row in rows if t > begin]).T


def distance(record, reference, step, name):
    """Return the largest distance of the rows of a step from those of another run."""
    t, values = rows_of(record, step, name)
    t_ref, expected = rows_of(reference, step, name)
    inside = (t >= t_ref[0]) & (t <= t_ref[-1])
    assert inside.sum() >= len(t) - 2
    curve = PchipInterpolator(np.log(t_ref), expected)
    return np.abs(curve(np.log(t[inside])) - values[inside]).max()


@pytest.fixture(scope="module")
def pulses(cell):
    _, record = run(cell, *PULSES, tolerance=DEFAULT, rows=ROWS)
    _, reference = run(cell, *PULSES, tolerance=CONVERGED, max_step=3.0)
    return record, reference


def test_each_row_of_the_voltage_is_converged(pulses):
    for step in range(1, len(PULSES) + 1):
        assert distance(*pulses, step, V) < 0.2e-3, PULSES[step - 1]


def test_rows_begin_with_the_first_second(pulses):
    for step in range(1, len(PULSES) + 1):
        t, _ = rows_of(pulses[0], step, V)
        assert t[0] < 1.0
        assert t[1] < 2.0


def test_at_rest_the_voltage_comes_to_its_end_from_one_side(pulses):
    # after lithiation from below: it lies above where it ends by no more than a part of the
    # tolerance, as steps of a second order do that are longer than what decays
    _, volts = rows_of(pulses[0], 2, V)
    assert np.all(np.diff(volts) > -5e-6)
    assert volts.max() < volts[-1] + 5e-6


def test_that_takes_few_steps(pulses):
    record = pulses[0]
    for step in range(1, len(PULSES) + 1):
        # more in the first, while little lithium has moved: errors count against what has
        most = 28 if step == 1 else 20
        assert 4 <= sum(p.step == step and p.t > 0.0 for p in record.points) <= most


def test_double_layers_that_are_slow_are_followed(monkeypatch):
    # with a time constant of seconds: to pass over it would leave the voltage millivolts off
    monkeypatch.setattr(cells, "DOUBLE_LAYER", 200.0)
    cell = small_cell(n=2)
    _, record = run(cell, "Lithiate at 1C for 60 s", tolerance=DEFAULT)
    _, reference = run(cell, "Lithiate at 1C for 60 s", tolerance=CONVERGED)
    assert distance(record, reference, 1, V) < 0.2e-3


def test_the_peak_of_a_sweep(cell):
    sentence = "Sweep at 1 mV/s until 250 mV"
    peaks = {}
    for tolerance in (DEFAULT, 1e-6):
        _, record = run(cell, sentence, tolerance=tolerance)
        t, current = rows_of(record, 1, I)
        k = int(np.argmax(current))
        assert 0 < k < len(t) - 1
        peaks[tolerance] = current[k]
    assert peaks[DEFAULT] == pytest.approx(peaks[1e-6], rel=1e-3)


def test_each_row_of_a_sweep_is_converged_in_steps_of_several_rows(cell):
    sentence = "Sweep at 1 mV/s until 250 mV"
    _, record = run(cell, sentence, tolerance=DEFAULT, rows=ROWS)
    _, reference = run(cell, sentence, tolerance=1e-6)
    peak = rows_of(reference, 1, I)[1].max()
    assert distance(record, reference, 1, I) < 2e-3 * peak
    t, currents = rows_of(record, 1, I)
    assert currents.max() == pytest.approx(peak, rel=1e-3)
    steps = sum(p.step == 1 and p.t > 0.0 for p in record.points)
    assert len(t) > 2 * steps


def test_a_hold_far_from_rest_takes_few_steps(cell):
    # what the voltage asks for is many times 1C: the double layers are passed in a shorter leap
    sentence = "Hold at 100 mV for 5 minutes"
    _, record = run(cell, sentence, tolerance=DEFAULT)
    _, reference = run(cell, sentence, tolerance=1e-6)
    t, currents = rows_of(record, 1, I)
    assert t[0] > 1e-4
    assert len(t) < 60
    assert currents[0] > 10.0 * cell.current_1C
    assert distance(record, reference, 1, I) < 3e-3 * currents[0]


def test_steps_late_in_a_long_run_keep_their_digits(cell):
    # ten years later, where a double knows a time to 3e-8 s
    sentences = ("Lithiate at 1C for 60 s", "Rest for 60 s")
    _, early = run(cell, *sentences, tolerance=1e-5, rows=ROWS)
    _, late = run(cell, "Rest for 87600 hours", *sentences, tolerance=1e-5, rows=ROWS)
    for step in (1, 2):
        own = [p for p in early.points if p.step == step and p.t > 0.0]
        later = [p for p in late.points if p.step == step + 1]
        assert len(own) == len(later)
        for a, b in zip(own, later, strict=True):
            assert b.row[V] == pytest.approx(a.row[V], abs=1e-7)
            assert len(a.between) == len(b.between)
