"""If these fail, the figure of the temperature hides a source of heat, or has a wrong unit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mesode.analysis.heating import temperature
from mesode.analysis.run_data import Run
from mesode.columns import HEAT, HEATS, TEMPERATURE, TIME

TIMES = np.linspace(0.0, 7200.0, 5)


def drawn(**columns):
    table = {TIME: TIMES, **{name: np.asarray(v, dtype=float) for name, v in columns.items()}}
    return temperature(Run(path=Path(), manifest={}, config={}, timeseries=table))


def test_temperature_and_heat_by_its_parts():
    warm, ohmic, cools = [25, 26, 27, 28, 27], [0, 1e3, 2e3, 3e3, 4e3], [0, -500, -1e3, -2e3, -3e3]
    heats = {HEATS["ohmic"]: ohmic, HEATS["reversible"]: cools, HEATS["flow"]: [0] * 5}
    figure = drawn(**{TEMPERATURE: warm, HEAT: np.add(ohmic, cools), **heats})
    left, right = figure.axes
    (line,) = left.lines
    assert line.get_ydata() == pytest.approx(warm)
    assert line.get_xdata()[-1] == pytest.approx(2.0)  # h
    shown = {line.get_label(): line.get_ydata() for line in right.lines}
    assert set(shown) == {"in all", "ohmic", "reversible"}
    assert shown["reversible"] == pytest.approx([0, -0.5, -1, -2, -3])  # kJ/m2
    assert shown["in all"] == pytest.approx([0, 0.5, 1, 1, 1])


def test_a_given_temperature_has_no_figure():
    assert drawn(**{HEAT: [0, 1, 2, 3, 4]}) is None
