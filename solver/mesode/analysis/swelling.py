"""What swelling does to an electrode, over time: thickness, pores, stress, flow, damage, losses.

A panel for each question, left out where the run has no answer or it is the same all the time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mesode.analysis import moments, style
from mesode.columns import (
    ACTIVE,
    BINDER,
    COUNTER_THICKNESS,
    CRACKING,
    DAMAGED_SHARE,
    DEBONDING_WORK,
    ELECTROLYTE_OUT,
    FOIL_STRESS,
    JOINTS,
    LOST_AREA,
    MAX_PLASTIC,
    MAX_VON_MISES,
    MEAN_TRACTION,
    MEAN_VON_MISES,
    PLASTIC_WORK,
    PORE_RATIO,
    PORE_STRESS,
    RELAXATION_WORK,
    SALT_OUT,
    STACK_PRESSURE,
    THICKNESS,
    TIME,
    UPPER_TRACTION,
    UPPER_VON_MISES,
    of_part,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from mesode.analysis.run_data import Run
    from mesode.analysis.xdmf import FloatArray

_COLUMNS = 3  # panels beside each other
_SIZE_MM = 66.0, 44.0  # of a panel
_OWN = "electrode"  # whose column has no name, beside one that has
_SAME = 1e-9  # change over size of a number that stays
_WIDEST = 36  # letters of the names of curves that stand in one line


@dataclass(frozen=True, slots=True)
class _Panel:
    """Columns with their names in one panel; shown value = value times ``factor``."""

    label: str
    factor: float
    columns: Mapping[str, str]


def _stress(part: str) -> dict[str, str]:
    return {
        "mean": of_part(MEAN_VON_MISES, part),
        "95 % below": of_part(UPPER_VON_MISES, part),
        "largest": of_part(MAX_VON_MISES, part),
    }


_TRACTION = {"mean": MEAN_TRACTION, "95 % below": UPPER_TRACTION}
_FLOWN = {part.lower(): of_part(MAX_PLASTIC, part) for part in (ACTIVE, BINDER)}
_LOST = {"flow": PLASTIC_WORK, "relaxation": RELAXATION_WORK, "coming off": DEBONDING_WORK}
_PUSH = {"on the top": STACK_PRESSURE, "in the foil": FOIL_STRESS}
_OUT = {"electrolyte": ELECTROLYTE_OUT, "salt": SALT_OUT}
_DAMAGE = {kind.lower(): of_part(DAMAGED_SHARE, kind) for kind in JOINTS}

_PANELS = (
    _Panel("Thickness change [%]", 100.0, {"": THICKNESS, "counter electrode": COUNTER_THICKNESS}),
    _Panel("Pores over initial [%]", 100.0, {"": PORE_RATIO}),
    _Panel("Squeezed out [%]", 100.0, _OUT),
    _Panel("Von Mises stress,\nparticles [MPa]", 1e-6, _stress(ACTIVE)),
    _Panel("Von Mises stress,\nbinder [MPa]", 1e-6, _stress(BINDER)),
    _Panel("Traction at the\ncollector [MPa]", 1e-6, _TRACTION),
    _Panel("Largest plastic strain", 1.0, _FLOWN),
    _Panel("Work lost in [J m⁻²]", 1.0, _LOST),
    _Panel("Pressure, stress [MPa]", 1e-6, _PUSH),
    _Panel("Damaged interface [%]", 100.0, _DAMAGE),
    _Panel("Active material lost [%]", 100.0, {"": LOST_AREA}),
    _Panel("Particles above\ntoughness [%]", 100.0, {"": CRACKING}),
    _Panel("Mean stress of\nopen pores [MPa]", 1e-6, {"": PORE_STRESS}),
)


def swelling(run: Run) -> Figure | None:
    """Draw what swelling does over time; None where the run has no thickness."""
    time = run.column_or_none(TIME)
    if time is None or run.column_or_none(THICKNESS) is None:
        return None
    found = [(panel, held) for panel in _PANELS if (held := _held(run, panel))]
    if not found:
        return None
    columns = min(_COLUMNS, len(found))
    rows = -(-len(found) // columns)
    figure = style.new_figure(columns * _SIZE_MM[0], rows * _SIZE_MM[1] + 6.0)
    axes = np.atleast_1d(figure.subplots(rows, columns, sharex=True)).ravel()
    scale, unit = moments.time_unit(float(time[-1]))
    for ax, (panel, held) in zip(axes, found, strict=False):
        _draw(ax, run, time / scale, panel, held)
    for k, ax in enumerate(axes):
        if k >= len(found):
            ax.set_visible(False)
        elif k + columns >= len(found):
            ax.set_xlabel(f"Test time [{unit}]")
            ax.tick_params(labelbottom=True)
    figure.suptitle(style.title(run), fontsize=8)
    return figure


def _held(run: Run, panel: _Panel) -> dict[str, FloatArray]:
    """Return the curves of a panel by their names: what never changes is none."""
    found = {name: run.column_or_none(column) for name, column in panel.columns.items()}
    return {
        name: panel.factor * values
        for name, values in found.items()
        if values is not None
        and np.nanmax(values) - np.nanmin(values) > _SAME * np.nanmax(np.abs(values))
    }


def _draw(
    ax: Axes, run: Run, time: FloatArray, panel: _Panel, held: Mapping[str, FloatArray]
) -> None:
    for name, values in held.items():
        known = np.isfinite(values)
        look = {"lw": 0.8, "ls": "--"} if name == "largest" else {"lw": 1.2}
        ax.plot(time[known], values[known], label=name or _OWN, **look)
    ax.set_ylabel(panel.label, fontsize=7)
    if len(held) > 1 or "" not in held:
        _tell_above(ax, held)


def _tell_above(ax: Axes, held: Mapping[str, FloatArray]) -> None:
    """Put a legend above the axes: within them it would hide curves."""
    in_line = 2 if sum(map(len, held)) > _WIDEST else 3
    place: Any = {"loc": "lower left", "bbox_to_anchor": (0.0, 1.0), "borderaxespad": 0.0}
    ax.legend(fontsize=6, ncols=in_line, columnspacing=1.0, handlelength=1.5, **place)
