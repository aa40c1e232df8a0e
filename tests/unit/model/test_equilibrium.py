"""If these fail, hosts at rest do not share one potential, or its integral is another."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad

from mesode.materials.ocp import LAWS
from mesode.model.equilibrium import Equilibrium
from support.small_cell import full_cell, small_cell, split_arrays

OCPS = {one.name: one for one in LAWS}
T = 298.15
GRAPHITE, SILICON = OCPS["graphite_mohtat"], OCPS["si_li_2012"]
BLEND = Equilibrium({"a": GRAPHITE, "b": SILICON}, {"a": 2.0, "b": 1.0}, T)
ALONE = Equilibrium({"a": GRAPHITE}, {"a": 2.0}, T)


@pytest.mark.parametrize("rest", [ALONE, BLEND])
@pytest.mark.parametrize("mean", [0.05, 0.4, 0.95])
def test_the_curve_is_that_of_rest(rest, mean):
    assert rest.on_curve(mean)[0] == pytest.approx(rest.potential(mean), abs=2e-6)


@pytest.mark.parametrize("rest", [ALONE, BLEND])
def test_the_energy_has_the_potential_for_its_slope(rest):
    step = 1e-9
    for mean in (-0.1, 0.05, 0.3000001, 0.95, 1.2):
        ends = [rest.on_curve(mean + d)[1] for d in (-step, step)]
        assert (ends[1] - ends[0]) / (2 * step) == pytest.approx(rest.on_curve(mean)[0], abs=1e-5)


def test_the_energy_is_the_integral():
    points = np.linspace(0.1, 0.9, 50)
    expected = sum(
        quad(lambda s: float(GRAPHITE(sto=s, T=T)), a, b)[0] for a, b in pairwise(points)
    )
    found = ALONE.on_curve(0.9)[1] - ALONE.on_curve(0.1)[1]
    assert found == pytest.approx(expected, abs=1e-7)


@pytest.mark.parametrize("make", [lambda: small_cell(n=2, arrays=split_arrays(2)), full_cell])
def test_a_charge_leaves_the_voltage_of_its_lithiation(make):
    cell = make()
    Q, step = 0.1 * cell.charge_capacity, 1e-3
    sto = cell.setup.lithiation + cell.polarity * 0.1
    counter = cell.setup.counter_lithiation
    if cell.is_full:
        counter += Q / cell.host_capacities["counter_active"]
    voltage = cell.equilibrium_energy(Q)[0]
    assert voltage == pytest.approx(cell.equilibrium_voltage(sto, counter), abs=1e-5)
    ends = [cell.equilibrium_energy(Q + d)[1] for d in (-step, step)]
    assert (ends[1] - ends[0]) / (2 * step) == pytest.approx(voltage, abs=1e-5)
    assert cell.equilibrium_energy(0.0)[1] == 0.0
