"""If these fail, events are located slowly or not at all."""

from __future__ import annotations

from math import inf, sqrt

import pytest

from mesode.numerics.events import APPROACH, OVERSTEP, Bracket, Event, foreseen

END = 4.0


def bent(t):
    """Return an indicator whose inverse is a parabola; it vanishes at 1."""
    return 1.0 - sqrt(t)


def bracketed(indicator, tries):
    """Return a bracket between 0 and 4 after some tries."""
    bracket = Bracket((0.0, [indicator(0.0)]), (END, [indicator(END)]))
    for _ in range(tries):
        t = bracket.length(0)
        bracket.narrow(t, [indicator(t)])
    return bracket


def test_the_first_try_is_on_the_line():
    assert bracketed(bent, 0).length(0) == pytest.approx(2.0)


def test_the_second_is_on_the_parabola():
    assert bracketed(bent, 1).length(0) == pytest.approx(1.0, rel=1e-12)


@pytest.mark.parametrize("power", [3, 15])
def test_what_is_no_parabola_is_met_too(power):
    bracket = bracketed(lambda t: 1.0 - (t / 3.0) ** power, 20)
    assert bracket.length(0) == pytest.approx(3.0, rel=1e-9)


def test_an_indicator_that_was_not_armed_has_no_parabola():
    bracket = Bracket((0.0, [inf]), (END, [-1.0]))
    assert bracket.length(0) == END


def test_a_step_may_overstep_an_event_but_goes_half_of_the_way_to_a_wall():
    """Fallen from 3 to 1 in 4 s: it vanishes in 2 s, and is at a wall of -0.5 in 3 s."""
    free, walled = Event("free", lambda: 1.0, 1e-9), Event("walled", lambda: 1.0, 1e-9, wall=0.5)
    assert foreseen([free], [3.0], [1.0], END) == pytest.approx(OVERSTEP * 2.0)
    assert foreseen([walled], [3.0], [1.0], END) == pytest.approx(APPROACH * 3.0)
    assert foreseen([walled, free], [3.0, 3.0], [1.0, 1.0], END) == pytest.approx(APPROACH * 3.0)
    # what rises, was not armed or has been passed asks for nothing
    for before, now in ((1.0, 3.0), (inf, 1.0), (3.0, -1.0)):
        assert foreseen([free], [before], [now], END) == inf
