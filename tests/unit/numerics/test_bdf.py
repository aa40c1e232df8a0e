"""If these fail, the coefficients of the time integration or its error estimate are wrong."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesode.numerics.bdf import GROWTH, ORDERS, History, lagrange
from support.mms import assert_order

RATIOS = st.floats(0.05, GROWTH[2])


def history_of(polynomial, steps):
    """Return a history of the polynomial's values after these steps from zero."""
    history, t = History(), 0.0
    history.begin(t, np.array([polynomial(t)]))
    for step in steps:
        t += step
        history.accept(t, np.array([polynomial(t)]))
    return history


@given(RATIOS, st.floats(1e-4, 1e3))
def test_the_rate_of_a_line_is_exact(ratio, h):
    line = np.polynomial.Polynomial([0.3, -1.0 / h])
    history = history_of(line, [h, ratio * h])
    for order in ORDERS:
        rate = history.rate(0.7 * h, order)
        assert rate.shift == history.shift(0.7 * h, order)
        found = rate.shift * line(history.times[0] + 0.7 * h) + rate.known[0]
        assert found * h == pytest.approx(-1.0, rel=1e-9)


@given(RATIOS, st.floats(1e-4, 1e3))
def test_the_rate_of_what_diffuses_after_a_jump_is_exact(ratio, h):
    history = history_of(lambda t: 0.3 - 2.0 * sqrt(t / h) + t / h, [h, ratio * h])
    t = history.times[0] + 0.7 * h
    rate = history.rate(0.7 * h, 2)
    found = rate.shift * (0.3 - 2.0 * sqrt(t / h) + t / h) + rate.known[0]
    assert found * h == pytest.approx(1.0 - sqrt(h / t), rel=1e-9, abs=1e-9)


@given(RATIOS, RATIOS)
def test_a_cubic_in_the_root_of_time_is_exact_of_order_three(first, second):
    def cubic(t):
        return 1.0 + 2.0 * sqrt(t) - 3.0 * t + t**1.5

    history = history_of(cubic, [1.0, first, 1.0, second])
    t = history.times[0] + 0.5
    rate = history.rate(0.5, 3)
    found = rate.shift * cubic(t) + rate.known[0]
    assert found == pytest.approx(1.0 / sqrt(t) - 3.0 + 1.5 * sqrt(t), abs=1e-8)
    assert history.guess(0.5, 3)[0] == pytest.approx(cubic(t), rel=1e-8)


@given(RATIOS, RATIOS)
def test_the_guess_of_what_diffuses_after_a_jump_is_exact(first, second):
    def parabola(t):
        return 1.0 + 2.0 * sqrt(t) - 3.0 * t

    history = history_of(parabola, [1.0, first, 1.0, second])
    assert history.guess(0.5, 2)[0] == pytest.approx(parabola(history.times[0] + 0.5), rel=1e-9)


def test_between_two_steps_it_is_that_parabola():
    history = history_of(lambda t: 1.0 + 2.0 * sqrt(t) - 3.0 * t, [1.0, 2.0, 1.5])
    weights = history.weights(3.5, history.times)
    found = sum(w * state[0] for w, state in zip(weights, history.states, strict=True))
    assert found == pytest.approx(1.0 + 2.0 * sqrt(3.5) - 3.0 * 3.5)


def test_the_root_counts_from_the_jump():
    # the same steps after a jump at a later time have the same coefficients
    early, late = (History() for _ in range(2))
    for history, begin in ((early, 0.0), (late, 70.0)):
        history.begin(begin, np.array([0.0]))
        for step in (1.0, 2.0, 3.0):
            history.accept(history.times[0] + step, np.array([step]))
    assert late.shift(1.5, 2) == pytest.approx(early.shift(1.5, 2))
    assert late.guess(1.5, 2) == pytest.approx(early.guess(1.5, 2))


def test_steps_of_order_two_double_in_the_root_of_time():
    history = history_of(lambda t: t, [1.0, 3.0])
    # from roots 1 and 2 to root 4
    assert history.growth(3.0, 2) * 3.0 == pytest.approx(16.0 - 4.0)
    assert history.growth(3.0, 1) == GROWTH[1]
    far = history_of(lambda t: t, [1e6, 1.0])
    assert far.growth(1.0, 2) == pytest.approx(GROWTH[2], rel=1e-5)


def test_far_from_the_jump_it_is_the_parabola_in_time():
    history = History()
    history.begin(0.0, np.array([0.0]))
    for t in (1e6, 1e6 + 1.0, 1e6 + 2.0):
        history.accept(t, np.array([(t - 1e6) ** 2]))
    assert history.shift(1.0, 2) == pytest.approx(1.5, rel=1e-5)
    assert history.guess(1.0, 2)[0] == pytest.approx(9.0, rel=1e-5)


