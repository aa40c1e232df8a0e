"""If these fail, pores of a deformed phase have another volume or conduct otherwise than said."""

from __future__ import annotations

import pytest
import ufl

from mesode.materials.properties import Ionic
from mesode.physics.kinematics import IDENTITY, Deformed
from mesode.physics.moving_pores import LEAST, carried, macmullin, pore_volume
from support.ufl_numbers import number

MATRIX, OPEN = Ionic(porosity=0.6, macmullin=3.0), Ionic(porosity=1.0, macmullin=1.0)


def pressed(J):
    return Deformed(ufl.as_matrix([[1.0, 0.0], [0.0, J]]))


def test_at_rest_a_phase_has_the_numbers_that_it_is_given():
    assert pore_volume(MATRIX, IDENTITY) == 0.6
    assert macmullin(MATRIX, IDENTITY) == 3.0
    assert number(pore_volume(MATRIX, pressed(1.0))) == pytest.approx(0.6, rel=1e-15)
    assert number(macmullin(MATRIX, pressed(1.0))) == pytest.approx(3.0, rel=1e-15)


@pytest.mark.parametrize("J", [0.5, 0.8, 1.7])
def test_solid_keeps_its_volume(J):
    por = number(pore_volume(MATRIX, pressed(J)))
    assert J - por == pytest.approx(0.4)
    assert number(macmullin(MATRIX, pressed(J))) == pytest.approx(3.0 * (0.6 * J / por) ** 1.5)


def test_open_pores_are_all_of_their_volume_and_conduct_like_the_electrolyte():
    assert number(pore_volume(OPEN, pressed(0.05))) == pytest.approx(0.05)
    assert macmullin(OPEN, pressed(0.05)) == 1.0


def test_a_matrix_never_loses_all_of_its_pores():
    found = [number(pore_volume(MATRIX, pressed(J))) for J in (0.41, 0.4, 0.1)]
    assert found[0] > found[1] >= found[2] > 0.0
    assert found[2] == pytest.approx(LEAST * 0.6, rel=0.2)


def test_what_flows_in_brings_the_salt_of_the_reservoir():
    assert number(carried(ufl.as_ufl(2.0), 700.0, 1000.0)) == 1400.0
    assert number(carried(ufl.as_ufl(-2.0), 700.0, 1000.0)) == -2000.0
