"""A run folder as data: manifest, resolved input, time series, fields."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mesode.analysis.column_hints import column_hint
from mesode.analysis.xdmf import Series, open_series
from mesode.columns import TIME
from mesode.config.yamltext import read_yaml
from mesode.errors import InputError, Problem
from mesode.inputs import MOST_DATA, read_json, read_text, refused
from mesode.section_names import is_counter

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    import pyvista
    import xarray as xr

    from mesode.analysis.xdmf import FloatArray
    from mesode.fields import Group

TIMESERIES = "timeseries.bdf.csv"
MATERIALS = "materials.yaml"
_MAPPINGS = ("versions", "mesh", "extremes", "balances", "solver", "timings")
_LISTS = ("warnings", "citations", "assumed", "notes", "figures")
_STEP = {"index": int, "t_start": int | float, "t_end": int | float}


@dataclass(frozen=True, slots=True, repr=False)
class Run:
    """What one run left behind; parts that are absent are empty."""

    path: Path
    manifest: Mapping[str, Any]
    config: Mapping[str, Any]
    timeseries: Mapping[str, FloatArray]  # column with unit -> values, one for each time

    @property
    def title(self) -> str:
        """Title of the study, or the name of the folder."""
        return str(self.config.get("title") or self.path.resolve().name)

    @property
    def status(self) -> str:
        """How the run ended: completed, stopped or failed; empty where it did not say."""
        return str(self.manifest.get("status", ""))

    @property
    def reason(self) -> str:
        """Why it ended."""
        return str(self.manifest.get("reason", ""))

    def __repr__(self) -> str:
        time = self.column_or_none(TIME)
        rows = "no rows" if time is None else f"{len(time)} rows to {time[-1]:.6g} s"
        return f"<Run {self.path}: {self.status or 'no status'}, {rows}>"

    def column(self, name: str) -> FloatArray:
        """Return a column of the time series.

        Raises:
            InputError: there is no such column, or it holds no number; names the nearest.
        """
        values = self.column_or_none(name)
        if values is not None:
            return values
        if name in self.timeseries:
            problem = Problem("column", repr(name), "this column holds no number")
        else:
            hint = column_hint(name, self.timeseries)
            problem = Problem("column", repr(name), "the run has no such column", hint)
        raise InputError([problem], str(self.path))

    def column_or_none(self, name: str) -> FloatArray | None:
        """Return a column of the time series, or None where it is absent or empty."""
        values = self.timeseries.get(name)
        return None if values is None or not np.isfinite(values).any() else values

    def series(self, group: Group) -> Series | None:
        """Open the fields of one group; None where the run wrote none."""
        path = self.path / "fields" / f"{group.value}.xdmf"
        if not path.is_file():
            return None
        series = open_series(path)
        return series if series.times else None

    @property
    def phases(self) -> dict[str, int]:
        """Number of each phase, as in the field ``phase``; empty where the run did not say."""
        mesh = self.manifest.get("mesh")
        return dict(mesh.get("phases", {})) if isinstance(mesh, dict) else {}

    @property
    def full_section(self) -> bool:
        """Whether an electrode stands opposite, instead of lithium metal."""
        return any(is_counter(phase) for phase in self.phases)

    @property
    def materials(self) -> dict[str, Mapping[str, Any]]:
        """Properties of each phase as ``materials.yaml`` has them; empty where it has none."""
        return {
            str(phase): sheet["properties"]
            for phase, sheet in _read_yaml(self.path / MATERIALS).items()
            if isinstance(sheet, dict) and isinstance(sheet.get("properties"), dict)
        }

    @property
    def strengths(self) -> dict[str, float]:
        """Strength of each phase [Pa] whose material has one."""
        entries = {phase: known.get("strength") for phase, known in self.materials.items()}
        return {
            phase: float(entry["value"])
            for phase, entry in entries.items()
            if isinstance(entry, dict) and isinstance(entry.get("value"), float)
        }

    def frame(self) -> pd.DataFrame:
        """Return the time series as a table, columns with their unit."""
        from mesode.analysis import datasets

        return datasets.time_series_frame(self)

    def dataset(self) -> xr.Dataset:
        """Return the time series over time, with units as attributes."""
        from mesode.analysis import datasets

        return datasets.time_series_dataset(self)

    def particles(self) -> pd.DataFrame:
        """Return the particles at the end of each step; empty where the run wrote none."""
        from mesode.analysis import datasets

        return datasets.particle_frame(self)

    def cycles(self) -> pd.DataFrame:
        """Return the cycles with capacities and efficiencies; empty where nothing has flowed."""
        from mesode.analysis import datasets

        return datasets.cycle_frame(self)

    def mesh(self, group: Group | str, time: float | None = None) -> pyvista.UnstructuredGrid:
        """Return mesh [um] and fields of a group at the frame nearest to a time [s], or the last.

        Raises:
            InputError: the run wrote no such fields, or none at this time.
        """
        from mesode.analysis import datasets

        return datasets.mesh_at(self, group, time)


def open_run(folder: str | Path) -> Run:
    """Open the folder of a run that ended or still goes on.

    Raises:
        InputError: the folder is absent, or holds neither manifest nor time series.
    """
    folder = Path(folder)
    manifest, timeseries = folder / "manifest.json", folder / TIMESERIES
    if not manifest.is_file() and not timeseries.is_file():
        found = "a folder without them" if folder.is_dir() else "nothing"
        found = "a file" if folder.is_file() else found
        raise _not_a_run(folder, f"a run folder with manifest.json or {TIMESERIES}", found)
    return Run(
        path=folder,
        manifest=_read_manifest(manifest) if manifest.is_file() else {},
        config=_read_yaml(folder / "config.yaml"),
        timeseries=read_timeseries(timeseries) if timeseries.is_file() else {},
    )


def read_timeseries(path: Path) -> dict[str, FloatArray]:
    """Read a CSV table with one header line; a cell that is not a number becomes NaN.

    A last line that was cut off while it was written is left out.
    """
    lines = read_text(path, MOST_DATA).splitlines(keepends=True)
    if not lines:
        return {}
    # what was cut in its last number looks like a whole row
    rows = list(csv.reader(lines if lines[-1].endswith("\n") else lines[:-1] or lines))
    header, *body = rows
    complete = [row for row in body if len(row) == len(header)]
    table = np.array([[_number(cell) for cell in row] for row in complete], dtype=np.float64)
    table = table.reshape(len(complete), len(header))
    return {name.strip(): table[:, k] for k, name in enumerate(header)}


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")


def _read_manifest(path: Path) -> dict[str, Any]:
    """Return a manifest whose parts are what pages and figures take them for."""
    content = read_json(path)
    steps = content.get("steps") or []
    sound = {
        **{key: isinstance(content.get(key) or {}, dict) for key in _MAPPINGS},
        **{key: isinstance(content.get(key) or [], list) for key in (*_LISTS, "steps")},
    }
    sound["steps"] = sound["steps"] and all(
        isinstance(step, dict) and all(isinstance(step.get(k), t) for k, t in _STEP.items())
        for step in steps
    )
    wrong = next((key for key, is_sound in sound.items() if not is_sound), None)
    if wrong is not None:
        raise refused(path, f"the file is damaged: '{wrong}' is not what a run writes")
    return {key: part for key, part in content.items() if part or key not in sound}


def _read_yaml(path: Path) -> dict[str, Any]:
    content = read_yaml(read_text(path), str(path)) if path.is_file() else {}
    return content if isinstance(content, dict) else {}


def _not_a_run(path: Path, expected: str, found: object) -> InputError:
    return InputError([Problem(str(path), str(found), f"expected {expected}")], "the run folder")
