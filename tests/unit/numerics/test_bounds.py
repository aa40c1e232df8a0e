"""If these fail, Newton's method leaps over a pole that guards a bound, and does not come back."""

from __future__ import annotations

import numpy as np

from mesode.numerics.bounds import BEYOND, PART, Bounds


def test_a_step_takes_a_part_of_the_way_to_its_bound():
    bounds = Bounds([(slice(1, 4), 0.0, 1.0)])
    x = np.array([0.5, 0.5, 0.999, 0.001, 0.5])
    step = np.array([9.0, 0.1, 9.0, -9.0, -9.0])
    bounds.confine(x, step)
    assert np.allclose(step, [9.0, 0.1, 0.001 * PART, -0.001 * PART, -9.0], atol=2 * BEYOND)


def test_what_is_beyond_its_bound_may_come_back_and_go_little_further():
    bounds = Bounds([(slice(0, 2), 0.0, 1.0)])
    x, step = np.array([1.0 + 1e-7, 1.0 + 1e-7]), np.array([-0.5, 0.5])
    bounds.confine(x, step)
    assert step[0] == -0.5
    assert 0.0 < step[1] <= BEYOND
