"""If these fail, the size from which on particles break is told wrongly."""

from __future__ import annotations

import pytest

from mesode.evaluate.fracture import energy_release_rate


def test_silicon_that_flows_breaks_from_the_size_on_that_was_seen():
    G = energy_release_rate(1.75e9, 190e-9, 80e9, 0.22)
    assert pytest.approx(7.0, rel=0.02) == G  # docs/physics.md: from 190 nm on
    # half the stress lets a particle be four times as large
    assert energy_release_rate(0.875e9, 4 * 190e-9, 80e9, 0.22) == pytest.approx(G)
