"""If these fail, time steps are of the wrong order, miss events, or lose the state on failure."""

from __future__ import annotations

from math import exp, inf, log

from mpi4py import MPI

import numpy as np
import pytest
import ufl
from dolfinx import fem, mesh

from mesode.numerics.events import Event
from mesode.numerics.newton import NewtonOptions
from mesode.numerics.step_control import TimeOptions
from mesode.numerics.stepper import StepFailure
from mesode.numerics.system import BlockSystem
from support.heat import heat_system, ignore, level, mode, start
from support.mms import assert_order_in_time
from support.solve import start_integrator

pytestmark = pytest.mark.mpi


def decaying(value=1.0):
    """A uniform state with du/dt = -u."""
    system, u = heat_system(lambda u: -u)
    u.x.array[:] = value
    return system


def fixed(dt):
    return TimeOptions(tolerance=1e3, first_step=0.01 * dt, largest=dt)


def error_at_one(options):
    system = decaying()
    start(system, options).integrate(1.0, [], ignore)
    return abs(level(system) - exp(-1))


def test_order_two_with_equal_steps():
    counts = (32, 64, 128)
    errors = [error_at_one(fixed(1.0 / n)) for n in counts]
    assert_order_in_time(counts, errors)


def test_what_remains_is_halved_where_it_is_less_than_two_steps():
    options, ends = TimeOptions(tolerance=1e3, first_step=0.4, largest=0.4), []
    start(decaying(), options).integrate(1.0, [], lambda t: ends.append(t) or False)
    assert ends == pytest.approx([0.4, 0.7, 1.0])


def test_order_three_is_taken_where_it_may_be_and_goes_farther():
    counts = {}
    for order in (2, 3):
        system = decaying()
        integrator = start(system, TimeOptions(tolerance=1e-6))
        integrator.limit_order(order)
        orders = set()

        def note(t, integrator=integrator, orders=orders):
            orders.add(integrator.resumption().order)
            return False

        integrator.integrate(1.0, [], note)
        assert max(orders) == order
        assert level(system) == pytest.approx(exp(-1), abs=1e-4)
        counts[order] = integrator.steps
    assert counts[3] < 0.9 * counts[2]


def test_tolerance_controls_the_error():
    errors = [error_at_one(TimeOptions(tolerance=tol)) for tol in (1e-2, 1e-4, 1e-6)]
    assert errors[0] > 5 * errors[1] > 25 * errors[2]
    assert errors[2] < 1e-4


def test_a_mode_decays_at_its_rate():
    system, u = heat_system(n=16)
    u.interpolate(mode)
    before = system.x.duplicate()
    integrator = start(system, TimeOptions(tolerance=1e-6))
    system.x.copy(before)
    integrator.integrate(0.1, [], ignore)
    assert system.x.dot(before) / before.dot(before) == pytest.approx(
        exp(-0.1 * np.pi**2), rel=0.01
    )


@pytest.mark.parametrize("t_end", [0.7, 1.0 / 3.0, 1e-3])
def test_the_end_is_hit(t_end):
    integrator = start(decaying(), TimeOptions(first_step=1e-2))
    assert integrator.integrate(t_end, [], ignore) == "time"
    assert integrator.t == pytest.approx(t_end, rel=1e-14)


def test_goes_on_from_where_it_stopped():
    system = decaying()
    integrator = start(system, TimeOptions(tolerance=1e-6))
    for t_end in (0.25, 0.5, 1.0):
        integrator.integrate(t_end, [], ignore)
    assert level(system) == pytest.approx(exp(-1), abs=1e-4)


def falls_below(system, value, name="below", tolerance=1e-8):
    return Event(name, lambda: level(system) - value, tolerance)


def test_an_event_is_located():
    system = decaying()
    integrator = start(system, TimeOptions(tolerance=1e-7))
    assert integrator.integrate(inf, [falls_below(system, 0.4)], ignore) == "below"
    assert level(system) == pytest.approx(0.4, abs=1e-8)
    assert integrator.t == pytest.approx(log(2.5), abs=1e-4)


