"""If these fail, a run tells a wrong largest stress, or the wrong moment of it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from mesode.output.extremes import Extremes
from mesode.output.snapshot import Snapshot

STRESS = "Max von Mises Binder / Pa"


def seen(observer, *values, begin=0):
    for t, value in enumerate(values, start=begin):
        row = {STRESS: value, "Voltage / V": -value}
        observer.point(SimpleNamespace(t=10.0 * t, step=1 + (t > 2), row=row, between=()))
    return observer


def test_both_ends_with_time_and_step():
    told = {}
    seen(Extremes(told.update), 1.0, 5.0, 3.0, 0.5)
    assert told[STRESS] == {
        "min": 0.5, "t_min": 30.0, "step_min": 2, "max": 5.0, "t_max": 10.0, "step_max": 1,
    }  # fmt: skip
    assert told["Voltage / V"]["min"] == -5.0
    assert told["Voltage / V"]["t_min"] == 10.0


@pytest.mark.parametrize("noise", [1e-12, -1e-12])
def test_rounding_moves_no_time(noise):
    told = {}
    seen(Extremes(told.update), 5.0, 5.0 + noise, 1.0, 1.0 - noise)
    assert (told[STRESS]["t_max"], told[STRESS]["t_min"]) == (0.0, 20.0)


def test_a_run_that_goes_on_knows_what_was_before():
    snapshot = Snapshot()
    seen(Extremes(lambda _found: None), 1.0, 7.0).save(snapshot)
    told = {}
    resumed = Extremes(told.update)
    resumed.restore(snapshot)
    seen(resumed, 3.0, 0.0, begin=3)
    assert (told[STRESS]["max"], told[STRESS]["t_max"], told[STRESS]["min"]) == (7.0, 10.0, 0.0)
    assert snapshot.data["extremes"][STRESS]["min"] == 1.0


def test_rows_within_a_time_step_count():
    told, observer = {}, Extremes(lambda found: told.update(found))
    inner = [(2.0, {STRESS: 1.5}), (4.0, {STRESS: 9.0})]
    observer.point(SimpleNamespace(t=5.0, step=1, row={STRESS: 3.0}, between=inner))
    assert (told[STRESS]["max"], told[STRESS]["t_max"]) == (9.0, 4.0)
    assert (told[STRESS]["min"], told[STRESS]["t_min"]) == (1.5, 2.0)