@pytest.mark.parametrize(("order", "exponent"), [(1, 2.0), (2, 1.5), (3, 2.0)])
@given(RATIOS, RATIOS)
def test_the_error_of_the_rate_is_found(order, exponent, first, second):
    # of u' = given a step solves shift u + known = u'(t); the next power has one term of error,
    # which may be as small as the last digits of the power itself
    def power(t):
        return t**exponent

    history = history_of(power, [0.1, 1.0, first, first * second])
    h = 0.9 * first * second
    t = history.times[0] + h
    rate = history.rate(h, order)
    solved = (exponent * t ** (exponent - 1.0) - rate.known[0]) / rate.shift
    error = history.rate_error(np.array([solved]), h, order, order)[0] / rate.shift
    assert error == pytest.approx(solved - power(t), rel=1e-6, abs=1e-12)
    # of an order that was not used, beside a solution that is exact
    unused = history.rate_error(np.array([power(t)]), h, order, order % 3 + 1)[0] / rate.shift
    assert unused == pytest.approx(solved - power(t), rel=1e-6, abs=1e-12)


@pytest.mark.parametrize("order", [2, 3])
def test_equal_steps_far_from_the_jump_are_of_their_order(order):
    # u' = cos t + sin t - u, solved by sin t
    errors = []
    for h in (0.1, 0.05, 0.025):
        history = History()
        history.begin(0.0, np.array([0.0]))
        for t in 1.0 + h * np.arange(order):
            history.accept(float(t), np.array([np.sin(t)]))
        for _ in range(round(2.0 / h)):
            t = history.times[0] + h
            rate = history.rate(h, order)
            u = (np.cos(t) + np.sin(t) - rate.known) / (rate.shift + 1.0)
            history.accept(t, u)
        errors.append(abs(history.states[0][0] - np.sin(history.times[0])))
    assert_order((0.1, 0.05, 0.025), errors, order, slack=0.2)


def grown(order, ratio, steps=40):
    """Return what is left of a disturbance of one, of u' = 0 in steps that grow in the root."""
    history, root = History(), 1.0
    history.begin(0.0, np.array([0.0]))
    for value in (0.0, 0.0, 1.0)[-order:]:
        history.accept(root**2, np.array([value]))
        root += ratio ** (len(history.times) - 2)
    for k in range(order, steps):
        rate = history.rate(root**2 - history.times[0], order)
        history.accept(root**2, -rate.known / rate.shift)
        root += ratio**k
    return abs(history.states[0][0] - history.states[1][0])


@pytest.mark.parametrize("order", [2, 3])
def test_steps_that_grow_as_fast_as_they_may_let_disturbances_decay(order):
    assert grown(order, GROWTH[order]) < 1e-3
    assert grown(order, 1.3 * GROWTH[order]) > 1.0


def test_no_guess_and_no_estimate_reach_across_a_jump():
    history = History()
    history.begin(0.0, np.array([100.0]))  # before the jump
    known = []
    for n in range(5):
        known.append([order for order in ORDERS if history.known(order)])
        if n:
            assert history.guess(1.0, 2)[0] == pytest.approx(sqrt(n + 1.0) if n > 1 else 1.0)
        history.accept(n + 1.0, np.array([sqrt(n + 1.0)]))
    assert known == [[], [], [1], [1, 2], [1, 2, 3]]


def test_the_formulas_do_reach_across_a_jump():
    # what is stored goes on from the state before it
    history = history_of(np.polynomial.Polynomial([1.0, 2.0]), [1.0])
    rate = history.rate(1.0, 2)
    assert rate.shift * 5.0 + rate.known[0] == pytest.approx(2.0)


def test_the_weights_of_points_sum_to_one():
    assert sum(lagrange([0.7, -0.1, 4.3])) == pytest.approx(1.0)


def test_what_is_not_accepted_leaves_nothing_behind():
    history = history_of(np.polynomial.Polynomial([1.0, 2.0]), [1.0, 1.0])
    before = (list(history.times), [state.copy() for state in history.states])
    history.rate(0.1, 2)
    history.guess(0.1, 2)[:] = 7.0
    history.rate_error(np.array([7.0]), 0.1, 1, 1)[:] = 7.0
    assert history.times == before[0]
    assert all(np.array_equal(a, b) for a, b in zip(history.states, before[1], strict=True))


def test_a_longer_step_that_was_not_taken_makes_the_guess_one_order_better():
    # two solutions after the jump, and the one beyond: a parabola in the root of time
    def parabola(t):
        return 1.0 + 2.0 * sqrt(t) - 3.0 * t

    history = history_of(parabola, [1.0, 1.0])
    beyond = 2.0, np.array([parabola(4.0)])
    assert history.guess(1.0, 2, beyond)[0] == pytest.approx(parabola(3.0), rel=1e-12)
    assert history.guess(1.0, 1, beyond)[0] != pytest.approx(parabola(3.0), rel=1e-3)
