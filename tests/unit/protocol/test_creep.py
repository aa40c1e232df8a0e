"""If these fail, a run in an unstable host takes thousands of steps, or a sound one is ended."""

from __future__ import annotations

import pytest

from mesode.protocol import creep
from mesode.protocol.creep import LITTLE, STEPS, Creep
from support.small_cell import small_cell

pytestmark = pytest.mark.mpi


@pytest.fixture
def cell(monkeypatch):
    found = small_cell(n=2)
    monkeypatch.setattr(creep, "beyond", lambda _: ["a host is unstable"])
    return found


def accept(counter, times):
    return [counter.accept() for _ in range(times)]


def test_steps_that_move_no_charge_end_where_a_host_is_unstable(cell):
    cell.I.set(1.0)
    *before, last = accept(Creep(cell), STEPS)
    assert before == [None] * (STEPS - 1)
    assert "hardly gets on" in last
    assert "a host is unstable" in last


def test_steps_that_move_charge_go_on(cell):
    cell.I.set(1.0)
    counter = Creep(cell)
    for k in range(4):
        cell.Q.set(1.01 * k * LITTLE * cell.charge_capacity)
        assert accept(counter, STEPS - 1) == [None] * (STEPS - 1)


def test_a_rest_and_a_stable_host_go_on(cell, monkeypatch):
    cell.I.set(0.0)
    assert set(accept(Creep(cell), 2 * STEPS)) == {None}
    cell.I.set(1.0)
    monkeypatch.setattr(creep, "beyond", lambda _: [])
    assert set(accept(Creep(cell), 2 * STEPS)) == {None}


def test_a_resumed_step_ends_where_the_other_does(cell):
    cell.I.set(1.0)
    counter, resumed = Creep(cell), Creep(cell)
    accept(counter, STEPS - 5)
    resumed.restore(counter.save())
    assert accept(resumed, 5) == accept(counter, 5)
    assert accept(counter, 1) == [None]
