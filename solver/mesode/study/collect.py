"""From the run folders of a study to one table: a row for each case, whatever became of it."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mesode.analysis.column_hints import column_hint
from mesode.analysis.run_data import TIMESERIES, read_timeseries
from mesode.columns import (
    CAPACITY,
    ENERGY,
    ENERGY_BALANCE,
    MEAN_LITHIATION,
    STEP,
    STRESS_WORK,
    THICKNESS,
    TIME,
    VOLTAGE,
)
from mesode.config.study import Figure
from mesode.output.manifest import SKIPPED
from mesode.study.files import write_whole

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import numpy.typing as npt
    import pandas as pd

    from mesode.study.store import Record, State, Store

    type Columns = Mapping[str, npt.NDArray[np.float64]]

RESULTS = "results"
BALANCE = "Largest Balance Error / 1"
_AT_END = (
    CAPACITY, VOLTAGE, MEAN_LITHIATION, THICKNESS, TIME, ENERGY,
)  # fmt: skip
_COSTS = ("wall time / s", "cells", "dofs", "attempts", "config hash", "folder")


@dataclass(frozen=True, slots=True)
class Result:
    """One row: figures of merit by column, and columns that were asked for and are not there.

    ``columns`` are those of its time series.
    """

    figures: dict[str, float]
    unknown: dict[str, str]
    columns: tuple[str, ...]


def results(store: Store) -> pd.DataFrame:
    """Return the table of a study, one row for each case in the order of the study file.

    Columns: ``case``; the parameters, with their unit; the figures of merit; ``status``,
    ``reason``, ``wall time / s``, ``cells``, ``dofs``, ``attempts``, ``config hash``, ``folder``.
    """
    import pandas as pd

    rows = []
    for record in store.records:
        state = store.state(record)
        found = collect_case(store, record, state)
        columns = [p["column"] for p in store.parameters]
        rows.append(
            {
                "case": record.name,
                **dict(zip(columns, record.values, strict=True)),
                **found.figures,
                **_cost(store, record, state),
            }
        )
    table = pd.DataFrame(rows)
    last = ["status", "reason", *_COSTS]
    first = [name for name in table.columns if name not in last]
    return table[[*first, *(name for name in last if name in table.columns)]]


def _cost(store: Store, record: Record, state: State) -> dict[str, Any]:
    mesh, attempt = state.manifest.get("mesh", {}), state.attempt
    wall = attempt.get("wall")
    if wall is None:
        wall = state.manifest.get("timings", {}).get("total")
    return {
        "status": state.status.value,
        "reason": "; ".join([state.reason, *_skipped(state.manifest)]),
        "wall time / s": math.nan if wall is None else wall + attempt.get("earlier", 0.0),
        "cells": mesh.get("cells", math.nan),
        "dofs": mesh.get("dofs", math.nan),
        "attempts": attempt.get("count", 0),
        "config hash": record.hash,
        "folder": str(store.folder(record).relative_to(store.path)),
    }


def _skipped(manifest: Mapping[str, Any]) -> list[str]:
    """Return a remark for each step that was not done because its end had been reached."""
    return [
        f"step {step['index']} skipped: {step['reason']}"
        for step in manifest.get("steps", ())
        if str(step.get("reason", "")).endswith(SKIPPED)
    ]


def collect_case(store: Store, record: Record, state: State) -> Result:
    """Return the figures of merit of a case, of what it reached; NaN where it reached nothing."""
    path = store.folder(record) / TIMESERIES
    columns: Columns = {}
    if state.manifest and path.is_file():
        columns = _rows_in_order(read_timeseries(path))
    if store.collect is None:
        return Result(usual_figures(columns, state.manifest), {}, tuple(columns))
    figures, unknown = dict[str, float](), dict[str, str]()
    for name, spec in store.collect.items():
        figure = Figure.model_validate(spec)
        figures[name] = evaluate(figure, columns, state.manifest)
        wanted = [c for c in (figure.column, figure.at and figure.at.column) if c]
        if columns:
            unknown |= {c: column_hint(c, columns) for c in wanted if c not in columns}
    return Result(figures, unknown, tuple(columns))


def unknown_columns(store: Store) -> dict[str, str]:
    """Return the columns that ``collect`` names and no case has, each with what to take instead.

    Cases without a time series tell nothing.
    """
    found = [collect_case(store, record, store.state(record)) for record in store.records]
    told = [result.unknown for result in found if result.columns]
    return {
        name: hint
        for unknown in told[:1]
        for name, hint in unknown.items()
        if all(name in each for each in told)
    }


def _rows_in_order(columns: Columns) -> Columns:
    """Leave out rows that do not come after the one before: time goes forward."""
    time = columns.get(TIME)
    if time is None or len(time) == 0:
        return columns
    before = np.maximum.accumulate(np.concatenate([[-np.inf], time[:-1]]))
    return {name: values[time >= before] for name, values in columns.items()}


def usual_figures(columns: Columns, manifest: Mapping[str, Any]) -> dict[str, float]:
    """Return the figures of merit of a study that names none."""
    figures = {name: evaluate(Figure(column=name), columns, manifest) for name in _AT_END}
    for name in columns:
        if name.startswith("Max ") and name.endswith("/ Pa"):
            figures[name] = evaluate(Figure(column=name, take="max"), columns, manifest)
    balances = manifest.get("balances", {})
    conserved = balances.keys() - {ENERGY_BALANCE, STRESS_WORK}
    errors = [abs(float(balances[key])) for key in conserved if balances[key] is not None]
    figures[BALANCE] = max(errors, default=math.nan)
    return figures


def evaluate(figure: Figure, columns: Columns, manifest: Mapping[str, Any]) -> float:
    """Return a figure of merit; NaN where the run has no such number."""
    if figure.manifest is not None:
        return _in_manifest(manifest, figure.manifest)
    values = columns.get(figure.column or "")
    if values is None:
        return math.nan
    chosen = np.isfinite(values)
    if figure.step is not None:
        chosen &= columns[STEP] == figure.step
    if figure.at is not None:
        other = columns.get(figure.at.column)
        return math.nan if other is None else crossing(other, values, figure.at.value, chosen)
    values = values[chosen]
    if len(values) == 0:
        return math.nan
    if figure.take == "mean":
        return _mean_over_time(columns[TIME][chosen], values)
    pick = {"end": values[-1], "start": values[0], "max": values.max(), "min": values.min()}
    return float(pick[figure.take])


def crossing(
    x: npt.NDArray[np.float64],
    y: npt.NDArray[np.float64],
    at: float,
    chosen: npt.NDArray[np.bool_],
) -> float:
    """Return y where x first has a value, linear between points; NaN where it never has."""
    x, y = x[chosen], y[chosen]
    for k in range(len(x) - 1):
        if min(x[k], x[k + 1]) <= at <= max(x[k], x[k + 1]):
            share = 0.0 if x[k + 1] == x[k] else (at - x[k]) / (x[k + 1] - x[k])
            return float(y[k] + share * (y[k + 1] - y[k]))
    return float(y[0]) if len(x) == 1 and x[0] == at else math.nan


def _mean_over_time(t: npt.NDArray[np.float64], values: npt.NDArray[np.float64]) -> float:
    length = t[-1] - t[0]
    return float(np.trapezoid(values, t) / length) if length > 0.0 else float(values.mean())


def _in_manifest(manifest: Mapping[str, Any], path: str) -> float:
    value: Any = manifest
    for part in path.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return float(value) if isinstance(value, int | float) else math.nan


def write_results(store: Store) -> tuple[Path, Path]:
    """Write ``results.csv`` and ``results.parquet`` anew.

    Raises:
        OutputError: the folder cannot be written.
    """
    table = results(store)
    csv, parquet = (store.path / f"{RESULTS}.{ending}" for ending in ("csv", "parquet"))
    write_whole(csv, table.to_csv(index=False, lineterminator="\n"))
    stream = io.BytesIO()
    table.to_parquet(stream, index=False)
    write_whole(parquet, stream.getvalue())
    return csv, parquet
