"""If this fails, a one-state hysteresis has other loops than that of an independent code.

tests/data/pybamm_particle.py made the numbers, with a single particle that is uniform. Here it is
the square of the small cell, in which lithium, electrons and ions are fast. PyBaMM's decay rate is
twice the one here.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mesode.columns import MEAN_HYSTERESIS, MEAN_LITHIATION
from support.branches import with_hysteresis
from support.protocols import run
from support.small_cell import small_cell
from support.uniform import HOST, WORDS, Drops

DATA = json.loads((Path(__file__).parents[1] / "data" / "pybamm_hysteresis.json").read_text())


def test_state_and_potential_are_those_of_pybamm():
    lithium = with_hysteresis(decay=0.5 * DATA["decay"], initial=DATA["initial"])
    cell = small_cell(n=2, lithium={**HOST, **lithium})
    steps = [f"{WORDS[rate]} for {time} s" for rate, time in DATA["steps"]]
    _, record = run(cell, *steps, tolerance=1e-5, observer=Drops)
    for end, drop, expected in zip(record.ends, record.drops, DATA["ends"], strict=True):
        assert end.end[MEAN_LITHIATION] == pytest.approx(expected["sto"], abs=1e-6)
        assert end.end[MEAN_HYSTERESIS] == pytest.approx(expected["state"], abs=4e-4)
        assert drop == pytest.approx(expected["drop"], abs=3e-5)
