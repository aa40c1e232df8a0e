"""If these fail, the thickness change is that of hidden, sunken or counted-twice surface."""

from __future__ import annotations

import numpy as np
import pytest
from dolfinx import fem

from mesode.model.skyline import Skyline
from support.grids import grid

pytestmark = pytest.mark.mpi

# [um]: boxes x0, x1, y0, y1 on a section 4 wide and 2 high; a grid of 8 cells to the micrometre
WALL = [(0.0, 4.0, 0.0, 2.0)]
TWO_HEIGHTS = [(0.0, 1.0, 0.0, 2.0), (1.0, 3.0, 0.0, 1.5)]  # and a hole down to the collector
ROOF = [(0.0, 4.0, 0.0, 0.25), (0.0, 4.0, 1.0, 1.5), (3.0, 4.0, 1.75, 2.0)]  # hides what is below
LOW_PART = [(0.0, 1.0, 0.0, 2.0), (1.0, 4.0, 0.0, 0.5)]  # the right part is below the middle


def mean_rise(boxes, degree, rise, **how):
    domain = grid(8, (("active", 2.0),), width=4.0)
    middle = 1e6 * domain.mesh.geometry.x[domain.mesh.geometry.dofmaps[0]].mean(axis=1)
    chosen = np.zeros(len(middle), dtype=bool)
    for x0, x1, y0, y1 in boxes:
        chosen |= (middle[:, :2] > (x0, y0)).all(axis=1) & (middle[:, :2] < (x1, y1)).all(axis=1)
    space = fem.functionspace(domain.mesh, ("Lagrange", degree, (2,)))
    u = fem.Function(space)
    u.interpolate(lambda x: np.stack([99.0 + 0 * x[0], rise(*(1e6 * x[:2]))]))
    skyline = Skyline(space, chosen, **how)
    assert skyline.high - skyline.low == pytest.approx(2e-6)
    return skyline.rise(u.x.array)


@pytest.mark.parametrize("degree", [1, 2])
@pytest.mark.parametrize(
    ("boxes", "places"),
    [
        (WALL, [(0.0, 4.0, 2.0)]),
        (TWO_HEIGHTS, [(0.0, 1.0, 2.0), (1.0, 3.0, 1.5)]),
        (ROOF, [(0.0, 3.0, 1.5), (3.0, 4.0, 2.0)]),
        (LOW_PART, [(0.0, 1.0, 2.0)]),
    ],
    ids=["wall", "two_heights", "roof", "low_part"],
)
def test_it_is_the_mean_over_what_is_seen_from_above(boxes, places, degree):
    widths = np.array([x1 - x0 for x0, x1, _ in places])
    expected = [1.0 + 2.0 * (x0 + x1) / 2 - 0.5 * y for x0, x1, y in places]
    found = mean_rise(boxes, degree, lambda x, y: 1.0 + 2.0 * x - 0.5 * y)
    # a step between two of the 4096 places moves the mean by one of them
    assert found == pytest.approx(np.average(expected, weights=widths), rel=1e-4)


@pytest.mark.parametrize(("degree", "error"), [(1, 1e-3), (2, 1e-7)])
def test_a_curved_rise_is_integrated(degree, error):
    """With its mid-side nodes a quadratic rise is exact, but for the sum over the places."""
    found = mean_rise(WALL, degree, lambda x, y: x**2)
    assert found == pytest.approx(16 / 3, rel=error)


def test_a_counter_electrode_is_seen_from_below_and_grows_downwards():
    """Its lowest points lie at y = 0.5 between x = 1 and 3, at 0 elsewhere."""
    hanging = [(0.0, 1.0, 0.0, 2.0), (1.0, 3.0, 0.5, 2.0), (3.0, 4.0, 0.0, 2.0)]
    found = mean_rise(hanging, 1, lambda x, y: -1.0 - 2.0 * y + 0 * x, hangs=True)
    assert found == pytest.approx(0.5 * 1.0 + 0.5 * 2.0, rel=1e-4)
