"""If these fail, heat or free energy of salt and lithium are not those of their laws."""

from __future__ import annotations

import numpy as np
import pytest
import ufl

from mesode.physics import heat
from mesode.physics.heat import HeatKind


def test_the_energy_of_an_ideal_salt_is_that_of_its_mixing():
    c, rest = np.array([0.01, 1.0, 400.0, 1000.0, 3500.0]), 1000.0
    expected = 2.0 * (c * np.log(c / rest) - c + rest)
    found = heat.salt_energy(c, rest, lambda _: 1.0)
    assert found == pytest.approx(expected, rel=1e-3)
    assert found[2:] == pytest.approx(expected[2:], rel=1e-8, abs=1e-12)
    assert heat.salt_energy(np.array([0.0]), rest, lambda _: 1.0) == pytest.approx(
        2.0 * rest, rel=1e-3
    )


def test_the_energy_of_a_salt_has_its_potential_for_a_slope():
    c, rest, step = np.array([300.0, 1500.0]), 1000.0, 0.1

    def tdf(c_e):
        return 1.0 + 0.5 * (c_e / 1e3) ** 2

    energy = [heat.salt_energy(c + d, rest, tdf) for d in (-step, step)]
    slope = (energy[1] - energy[0]) / (2 * step)
    # int tdf / c dc
    expected = 2.0 * (np.log(c / rest) + 0.25 * ((c / 1e3) ** 2 - (rest / 1e3) ** 2))
    assert slope == pytest.approx(expected, rel=1e-6)


def test_entropic_is_the_temperature_times_the_slope():
    found = heat.entropic(lambda T: 1.0 + 2e-3 * T + 1e-6 * T**2, ufl.as_ufl(300.0))
    value = ufl.algorithms.expand_derivatives(found)(())
    assert value == pytest.approx(300.0 * (2e-3 + 2e-6 * 300.0))


def test_what_is_lost_and_what_warms():
    lost = {kind for kind in HeatKind if kind.is_lost}
    warms = {kind for kind in HeatKind if kind.is_heat}
    assert lost ^ warms == {HeatKind.REVERSIBLE, HeatKind.SOFTENING, HeatKind.PROJECTION}
