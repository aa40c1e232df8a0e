"""If these fail, rounding decides how stiff that is what is coming apart, and with that which joint
of a section snaps first.
"""

from __future__ import annotations

import numpy as np
import pytest
import ufl
from ufl.algorithms.apply_algebra_lowering import apply_algebra_lowering
from ufl.algorithms.apply_derivatives import apply_derivatives

from mesode.physics.solid import cohesive
from mesode.physics.solid.cohesive import Cohesion, Opening
from support.ufl_numbers import number

EPS = np.finfo(float).eps
WEAK = Cohesion(3e6, 0.03, 1e16)  # [Pa], [J/m^2], [Pa/m]; delta_f = 20 nm


def opened(delta):
    return Opening(ufl.as_vector([0.0, delta]), delta)


def slope(delta, d):
    """Return the slope [Pa/m] of the traction at an opening [m], where the damage has been d."""
    at = ufl.variable(ufl.as_ufl(delta))
    reached = cohesive.new_damage(WEAK, opened(at), d)
    traction = cohesive.virtual_work(WEAK, opened(at), reached, opened(ufl.as_ufl(1.0)))
    return number(apply_derivatives(apply_algebra_lowering(ufl.diff(traction, at))))


def at_damage(d):
    """Return the opening [m] that has a damage."""
    return WEAK.delta_0 + d * (WEAK.delta_f - WEAK.delta_0)


@pytest.mark.parametrize("d", [1e-3, 0.1, 0.5, 0.9])
@pytest.mark.parametrize("off", [-1e4, -1.0, 0.0, 1.0, 1e4])
def test_where_the_damage_has_come_to_it_is_as_stiff_as_what_is_left(d, off):
    # 1e4: u is some 10 um, of which rounding is some 1e-4 of that of 1 um at an opening of nm
    delta = at_damage(d) + off * EPS * WEAK.delta_f
    assert slope(delta, d) == pytest.approx(WEAK.stiffness(d), rel=1e-6)


@pytest.mark.parametrize("d", [1e-3, 0.1, 0.5, 0.9])
def test_beyond_it_falls(d):
    falling = -WEAK.sigma_c / (WEAK.delta_f - WEAK.delta_0)
    spring = cohesive.SPRING * WEAK.sigma_c / WEAK.delta_f
    delta = at_damage(d + 1e-8)
    assert slope(delta, d) == pytest.approx(falling + spring, rel=1e-6)


@pytest.mark.parametrize("d", [0.0, 1e-3, 0.5])
def test_what_counts_as_whole_moves_the_traction_by_next_to_nothing(d):
    """On both sides of where it begins to count: by a part of the strength far below forces."""
    step = cohesive.RISES * (WEAK.delta_f - WEAK.delta_0)
    pulls = []
    for delta in (at_damage(d) + 0.999 * step, at_damage(d) + 1.001 * step):
        reached = cohesive.new_damage(WEAK, opened(ufl.as_ufl(delta)), d)
        pulls.append(
            number(cohesive.virtual_work(WEAK, opened(ufl.as_ufl(delta)), reached, opened(1.0)))
        )
    assert abs(pulls[1] - pulls[0]) < 2e-8 * WEAK.sigma_c


@pytest.mark.parametrize("d", [0.0, 0.5, 0.999])
def test_the_viscosity_outweighs_what_falls_in_short_pieces_however_little_is_left(d):
    begin = ufl.as_vector([0.0, at_damage(d)])
    at = ufl.variable(ufl.as_ufl(at_damage(d + 1e-8)))
    moved = ufl.as_vector([0.0, at]) - begin
    held = cohesive.friction(WEAK, moved, begin, 1 / (0.9 * cohesive.RELAXATION))
    rises = number(apply_derivatives(apply_algebra_lowering(ufl.diff(ufl.diff(held, at), at))))
    falls = slope(at_damage(d + 1e-8), d)
    assert falls < 0.0 < falls + rises


@pytest.mark.parametrize(("begin", "least"), [(0.0, 20e-9), (15e-9, 20e-9), (80e-9, 80e-9)])
def test_the_viscosity_bears_its_share_of_the_strength(begin, least):
    """r sigma_c over delta_f or what it is open, times the growth: u moved by 3 and 4 nm."""
    moved, old = ufl.as_vector([3e-9, 4e-9]), ufl.as_vector([begin, 0.0])
    held = number(cohesive.friction(WEAK, moved, old, 50.0, r=0.1))
    assert held == pytest.approx(0.1 * 3e6 / least / 2 * 50.0 * 25e-18, rel=1e-12)
