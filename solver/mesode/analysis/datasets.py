"""A run as pandas, xarray and pyvista objects.

Units stay where they are seen: in the names of the columns, in the attributes of the variables.
Coordinates of meshes are micrometres.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mesode.columns import TIME, split
from mesode.errors import InputError, Problem
from mesode.fields import Group

if TYPE_CHECKING:
    import pandas as pd
    import pyvista
    import xarray as xr

    from mesode.analysis.run_data import Run

_VTK_TRIANGLE = 5
_ROUNDING = 1e-9  # of the times, which were written as text


def time_series_frame(run: Run) -> pd.DataFrame:
    """Return a table with a row for each row of the time series."""
    import pandas as pd

    return pd.DataFrame(dict(run.timeseries))


def time_series_dataset(run: Run) -> xr.Dataset:
    """Return variables over the coordinate ``time`` [s]; their names without unit."""
    import xarray as xr

    variables = {}
    for column, values in run.timeseries.items():
        name, unit = split(column)
        if column != TIME:
            variables[name] = ("time", values, {"units": unit})
    time = run.timeseries.get(TIME, np.empty(0))
    attributes = {"title": run.title, "status": str(run.manifest.get("status", ""))}
    return xr.Dataset(variables, {"time": ("time", time, {"units": "s"})}, attributes)


def particle_frame(run: Run) -> pd.DataFrame:
    """Return a table with a row for each particle at the end of each step."""
    import pandas as pd

    from mesode.analysis.run_data import read_timeseries

    path = run.path / "particles.csv"
    return pd.DataFrame(read_timeseries(path) if path.is_file() else {})


def cycle_frame(run: Run) -> pd.DataFrame:
    """Return a table with a row for each cycle."""
    import pandas as pd

    from mesode.analysis.run_data import read_timeseries

    path = run.path / "cycles.csv"
    return pd.DataFrame(read_timeseries(path) if path.is_file() else {})


def mesh_at(run: Run, group: Group | str, time: float | None) -> pyvista.UnstructuredGrid:
    """Return mesh and fields of a group at the frame nearest to a time [s], None: the last.

    Raises:
        InputError: the run wrote no such fields, or none at this time.
    """
    import pyvista

    known = ", ".join(each.value for each in Group)
    if group not in list(Group):
        raise InputError([Problem("group", str(group), f"expected one of {known}")])
    series = run.series(Group(group))
    if series is None:
        hint = "Was it run with --no-fields, or without mechanics?"
        raise InputError(
            [Problem(str(run.path), str(group), "this run wrote no such fields", hint)]
        )
    frame = _frame_at(series.times, time)
    points = np.column_stack([series.points, np.zeros(len(series.points))])
    grid = pyvista.UnstructuredGrid({_VTK_TRIANGLE: series.triangles}, points)
    for name in series.names:
        values = series.read(name, frame)
        (grid.cell_data if values.on_cells else grid.point_data)[name] = values.data
    grid.field_data["time"] = [series.times[frame]]
    return grid


def _frame_at(times: tuple[float, ...], time: float | None) -> int:
    if time is None:
        return len(times) - 1
    first, last = times[0], times[-1]
    rounding = _ROUNDING * max(abs(first), abs(last))
    if not first - rounding <= time <= last + rounding:
        expected = f"expected a time of the run, from {first:g} to {last:g} s"
        raise InputError([Problem("time", f"{time:g}", expected)])
    return int(np.argmin(np.abs(np.asarray(times) - time)))
