"""A run as pandas, xarray and pyvista objects.

Units stay where they are seen: in the names of the columns, in the attributes of the variables.
Coordinates of meshes are micrometres.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mesode.errors import InputError, Problem
from mesode.fields import Group

if TYPE_CHECKING:
    import pandas as pd
    import pyvista
    import xarray as xr

    from mesode.analysis.run import Run

_TIME = "Test Time / s"
_VTK_TRIANGLE = 5


def time_series_frame(run: Run) -> pd.DataFrame:
    """Return a table with a row for each accepted time step."""
    import pandas as pd

    return pd.DataFrame(dict(run.timeseries))


def time_series_dataset(run: Run) -> xr.Dataset:
    """Return variables over the coordinate ``time`` [s]; their names without unit."""
    import xarray as xr

    variables = {}
    for column, values in run.timeseries.items():
        name, _, unit = column.partition(" / ")
        if column != _TIME:
            variables[name] = ("time", values, {"units": unit})
    time = run.timeseries.get(_TIME, np.empty(0))
    attributes = {"title": run.title, "status": str(run.manifest.get("status", ""))}
    return xr.Dataset(variables, {"time": ("time", time, {"units": "s"})}, attributes)


def particle_frame(run: Run) -> pd.DataFrame:
    """Return a table with a row for each particle at the end of each step."""
    import pandas as pd

    from mesode.analysis.run import read_timeseries

    path = run.path / "particles.csv"
    return pd.DataFrame(read_timeseries(path) if path.is_file() else {})


def mesh_at(run: Run, group: Group | str, time: float) -> pyvista.UnstructuredGrid:
    """Return mesh and fields of a group at the frame nearest to a time.

    Raises:
        InputError: the run wrote no such fields.
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
    frame = int(np.argmin(np.abs(np.clip(time, *_ends(series.times)) - np.asarray(series.times))))
    points = np.column_stack([series.points, np.zeros(len(series.points))])
    grid = pyvista.UnstructuredGrid({_VTK_TRIANGLE: series.triangles}, points)
    for name in series.names:
        values = series.read(name, frame)
        (grid.cell_data if values.on_cells else grid.point_data)[name] = values.data
    grid.field_data["time"] = [series.times[frame]]
    return grid


def _ends(times: tuple[float, ...]) -> tuple[float, float]:
    return times[0], times[-1]