def test_an_event_in_the_first_step_after_a_restart_is_located():
    system = decaying()
    integrator = start(system, TimeOptions(tolerance=1e3, first_step=0.5))
    assert integrator.integrate(inf, [falls_below(system, 0.9)], ignore) == "below"
    assert level(system) == pytest.approx(0.9, abs=1e-8)
    # one step of Euler's method after two that are small: (1 + dt)^-1
    assert integrator.t == pytest.approx(1 / 0.9 - 1, abs=0.001)


def lowest(limited):
    """Return the least value on the way to rest in steps that are much too long."""
    system, found = decaying(), []
    limit = Event("above zero", lambda: level(system), 1e-9)
    integrator = start(system, fixed(4.0))

    def watch(_t):
        found.append(level(system))
        return False

    assert integrator.integrate(40.0, [], watch, [limit] if limited else []) == "time"
    assert abs(level(system)) < 1e-3
    return min(found)


def test_a_step_that_passes_a_limit_is_repeated_as_a_first_one():
    # a history that has decayed fast is extrapolated through zero
    assert lowest(limited=False) < -1e-3
    assert lowest(limited=True) > 0.0


def test_the_first_of_several_events_ends():
    system = decaying()
    events = [falls_below(system, 0.4, "late"), falls_below(system, 0.6, "early")]
    integrator = start(system, TimeOptions(tolerance=1e-5))
    assert integrator.integrate(inf, events, ignore) == "early"
    assert level(system) == pytest.approx(0.6, abs=1e-8)
    assert integrator.integrate(inf, events[:1], ignore) == "late"
    assert level(system) == pytest.approx(0.4, abs=1e-8)


def test_steps_do_not_go_far_beyond_an_event_that_is_foreseen():
    # u falls by one a second; beyond zero its logarithm, the other unknown, has no value
    u, system = build_logarithm()
    clock = start_integrator(system, [True, False], 1.0, first_step=1e-2)
    event = Event("below", lambda: float(u.x.array.min()) - 0.1, 1e-8)
    assert clock.integrate(inf, [event], ignore) == "below"
    assert clock.t == pytest.approx(0.9, abs=1e-6)
    assert clock.newton.counts.failures == 0


def test_steps_approach_a_wall():
    # w = ln u falls faster and faster towards u = 0: seen from far, u is gone before w is at -5
    u, system = build_logarithm()
    clock = start_integrator(system, [True, False], 1.0, first_step=1e-2)
    w = system.unknowns[1]
    ends = [
        Event("low", lambda: float(w.x.array.min()) + 5.0, 1e-8),
        Event("empty", lambda: float(u.x.array.min()), 1e-8, wall=0.0),
    ]
    assert clock.integrate(inf, ends, ignore) == "low"
    assert clock.t == pytest.approx(1.0 - exp(-5.0), abs=1e-5)
    assert clock.newton.counts.failures == 0


def test_a_wall_may_lie_beyond_an_event():
    u, system = build_logarithm()
    clock = start_integrator(system, [True, False], 1.0, first_step=1e-2)
    nearly = Event("nearly", lambda: float(u.x.array.min()) - 1e-3, 1e-6, wall=1e-3)
    assert clock.integrate(inf, [nearly], ignore) == "nearly"
    assert clock.t == pytest.approx(1.0 - 1e-3, abs=2e-6)
    assert clock.newton.counts.failures == 0


def build_logarithm():
    """Return u with du/dt = -1 from 1, and a system of u and w = ln u."""
    square = mesh.create_unit_square(MPI.COMM_WORLD, 2, 2)
    spaces = [fem.functionspace(square, ("Lagrange", 1)) for _ in range(2)]
    (u, w), rates = [[fem.Function(space) for space in spaces] for _ in range(2)]
    v, z = (ufl.TestFunction(space) for space in spaces)
    u.x.array[:] = 1.0
    return u, BlockSystem(
        square, [(rates[0] + 1) * v * ufl.dx, (ufl.exp(w) - u) * z * ufl.dx], [u, w], rates
    )


