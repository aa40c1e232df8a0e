"""Figures of cycles: capacity and efficiency, dQ/dV, current over a swept voltage."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mesode.analysis import curves, style
from mesode.analysis.run_data import read_timeseries
from mesode.columns import (
    CAPACITY,
    COULOMBIC_EFFICIENCY,
    CURRENT_DENSITY,
    CYCLE,
    CYCLE_CAPACITY,
    ENERGY_EFFICIENCY,
    HALF_CAPACITY,
    STEP,
    VOLTAGE,
)
from mesode.evaluate import differential

if TYPE_CHECKING:
    import numpy.typing as npt
    from matplotlib.figure import Figure

    from mesode.analysis.run_data import Run
    from mesode.evaluate.differential import Curve

CYCLES = "cycles.csv"


def cycles(run: Run) -> Figure | None:
    """Capacity of the half cycles and efficiencies over the cycles; None for a single cycle."""
    path = run.path / CYCLES
    table = read_timeseries(path) if path.is_file() else {}
    number = table.get(CYCLE)
    if number is None or len(number) < 2:
        return None
    figure = style.new_figure(170, 65)
    left, right = figure.subplots(1, 2)
    columns = zip(CYCLE_CAPACITY.values(), curves.directions(run), "os", strict=True)
    for column, side, marker in columns:
        left.plot(number, table[column], f"{marker}-", ms=3, lw=1, label=side)
    kinds = {"coulombic": COULOMBIC_EFFICIENCY, "energy": ENERGY_EFFICIENCY}
    for (kind, column), marker in zip(kinds.items(), "os", strict=True):
        right.plot(number, 100.0 * table[column], f"{marker}-", ms=3, lw=1, label=kind)
    left.set(xlabel="Cycle", ylabel=curves.axis_label(CAPACITY))
    right.set(xlabel="Cycle", ylabel="Efficiency [%]")
    for ax in (left, right):
        ax.xaxis.get_major_locator().set_params(integer=True)
        style.legend(ax)
    figure.suptitle(style.title(run), fontsize=8)
    return figure


def differential_capacity(run: Run) -> Figure | None:
    """Capacity per change of voltage over the voltage, for each half cycle under a current.

    None where the rows are too few to tell it, or where the voltage was swept.
    """
    if _swept(run).any() or curves.time_steps(run).all():
        return None
    halves = curves.half_cycles(run)
    found = [_derivative(run, where) for where in halves]
    if not any(map(len, found)):
        return None
    figure = style.new_figure(95, 70)
    ax = figure.subplots()
    for curve, look in zip(found, curves.half_looks(run, halves), strict=True):
        ax.plot(curve.x, curve.y, lw=1.1, **look)
    ax.axhline(0.0, color="0.6", lw=0.6)
    ax.set(xlabel=curves.axis_label(VOLTAGE), ylabel="dQ/dV [mA h g⁻¹ V⁻¹]")
    curves.tell_cycles(ax, run, halves)
    figure.suptitle(style.title(run), fontsize=8)
    return figure


def _derivative(run: Run, where: npt.NDArray[np.bool_]) -> Curve:
    """Return dQ/dV of a half cycle over its rows under a current."""
    flowing = where & (run.column(CURRENT_DENSITY) != 0.0)
    return differential.differential_capacity(
        run.column(VOLTAGE)[flowing], run.column(HALF_CAPACITY)[flowing]
    )


def current_voltage(run: Run) -> Figure | None:
    """Current density over the voltage of swept steps, a colour for each cycle."""
    swept = _swept(run)
    if not swept.any():
        return None
    voltage, current = run.column(VOLTAGE), run.column(CURRENT_DENSITY)
    cycle = run.column(CYCLE)
    figure = style.new_figure(95, 70)
    ax = figure.subplots()
    shown = [swept & (cycle == number) for number in np.unique(cycle[swept])]
    for where, look in zip(shown, curves.cycle_looks(run, shown), strict=True):
        ax.plot(voltage[where], current[where], lw=1.1, **look)
    ax.axhline(0.0, color="0.6", lw=0.6)
    ax.set(xlabel=curves.axis_label(VOLTAGE), ylabel=curves.axis_label(CURRENT_DENSITY))
    if len(shown) > 1:
        curves.tell_cycles(ax, run, shown)
    figure.suptitle(style.title(run), fontsize=8)
    return figure


def _swept(run: Run) -> npt.NDArray[np.bool_]:
    """Tell which rows belong to steps in which the voltage was swept."""
    step = run.column_or_none(STEP)
    if step is None:
        return np.zeros(0, dtype=bool)
    steps = run.manifest.get("steps", ())
    numbers = [
        each["index"] for each in steps if str(each.get("text", "")).lower().startswith("sweep")
    ]
    return np.isin(step, numbers)
