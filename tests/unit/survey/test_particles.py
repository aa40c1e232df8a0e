"""If these fail, the surface of the particles is not what meets something else in the section."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mesode.survey.particles import mean_diameter, particles_of
from support.grids import grid_arrays
from support.small_cell import LAYERS, numbered, split_arrays


def test_where_the_section_ends_a_particle_has_no_surface():
    """A square of 1 um, one side of which lies on the mirror."""
    arrays = grid_arrays(4, LAYERS, width=2.0, block=("active", 0.0, 1.0, 0.5, 1.5))
    found = particles_of(arrays)
    assert found.surface == pytest.approx(3.0)
    assert found.area == pytest.approx([1.0])
    assert found.contacts == 0


def test_where_two_particles_touch_they_have_none_either():
    """Of a square of 1 um a quarter and the rest; their line counts once."""
    found = particles_of(numbered(split_arrays(4, x=0.75)))
    assert (found.surface, found.contact_length) == pytest.approx((4.0, 1.0))
    assert found.contacts == 1
    assert found.gap == pytest.approx([0.0, 0.0])
    assert found.area == pytest.approx([0.25, 0.75])


def test_the_mean_diameter_is_that_of_the_particles_that_there_are():
    """Their numbers need not be those from 0 on."""
    arrays = numbered(split_arrays(4))
    arrays = replace(arrays, particle=np.where(arrays.particle >= 0, 3 + 2 * arrays.particle, -1))
    everywhere = np.ones(len(arrays.cells), dtype=bool)
    assert mean_diameter(arrays, everywhere) == pytest.approx(np.sqrt(4 * 0.5 / np.pi))
