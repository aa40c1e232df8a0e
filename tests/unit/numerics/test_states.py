"""If these fail, internal states know of steps that were never taken, or miss one that was."""

from __future__ import annotations

from functools import partial
from math import exp, inf

import numpy as np
import pytest
from dolfinx import fem

from mesode.numerics.events import Event
from mesode.numerics.integrator import AGAIN, SHORTER_AGAIN
from mesode.numerics.step_control import TimeOptions
from support.heat import heat_system, ignore, level, start

pytestmark = pytest.mark.mpi


class Dose:
    """The integral of the level over time, by the rule of Euler."""

    def __init__(self, system):
        self.system, self.value, self.trial = system, 0.0, None
        self.updates = self.commits = self.rejections = 0

    def update(self, _t, dt):
        self.trial = self.value + dt * level(self.system)
        self.updates += 1

    def commit(self):
        self.value, self.trial = self.trial, None
        self.commits += 1

    def reject(self):
        self.trial = None
        self.rejections += 1

    def arrays(self):
        return {"value": np.array([self.value])}

    def restore(self, arrays):
        self.value = float(arrays["value"][0])


def decaying(tolerance=1e-3):
    """Return an integrator of du/dt = -u from one, with its dose."""
    system, u = heat_system(lambda u: -u)
    u.x.array[:] = 1.0
    dose = Dose(system)
    options = TimeOptions(tolerance=tolerance, first_step=1e-3)
    return start(system, options, states=[dose]), dose


def test_a_state_is_committed_once_with_each_accepted_step():
    integrator, dose = decaying()
    taken = []

    def watch(t):
        taken.append((t - sum(dt for dt, _ in taken), level(integrator.system)))
        assert dose.value == pytest.approx(sum(dt * u for dt, u in taken), rel=1e-12)
        return False

    event = Event("below", lambda: level(integrator.system) - 0.4, 1e-9)
    assert integrator.integrate(inf, [event], watch) == "below"
    assert dose.commits == integrator.steps == len(taken)
    # the event was overstepped: those tries are gone
    assert dose.rejections >= 1
    assert dose.updates == dose.commits + dose.rejections
    assert dose.trial is None


class Mistaken:
    """Decay by what a follower finds, which a step takes for zero until it has been asked."""

    def __init__(self, times, tolerance=1e-3):
        self.times, self.asked, self.taken = times, [], 0.0
        self.system, self.u = heat_system(lambda u: -u * self._factor(u))
        self.u.x.array[:] = 1.0
        self.dose = Dose(self.system)
        options = TimeOptions(tolerance=tolerance, first_step=1e-3)
        self.integrator = start(self.system, options, states=[self.dose])
        self.integrator.mistaken = self.ask

    def _factor(self, u):
        mesh = u.function_space.mesh
        self.factor = fem.Constant(mesh, 1.0)
        return self.factor

    def ask(self, t):
        """Ask for another solution so many times at each end of a step, with another factor."""
        self.asked.append(t)
        again = self.asked.count(t) <= self.times
        self.factor.value = 1.02 if again else 1.0
        return again


@pytest.mark.parametrize(("times", "solved"), [(0, 1), (1, 2), (9, AGAIN + 1)])
def test_a_step_that_was_mistaken_is_solved_again_and_its_states_are_committed_once(times, solved):
    case = Mistaken(times)
    integrator, ends = case.integrator, []
    assert integrator.integrate(1.0, [], lambda t: ends.append(t) or False) == "time"
    dose, steps = case.dose, integrator.steps
    assert dose.commits == steps == len(ends)
    assert dose.updates == solved * steps
    assert integrator.rejected == 0
    assert integrator.repeated == (solved - 1) * steps
    # by the times of the steps, that of the end too
    asked = min(times + 1, AGAIN)
    assert case.asked == [t for t in ends for _ in range(asked)]


def test_a_step_that_becomes_shorter_each_time_is_not_taken_too_early():
    """From a time on it is mistaken where it is long, and what it finds there makes it shorter."""
    case, lengths = Mistaken(0), []

    def ask(t):
        lengths.append(t - case.integrator.t)
        again = case.integrator.t > 0.5 and lengths[-1] > 5e-3
        case.factor.value = 3.0 ** len(lengths) if again else 1.0
        return again

    def watch(t):
        if t - lengths[-1] > 0.5:
            return True
        lengths.clear()
        return False

    case.integrator.mistaken = ask
    case.integrator.integrate(1.0, [], watch)
    assert AGAIN < len(lengths) < AGAIN + SHORTER_AGAIN
    assert lengths[-1] < 5e-3 < 0.1 < lengths[0]


def test_what_a_step_was_mistaken_about_is_in_its_solution():
    case = Mistaken(1, 1e-5)
    case.integrator.integrate(1.0, [], ignore)
    # each step was solved again with the other rate
    assert level(case.system) == pytest.approx(exp(-1.02), rel=2e-3)


