"""If these fail, a cell of homogenised layers has another voltage than the DFN of PyBaMM.

tests/data/pybamm_layers.py made the curves: Doyle, Fuller and Newman's model of the same materials,
with particles that lithium diffuses in (Fick's law) and with uniform ones.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.interpolate import PchipInterpolator

from mesode.model.impedance import Impedance
from support.layer_cells import layer_cell
from support.protocols import run

DATA = json.loads((Path(__file__).parents[1] / "data" / "pybamm_layers.json").read_text())
MOST = 1.0  # [mV] rms; 0.02 to 0.75 mV were found
QUICK = ("half-resolved-3.0-discharge", "full-uniform-1.0-charge")


def _cases():
    for k, curve in enumerate(DATA["curves"]):
        name = "-".join(str(curve[key]) for key in ("cell", "particle", "rate", "way"))
        yield pytest.param(k, id=name, marks=() if name in QUICK else pytest.mark.slow)


def _cell(curve):
    thickness = {key: 1e6 * value for key, value in DATA["thickness"].items()}
    negative, positive = DATA["starts"][curve["way"]]
    resolved = curve["particle"] == "resolved"
    if curve["cell"] == "half":
        layers = {"active": thickness["positive"], "separator": thickness["separator"]}
        return layer_cell(layers, (positive,), resolved=resolved)
    layers = {
        "active": thickness["negative"],
        "separator": thickness["separator"],
        "counter_active": thickness["positive"],
    }
    return layer_cell(layers, (negative, positive), resolved=resolved)


def test_impedance_is_that_of_pybamm():
    layers = {"active": 1e6 * DATA["thickness"]["positive"], "separator": 12.0}
    cell = layer_cell(layers, (0.5,), double_layer=DATA["double layer"])
    cell.reset()
    spectrum = Impedance(cell, DATA["frequencies"][-1])
    found = np.array([spectrum.at(frequency) for frequency in DATA["frequencies"]])
    expected = np.array(DATA["impedance"]) @ [1.0, 1j]
    spectrum.close()
    assert np.abs(found / expected - 1.0).max() < 4e-3  # 2.6e-3 at 100 Hz


@pytest.mark.parametrize("number", list(_cases()))
def test_voltage_is_that_of_pybamm(number):
    curve = DATA["curves"][number]
    current, t = curve["rate"] * DATA["current of 1C"], np.array(curve["t"])
    word = curve["way"].capitalize()
    step = f"{word} at {current:g} A/m^2 for {t[-1]:g} s ({t[0]:g} second period)"
    result, record = run(_cell(curve), step, tolerance=1e-3)
    assert result.status == "completed"
    seen = PchipInterpolator(
        [point.t for point in record.points], [point.row["Voltage / V"] for point in record.points]
    )
    off = 1e3 * (seen(t) - curve["V"])
    assert np.sqrt(np.mean(off**2)) < MOST
