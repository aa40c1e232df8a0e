"""If these fail, a person cannot see how far a run is, or a log is flooded."""

from __future__ import annotations

import io
from types import SimpleNamespace

import pytest

from mesode.config.sentences import parse_sentence
from mesode.output.progress import Progress, share_done

STEPS = tuple(
    parse_sentence(text) for text in ("Lithiate at 1 C until lithiation 0.6", "Rest for 10 minutes")
)


def cell(rank=0):
    return SimpleNamespace(domain=SimpleNamespace(comm=SimpleNamespace(rank=rank)), polarity=1)


def point(t, step=1, sto=0.1):
    row = {"Voltage / V": 0.25, "Mean Lithiation / 1": sto, "Specific Capacity / mA.h.g-1": 10 * t}
    return SimpleNamespace(t=t, step=step, dt=2.0, newton=3, row=row)


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def watched(*, live, rank=0, seconds=1.0, points=20):
    """Return what is written while a step of some points goes by."""
    stream, clock = io.StringIO(), Clock()
    progress = Progress(STEPS, stream=stream, live=live, clock=clock)
    progress.start(cell(rank))
    for k in range(points):
        clock.now += seconds
        progress.point(point(float(k), sto=0.1 + 0.5 * k / points))
    result = SimpleNamespace(
        index=1, text=STEPS[0].text, reason="lithiation 0.6 reached", t_end=19.0
    )
    progress.step_end(result)
    progress.finish()
    return stream.getvalue()


def test_a_live_line_is_overwritten():
    text = watched(live=True)
    assert text.count("\n") == 1
    assert text.count("\r") == 21
    for part in ("step 1/2", "t 19 s", "0.2500 V", "lithiation 0.57", "Newton 60", "ends in 1 s"):
        assert part in text


def test_plain_lines_come_every_few_seconds_only():
    lines = watched(live=False).splitlines()
    assert len(lines) == 5  # 20 s, one each 5 s, and the end of the step
    assert "\r" not in "".join(lines)
    assert lines[-1].startswith(
        "step 1 of 2: Lithiate at 1 C until lithiation 0.6 -> lithiation 0.6"
    )


def test_other_ranks_are_silent():
    assert watched(live=True, rank=1) == ""


def test_a_quick_run_writes_the_steps_only():
    assert len(watched(live=False, seconds=0.01).splitlines()) == 1


def test_what_remains_follows_from_the_share_done():
    stream, clock = io.StringIO(), Clock()
    progress = Progress(STEPS, stream=stream, live=True, clock=clock)
    progress.start(cell())
    progress.point(point(0.0, sto=0.1))
    clock.now = 30.0
    progress.point(point(5.0, sto=0.4))  # 0.3 of 0.5 took 30 s
    assert "ends in 20 s" in stream.getvalue()


@pytest.mark.parametrize(
    ("sentence", "at", "share"),
    [
        ("Lithiate at 1 C until lithiation 0.6", point(5.0, sto=0.35), 0.5),
        ("Rest for 10 seconds", point(5.0), 0.5),
        ("Lithiate at 1 C until 200 mAh/g", point(5.0, sto=0.1), 0.25),
        ("Lithiate at 1 C for 20 seconds or until 10 mV", point(5.0, sto=0.1), 0.25),
        ("Lithiate at 1 C until 10 mV", point(5.0, sto=0.55), 0.5),  # full at the latest
        ("Delithiate at 1 C until 1 V", point(5.0, sto=0.05), 0.5),
        ("Hold at 10 mV until C/50", point(5.0), 0.0),
        ("Rest for 1 second", point(5.0), 1.0),
    ],
)
def test_the_share_of_a_step_that_is_done(sentence, at, share):
    start = point(0.0, sto=0.1).row
    assert share_done(parse_sentence(sentence), 1, 0.0, start, at) == pytest.approx(share)


@pytest.mark.parametrize(
    ("sentence", "sto", "share"),
    [
        ("Charge at 1 C until 4.2 V", 0.55, 0.5),  # the electrode at y = 0 takes lithium up
        ("Discharge at 1 C until 3 V", 0.05, 0.5),
        ("Lithiate at 1 C until 4.2 V", 0.55, 0.5),
        ("Delithiate at 1 C until 3 V", 0.05, 0.5),
    ],
)
def test_the_share_of_a_step_of_a_full_section(sentence, sto, share):
    start = point(0.0, sto=0.1).row
    done = share_done(parse_sentence(sentence), -1, 0.0, start, point(5.0, sto=sto))
    assert done == pytest.approx(share)
