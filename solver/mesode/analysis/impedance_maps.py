"""Figure of the maps that spectra were measured with: amplitude and phase of what passes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesode.analysis import maps, moments, surface_maps
from mesode.fields import FIELDS, Group

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from mesode.analysis.run_data import Run

_FIELDS = ("i_n_amplitude", "i_n_phase")


def impedance_map(run: Run) -> Figure | None:
    """Draw the last map of a run: where the current of an oscillation passes, and when."""
    series = run.series(Group.IMPEDANCE)
    if series is None or not len(series.times):
        return None
    last = len(series.times) - 1
    frequency = float(series.read("map_frequency", last).magnitude[0])
    (time,) = moments.time_texts([series.times[last]])
    figure, axes = maps.panels(len(_FIELDS), maps.section_extent(run))
    for ax, name in zip(axes, _FIELDS, strict=True):
        surface_maps.draw_on_surfaces(ax, series, series.read(name, last), FIELDS[name])
        ax.set_title(f"{FIELDS[name].name}\n{frequency:.4g} Hz, {time}", loc="left")
    return figure
