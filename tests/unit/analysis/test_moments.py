"""If these fail, pictures show other moments of a run than their titles say."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from mesode.analysis import moments
from mesode.analysis.moments import Moment
from mesode.analysis.run_data import Run


def run(tmp_path, *steps, extremes=None):
    """Return a run of steps (text, begin, end, voltage at the end)."""
    told = [
        {"index": k, "text": text, "t_start": begin, "t_end": end, "end": {"Voltage / V": voltage}}
        for k, (text, begin, end, voltage) in enumerate(steps, 1)
    ]
    return Run(tmp_path, {"steps": told, "extremes": extremes or {}}, {}, {})


CYCLE = (
    ("Lithiate at C/2 until 50 mV", 0, 100, 0.05),
    ("Rest for 20 minutes", 100, 120, 0.1),
    ("Delithiate at C/2 until 0.9 V", 120, 200, 0.9),
    ("Rest for 10 minutes", 200, 210, 0.8),
)


def test_the_end_of_each_kind_of_step_where_it_came_last(tmp_path):
    later = [(text, 210 + a, 210 + b, V) for text, a, b, V in CYCLE[:3]]
    found = moments.ends(run(tmp_path, *CYCLE, *later))
    assert [(m.name, m.time) for m in found] == [
        ("end of rest after delithiation", 210),
        ("end of lithiation", 310),
        ("end of rest after lithiation", 330),
        ("end of delithiation", 410),
    ]


@pytest.mark.parametrize(
    ("phases", "names"),
    [
        ({"active": 1}, ["end of lithiation", "end of delithiation"]),
        ({"active": 1, "counter_active": 2}, ["end of discharge", "end of charge"]),
    ],
)
def test_one_direction_has_one_name_whatever_the_protocol_calls_it(tmp_path, phases, names):
    half = phases == {"active": 1}
    words = ("Lithiate", "Delithiate") if half else ("Delithiate", "Lithiate")
    texts = ("Discharge at 1C", "Charge at 1C", *(f"{word} at C/2" for word in words))
    found = run(tmp_path, *((text, k, k + 1, 0.1) for k, text in enumerate(texts)))
    found.manifest["mesh"] = {"phases": phases}
    assert [(m.name, m.time) for m in moments.ends(found)] == list(zip(names, (3, 4), strict=True))


def test_sweeps_are_told_by_their_direction_and_skipped_steps_not_at_all(tmp_path):
    sweeps = (
        ("Rest for 1 s", 0, 1, 0.5),
        ("Sweep at 1 mV/s until 10 mV", 1, 2, 0.01),
        ("Sweep at 1 mV/s until 1 V", 2, 3, 1.0),
        ("Hold at 1 V until C/50", 3, 3, 1.0),
    )
    names = [m.name for m in moments.ends(run(tmp_path, *sweeps))]
    assert names == ["end of rest", "end of sweep down", "end of sweep up"]


def test_an_extreme_lies_in_its_step(tmp_path):
    column = {"max": 5e6, "t_max": 121.0, "step_max": 3, "min": 0.0, "t_min": 0.0, "step_min": 1}
    found = run(tmp_path, *CYCLE, extremes={"S / Pa": column})
    moment = moments.extreme(found, "S / Pa", "max", "largest stress")
    assert moment == Moment(121.0, "largest stress", after=120)
    assert moments.extreme(found, "S / Pa", "min", "x") is None  # nothing there
    assert moments.extreme(found, "no such", "max", "x") is None
    # the frame at 120 s is nearer, and the end of the rest
    series = SimpleNamespace(times=(0.0, 100.0, 120.0, 124.0, 200.0, 210.0))
    assert moments.frames(series, [moment], 1) == {3: "largest stress"}


def test_frames_whose_times_read_alike_are_one():
    """The binder bears most at the end of a charge, particles 1.4 s later, of 6 hours."""
    series = SimpleNamespace(times=(0.0, 948.1, 5436.38, 5437.75, 5542.2, 22514.1))
    found = [Moment(5436.38, "binder"), Moment(5437.75, "particles"), Moment(5542.2, "later")]
    assert moments.frames(series, found, 4) == {2: "binder, particles", 4: "later"}


def test_an_extreme_at_the_begin_of_its_step_is_in_the_frame_there(tmp_path):
    column = {"max": 5e6, "t_max": 120.0, "step_max": 3}
    found = run(tmp_path, *CYCLE, extremes={"S / Pa": column})
    moment = moments.extreme(found, "S / Pa", "max", "largest stress")
    series = SimpleNamespace(times=(0.0, 100.0, 120.0, 124.0, 200.0, 210.0))
    assert moments.frames(series, [moment], 1) == {2: "largest stress"}


def test_one_frame_has_all_its_names_and_one_far_off_says_so():
    series = SimpleNamespace(times=(0.0, 50.0, 100.0))
    wanted = [Moment(100.0, "largest stress"), Moment(99.0, "end of lithiation"), Moment(30.0, "x")]
    assert moments.frames(series, wanted, 4) == {
        1: "near x",
        2: "largest stress, end of lithiation",
    }
    assert moments.frames(series, wanted, 1) == {2: "largest stress, end of lithiation"}


def test_a_frame_in_which_hardly_a_current_flows_is_one_of_a_rest():
    frames = [np.full(3, value) for value in (0.1, 1.0, 0.06, 0.04)]  # of the largest
    series = SimpleNamespace(
        times=(0.0, 1.0, 2.0, 3.0), read=lambda _, k: SimpleNamespace(magnitude=frames[k])
    )
    assert moments.last_with_current(series, "i_s") == 2


@pytest.mark.parametrize(("longest", "unit"), [(599.0, "s"), (600.0, "min"), (7200.0, "h")])
def test_units_of_time(longest, unit):
    assert moments.time_unit(longest)[1] == unit