def test_an_indicator_that_jumps_is_not_lost():
    system = decaying()

    def jumps():
        return 1.0 if level(system) > 0.5 else -1.0

    integrator = start(system, TimeOptions(tolerance=1e-5))
    assert integrator.integrate(5.0, [Event("jump", jumps, 1e-8)], ignore) == "jump"
    assert level(system) == pytest.approx(0.5, abs=1e-3)
    assert level(system) <= 0.5


def test_an_event_is_located_where_the_steps_to_it_cannot_be_solved():
    system = decaying()
    integrator = start(system, TimeOptions(tolerance=1e-2))
    solve = integrator._try

    def fails_on_the_way(length, order, *, longer=None, **how):
        if longer is not None and length > 0.02:
            return None
        return solve(length, order, longer=longer, **how)

    def falls_faster():
        return 0.2 - (1.0 - level(system)) ** 3

    integrator._try = fails_on_the_way
    assert integrator.integrate(5.0, [Event("below", falls_faster, 1e-8)], ignore) == "below"
    assert falls_faster() == pytest.approx(0.0, abs=1e-8)


def test_an_event_ends_nothing_until_it_is_armed():
    system = decaying()
    event = Event("low", lambda: level(system) - 0.9, 1e-8, armed=lambda: level(system) < 0.5)
    integrator = start(system, TimeOptions(tolerance=1e-4))
    seen = []
    found = integrator.integrate(5.0, [event], lambda _: seen.append(level(system)) or False)
    assert found == "low"
    # below zero when it is armed, it ends the integration there, in the step that armed it
    assert seen[-2] > 0.5 > seen[-1] > 0.3


def test_two_events_within_one_step():
    system = decaying()
    events = [falls_below(system, 0.50, "late"), falls_below(system, 0.51, "early")]
    integrator = start(system, TimeOptions(tolerance=1.0, first_step=0.5))
    assert integrator.integrate(inf, events, ignore) == "early"
    assert level(system) == pytest.approx(0.51, abs=1e-8)


def test_an_event_that_lies_behind_is_no_event():
    system = decaying()
    integrator = start(system, TimeOptions())
    assert integrator.integrate(0.5, [falls_below(system, 2.0)], ignore) == "time"


def test_steps_that_overshoot_are_not_observed():
    system = decaying()
    seen = []
    integrator = start(system, TimeOptions(tolerance=1e-3, first_step=0.1))
    integrator.integrate(
        inf, [falls_below(system, 0.7)], lambda t: seen.append((t, level(system))) or False
    )
    assert min(value for _, value in seen) >= 0.7 - 1e-8
    assert np.all(np.diff([t for t, _ in seen]) > 0)
    assert integrator.steps == len(seen)


def test_the_observer_may_stop():
    integrator = start(decaying(), TimeOptions(first_step=0.01, largest=0.01))
    assert integrator.integrate(1.0, [], lambda t: t > 0.055) == "stopped"
    assert integrator.t == pytest.approx(0.06, rel=0.01)  # after two small first steps


def test_restart_follows_a_jump():
    system = decaying()
    integrator = start(system, TimeOptions(tolerance=1e-6))
    integrator.integrate(0.5, [], ignore)
    system.x.set(2.0)
    integrator.restart(1e-4)
    integrator.integrate(1.0, [], ignore)  # counted from there
    assert integrator.t == pytest.approx(1.5)
    assert level(system) == pytest.approx(2 * exp(-1), abs=1e-4)


