"""If these fail, the time series loses digits or rows, or other programs cannot read it."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

from mpi4py import MPI

import numpy as np
import pytest

from mesode.analysis.run_data import read_timeseries
from mesode.config.sentences import parse_sentence
from mesode.errors import OutputError
from mesode.output.cycles import Count, direction
from mesode.output.particles import ParticleTable
from mesode.output.snapshot import Snapshot
from mesode.output.table import Table
from mesode.output.timeseries import TimeSeries

pytestmark = pytest.mark.serial

LITHIATE, DELITHIATE = "Lithiate at 1 C until 10 mV", "Delithiate at 1 C until 1 V"
REST, HOLD = "Rest for 1 minute", "Hold at 10 mV until C/50"
SWEEP = "Sweep at 1 mV/s until 10 mV"
LOADING = 0.02  # [kg/m2]
CELL = SimpleNamespace(
    domain=SimpleNamespace(comm=MPI.COMM_SELF), width=40e-6, active_mass=LOADING, polarity=1
)


def steps(*sentences):
    return tuple(parse_sentence(text) for text in sentences)


def point(t, *, step=1, current=50.0, V=None, capacity=0.0, between=(), **more):
    row = {
        "Voltage / V": 0.1 + t / 3 if V is None else V,
        "Current Density / A.m-2": current,
        "Specific Capacity / mA.h.g-1": capacity,
        **more,
    }
    return SimpleNamespace(t=t, step=step, dt=1.0, newton=2, row=row, between=between)


@pytest.mark.parametrize(
    ("sentences", "cycles", "halves"),
    [
        ((LITHIATE, REST), (1, 1), (1, 1)),
        (
            (LITHIATE, HOLD, REST, DELITHIATE, REST, LITHIATE, DELITHIATE),
            (1, 1, 1, 1, 1, 2, 2),
            (1, 1, 1, 2, 2, 3, 4),
        ),
        ((LITHIATE, LITHIATE), (1, 1), (1, 1)),
        ((REST, DELITHIATE, LITHIATE, DELITHIATE), (1, 1, 1, 2), (1, 1, 2, 3)),
        ((REST,), (1,), (1,)),
    ],
)
def test_a_cycle_begins_where_the_first_direction_returns(sentences, cycles, halves):
    count, found = Count(), []
    for step in steps(*sentences):
        count.begin(direction(step, 1, 0.5, 0.5))
        found.append((count.cycle, count.half))
    assert found == list(zip(cycles, halves, strict=True))


@pytest.mark.parametrize(
    ("sentence", "polarity", "after", "way"),
    [
        (LITHIATE, 1, 0.4, 1),
        (LITHIATE, -1, 0.6, -1),  # an anode that takes lithium up charges a full cell
        ("Charge at 1 C until 4 V", -1, 0.6, -1),
        ("Charge at 1 C until 4 V", 1, 0.6, -1),
        (SWEEP, 1, 0.4, 1),
        (SWEEP, 1, 0.6, -1),
        (SWEEP, -1, 0.4, 1),
        (HOLD, 1, 0.4, 0),
    ],
)
def test_what_discharges_and_what_charges(sentence, polarity, after, way):
    assert direction(*steps(sentence), polarity, 0.5, after) == way


def written(tmp_path, sentences, points, name="t.csv"):
    """Write points of a protocol; return the time series and the table of the cycles."""
    series = TimeSeries(tmp_path / name, tmp_path / "cycles.csv", steps(*sentences))
    series.start(CELL)
    for each in points:
        series.point(each)
    series.finish()
    return read_timeseries(tmp_path / name), read_timeseries(tmp_path / "cycles.csv")


CYCLED = (LITHIATE, REST, DELITHIATE, LITHIATE)
POINTS = [
    point(0, V=0.5, current=0.0),
    point(1, V=0.4, capacity=2.0, **{"Thickness Change / 1": 0.1}),
    point(9, V=0.2, capacity=100.0, **{"Thickness Change / 1": 0.4}),
    point(12, V=0.3, capacity=100.0, step=2, current=0.0, **{"Thickness Change / 1": 0.4}),
    point(13, V=0.5, capacity=99.0, step=3, current=-50.0, **{"Thickness Change / 1": 0.3}),
    point(20, V=0.7, capacity=10.0, step=3, current=-50.0, **{"Thickness Change / 1": 0.05}),
    point(21, V=0.4, capacity=15.0, step=4, **{"Thickness Change / 1": 0.1}),
]


def test_energy_is_that_of_the_charge_at_its_voltage(tmp_path):
    table, _ = written(tmp_path, CYCLED, POINTS)
    # V dQ; where a step begins the voltage has jumped, and counts as it is after that
    change = np.array([0.0, 0.4 * 2, 0.3 * 98, 0.0, -0.5, -0.6 * 89, 0.4 * 5])
    energy = np.cumsum(change) * LOADING  # [V mA h/g kg/m2 = W h/m2]
    assert table["Energy / W.h.m-2"] == pytest.approx(energy)
    assert table["Net Energy / Wh"] == pytest.approx(-energy * 40e-6)


def test_capacity_begins_anew_with_each_half_cycle(tmp_path):
    table, _ = written(tmp_path, CYCLED, POINTS)
    assert table["Half Cycle Capacity / mA.h.g-1"].tolist() == [0, 2, 100, 100, 1, 90, 5]
    assert table["Half Cycle Count / 1"].tolist() == [1, 1, 1, 1, 2, 2, 3]
    assert table["Cycle Count / 1"].tolist() == [1, 1, 1, 1, 1, 1, 2]


def test_each_cycle_has_a_row_with_its_efficiency(tmp_path):
    _, cycles = written(tmp_path, CYCLED, POINTS)
    first, second = ({name: values[k] for name, values in cycles.items()} for k in (0, 1))
    assert (first["Start Time / s"], first["End Time / s"]) == (0, 20)
    assert first["Discharging Capacity / mA.h.g-1"] == 100
    assert first["Charging Capacity / mA.h.g-1"] == 90
    assert first["Coulombic Efficiency / 1"] == pytest.approx(0.9)
    given, taken = 0.8 + 29.4, 0.5 + 53.4
    assert first["Discharging Energy / W.h.m-2"] == pytest.approx(given * LOADING)
    assert first["Charging Energy / W.h.m-2"] == pytest.approx(taken * LOADING)
    assert first["Energy Efficiency / 1"] == pytest.approx(given / taken)
    assert first["Mean Discharging Voltage / V"] == pytest.approx(given / 100)
    assert first["Mean Charging Voltage / V"] == pytest.approx(taken / 90)
    assert (first["Discharging Time / s"], first["Charging Time / s"]) == (12, 8)
    assert first["Thickness Change after Discharging / 1"] == 0.4
    assert first["Thickness Change after Charging / 1"] == 0.05
    assert (second["Cycle Count / 1"], second["Start Time / s"]) == (2, 20)
    assert second["Discharging Capacity / mA.h.g-1"] == 5
    assert np.isnan(second["Coulombic Efficiency / 1"])


def test_a_rest_after_the_second_half_cycle_is_part_of_it(tmp_path):
    points = [
        point(0, V=0.5, current=0.0),
        point(9, V=0.2, capacity=100.0),
        point(20, V=0.7, capacity=10.0, step=2, current=-50.0),
        point(25, V=0.6, capacity=10.0, step=3, current=0.0),
    ]
    table, cycles = written(tmp_path, (LITHIATE, DELITHIATE, REST), points)
    assert table["Half Cycle Capacity / mA.h.g-1"].tolist() == [0, 100, 90, 90]
    assert table["Half Cycle Count / 1"].tolist() == [1, 1, 2, 2]
    row = {name: values.tolist() for name, values in cycles.items()}
    assert row["Discharging Capacity / mA.h.g-1"] == [100]
    assert row["Charging Capacity / mA.h.g-1"] == [90]
    assert row["Charging Time / s"] == [16]
    assert row["Coulombic Efficiency / 1"] == pytest.approx([0.9])


def test_rows_between_the_time_steps_come_first(tmp_path):
    inner = [(t, point(t, V=0.5 - t / 10, capacity=10 * t).row) for t in (1.25, 1.5)]
    points = [point(0, V=0.5), point(1, V=0.4, capacity=10)]
    points.append(point(2, V=0.3, capacity=20, between=inner))
    table, _ = written(tmp_path, (LITHIATE,), points)
    assert table["Test Time / s"].tolist() == [0, 1, 1.25, 1.5, 2]
    assert table["Time Step Count / 1"].tolist() == [0, 1, 2, 2, 2]
    mean = 0.5 * (0.4 + 0.375) * 2.5 + 0.5 * (0.375 + 0.35) * 2.5 + 0.5 * (0.35 + 0.3) * 5
    assert table["Energy / W.h.m-2"][-1] == pytest.approx((0.4 * 10 + mean) * LOADING)


def test_sweeps_are_half_cycles(tmp_path):
    up = "Sweep at 1 mV/s until 1 V"
    points = [point(0, V=0.5), point(1, V=0.5), point(2, V=0.4, step=2), point(3, V=0.01, step=2)]
    points += [point(4, V=0.2, step=3), point(5, V=0.9, step=4), point(6, V=0.5, step=4)]
    points[-2].step = 3
    table, cycles = written(tmp_path, (REST, SWEEP, up, SWEEP), points)
    assert table["Cycle Count / 1"].tolist() == [1, 1, 1, 1, 1, 1, 2]
    assert cycles["Cycle Count / 1"].tolist() == [1, 2]


def test_a_sweep_that_begins_a_run_is_its_first_half_cycle(tmp_path):
    """The state at rest before it, a row of the same step, tells nothing of the direction."""
    points = [point(0, V=0.5), point(1, V=0.4, capacity=2.0), point(2, V=0.01, capacity=5.0)]
    points += [point(3, V=0.3, capacity=4.0, step=2), point(4, V=1.0, capacity=1.0, step=2)]
    table, cycles = written(tmp_path, (SWEEP, "Sweep at 1 mV/s until 1 V"), points)
    assert table["Half Cycle Count / 1"].tolist() == [1, 1, 1, 2, 2]
    assert table["Half Cycle Capacity / mA.h.g-1"].tolist() == [0, 2, 5, 1, 4]
    assert cycles["Coulombic Efficiency / 1"].tolist() == pytest.approx([0.8])


def test_a_run_that_goes_on_counts_on(tmp_path):
    whole, cycles = written(tmp_path, CYCLED, POINTS)
    for cut in range(1, len(POINTS)):
        series = TimeSeries(tmp_path / "b.csv", tmp_path / "cycles.csv", steps(*CYCLED))
        series.start(CELL)
        for each in POINTS[:cut]:
            series.point(each)
        snapshot = Snapshot()
        series.save(snapshot)
        series.finish()  # an unfinished cycle is written, and taken back
        again = TimeSeries(tmp_path / "b.csv", tmp_path / "cycles.csv", steps(*CYCLED))
        again.start(CELL)
        again.restore(Snapshot(json.loads(json.dumps(snapshot.data))))
        for each in POINTS[cut:]:
            again.point(each)
        again.finish()
        for name, values in read_timeseries(tmp_path / "b.csv").items():
            np.testing.assert_array_equal(values, whole[name])
        for name, values in read_timeseries(tmp_path / "cycles.csv").items():
            np.testing.assert_array_equal(values, cycles[name])


def test_rows_read_back_exactly_and_bdf_columns_come_first(tmp_path):
    sentences = (LITHIATE, DELITHIATE, LITHIATE)
    series = TimeSeries(tmp_path / "t.csv", tmp_path / "c.csv", steps(*sentences))
    series.start(CELL)
    series.point(point(1 / 3))
    series.point(point(2 / 3, step=3, current=-1 / 7))
    table = read_timeseries(tmp_path / "t.csv")  # before it is closed: each row is flushed
    assert list(table)[:5] == [
        "Test Time / s", "Voltage / V", "Current / A", "Step Count / 1", "Cycle Count / 1",
    ]  # fmt: skip
    assert table["Test Time / s"].tolist() == [1 / 3, 2 / 3]
    assert table["Voltage / V"].tolist() == [0.1 + 1 / 9, 0.1 + 2 / 9]
    assert table["Step Count / 1"].tolist() == [1, 3]
    series.finish()
    series.finish()


def test_the_current_is_that_of_a_metre_of_depth_and_negative_on_discharge(tmp_path):
    series = TimeSeries(tmp_path / "t.csv", tmp_path / "c.csv", steps(LITHIATE))
    series.start(CELL)
    series.point(point(1.0, current=50.0))
    series.finish()
    assert read_timeseries(tmp_path / "t.csv")["Current / A"] == pytest.approx(-50 * 40e-6)


def test_a_missing_value_is_an_empty_cell_and_whole_numbers_have_no_point(tmp_path):
    table = Table(tmp_path / "a.csv", ("a", "b", "c"))
    table.write({"a": 1, "c": 1e-300})
    table.close()
    table.write({"a": 2})
    assert (tmp_path / "a.csv").read_text() == "a,b,c\n1,,1e-300\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_no_space_left():
    with pytest.raises(OutputError, match=r"/dev/full: no space left.*--out"):
        Table(Path("/dev/full"), ("a",))


def test_each_particle_has_a_row_at_the_end_of_each_step(tmp_path):
    columns = {"x_um": [1.0, 2.0], "Mean Lithiation / 1": [0.25, 0.5]}
    table = ParticleTable(tmp_path / "p.csv", lambda: columns)
    table.start(CELL)
    table.point(point(1.0))
    table.step_end(SimpleNamespace(index=1, t_end=10.0))
    columns["Mean Lithiation / 1"] = [0.75, 1.0]
    table.step_end(SimpleNamespace(index=2, t_end=20.0))
    table.finish()
    read = read_timeseries(tmp_path / "p.csv")
    assert read["Test Time / s"].tolist() == [10.0, 10.0, 20.0, 20.0]
    assert read["Particle / 1"].tolist() == [0, 1, 0, 1]
    assert read["x_um"].tolist() == [1.0, 2.0, 1.0, 2.0]
    assert read["Mean Lithiation / 1"].tolist() == [0.25, 0.5, 0.75, 1.0]
