"""What warms a section with a temperature of its own: temperature and heat over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mesode.analysis import moments, style
from mesode.columns import HEAT, HEATS, TEMPERATURE, TIME

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from mesode.analysis.run_data import Run
    from mesode.analysis.xdmf import FloatArray

_KILO = 1e-3


def temperature(run: Run) -> Figure | None:
    """Draw temperature and heat by its parts; None where the temperature is a given one."""
    time, celsius = run.column_or_none(TIME), run.column_or_none(TEMPERATURE)
    if time is None or celsius is None:
        return None
    scale, unit = moments.time_unit(float(time[-1]))
    figure = style.new_figure(170, 65)
    left, right = figure.subplots(1, 2)
    left.plot(time / scale, celsius, lw=1.2)
    left.set_ylabel("Temperature [°C]")
    _draw_heat(right, run, time / scale)
    for ax in (left, right):
        ax.set_xlabel(f"Test time [{unit}]")
    figure.suptitle(style.title(run), fontsize=8)
    return figure


def _draw_heat(ax: Axes, run: Run, hours: FloatArray) -> None:
    """Draw the heat since the start and its parts, but those that are zero all the time."""
    columns = {"in all": HEAT, **HEATS}
    for name, column in columns.items():
        values = run.column_or_none(column)
        if values is not None and np.nanmax(np.abs(values)) > 0.0:
            look = {"color": "k", "ls": "--", "lw": 0.8} if column == HEAT else {"lw": 1.2}
            ax.plot(hours, _KILO * values, label=name, **look)
    ax.set_ylabel("Heat since the start [kJ m⁻²]")
    if ax.lines:
        style.legend(ax)
