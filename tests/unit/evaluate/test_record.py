"""If these fail, parts of a record, half cycles or their derivatives are found wrong."""

from __future__ import annotations

import numpy as np
import pytest

from mesode.evaluate import differential, half_cycles
from mesode.evaluate.polarisation import interruptions
from mesode.evaluate.record import Kind, Record, segments


def cycled(*currents, hours=1.0, rest=0.5, numbered=True, rows=60):
    """Half cycles of one length at constant currents with rests; V = 1 - 0.1 Q/Ah - 0.05 I."""
    t, I, step, now = [np.zeros(1)], [np.zeros(1)], [np.ones(1)], 0.0
    for k, current in enumerate(currents):
        for n, (value, length) in enumerate(((current, hours), (0.0, rest))):
            t.append(now + 3600.0 * length * np.linspace(1e-6, 1.0, rows))
            I.append(np.full(rows, value))
            step.append(np.full(rows, 2 * k + n + 1))
            now += 3600.0 * length
    t, I, step = map(np.concatenate, (t, I, step))
    V0 = Record(t, 0.0 * t, I, step).charge / 3600.0
    return Record(t, 1.0 - 0.1 * V0 - 0.05 * I, I, step if numbered else None)


@pytest.mark.parametrize("numbered", [True, False])
def test_parts_are_found(numbered):
    parts = segments(cycled(2.0, -1.0, numbered=numbered))
    parts = [part for part in parts if part.end - part.start > 1]
    assert [part.kind for part in parts] == [Kind.CONSTANT, Kind.REST] * 2
    assert [part.I for part in parts] == pytest.approx([2.0, 0.0, -1.0, 0.0], abs=1e-3)


def test_kinds():
    t = np.linspace(0.0, 100.0, 50)
    I = np.concatenate(
        [0 * t, np.full(50, 2.0), 2.0 * np.exp(-t / 20), -np.sin(0.1 * t) - 2, t - 9]
    )
    V = np.concatenate([0 * t + 0.7, 0.7 - t / 500, 0 * t + 0.5, 0.5 + t / 100, np.cos(t)])
    step = np.repeat(np.arange(5), 50)
    parts = segments(Record(np.concatenate([t + 101 * k for k in range(5)]), V, I, step))
    kinds = [Kind.REST, Kind.CONSTANT, Kind.HOLD, Kind.SWEEP, Kind.OTHER]
    assert [part.kind for part in parts] == kinds
    assert parts[3].rate == pytest.approx(0.01)


def test_a_held_voltage_is_found_by_its_current_and_may_be_noisy():
    """A current that falls from row to row is one part."""
    t = 10.0 * np.arange(45.0)
    I = np.concatenate([np.full(20, 2.0), 2.0 * 0.8 ** np.arange(1, 16), np.zeros(10)])
    V = np.concatenate([np.linspace(0.7, 0.5, 20), 0.5 + 5e-4 * np.cos(t[:15]), np.full(10, 0.6)])
    kinds = [part.kind for part in segments(Record(t, V, I))]
    assert kinds == [Kind.CONSTANT, Kind.HOLD, Kind.REST]


def test_the_mean_current_is_that_over_the_time_and_not_over_the_rows():
    t = np.append(0.0, 100.0 * np.linspace(1e-3, 1.0, 200) ** 2)
    I = np.append(0.0, 2.0 * np.exp(-t[1:] / 20.0))
    _, hold = segments(Record(t, np.full(201, 0.5), I, np.append(1.0, np.full(200, 2.0))))
    assert pytest.approx(0.4 * (1.0 - np.exp(-5.0)), rel=1e-3) == hold.I


@pytest.mark.parametrize("step", [None, np.array([1.0, 2.0, 2.0, 3.0])])
def test_what_flows_up_to_the_first_row_of_a_step_is_that_of_the_step(step):
    """By hand: 2 A for 20 s at 0.8 V, then a mean of 0.8 and 0.7 V; the rest gives nothing."""
    t, I = np.array([0.0, 10.0, 20.0, 30.0]), np.array([0.0, 2.0, 2.0, 0.0])
    record = Record(t, np.array([1.0, 0.8, 0.7, 0.9]), I, step)
    assert record.charge == pytest.approx([0.0, 20.0, 40.0, 40.0])
    assert record.energy == pytest.approx([0.0, 16.0, 31.0, 31.0])


def test_charge_and_energy_are_exact_for_steps_of_current():
    record = cycled(2.0, -1.0)
    assert record.charge[-1] == pytest.approx(3600.0)
    # V is straight over Q in each half cycle: the trapezoidal rule is exact
    discharge = 3600.0 * 2.0 * (1.0 - 0.1 - 0.1)
    charge = 3600.0 * 1.0 * (1.0 - 0.15 + 0.05)
    assert record.energy[-1] == pytest.approx(discharge - charge, rel=1e-4)


def test_half_cycles_and_efficiencies():
    halves = half_cycles.half_cycles(cycled(2.0, -1.9, 2.0, -1.8))
    assert [half.direction for half in halves] == [1, -1, 1, -1]
    assert [half.cycle for half in halves] == [1, 1, 2, 2]
    assert [half.Q / 3600.0 for half in halves] == pytest.approx([2.0, 1.9, 2.0, 1.8], rel=1e-5)
    assert [half.I for half in halves] == pytest.approx([2.0, 1.9, 2.0, 1.8], rel=1e-5)
    assert halves[0].time == pytest.approx(1.5 * 3600.0, rel=1e-5)
    for half, (before, after) in zip(halves, ((0.0, 2.0), (2.0, 0.1), (0.1, 2.1)), strict=False):
        charge = cycled(2.0, -1.9, 2.0, -1.8).charge[[half.start, half.end - 1]] / 3600.0
        assert charge == pytest.approx([before, after], abs=1e-5)
    first, second = half_cycles.cycles(halves)
    assert first.coulombic_efficiency == pytest.approx(0.95, rel=1e-5)
    assert second.coulombic_efficiency == pytest.approx(0.9, rel=1e-5)
    V_down, V_up = 1.0 - 0.1 - 0.1, 1.0 - 0.1 * (2.0 - 0.95) + 0.05 * 1.9
    assert first.polarisation == pytest.approx(V_up - V_down, rel=1e-4)
    assert first.energy_efficiency == pytest.approx(2.0 * V_down / (1.9 * V_up), rel=1e-4)


