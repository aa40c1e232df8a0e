"""If these fail, the error that a run tells of its mesh is weighted wrongly or lost on resume."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from mesode.output import mesh_error
from mesode.output.mesh_error import MeshErrorObserver
from mesode.output.snapshot import Snapshot


class _Estimate:
    """Gives the errors of ``cell.errors`` in turn."""

    def __init__(self, cell):
        self._cell, self.t, self.largest_current = cell, 0.0, 0.0

    def remember(self, t):
        self.t = t

    def see(self, t):
        self.t, self.largest_current = t, 7.0
        return self._cell.errors.pop(0)


@pytest.fixture(autouse=True)
def _no_mesh(monkeypatch):
    monkeypatch.setattr(mesh_error, "MeshCost", _Estimate)


def _both(lithium, electrolyte):
    return {"lithium": lithium, "electrolyte": electrolyte}


def _cell(*errors):
    charge = SimpleNamespace(number=lambda: charge.value, value=0.0)
    return SimpleNamespace(Q=charge, errors=list(errors))


def _observer(cell, told):
    observer = MeshErrorObserver(told.update)
    observer.start(cell)
    return observer


def _pass(observer, cell, charge, t, step=1):
    cell.Q.value += charge
    observer.point(SimpleNamespace(t=t, step=step))


def test_mean_is_over_the_charge_whatever_its_sign():
    told, cell = {}, _cell({}, _both(9.0, 0.0), _both(1.0, 0.5), _both(2.0, 0.0))
    observer = _observer(cell, told)
    _pass(observer, cell, 0.0, 0.0)
    _pass(observer, cell, 1.0, 10.0)
    _pass(observer, cell, 6.0, 20.0)
    _pass(observer, cell, -3.0, 30.0, step=2)
    assert told == {}
    observer.step_end(None)
    assert told == {
        "mean": pytest.approx((9.0 + 6.0 * 1.5 + 3.0 * 2.0) / 10.0), "lithium": 2.1,
        "electrolyte": 0.3, "largest": 9.0, "t_largest": 10.0, "step_largest": 1,
    }  # fmt: skip


def test_nothing_is_told_where_no_charge_has_passed():
    cell, told = _cell({}), {}
    observer = _observer(cell, told)
    _pass(observer, cell, 0.0, 0.0)
    observer.step_end(None)
    assert told == {}


def test_a_run_that_goes_on_tells_the_same():
    errors = [_both(5.0, 1.0), _both(1.0, 0.0)]
    whole, cell = {}, _cell(*errors)
    observer = _observer(cell, whole)
    _pass(observer, cell, 2.0, 10.0)
    snapshot = Snapshot()
    observer.save(snapshot)
    _pass(observer, cell, 3.0, 20.0)
    observer.step_end(None)

    resumed, cell = {}, _cell(*errors[1:])
    cell.Q.value = 2.0
    later = _observer(cell, resumed)
    later.restore(snapshot)
    assert (later._estimate.t, later._estimate.largest_current) == (10.0, 7.0)
    _pass(later, cell, 3.0, 20.0)
    later.step_end(None)
    assert resumed == whole
