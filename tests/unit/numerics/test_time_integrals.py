"""If these fail, what has passed up to a time step is not the integral of what passes."""

from __future__ import annotations

import numpy as np
import pytest

from mesode.numerics.time_integrals import TimeIntegrals


class Clock:
    """A number that is a function of the time."""

    def __init__(self, function):
        self.function, self.t = function, 0.0

    def rates(self):
        return {"x": self.function(self.t)}


def advance(integrals, clock, times):
    """Accept steps that end at these times after a start."""
    for begin, end in zip([0.0, *times], times, strict=False):
        clock.t = end
        integrals.update(end, end - begin)
        integrals.commit()


def test_a_cubic_in_the_root_of_the_time_is_exact_once_four_values_are_known():
    clock = Clock(lambda t: 2.0 - np.sqrt(t) + 3.0 * t - 0.7 * t**1.5)
    integrals = TimeIntegrals("sums", ["x"], clock.rates)
    advance(integrals, clock, [0.1, 0.3, 0.4])
    known = integrals.value("x")
    clock.t = 1.1
    integrals.update(1.1, 0.7)
    integrals.commit()
    exact = [2.0 * t - t**1.5 / 1.5 + 1.5 * t * t - 0.28 * t**2.5 for t in (0.4, 1.1)]
    assert integrals.value("x") - known == pytest.approx(exact[1] - exact[0], rel=1e-12)


def test_a_number_that_turns_within_a_step_is_not_cut_off():
    # both ends of the last step are the same, and what is between them is half as much
    clock = Clock(lambda t: 1.0 + (t - 2.0) ** 2)
    integrals = TimeIntegrals("sums", ["x"], clock.rates)
    advance(integrals, clock, [0.01, 0.5, 0.7, 1.0])
    known, clock.t = integrals.value("x"), 3.0
    integrals.update(3.0, 2.0)
    integrals.commit()
    assert integrals.value("x") - known == pytest.approx(2.0 + 2.0 / 3.0, rel=0.15)


def test_what_is_held_counts_as_it_is_and_not_by_its_rate():
    """A store that fills within a step: what comes in is even, what passes it is the rest."""
    clock, filled = Clock(lambda _t: 3.0), {"x": 0.0}
    integrals = TimeIntegrals("sums", ["x", "y"], lambda: {"x": 3.0, "y": 3.0}, lambda: filled)
    integrals.begin({"x": 0.5})
    for t, held in ((1.0, 2.0), (4.0, 1.0)):
        filled["x"] = held
        integrals.update(t, t - clock.t)
        integrals.commit()
        clock.t = t
    assert integrals.value("x") == pytest.approx(12.0 - (1.0 - 0.5), rel=1e-14)
    assert integrals.value("y") == pytest.approx(12.0, rel=1e-14)
    filled["x"] = 7.0
    integrals.update(5.0, 1.0)
    assert integrals.held() == 1.0  # what a trial holds does not count yet


def test_what_is_held_may_be_more_at_once_though_nothing_has_passed():
    filled = {"x": 2.0}
    integrals = TimeIntegrals("sums", ["x"], lambda: {"x": 3.0}, lambda: filled)
    integrals.begin(filled)
    filled["x"] = 2.5
    assert integrals.refill() == pytest.approx(0.5)
    assert integrals.value("x") == 0.0
    filled["x"] = 3.5
    integrals.update(4.0, 4.0)
    integrals.commit()
    assert integrals.value("x") == pytest.approx(12.0 - 1.0, rel=1e-14)


def test_the_error_falls_with_the_third_power_of_the_step_at_least():
    errors = []
    for n in (20, 40):
        clock = Clock(np.cos)
        integrals = TimeIntegrals("sums", ["x"], clock.rates)
        # what the first two steps are off by is of a lower order
        advance(integrals, clock, [1e-6, 2e-6, *(2e-6 + np.arange(1, n + 1) / n)])
        errors.append(abs(integrals.value("x") - np.sin(clock.t)))
    assert errors[1] < errors[0] / 6.0 < 1e-4


def test_a_start_forgets_what_was_before_the_jump():
    clock = Clock(lambda _t: 5.0)
    integrals = TimeIntegrals("sums", ["x"], clock.rates)
    advance(integrals, clock, [1.0, 2.0])
    clock.function = lambda _t: -1.0
    advance(integrals, clock, [1.0, 2.0, 3.0])
    assert integrals.value("x") == pytest.approx(10.0 - 3.0, abs=1e-14)


def test_a_rejected_step_leaves_nothing_and_a_checkpoint_all():
    clock = Clock(lambda t: 1.0 + t)
    integrals = TimeIntegrals("sums", ["x"], clock.rates)
    advance(integrals, clock, [0.5, 1.0])
    kept = integrals.value("x")
    clock.t = 9.0
    integrals.update(9.0, 8.0)
    integrals.reject()
    assert integrals.value("x") == kept
    other = TimeIntegrals("sums", ["x"], clock.rates)
    other.restore(integrals.arrays())
    for each in (integrals, other):
        clock.t = 1.5
        each.update(1.5, 0.5)
        each.commit()
    assert other.value("x") == integrals.value("x") == pytest.approx(kept + 0.5 * 2.25)