def test_failure_keeps_the_last_state():
    # du/dt = u^2 from 1 is infinite at t = 1: steps shrink until they may not
    system, u = heat_system(lambda u: u**2)
    u.x.array[:] = 1.0
    options = TimeOptions(tolerance=1e-3, first_step=1e-2, smallest=1e-4)
    newton = NewtonOptions(tolerance=1e-10, balance=1e-10, max_iterations=4)
    integrator = start(system, options, newton)
    seen = []
    with pytest.raises(StepFailure) as failure:
        integrator.integrate(2.0, [], lambda t: seen.append((t, level(system))) or False)
    last_t, last_level = seen[-1]
    assert failure.value.t == pytest.approx(last_t)
    assert integrator.t == pytest.approx(last_t)
    assert 0.5 < last_t < 1.1
    assert level(system) == pytest.approx(last_level, rel=1e-12)
    assert failure.value.reason


def test_the_time_of_the_forms_is_the_time_of_the_step():
    import ufl
    from dolfinx import fem

    from mesode.numerics.system import BlockSystem

    system, u = heat_system()
    time = fem.Constant(u.function_space.mesh, 0.0)
    rate, v = fem.Function(u.function_space), ufl.TestFunction(u.function_space)
    system = BlockSystem(
        u.function_space.mesh, [(rate - 2 * time) * v * ufl.dx], [u], [rate], time=time
    )
    start(system, TimeOptions(tolerance=1e-6)).integrate(3.0, [], ignore)
    assert level(system) == pytest.approx(9.0, rel=1e-4)


def test_a_resumed_integration_takes_the_steps_that_one_without_a_break_takes():
    # the last one before an event is shortened: what was foreseen must not be forgotten
    options = TimeOptions(tolerance=1e-3, first_step=0.02)
    system = decaying()
    integrator, histories, times = start(system, options), [], []

    def keep(t):
        histories.append(integrator.resumption())
        times.append(t)
        return False

    integrator.integrate(inf, [falls_below(system, 0.4)], keep)
    assert any(np.isfinite(history.foreseen) for history in histories)
    for k, history in enumerate(histories[:-1]):
        again, seen = start(system, options), []
        again.resume(history)
        system.load(system.x, system.unknowns)
        again.integrate(
            inf, [falls_below(system, 0.4)], lambda t, seen=seen: seen.append(t) or False
        )
        assert seen == pytest.approx(times[k + 1 :], rel=1e-6)


LONGEST = 0.1


def with_steps_that_fail(system):
    """Return an integrator whose equations have no solution for steps beyond ``LONGEST``.

    The error of a step never objects.
    """
    integrator = start(system, TimeOptions(tolerance=1e3, first_step=0.02))
    solve = integrator.newton.solve

    def fails(*args, **data):
        return system.time_step <= LONGEST and solve(*args, **data)

    integrator.newton.solve = fails
    return integrator


def test_the_length_that_has_failed_is_not_tried_again_at_once():
    integrator, times = with_steps_that_fail(decaying()), [0.0]
    integrator.integrate(8.0, [], lambda t: times.append(t) or False)
    lengths = np.diff(times)
    assert lengths.max() > 0.8 * LONGEST  # it does come back to what can be solved
    assert 0 < integrator.rejected <= 0.1 * integrator.steps


def test_a_restart_forgets_what_has_failed():
    system = decaying()
    integrator = with_steps_that_fail(system)
    integrator.integrate(1.0, [], ignore)
    assert np.isfinite(integrator.resumption().ceiling)
    integrator.restart()
    assert integrator.resumption().ceiling == inf


def test_a_resumed_integration_knows_what_has_failed():
    system, histories, times = decaying(), [], []
    integrator = with_steps_that_fail(system)

    def keep(t):
        histories.append(integrator.resumption())
        times.append(t)
        return False

    integrator.integrate(2.0, [], keep)
    k = next(k for k, history in enumerate(histories) if np.isfinite(history.ceiling))
    again, seen = with_steps_that_fail(system), []
    again.resume(histories[k])
    again.integrate(2.0, [], lambda t: seen.append(t) or False)
    assert seen == pytest.approx(times[k + 1 :], rel=1e-9)
