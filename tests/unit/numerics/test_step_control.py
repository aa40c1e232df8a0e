"""If these fail, the next time step has a length or an order that its errors do not ask for."""

from __future__ import annotations

import pytest

from mesode.numerics.step_control import SAFETY, propose

GROWTH = {1: 8.0, 2: 2.0}


def test_the_ratio_meets_the_tolerance_but_for_safety():
    found = propose({2: 8.0}, 1.0, 10.0, GROWTH)
    assert found.ratio == pytest.approx(0.5 * SAFETY[2])


def test_the_lower_order_has_to_go_much_farther():
    # it would go 2.2 times as far as the last step, order two 1.6 times
    assert propose({1: 0.1, 2: 0.178}, 1.0, 10.0, GROWTH).order == 2
    assert propose({1: 0.01, 2: 0.178}, 1.0, 10.0, GROWTH).order == 1


def test_of_orders_that_go_as_far_as_is_allowed_it_is_the_higher():
    assert propose({1: 1e-6, 2: 1e-6}, 1.0, 1.5, GROWTH).order == 2


def test_a_step_grows_as_far_as_is_allowed():
    assert propose({2: 1e-9}, 1.0, 10.0, {2: 3.5}).ratio == 3.5
