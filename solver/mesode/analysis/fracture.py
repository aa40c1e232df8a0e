"""Figure of the particles that have more energy to release in a crack than it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mesode.analysis import curves, style
from mesode.analysis.phase_colours import shown_name
from mesode.analysis.run_data import read_timeseries
from mesode.columns import AREA, ENERGY_RELEASE, STEP, File

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from mesode.analysis.run_data import Run

_STEPS = 6  # told apart by colour
_LEAST = 1e-4  # [J/m^2] of what is drawn: less is no tension


def energy_release(run: Run) -> Figure | None:
    """Draw the energy release rate of the particles over their diameter, at the ends of steps.

    With the toughness of the materials. None where the run has no such particles.
    """
    path = run.path / File.PARTICLES.value
    table = read_timeseries(path) if path.is_file() else {}
    G = table.get(ENERGY_RELEASE)
    if G is None or not (G > _LEAST).any():
        return None
    diameter, step = 2.0 * np.sqrt(table[AREA] / np.pi), table[STEP]
    steps = np.unique(step)
    shown = [steps[k] for k in curves.pick_frames(len(steps), _STEPS)]
    figure = style.new_figure(120, 75)
    ax = figure.subplots()
    for number in shown:
        where = (step == number) & (G > _LEAST)
        ax.plot(diameter[where], G[where], "o", ms=3.5, label=f"end of step {number:.0f}")
    for phase, value, assumed in _toughness(run):
        told = f"toughness, {shown_name(phase)}{' (assumed)' if assumed else ''}"
        ax.axhline(value, color="0.3", lw=0.9, ls="--", label=told)
    # from zero on: equal particles differ by rounding alone
    ax.set(yscale="log", xlabel="Diameter [µm]", xlim=(0.0, 1.15 * diameter.max()))
    ax.set_ylabel("Energy release rate [J m⁻²]")
    style.legend_beside(ax)
    figure.suptitle(style.title(run), fontsize=8)
    return figure


def _toughness(run: Run) -> list[tuple[str, float, bool]]:
    """Return phase, toughness [J/m^2] and whether it is assumed, once for equal values."""
    found: dict[float, tuple[str, float, bool]] = {}
    for phase, known in run.materials.items():
        entry = known.get("toughness")
        if isinstance(entry, dict) and isinstance(entry.get("value"), float):
            told = phase, entry["value"], bool(entry.get("assumed"))
            found.setdefault(entry["value"], told)
    return list(found.values())
