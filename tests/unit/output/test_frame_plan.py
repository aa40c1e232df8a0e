"""If these fail, a long run fills a disk with fields, or nobody is told before it begins."""

from __future__ import annotations

import pytest

from mesode.output.frame_plan import plan_frames

pytestmark = pytest.mark.serial


@pytest.mark.parametrize("steps", [1, 3, 50, 51, 300, 1000, 1001, 2000, 100_000])
def test_nobody_who_did_not_ask_gets_more_than_a_thousand_frames(steps):
    plan = plan_frames("auto", steps)
    with_frames = sum(plan.has(step) for step in range(1, steps + 1))
    assert plan.has(steps)
    assert plan.total >= 1 + plan.per_step * with_frames
    assert plan.total <= 1003
    assert plan.total > 300 or plan.per_step == 20
    assert plan.bounded == (steps > 50)


def test_who_asks_gets_what_he_asks_for():
    plan = plan_frames(20, 1000)
    assert (plan.per_step, plan.every, plan.total) == (20, 1, 20_001)
    assert plan_frames(0, 7).total == 0


def test_what_a_person_reads():
    assert plan_frames(20, 3).text(3.14e6) == "20 frames over each step, 61 in all, about 3.1 MB"
    assert plan_frames(0, 3).text(0.0) == "none"
    long = plan_frames("auto", 500).text(1e8)
    assert long.startswith("2 frames over each step, 1001 in all, about 100 MB; fewer than 20")
    assert "500 steps: output.fields sets another number" in long
    rare = plan_frames("auto", 2000).text(1.24e9)
    assert "1 frame over one step in 4, 1001 in all, about 1.2 GB" in rare