def leap_once(times):
    """Take one leap, solved so many times again; return the case, its end and the level there."""
    case, seen = Mistaken(times, 3e-3), []
    case.integrator.restart(1e-3, leap=0.5)
    case.integrator.integrate(6.0, [], lambda t: seen.append((t, level(case.system))) or True)
    return case, *seen[0]


def test_a_leap_that_was_mistaken_is_taken_again():
    case, t, value = leap_once(1)
    once, end, plain = leap_once(0)
    assert t == end > 0.1
    assert case.asked == [t, t]
    assert value / plain == pytest.approx(exp(-0.02 * t), abs=0.002 * t)  # by the other rate
    assert (case.integrator.repeated, case.integrator.rejected) == (1, 0)
    assert case.integrator.steps == once.integrator.steps
    dose = case.dose
    assert dose.commits == dose.updates == 2 * case.integrator.steps
    assert dose.value == pytest.approx(once.dose.value, rel=0.01)  # and not twice that


def test_an_event_is_met_by_the_last_solution_of_a_step():
    case = Mistaken(1)
    event = Event("below", lambda: level(case.system) - 0.4, 1e-9)
    assert case.integrator.integrate(inf, [event], ignore) == "below"
    assert level(case.system) == pytest.approx(0.4, abs=1e-8)


def test_a_leap_that_is_undone_leaves_the_states_as_they_were():
    # the mean decays at 1/s, which steps of half a second, and of a 32nd of that, do not follow to
    # this tolerance
    integrator, dose = decaying(1e-7)
    alone, follows = decaying(1e-7)
    integrator.restart(1e-3, leap=0.5)
    alone.restart(1e-3)
    for each in (integrator, alone):
        assert each.integrate(6.0, [], ignore) == "time"
    assert integrator.rejected > alone.rejected
    assert dose.value == pytest.approx(follows.value, rel=1e-12)  # MUMPS rounds as it likes
    assert integrator.steps == alone.steps


def test_a_leap_that_is_too_long_is_tried_shorter():
    integrator, _ = decaying(1e-4)
    alone, _ = decaying(1e-4)
    integrator.restart(1e-3, leap=0.5)
    alone.restart(1e-3)
    seen = []
    integrator.integrate(6.0, [], lambda t: seen.append((t, level(integrator.system))) or False)
    alone.integrate(6.0, [], ignore)
    assert integrator.rejected > alone.rejected  # the first leap
    assert 0.0 < seen[0][0] < 0.1
    assert seen[0][1] == pytest.approx(exp(-seen[0][0]), abs=2e-4)
    for t, value in seen:
        assert value == pytest.approx(exp(-t), abs=2e-3)  # 1e-4 of each of 40 steps adds up
    assert len(seen) < 60


@pytest.mark.parametrize(("tolerance", "leap"), [(3e-3, 0.5), (1e-3, 0.5), (1e-4, 0.2)])
def test_a_leap_ends_only_where_what_its_steps_have_missed_together_is_small(tolerance, leap):
    # what decays at 1/s forgets little from step to step: the errors of a leap add up
    integrator, _ = decaying(tolerance)
    integrator.restart(1e-3, leap=leap)
    seen = []
    integrator.integrate(6.0, [], lambda t: seen.append((t, level(integrator.system))) or True)
    ((t, value),) = seen
    assert t > 1e-3
    # twice the tolerance, which is relative and absolute
    assert abs(value - exp(-t)) < 2.0 * tolerance * (1.0 + value)


def _over(system, least):
    return level(system) - least


def test_a_leap_that_passes_a_limit_is_tried_shorter():
    # with this tolerance the first leap would do, were it not for what it passes
    found = []
    for least in (0.0, 0.9):
        integrator, _ = decaying(3e-3)
        integrator.restart(1e-3, leap=0.5)
        passed = Event("passed", partial(_over, integrator.system, least), 0.0)
        integrator.integrate(6.0, [], lambda t: found.append(t) or True, [passed])
    free, limited = found
    assert exp(-free) < 0.9 < exp(-limited)


def test_a_leap_passes_what_decays_fast():
    system, u = heat_system(lambda u: -1e3 * (u - 0.5))
    u.x.array[:] = 1.0
    dose, seen = Dose(system), []
    integrator = start(system, TimeOptions(tolerance=1e-4, first_step=1e-5), states=[dose])
    integrator.restart(1e-5, leap=0.5)
    integrator.integrate(10.0, [], lambda t: seen.append((t, level(system))) or False)
    # seen from where the jump is gone, and true there
    assert 0.0 < seen[0][0] < 2.0
    for t, value in seen:
        assert value == pytest.approx(0.5 + 0.5 * exp(-1e3 * t), abs=2e-4)
    assert integrator.steps < 25
    assert dose.commits == integrator.steps > len(seen)


def test_states_come_back_from_their_arrays():
    _, dose = decaying()
    dose.restore({"value": np.array([3.0])})
    assert dose.arrays()["value"][0] == 3.0
