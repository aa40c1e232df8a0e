"""If this fails, an SEI takes another charge than that of an independent code.

tests/data/pybamm_particle.py made the numbers, with a single particle that is uniform. Here it is
the square of the small cell, in which lithium, electrons and ions are fast.
"""

from __future__ import annotations

import json
from dataclasses import replace
from math import exp
from pathlib import Path

import pytest

from mesode.columns import MEAN_SEI
from mesode.constants import FARADAY, GAS_CONSTANT, T_REF
from mesode.materials.presets import get_preset
from support.protocols import run
from support.small_cell import small_cell
from support.uniform import HOST, WORDS, Drops

DATA = json.loads((Path(__file__).parents[1] / "data" / "pybamm_sei.json").read_text())
SEI = DATA["sei"]
FILM = replace(
    get_preset("sei", "EC_Yang_2017"),
    i_0_sei=SEI["SEI reaction exchange current density [A.m-2]"],
    D_solvent=SEI["EC diffusivity [m2.s-1]"],
    E_a_sei=SEI["SEI growth activation energy [J.mol-1]"],
)


def beside(name):
    """Return what the growth adds to the drop of the film there, and not here [V]: i_sei L/kappa.

    That is F c D/kappa where the solvent limits it; the other two have films that conduct well.
    """
    warm = exp(FILM.E_a_sei / GAS_CONSTANT * (1 / T_REF - 1 / 300.0))
    return -warm * FARADAY * FILM.c_solvent * FILM.D_solvent * DATA["resistivity"][name]


@pytest.mark.parametrize("name", DATA["ends"])
def test_film_lithium_and_potential_are_those_of_pybamm(name):
    law_name = name.replace(" ", "_").replace("-", "_")
    film = replace(FILM, law=law_name, kappa_sei=1 / DATA["resistivity"][name])
    cell = small_cell(n=2, lithium=HOST, sei={"active": film})
    steps = [f"{WORDS[rate]} for {time} s" for rate, time in DATA["steps"]]
    _, record = run(cell, *steps, tolerance=1e-5, observer=Drops)
    found = zip(record.ends, record.drops, DATA["ends"][name], strict=True)
    for end, drop, expected in found:
        assert end.end[MEAN_SEI] == pytest.approx(expected["thickness"], rel=4e-4)
        assert end.end["Mean Lithiation / 1"] == pytest.approx(expected["sto"], abs=5e-5)
        assert drop + beside(name) == pytest.approx(expected["drop"], abs=5e-5)
