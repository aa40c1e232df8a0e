"""If this fails, swelling strain or stiffness of the particles is wrong."""

from __future__ import annotations

import numpy as np
import pytest

from mesode.materials.elasticity import SWELLING_LAWS, linear_law, linear_swelling
from mesode.materials.library import get_law


def test_graphite_swelling_meets_the_table():
    law = get_law("swelling", "graphite_ai_2020")
    got = [float(law(sto=sto)) for sto in (0.1, 0.25, 0.5, 0.75, 1.0)]
    assert got == pytest.approx([0.0183, 0.0459, 0.0519, 0.0750, 0.109], abs=6e-5)


@pytest.mark.parametrize("name", [law.name for law in SWELLING_LAWS])
@pytest.mark.parametrize("end", [0.0, 1.0])
def test_the_slope_of_swelling_does_not_jump_where_a_host_is_empty_or_full(name, end):
    # the slope times the stress is a part of the potential: a jump there has no solution
    law, step = get_law("swelling", name), 1e-6
    below, at, above = (float(law(sto=end + k * step)) for k in (-1, 0, 1))
    curvature = 20.0  # of the polynomial at sto = 1 and less: what its slope may change by
    assert (above - at) / step == pytest.approx((at - below) / step, abs=curvature * step)
    assert abs(above - at) > 1e-2 * step


def test_silicon_softens_from_96_to_41_gigapascal():
    E, nu = get_law("E", "si_qi_2014"), get_law("nu", "si_qi_2014")
    assert [float(E(sto=s)) for s in (0.0, 0.5, 1.0)] == pytest.approx([96e9, 68.5e9, 41e9])
    assert [float(nu(sto=s)) for s in (0.0, 1.0)] == pytest.approx([0.29, 0.25])


def test_linear_swelling_has_one_slope_everywhere():
    law = linear_swelling(1.2)
    sto = np.array([-0.05, 0.0, 0.5, 1.0, 1.05])
    assert law(sto=sto) == pytest.approx(1.2 * sto)


def test_linear_laws_are_bounded_outside_the_range():
    law = linear_law("soft", 10.0, 1.0, "Pa", "")
    assert float(law(sto=5.0)) == pytest.approx(0.1)
    assert float(law(sto=-5.0)) == pytest.approx(10.9)
