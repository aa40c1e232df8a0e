"""If these fail, stress moves lithium by a potential that is flat, or voltages are off."""

from __future__ import annotations

import numpy as np
import pytest

from mesode.materials.law import Law
from mesode.materials.library import get_law
from mesode.materials.plateaus import without_plateaus

LEAST, T = 6e-4, 298.15
STO = np.linspace(0.0, 1.0, 9_001)


def steepness(law):
    return -np.diff(law(sto=STO, T=T)) / np.diff(STO)


@pytest.mark.parametrize("name", ["si_verbrugge_average", "sio_1_lithiation", "nmc811_chen_2020"])
def test_a_potential_that_falls_stays_as_it_is(name):
    law = get_law("ocp", name)
    assert without_plateaus(law, LEAST, T) is law


@pytest.mark.parametrize("name", ["graphite_lgm50", "graphite_mohtat"])
def test_a_plateau_is_tilted_by_as_little_as_it_takes(name):
    law = get_law("ocp", name)
    tilted = without_plateaus(law, LEAST, T)
    assert steepness(law).min() < 0.1 * LEAST
    assert steepness(tilted).min() == pytest.approx(LEAST, rel=1e-3)
    assert np.abs(tilted(sto=STO, T=T) - law(sto=STO, T=T)).max() <= LEAST / 2 * (1 + 1e-9)
    assert tilted.ends == law.ends


def test_a_rising_part_is_not_turned_over():
    def bump(*, sto, ops):
        return 0.1 - 0.05 * sto + 0.02 * ops.tanh(50 * (sto - 0.5))

    law = Law(name="bump", function=bump, variables=("sto",))
    moved = without_plateaus(law, LEAST, T)(sto=0.9, T=T) - law(sto=0.9)
    assert moved == pytest.approx(-0.4 * LEAST)
