"""If these fail, a pixel counts for another phase than the one whose map is largest there."""

from __future__ import annotations

import numpy as np
import pytest

from mesode.geometry.micrograph.phase_maps import _soft_areas, _two_largest, winner


@pytest.mark.parametrize("number", [2, 3, 5])
def test_the_two_largest_maps_are_those_of_a_search_at_each_pixel(number):
    # few different values, so that many are equal: then the lower number comes first
    values = np.random.default_rng(number).integers(0, 4, (number, 5000)).astype(np.float32) / 4
    first, second, lead = _two_largest(values)
    order = np.argsort(-values, axis=0, kind="stable")
    assert np.array_equal(first, order[0])
    assert np.array_equal(second, order[1])
    assert np.array_equal(winner(values), order[0])
    ranked = np.take_along_axis(values, order, axis=0)
    assert np.array_equal(lead, ranked[0] - ranked[1])


def test_a_pixel_at_a_line_counts_in_parts_for_both_sides():
    # a lead of 0, of a quarter of the band, and beyond it
    values = np.array([[0.5, 0.4, 1.0], [0.5, 0.5, 0.0], [0.0, 0.0, 0.0]], dtype=np.float32)
    areas, mobility = _soft_areas(values, 0.4)
    assert areas == pytest.approx([0.5 + 0.375 + 1.0, 0.5 + 0.625, 0.0], abs=1e-6)
    assert mobility == pytest.approx([2 / 0.8, 2 / 0.8, 1 / 0.8])
