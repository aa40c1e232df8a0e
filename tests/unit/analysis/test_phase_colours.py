"""If this fails, the legend of a section names its phases in another language than its reader's."""

from __future__ import annotations

import pytest

from mesode.analysis.phase_colours import shown_name


@pytest.mark.parametrize(
    ("phase", "name"),
    [
        ("carbon_binder", "carbon-binder"),
        ("stiff_without_electronic", "stiff without electronic path"),
        ("counter_pore_without_ionic", "pore without ionic path (counter)"),
        ("without_oxide", "without oxide"),
        ("collector", "current collector"),
    ],
)
def test_a_phase_is_named_as_a_reader_expects(phase, name):
    assert shown_name(phase) == name