def test_below_zero_volts_a_discharge_takes_energy():
    record = cycled(2.0, -1.0)
    below = Record(record.t, record.V - 2.0, record.I, record.step)
    halves = half_cycles.half_cycles(below)
    assert [half.V for half in halves] == pytest.approx([-1.2, -1.1], rel=1e-4)
    (cycle,) = half_cycles.cycles(halves)
    assert cycle.polarisation == pytest.approx(0.1, rel=1e-3)


def test_an_unfinished_cycle_has_no_efficiency():
    (only,) = half_cycles.cycles(half_cycles.half_cycles(cycled(-2.0)))
    assert only.first.direction == -1
    assert only.second is only.coulombic_efficiency is only.energy_efficiency is None
    assert half_cycles.half_cycles(cycled(0.0)) == []


def test_rate_capability_is_told_against_the_slowest():
    record = cycled(0.5, -1.0, 2.0, -1.0)
    points = half_cycles.rate_capability(half_cycles.half_cycles(record), 1)
    assert [point.I for point in points] == pytest.approx([0.5, 2.0], rel=1e-5)
    assert [point.share for point in points] == pytest.approx([1.0, 4.0], rel=1e-5)
    assert half_cycles.rate_capability([], 1) == []


def test_the_end_of_a_current():
    ends = interruptions(cycled(2.0, -1.0))
    assert [end.resistance for end in ends] == pytest.approx([0.05, 0.05], rel=1e-4)
    assert [end.relaxation for end in ends] == pytest.approx([0.0, 0.0], abs=1e-9)
    assert [end.step for end in ends] == [1, 3]
    assert [end.after for end in ends] == pytest.approx([1.8e-3] * 2)  # a millionth of the rest


def step_curve(E_0, width):
    """Q over V with one plateau: dQ/dV is 1/(4 width) at E_0, area 1."""
    V = np.linspace(E_0 + 0.3, E_0 - 0.3, 1200)
    return V, 1.0 / (1.0 + np.exp((V - E_0) / width))


@pytest.mark.parametrize("way", [1, -1])
def test_a_plateau_is_a_peak_of_its_place_height_and_area(way):
    V, Q = step_curve(0.45, 0.02)
    V, Q = (V, Q) if way == -1 else (V[::-1], 1.0 - Q[::-1])
    found = differential.differential_capacity(V, Q)
    (top,) = differential.peaks(found)
    assert found.x[top] == pytest.approx(0.45, abs=3e-3)
    # a mean over 5 mV, and no point is right at the top
    assert found.y[top] == pytest.approx(way / 0.08, rel=8e-3)
    assert abs(np.trapezoid(found.y, found.x)) == pytest.approx(1.0, rel=1e-3)


@pytest.mark.parametrize("way", [1, -1])
def test_a_straight_voltage_has_one_derivative_up_to_its_end(way):
    V = 0.5 + 0.1234 * way * np.linspace(0.0, 1.0, 200)  # no multiple of the distance
    found = differential.differential_capacity(V, np.linspace(0.0, 2.0, 200))
    assert len(found) == 24
    np.testing.assert_allclose(found.y, way * 2.0 / 0.1234, rtol=1e-9)


def test_rests_and_holds_inside_a_half_cycle_leave_no_mark():
    V, Q = step_curve(0.45, 0.02)
    k = 500
    with_rest = np.insert(V, k, [V[k] + 0.01, V[k] + 0.02]), np.insert(Q, k, [Q[k - 1]] * 2)
    plain, rested = (differential.differential_capacity(*each) for each in ((V, Q), with_rest))
    np.testing.assert_allclose(rested.y, plain.y, atol=0.02 * np.abs(plain.y).max())


def test_rows_that_go_back_are_left_out():
    V, Q = step_curve(0.45, 0.02)
    back = np.arange(len(V)) % 3 == 1
    plain = differential.differential_capacity(V[~back], Q[~back])
    noisy = differential.differential_capacity(np.where(back, V + 0.01, V), Q)
    np.testing.assert_array_equal(noisy.y, plain.y)


def test_ripples_are_no_peaks():
    V, Q = step_curve(0.45, 0.02)
    Q = Q + 2e-4 * np.sin(2.0 * np.pi * V / 0.05)
    assert len(differential.peaks(differential.differential_capacity(V, Q))) == 1


def test_the_other_derivative_is_the_inverse():
    Q = np.linspace(0.0, 2.0, 500)
    found = differential.differential_voltage(1.0 - 0.3 * Q**2, Q)
    np.testing.assert_allclose(found.y, -0.6 * found.x, atol=2e-4)  # rows are straight lines


def test_few_rows_have_no_derivative():
    V, Q = np.linspace(1.0, 0.9, 5), np.linspace(0.0, 1.0, 5)
    assert not len(differential.differential_capacity(V, Q))
    assert not len(differential.differential_voltage(V, Q))
    assert not len(differential.differential_capacity(np.full(100, 0.5), np.arange(100.0)))
    assert differential.peaks(differential.differential_capacity(V, Q)) == []
