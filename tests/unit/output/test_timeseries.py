"""If these fail, the time series loses digits or rows, or other programs cannot read it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

from mpi4py import MPI

import pytest

from mesode.analysis.run import read_timeseries
from mesode.config.sentences import parse_sentence
from mesode.errors import OutputError
from mesode.output.particles import ParticleTable
from mesode.output.table import Table
from mesode.output.timeseries import TimeSeries, cycle_numbers

pytestmark = pytest.mark.serial

LITHIATE, DELITHIATE = "Lithiate at 1 C until 10 mV", "Delithiate at 1 C until 1 V"
REST, HOLD = "Rest for 1 minute", "Hold at 10 mV until C/50"
CELL = SimpleNamespace(domain=SimpleNamespace(comm=MPI.COMM_SELF), width=40e-6)


def steps(*sentences):
    return tuple(parse_sentence(text) for text in sentences)


def point(t, *, step=1, current=50.0, **more):
    row = {"Voltage / V": 0.1 + t / 3, "Current Density / A.m-2": current, **more}
    return SimpleNamespace(t=t, step=step, dt=1.0, newton=2, row=row)


@pytest.mark.parametrize(
    ("sentences", "cycles"),
    [
        ((LITHIATE, REST), (1, 1)),
        ((LITHIATE, HOLD, REST, DELITHIATE, REST, LITHIATE, DELITHIATE), (1, 1, 1, 1, 1, 2, 2)),
        ((LITHIATE, LITHIATE), (1, 1)),
        ((REST, DELITHIATE, LITHIATE, DELITHIATE), (1, 1, 1, 2)),
        ((REST,), (1,)),
    ],
)
def test_a_cycle_begins_where_the_first_direction_returns(sentences, cycles):
    assert cycle_numbers(steps(*sentences)) == cycles


def test_rows_read_back_exactly_and_bdf_columns_come_first(tmp_path):
    series = TimeSeries(tmp_path / "t.csv", steps(LITHIATE, DELITHIATE, LITHIATE))
    series.start(CELL)
    series.point(point(1 / 3))
    series.point(point(2 / 3, step=3, current=-1 / 7))
    table = read_timeseries(tmp_path / "t.csv")  # before it is closed: each row is flushed
    assert list(table)[:5] == [
        "Test Time / s", "Voltage / V", "Current / A", "Step Index / 1", "Cycle Count / 1",
    ]  # fmt: skip
    assert table["Test Time / s"].tolist() == [1 / 3, 2 / 3]
    assert table["Voltage / V"].tolist() == [0.1 + 1 / 9, 0.1 + 2 / 9]
    assert table["Step Index / 1"].tolist() == [1, 3]
    assert table["Cycle Count / 1"].tolist() == [1, 2]
    series.finish()
    series.finish()


def test_the_current_is_that_of_a_metre_of_depth(tmp_path):
    series = TimeSeries(tmp_path / "t.csv", steps(LITHIATE))
    series.start(CELL)
    series.point(point(1.0, current=50.0))
    series.finish()
    assert read_timeseries(tmp_path / "t.csv")["Current / A"] == pytest.approx(50 * 40e-6)


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
