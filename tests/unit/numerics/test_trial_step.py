"""If these fail, a step that is only tried is not one of implicit Euler, or leaves its traces."""

from __future__ import annotations

import numpy as np
import pytest

from mesode.numerics.trial_step import TrialStep
from support.heat import Measure, heat_system, mode

pytestmark = pytest.mark.mpi


@pytest.fixture
def heat():
    """du/dt = -3 u from one everywhere, with its function."""
    system, u = heat_system(lambda u: -3.0 * u)
    u.x.array[:] = 1.0
    system.store(system.unknowns, system.x)
    return system, u


def test_it_is_a_step_of_implicit_euler(heat):
    system, u = heat
    trial = TrialStep(system, Measure(system), 0.5)
    assert trial.solve()
    assert u.x.array == pytest.approx(1.0 / (1.0 + 3.0 * 0.5), rel=1e-7)
    trial.close()


def test_the_state_stays(heat):
    system, u = heat
    u.interpolate(mode)
    system.store(system.unknowns, system.x)
    before = u.x.array.copy()
    trial = TrialStep(system, Measure(system), 0.5)
    assert trial.solve()
    assert not np.allclose(u.x.array, before)
    trial.close()
    assert u.x.array == pytest.approx(before)
    system.load(system.x, system.unknowns)
    assert u.x.array == pytest.approx(before)


def test_no_solution_is_told():
    # u = 1 + dt u^2 has no root from dt = 1/4 on
    system, u = heat_system(lambda u: u**2)
    u.x.array[:] = 1.0
    system.store(system.unknowns, system.x)
    trial = TrialStep(system, Measure(system), 1.0)
    assert not trial.solve()
    trial.close()
    assert u.x.array == pytest.approx(1.0)
