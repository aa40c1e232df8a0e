"""If these fail, the terminal does not follow the profile that was given."""

from __future__ import annotations

import numpy as np
import pytest

from mesode.columns import CURRENT_DENSITY, VOLTAGE
from support import protocols
from support.protocols import OneCheckpoint
from support.small_cell import small_cell

POINTS = [[0, 0], [60, 2], [180, -1], [200, -1], [240, 0]]


def profile(unit, interpolation, points=POINTS, **more):
    return {"profile": {"table": points, "unit": unit, "interpolation": interpolation}, **more}


@pytest.fixture(scope="module")
def cell():
    return small_cell(n=2)


def run(cell, *items, **options):
    result, record = protocols.run(cell, *items, tolerance=1e-5, **options)
    assert result.status == "completed"
    assert record.diagnostics.balances()["lithium"] < 1e-8
    return record


def test_the_current_is_that_of_the_lines_and_steps_end_at_the_points(cell):
    record = run(cell, profile("C", "linear"))
    t = np.array([point.t for point in record.points])
    I = np.array([point.row[CURRENT_DENSITY] for point in record.points]) / cell.current_1C
    assert pytest.approx(np.interp(t, *np.array(POINTS, dtype=float).T), abs=1e-9) == I
    for corner, _ in POINTS:
        assert np.abs(t - corner).min() < 1e-6
    charge = np.trapezoid([y for _, y in POINTS], [x for x, _ in POINTS]) * cell.current_1C
    # the charge is integrated as the fields are: to the tolerance of the capacity, not to rounding
    assert cell.Q.number() == pytest.approx(charge, abs=1e-4 * cell.charge_capacity)
    assert record.ends[0].reason == "duration reached"


def test_steps_are_the_same_as_steps_of_a_protocol(cell):
    points = [[0, 2], [60, -1], [100, 0], [160, 0]]
    one = run(cell, profile("C", "steps", points))
    parts = run(cell, "Lithiate at 2C for 60 s", "Delithiate at 1C for 40 s", "Rest for 60 s")
    for column in (VOLTAGE, CURRENT_DENSITY, "Max Lithiation / 1"):
        assert one.points[-1].row[column] == pytest.approx(parts.points[-1].row[column], abs=1e-8)


def test_a_power_and_a_voltage_are_followed(cell):
    power = run(cell, profile("mW/cm2", "linear", [[0, 0.05], [60, 0.2], [90, 0.1]]))
    t, V, I = (
        np.array([get(point) for point in power.points[1:]])
        for get in (lambda p: p.t, lambda p: p.row[VOLTAGE], lambda p: p.row[CURRENT_DENSITY])
    )
    assert pytest.approx(np.interp(t, [0, 60, 90], [0.5, 2.0, 1.0]), rel=1e-6) == V * I
    volts = run(cell, profile("V", "linear", [[0, 0.6], [100, 0.5], [150, 0.55]]))
    t, V = (
        np.array([get(p) for p in volts.points[1:]])
        for get in (lambda p: p.t, lambda p: p.row[VOLTAGE])
    )
    assert pytest.approx(np.interp(t, [0, 100, 150], [0.6, 0.5, 0.55]), abs=1e-8) == V


def test_it_ends_where_it_shall(cell):
    record = run(cell, profile("C", "linear", until="0.58 V"), "Rest for 1 s")
    assert record.ends[0].reason == "voltage 580 mV reached"
    assert record.ends[0].end[VOLTAGE] == pytest.approx(0.58, abs=2e-6)
    assert run(cell, profile("C", "linear", **{"for": "100 s"})).ends[0].t_end == pytest.approx(100)


@pytest.mark.mpi
@pytest.mark.parametrize("interpolation", ["linear", "steps"])
def test_a_run_that_goes_on_follows_the_rest(cell, interpolation):
    memory = OneCheckpoint(at=30)
    whole = run(cell, profile("C", interpolation), checkpoints=memory)
    rest = run(cell, profile("C", interpolation), snapshot=memory.snapshot)
    assert len(rest.points) < len(whole.points)
    assert rest.points[-1].row[VOLTAGE] == pytest.approx(whole.points[-1].row[VOLTAGE], rel=1e-9)
    assert rest.points[-1].t == pytest.approx(whole.points[-1].t, rel=1e-12)
