"""If these fail, the terminal holds something else than the protocol asks for."""

from __future__ import annotations

import pytest

from mesode.physics import terminal
from support.ufl_numbers import number

TARGETS = (5.0, 0.4, 3.0, 0.1)  # [A/m^2], [V], [W/m^2], [ohm m^2]


@pytest.mark.parametrize(
    ("weights", "at_target", "off_target"),
    [
        ((1.0, 0.0, 0.0, 0.0), (5.0, 0.7), (6.0, 0.7)),
        ((0.0, 2.0, 0.0, 0.0), (9.0, 0.4), (9.0, 0.5)),
        ((0.0, 0.0, 4.0, 0.0), (6.0, 0.5), (6.0, 0.6)),
        ((0.0, 0.0, 0.0, 3.0), (7.0, 0.7), (7.0, 0.8)),
    ],
)
def test_control_vanishes_at_its_target_alone(weights, at_target, off_target):
    assert number(terminal.control(*at_target, weights, TARGETS)) == pytest.approx(0.0, abs=1e-14)
    assert number(terminal.control(*off_target, weights, TARGETS)) > 0.1


def test_current_leaves_the_electrode_where_it_is_above_the_collector():
    assert number(terminal.collector_current(0.01, 30.0, 1e-4)) == pytest.approx(130.0)
    assert number(terminal.collector_current(0.0, 30.0, 1e-4)) == pytest.approx(30.0)


def test_an_ideal_contact_has_no_difference_to_speak_of():
    difference = 1e-8  # [V], for the current of 3C in an electrode of 3 mAh/cm2
    assert number(terminal.uneven_current(difference, 0.0)) == pytest.approx(100.0)
