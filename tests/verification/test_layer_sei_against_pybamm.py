"""If this fails, a film in a homogenised layer grows otherwise than in the DFN of PyBaMM.

tests/data/pybamm_layer_sei.py made the numbers: a full cell that is charged, rests, and is
discharged. The film grows unevenly through the electrode, and resists by 12 mV.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.interpolate import PchipInterpolator

from mesode.columns import HOST_CHARGE, LAYER_CHARGE, MAX_SEI, MEAN_SEI, SEI_CHARGE, VOLTAGE
from mesode.materials.presets import get_preset
from mesode.model.diagnostics import Diagnostics
from support.layer_cells import layer_cell
from support.protocols import run

PLACE = Path(__file__).parents[1] / "data"
LAYERS = json.loads((PLACE / "pybamm_layers.json").read_text())
DATA = json.loads((PLACE / "pybamm_layer_sei.json").read_text())
SEI = DATA["sei"]
FILM = replace(
    get_preset("sei", "EC_Yang_2017"),
    i_0_sei=SEI["SEI reaction exchange current density [A.m-2]"],
    D_solvent=SEI["EC diffusivity [m2.s-1]"],
    kappa_sei=1 / SEI["SEI resistivity [Ohm.m]"],
)
WORDS = {-1.0: "Charge", 0.0: "Rest", 1.0: "Discharge"}


def steps():
    for rate, time in DATA["steps"]:
        current = f" at {abs(rate) * LAYERS['current of 1C']:g} A/m^2" if rate else ""
        period = time / DATA["times of a step"]
        yield f"{WORDS[rate]}{current} for {time:g} s ({period:g} second period)"


def seen(record, name):
    """Return a column at the times of the file, (steps, times)."""
    found, start = [], 0.0
    for k, (_, time) in enumerate(DATA["steps"], 1):
        points = [point for point in record.points if point.step == k]
        curve = PchipInterpolator([p.t - start for p in points], [p.row[name] for p in points])
        found.append(curve(np.linspace(0.0, time, DATA["times of a step"] + 1)[1:]))
        start += time
    return np.array(found)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=() if name == "ec reaction limited" else pytest.mark.slow)
        for name in DATA["runs"]
    ],
)
def test_film_and_voltage_are_those_of_pybamm(name):
    film = replace(FILM, law=name.replace(" ", "_").replace("-", "_"))
    thickness = {"active": 42.0, "separator": 12.0, "counter_active": 38.0}
    cell = layer_cell(thickness, LAYERS["starts"]["charge"], sei={"active": film})
    diagnostics = Diagnostics(cell)
    result, record = run(cell, *steps(), tolerance=1e-4, diagnostics=diagnostics)
    assert result.status == "completed"
    expected = {
        key: np.array([step[key] for step in DATA["runs"][name]])
        for key in ("V", "mean", "largest", "sto")
    }
    np.testing.assert_allclose(seen(record, MEAN_SEI), expected["mean"], rtol=2e-3)  # 1.5e-3 found
    np.testing.assert_allclose(seen(record, MAX_SEI), expected["largest"], rtol=2e-3)
    sto = seen(record, "Mean Lithiation / 1")
    np.testing.assert_allclose(sto, expected["sto"], atol=2e-5)  # 1e-5
    off = 1e3 * (seen(record, VOLTAGE) - expected["V"])  # [mV]
    assert np.sqrt(np.mean(off**2)) < 0.2  # 0.08 to 0.13
    row = record.points[-1].row
    books = sum(row[key] for key in (HOST_CHARGE, SEI_CHARGE, LAYER_CHARGE))
    assert books == pytest.approx(-cell.Q.number(), rel=1e-8)
    assert diagnostics.balances()["lithium"] < 1e-8
    assert diagnostics.balances()["energy"] < 1e-4
