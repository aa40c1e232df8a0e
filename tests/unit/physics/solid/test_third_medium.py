"""If these fail, open pores hold the particles apart, or closed ones let them pass through."""

from __future__ import annotations

import numpy as np
import pytest
import ufl

from mesode.physics.solid import third_medium
from mesode.physics.solid.growth import Deformation
from mesode.physics.solid.third_medium import ThirdMedium
from support.ufl_numbers import values

MEDIUM = ThirdMedium()


def energy(F, stretch=1.0):
    at = Deformation(*(ufl.as_ufl(float(v)) for v in (*np.ravel(F), stretch)))
    return values(third_medium.energy(MEDIUM, at) + third_medium.barrier(MEDIUM, at))[0]


def squeezed(ratio):
    return energy(np.diag([1.0, ratio]))


def pressure(ratio, h=1e-6):
    """Pressure over the modulus of the softest solid, on a pore of this height."""
    return -(squeezed(ratio + h) - squeezed(ratio - h)) / (2 * h)


def test_at_rest_there_is_no_stress():
    assert squeezed(1.0) == 0.0
    assert pressure(1.0) == pytest.approx(0.0, abs=1e-12)


def test_open_pores_are_soft():
    assert pressure(0.5) < MEDIUM.stiffness
    # by hand: g / 2 (1 / r - r)
    assert pressure(0.5) == pytest.approx(MEDIUM.stiffness / 2 * (2.0 - 0.5), rel=1e-6)


def test_closed_pores_are_stiff():
    # the barrier carries a stress like the yield stress of the binder, E_b / 100
    ratios = np.array([0.25, 0.2, 0.1, 0.05])
    found = np.array([pressure(r) for r in ratios])
    by_hand = MEDIUM.stiffness / 2 * (1 / ratios - ratios)
    by_hand -= MEDIUM.barrier * np.log(ratios / MEDIUM.closed) / ratios
    assert found == pytest.approx(by_hand, rel=1e-5)
    assert found[-1] > 0.2


def test_a_rotation_costs_nothing():
    turn = np.array([[0.0, -1.0], [1.0, 0.0]])
    assert energy(turn) == pytest.approx(0.0, abs=1e-18)


def test_stretch_along_z_counts():
    assert energy(np.eye(2), 1.2) == pytest.approx(
        MEDIUM.stiffness / 4 * (1.2**2 - 1 - 2 * np.log(1.2)), rel=1e-12
    )
