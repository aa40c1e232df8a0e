"""If this fails, an exported electrode has the surface of particles that touch no electrolyte."""

from __future__ import annotations

import pytest

from mesode.exchange.effective import _wet_length
from support.small_cell import small_materials, split_arrays


def test_where_two_hosts_touch_there_is_no_surface():
    """A quarter and three quarters of a square of 1 um, in a porous binder."""
    arrays, phases = split_arrays(4, x=0.75), small_materials().phases
    assert _wet_length(arrays, phases, "active") == pytest.approx(1.5)
    assert _wet_length(arrays, phases, "second") == pytest.approx(2.5)
