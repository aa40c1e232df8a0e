"""If these fail, a run folder is read wrongly, or one that was cut off cannot be read at all."""

from __future__ import annotations

import numpy as np
import pytest

from mesode.analysis.column_hints import column_hint
from mesode.analysis.run_data import Run, open_run, read_timeseries
from mesode.errors import InputError
from mesode.fields import Group

pytestmark = pytest.mark.serial


def test_reads_all_parts(run_folder):
    run = open_run(run_folder)
    assert run.manifest["status"] == "completed"
    assert run.title == "Synthetic section"
    assert run.column("Voltage / V")[0] == pytest.approx(0.6 - 0.55 * (1e-3 / 900) ** 0.5)
    assert len(run.column("Test Time / s")) == 80
    assert run.column_or_none("Temperature / K") is None
    assert "sto" in run.series(Group.ACTIVE).names


def test_groups_not_written_are_none(tmp_path):
    (tmp_path / "manifest.json").write_text("{}")
    run = open_run(tmp_path)
    assert run.series(Group.MECHANICAL) is None
    assert run.timeseries == {}
    assert run.title == tmp_path.name


def test_half_written_last_line_is_left_out(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("Test Time / s,Voltage / V\n0,0.5\n1,nan\n2\n")
    table = read_timeseries(path)
    np.testing.assert_array_equal(table["Voltage / V"], [0.5, np.nan])


def test_header_alone_gives_empty_columns(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("Test Time / s,Voltage / V\n")
    assert read_timeseries(path)["Voltage / V"].shape == (0,)


@pytest.mark.parametrize("exists", [True, False])
def test_a_folder_of_something_else_is_bad_input(tmp_path, exists):
    folder = tmp_path / "other"
    if exists:
        folder.mkdir()
    with pytest.raises(InputError, match=r"expected a run folder with manifest\.json"):
        open_run(folder)


def test_broken_manifest_names_the_file(tmp_path):
    (tmp_path / "manifest.json").write_text("{")
    with pytest.raises(InputError, match=r"manifest\.json: the file is damaged, it is not JSON"):
        open_run(tmp_path)


def test_time_series_as_table_and_dataset(run_folder):
    run = open_run(str(run_folder))
    frame, dataset = run.frame(), run.dataset()
    assert list(frame.columns) == list(run.timeseries)
    assert frame["Voltage / V"].iloc[-1] == run.timeseries["Voltage / V"][-1]
    assert dataset["Voltage"].attrs["units"] == "V"
    assert float(dataset["Voltage"].sel(time=900.0, method="nearest")) == pytest.approx(0.05)
    assert run.particles().empty
    assert run.cycles().empty


def test_a_column_that_is_not_there_raises_with_the_nearest(run_folder):
    run = open_run(run_folder)
    with pytest.raises(InputError, match=r"no such column, got 'Voltag / V'.*'Voltage / V'"):
        run.column("Voltag / V")
    empty = Run(run.path, {}, {}, {"A / V": np.array([np.nan])})
    with pytest.raises(InputError, match="holds no number"):
        empty.column("A / V")


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("Max Stress Binder / Pa", "'Max von Mises Binder / Pa' is there with physics.mechanics"),
        ("Max Principal Active / Pa", "'Max Principal Active / Pa' is there with physics.mechan"),
        ("temperature", "'Surface Temperature T1 / degC' is there with physics.thermal: lumped"),
        ("Volage / V", "Did you mean 'Voltage / V'?"),
        ("volt", "Did you mean 'Voltage / V'?"),
        ("", "There are Test Time / s, Voltage / V"),
    ],
)
def test_a_column_that_a_run_may_have_is_named_with_what_it_takes(name, hint):
    assert column_hint(name, ["Test Time / s", "Voltage / V"]).startswith(hint)


def test_a_run_shows_itself_in_a_line(run_folder, tmp_path):
    assert repr(open_run(run_folder)) == f"<Run {run_folder}: completed, 80 rows to 1500 s>"
    (tmp_path / "manifest.json").write_text("{}")
    assert repr(open_run(tmp_path)) == f"<Run {tmp_path}: no status, no rows>"


@pytest.mark.parametrize("time", [-1.0, 1e9, float("nan")])
def test_a_time_outside_the_run_has_no_mesh(run_folder, time):
    with pytest.raises(InputError, match="expected a time of the run, from 0 to 900 s"):
        open_run(run_folder).mesh("active", time)


@pytest.mark.parametrize(("time", "frame"), [(0.0, 0), (310.0, 1), (900.0, -1), (None, -1)])
def test_mesh_at_a_time_holds_the_fields_of_the_nearest_frame(run_folder, time, frame):
    run = open_run(run_folder)
    series, grid = run.series(Group.ACTIVE), run.mesh("active", time)
    np.testing.assert_array_equal(grid.point_data["sto"], series.read("sto", frame).data)
    np.testing.assert_array_equal(grid.cell_data["sigma_h"], series.read("sigma_h", frame).data)
    assert grid.n_cells == len(series.triangles)
    assert grid.field_data["time"][0] == series.times[frame]


def test_fields_that_are_not_there_are_named(run_folder, tmp_path):
    with pytest.raises(InputError, match="expected one of active, electronic, ionic"):
        open_run(run_folder).mesh("actve")
    (tmp_path / "manifest.json").write_text("{}")
    with pytest.raises(InputError, match="wrote no such fields"):
        open_run(tmp_path).mesh("active")


def test_a_last_number_that_was_cut_is_no_number(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("a,b\n1,0.25\n2,0.1")  # 0.125 it was
    assert read_timeseries(path)["b"].tolist() == [0.25]
