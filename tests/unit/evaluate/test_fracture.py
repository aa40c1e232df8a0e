"""If these fail, the size from which on particles break is told wrongly."""

from __future__ import annotations

import pytest

from mesode.evaluate.fracture import critical_size, energy_release_rate


def test_silicon_that_flows_breaks_from_the_size_on_that_was_seen():
    d = critical_size(7.0, 1.75e9, 80e9, 0.22)
    assert d == pytest.approx(150e-9, rel=0.3)  # crystalline silicon, Liu et al. 2012
    assert energy_release_rate(1.75e9, d, 80e9, 0.22) == pytest.approx(7.0)
    # half the stress lets a particle be four times as large
    assert critical_size(7.0, 0.875e9, 80e9, 0.22) == pytest.approx(4 * d)
