"""If these fail, the figure of swelling hides what a run has found, or shows it in a wrong unit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mesode.analysis.run_data import Run
from mesode.analysis.swelling import swelling
from mesode.columns import (
    COUNTER_THICKNESS,
    LOST_AREA,
    MAX_VON_MISES,
    MEAN_VON_MISES,
    PORE_RATIO,
    STACK_PRESSURE,
    THICKNESS,
    of_part,
)

TIME = "Test Time / s"


def drawn(**columns):
    """Return the curves of each panel: label of the axis to {name: values}."""
    time = np.linspace(0.0, 7200.0, 5)
    table = {TIME: time, **{name: np.asarray(v, dtype=float) for name, v in columns.items()}}
    figure = swelling(Run(path=Path(), manifest={}, config={}, timeseries=table))
    if figure is None:
        return None
    shown = [ax for ax in figure.axes if ax.get_visible()]
    return {
        ax.get_ylabel(): {line.get_label(): line.get_ydata() for line in ax.lines} for ax in shown
    }


def test_each_column_has_its_panel_in_its_unit():
    rise, mean, most = [0, 0.1, 0.2, 0.3, 0.25], [0, 1e6, 2e6, 3e6, 2e6], [0, 4e6, 5e6, 6e6, 5e6]
    binder = {of_part(MEAN_VON_MISES, "Binder"): mean, of_part(MAX_VON_MISES, "Binder"): most}
    panels = drawn(**{THICKNESS: rise, **binder})
    assert set(panels) == {"Thickness change [%]", "Von Mises stress,\nbinder [MPa]"}
    (thickness,) = panels["Thickness change [%]"].values()
    assert thickness == pytest.approx([0, 10, 20, 30, 25])
    stress = panels["Von Mises stress,\nbinder [MPa]"]
    assert stress["mean"] == pytest.approx([0, 1, 2, 3, 2])
    assert stress["largest"] == pytest.approx([0, 4, 5, 6, 5])


@pytest.mark.parametrize(
    ("column", "value"), [(LOST_AREA, 0.0), (PORE_RATIO, 1.0), (STACK_PRESSURE, 2e5)]
)
def test_what_never_changes_has_no_panel(column, value):
    """Pores of a layer that keeps them stayed at 100 % in a panel of their own."""
    held = value * (1.0 + 1e-12 * np.arange(5))
    panels = drawn(**{THICKNESS: [0, 0.1, 0.2, 0.3, 0.25], column: held})
    assert list(panels) == ["Thickness change [%]"]


def test_both_electrodes_are_named():
    rise = [0, 0.1, 0.2, 0.3, 0.25]
    panels = drawn(**{THICKNESS: rise, COUNTER_THICKNESS: [0, -0.01, -0.02, -0.03, -0.02]})
    assert list(panels["Thickness change [%]"]) == ["electrode", "counter electrode"]


def test_a_run_without_mechanics_has_no_such_figure():
    assert drawn(**{"Voltage / V": [1.0] * 5}) is None
