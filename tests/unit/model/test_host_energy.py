"""If these fail, the free energy of a host is not the integral of its potential."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad

from mesode.constants import FARADAY, GAS_CONSTANT
from mesode.materials.ends import potential
from mesode.materials.ocp import LAWS
from mesode.model.host_energy import HostEnergy
from support.small_cell import law

OCPS = {one.name: one for one in LAWS}
START, T = 0.3, 310.0


@pytest.mark.parametrize("name", ["graphite_mohtat", "si_li_2012", "nmc811_chen_2020"])
def test_it_is_the_integral_of_the_potential(name):
    ocp, ends = OCPS[name], np.array([1e-3, 0.127, 0.49, 0.95])
    found = HostEnergy(ocp, START).integral(ends, T)
    for end, value in zip(ends.tolist(), found.tolist(), strict=True):
        inner = np.linspace(START, end, 100)
        parts = [quad(lambda s: float(ocp(sto=s, T=T)), a, b)[0] for a, b in pairwise(inner)]
        assert value == pytest.approx(sum(parts), abs=1e-9)


def test_the_tails_are_those_of_the_entropy_of_mixing():
    flat = potential(law(lambda *, sto, ops: 1.0 + 0.0 * sto, "sto"))
    low, energy = flat.ends.low, HostEnergy(flat, flat.ends.low)
    # int ln(x exp(1 - x)) dx from 1 to 0 is 1/2
    expected = -low - GAS_CONSTANT * T / FARADAY * low * 0.5
    assert energy.integral(np.array([0.0]), T)[0] == pytest.approx(expected, rel=1e-5)


def test_it_depends_on_the_temperature_as_the_potential_does():
    warm = potential(law(lambda *, sto, T, ops: 1.0 - sto + 1e-3 * (T - 300.0) * sto, "sto", "T"))
    energy = HostEnergy(warm, START)
    rise = energy.integral(np.array([0.8]), 320.0) - energy.integral(np.array([0.8]), 300.0)
    assert rise == pytest.approx(0.02 * (0.8**2 - START**2) / 2)
