"""If these fail, the next time step has a length or an order that its errors do not ask for."""

from __future__ import annotations

from mpi4py import MPI

import numpy as np
import pytest

from mesode.numerics.step_control import (
    AGAIN,
    FAR,
    FINEST,
    HOLD,
    LITTLE,
    NEAR,
    PARTS_OF_AN_OCTAVE,
    SAFETY,
    ErrorNorm,
    ErrorScale,
    TimeOptions,
    propose,
    ratio_again,
    rounded_down,
)
from support.heat import heat_system, ignore, start

GROWTH = {1: 8.0, 2: 2.0}
VALUE, CHANGE, LARGEST = ErrorScale


PART = 2.0 ** (1.0 / PARTS_OF_AN_OCTAVE)


def test_the_ratio_meets_the_tolerance_but_for_safety():
    found = propose({2: 8.0}, 1.0, 10.0, GROWTH)
    assert found.ratio <= 0.5 * SAFETY[2] < PART * found.ratio


def test_last_digits_of_an_error_leave_the_ratio_as_it_is():
    errors = 0.3 * (1.0 + 1e-6 * np.arange(-3, 4))
    assert len({propose({2: error}, 1.0, 10.0, GROWTH).ratio for error in errors}) == 1


@pytest.mark.parametrize("ratio", [0.1, 0.5, 0.99, 1.0, 1.7, 7.9])
def test_a_ratio_is_rounded_down_to_a_power(ratio):
    found = rounded_down(ratio)
    assert found <= ratio < PART * found
    power = PARTS_OF_AN_OCTAVE * np.log2(found)
    assert power == pytest.approx(round(power), abs=1e-9)


def test_a_step_that_failed_twice_is_cut_by_the_power_that_its_error_fell_with():
    found = ratio_again((3.2, 1.6), 0.5, 2)  # a line: of 1.6, order two would cut to 0.77
    assert found <= SAFETY[2] / 1.6 < PART * found


@pytest.mark.parametrize(
    ("before", "error", "expected"),
    [(20.0, 20.0, AGAIN), (1e6, 1.0 + 1e-9, HOLD[0]), (1.0, 2.0, AGAIN)],
)
def test_the_second_cut_of_a_step_is_bounded(before, error, expected):
    assert ratio_again((before, error), 0.5, 2) == pytest.approx(expected, rel=0.05)


def test_the_lower_order_has_to_go_much_farther():
    # it would go 2.2 times as far as the last step, order two 1.6 times
    assert propose({1: 0.1, 2: 0.178}, 1.0, 10.0, GROWTH).order == 2
    assert propose({1: 0.01, 2: 0.178}, 1.0, 10.0, GROWTH).order == 1


def test_of_orders_that_go_as_far_as_is_allowed_it_is_the_higher():
    assert propose({1: 1e-6, 2: 1e-6}, 1.0, 1.5, GROWTH).order == 2


def test_a_step_grows_as_far_as_is_allowed():
    assert propose({2: 1e-9}, 1.0, 10.0, {2: 3.5}).ratio == 3.5


def test_errors_are_relative_to_one_and_the_value_or_to_the_largest_that_was_accepted():
    places, weights = [slice(0, 2), slice(2, 3), slice(3, 5)], [1.0, 2.0, np.inf]
    norm = ErrorNorm(MPI.COMM_SELF, places, weights, 1e-3, [VALUE, LARGEST, VALUE])
    error = np.array([0.004, 0.003, 0.08, 9.0, 9.0])  # of the last nothing is asked

    def found(value):
        ((first, second),) = norm([error], np.array([3.0, 0.0, value, 0.0, 0.0]), np.zeros(5))
        assert first == pytest.approx(np.hypot(0.001, 0.003) / np.sqrt(2.0) / 1e-3)
        return second / 0.08 * 2e-3

    assert found(0.0) == pytest.approx(1.0 / LITTLE)
    assert found(8.0) == pytest.approx(1.0 / 8.0)
    norm.accept()
    assert found(-20.0) == pytest.approx(1.0 / 20.0)  # as large as it is, but not accepted
    assert found(2.0) == pytest.approx(1.0 / 8.0)
    norm.accept()
    assert found(2.0) == pytest.approx(1.0 / 8.0)
    norm.begin()
    assert found(2.0) == pytest.approx(1.0 / 2.0)


def test_errors_of_what_has_changed_little_count_against_its_change():
    norm = ErrorNorm(MPI.COMM_SELF, [slice(0, 2), slice(2, 3)], [1.0, 1.0], 1e-3, [CHANGE, VALUE])
    error = np.array([1e-4, 1e-4, 1e-3])

    def share(moved, before=0.0):
        """Of the tolerance that an error has without regard to the change."""
        past = np.array([before, before, 0.0])
        state = past + np.array([moved, -moved, 5.0])
        ((found, other),) = norm([error], state, past)
        assert other == pytest.approx(1.0 / 6.0)
        alone = np.sqrt(np.mean((error[:2] / (1.0 + np.abs(state[:2]))) ** 2)) / 1e-3
        return alone / found

    assert share(0.0) == pytest.approx(NEAR)
    assert share(0.3 * FAR) == pytest.approx(0.3)
    assert share(0.5 * FAR) == pytest.approx(0.5)  # the step before was not accepted
    norm.accept()
    norm.begin()
    assert share(0.2 * FAR, before=1.0) == pytest.approx(0.7)
    norm.accept()
    assert share(-0.4 * FAR) == pytest.approx(1.0)  # there and back is far, too


def test_no_change_asks_for_more_than_the_equations_can_give():
    for tolerance, least in ((2.0 * FINEST, FINEST), (0.1 * FINEST, 0.1 * FINEST)):
        norm = ErrorNorm(MPI.COMM_SELF, [slice(0, 1)], [1.0], tolerance, [CHANGE])
        ((found,),) = norm([np.array([1e-9])], np.zeros(1), np.zeros(1))
        assert found == pytest.approx(1e-9 / least)


@pytest.mark.mpi
@pytest.mark.parametrize(("a", "lengths"), [(50.0, [0.1]), (1e-4, [0.1, 0.12])])
def test_the_error_of_a_step_is_what_the_equations_make_of_that_of_the_rate(a, lengths):
    """Of du/dt = -a u a rate that is off by P moves the solution by P/(shift + a).

    A second step is solved with the factorisation of the first.
    """
    tolerance = 1e3
    system, u = heat_system(lambda u: -a * u)
    u.x.array[:] = 1.0
    integrator = start(system, TimeOptions(tolerance=tolerance, first_step=1e-3, largest=1e-3))
    integrator.integrate(4e-3, [], ignore)
    for h in lengths:
        trial = integrator._try(h, 1, anew=False)
    off = np.abs(integrator.past.rate_error(trial.state, h, 1, 1)).max(initial=0.0)
    expected = off / (integrator.past.shift(h, 1) + a) / (1.0 + abs(trial.state).max(initial=0.0))
    found = trial.errors[1] * tolerance
    assert found == pytest.approx(MPI.COMM_WORLD.allreduce(expected, op=MPI.MAX), rel=1e-3)
