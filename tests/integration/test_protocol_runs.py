"""If these fail, a step of an experiment drives the cell the wrong way or ends off its end."""

from __future__ import annotations

import numpy as np
import pytest

from mesode.model.diagnostics import Diagnostics
from mesode.model.processes.mechanics import MechanicsOptions
from mesode.model.residual import FOLLOWER_OPTIONS
from support.protocols import run
from support.small_cell import small_cell, split_arrays

pytestmark = pytest.mark.mpi

V, I, SOC = "Voltage / V", "Current Density / A.m-2", "Mean Lithiation / 1"
OCV, CAPACITY = "Open-Circuit Voltage / V", "Specific Capacity / mA.h.g-1"


@pytest.fixture(scope="module")
def cell():
    return small_cell(n=4)


@pytest.fixture(scope="module")
def there_and_back(cell):
    return run(
        cell, "Lithiate at 2C until lithiation 0.3", "Rest for 1 hour", "Delithiate at 2C for 60 s"
    )


def test_signs(there_and_back):
    result, record = there_and_back
    assert result.status == "completed"
    down, up = (record.column(I, step) for step in (1, 3))
    assert min(down) > 0.0 > max(up)
    assert np.diff(record.column(SOC, 1)).min() > 0.0 > np.diff(record.column(SOC, 3)).max()
    assert np.diff(record.column(CAPACITY, 1)).min() > 0.0
    # current lowers the voltage below the open circuit when it lithiates, lifts it when it does not
    for step, sign in ((1, 1.0), (3, -1.0)):
        drop = np.subtract(record.column(OCV, step), record.column(V, step))
        assert (sign * drop).min() > 0.0


def test_rest_ends_at_the_open_circuit_voltage(there_and_back):
    _, record = there_and_back
    assert max(np.abs(record.column(I, 2))) < 1e-9
    end = record.ends[1].end
    assert end[V] == pytest.approx(end[OCV], abs=1e-6)
    assert end["Max Lithiation / 1"] - end["Min Lithiation / 1"] < 1e-4


def test_a_lithiation_is_located(there_and_back):
    _, record = there_and_back
    end = record.ends[0]
    assert end.reason == "lithiation 0.3 reached"
    assert end.end[SOC] == pytest.approx(0.3, abs=1e-6)
    assert end.t_end - end.t_start == pytest.approx(0.2 * 1800, rel=1e-3)


def test_a_capacity_is_located_from_the_begin_of_its_step(cell):
    _, record = run(
        cell, "Lithiate at 2C until 100 mAh/g", "Lithiate at 1C until 50 mAh/g", "Rest for 1 s"
    )
    first, second, _ = record.ends
    assert first.reason == "capacity 100 mAh/g reached"
    assert first.end[CAPACITY] == pytest.approx(100.0, rel=1e-6)
    assert second.end[CAPACITY] == pytest.approx(150.0, rel=1e-6)
    mass_of_area = cell.active_mass
    hours = (second.t_end - second.t_start) / 3600
    assert cell.current_1C * hours / mass_of_area == pytest.approx(50.0, rel=1e-6)


def test_a_voltage_is_held_until_the_current_has_faded(cell):
    result, record = run(cell, "Lithiate at 2C until 500 mV", "Hold at 500 mV until C/2")
    assert result.status == "completed"
    first, second = record.ends
    assert first.end[V] == pytest.approx(0.5, abs=1e-6)
    assert second.reason == "current 0.5 C reached"
    assert second.end[I] == pytest.approx(0.5 * cell.current_1C, rel=1e-6)
    assert np.array(record.column(V, 2)) == pytest.approx(0.5, abs=1e-7)
    assert record.column(I, 2)[0] == pytest.approx(2 * cell.current_1C, rel=0.05)


def test_a_power_is_held(cell):
    power = 0.5 * cell.current_1C / 10  # [mW/cm2] at about half a volt
    _, record = run(cell, f"Discharge at {power:.6f} mW/cm2 for 60 s")
    product = np.multiply(record.column(V, 1), record.column(I, 1))
    assert product == pytest.approx(10 * round(power, 6), rel=1e-7)
    assert np.diff(record.column(I, 1)[2:]).min() > 0.0  # more current at less voltage


@pytest.mark.parametrize(("until", "sign"), [("560 mV", 1.0), ("620 mV", -1.0)])
def test_a_sweep_is_linear(cell, until, sign):
    start = cell.equilibrium_voltage()
    _, record = run(cell, f"Sweep at 1 mV/s until {until}")
    (end,) = record.ends
    assert end.end[V] == pytest.approx(float(until.split()[0]) / 1e3, abs=1e-6)
    times = np.array([point.t for point in record.points[1:]])
    assert record.column(V, 1) == pytest.approx(start - sign * 1e-3 * times, abs=1e-7)
    assert sign * record.column(I, 1)[-1] > 0.0


def test_a_step_that_ends_at_once_stops_the_run(cell):
    result, _ = run(cell, "Lithiate at 3000C until 10 mV", "Rest for 1 s")
    assert result.status == "stopped"
    assert "more than this section carries" in result.reason
    assert [step.index for step in result.results] == [1]


def test_a_request_stops_the_run_with_its_reason(cell):
    result, record = run(cell, "Lithiate at 1C until 10 mV", stop_requested=lambda: "enough")
    assert (result.status, record.ends[0].reason) == ("stopped", "enough")


def lithiated(*, two_way):
    """Return a lithiated cell and its scalars."""
    cell = small_cell(mechanics=MechanicsOptions(two_way=two_way), n=4)
    diagnostics = Diagnostics(cell)
    result, _ = run(cell, "Lithiate at 2C for 300 s", diagnostics=diagnostics)
    assert result.status == "completed"
    return cell, diagnostics


def test_both_couplings_give_the_same_stress_for_the_same_lithiation():
    (one, follower), (two, leader) = (lithiated(two_way=way) for way in (False, True))
    # stress acts back where it is asked to
    assert abs(leader.row()[V] - follower.row()[V]) > 1e-3
    one.sto["active"].scaled.x.array[:] = two.sto["active"].scaled.x.array
    one.follow(1e9)
    mine, theirs = follower.row(), leader.row()
    names = [name for name in mine if name.endswith("/ Pa")]
    assert len(names) == 11
    rounding = FOLLOWER_OPTIONS.tolerance * one.mechanics.E_ref
    for name in names:
        assert mine[name] == pytest.approx(theirs[name], abs=rounding)
        assert abs(mine[name]) > 100 * rounding
    assert mine["Thickness Change / 1"] == pytest.approx(theirs["Thickness Change / 1"], rel=1e-4)


def test_two_hosts_of_one_material_are_one(cell):
    # the contact between them is as good as none
    two = small_cell(arrays=split_arrays(4, "other_active"), host_contact_resistance=1e-8)
    assert two.hosts == ("active", "other_active")
    assert two.charge_capacity == pytest.approx(cell.charge_capacity)
    for each in (cell, two):  # a rounded ratio may differ: steps are a per cent apart then
        run(each, "Lithiate at 2C for 100 seconds", tolerance=1e-5)
    assert two.V.number() == pytest.approx(cell.V.number(), abs=1e-8)
