"""If these fail, particles overlap, leave the electrode, or the loading is not the one asked."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from mesode.errors import GeometryError
from mesode.geometry.particles.grains import GrainRequest, Population, make_grains
from mesode.geometry.particles.packing import neighbour_gaps
from mesode.geometry.particles.sizes import Histogram, LogNormal, Mono

SIZES = [Mono(3.0), LogNormal(3.0, 0.25, 1.5, 5.0), Histogram((2.0, 4.0), (0.6, 0.4))]


def _request(fraction=0.45, sizes=SIZES[0], gap=0.1, seed=1):
    discs = Population(fraction=fraction, sizes=sizes)
    return GrainRequest(populations=(discs,), gap=gap, seed=seed)


def pack(request, width, height):
    return make_grains(request, width, height, 0.5)


def _check_gaps(packing, gap, width, height):
    """Compare every pair and wall, by brute force."""
    x, y, radius = packing.x, packing.y, packing.diameter / 2
    points = np.column_stack((x, y))
    between = cdist(points, points) - radius[:, None] - radius[None, :]
    between[np.diag_indices(len(x))] = np.inf
    tight = gap - 1e-9
    assert between.min() >= tight
    assert (y - radius).min() >= tight
    assert (height - y - radius).min() >= tight
    assert min((x - radius).min(), (width - x - radius).min()) >= tight / 2
    return between


@pytest.mark.parametrize("sizes", SIZES, ids=["mono", "lognormal", "histogram"])
@pytest.mark.parametrize("fraction", [0.1, 0.45, 0.65])
def test_fraction_and_gaps(sizes, fraction):
    packing = pack(_request(fraction, sizes), 40.0, 16.7)
    area = np.pi / 4 * np.sum(packing.diameter**2)
    assert area / (40.0 * 16.7) == pytest.approx(fraction, rel=1e-9)
    _check_gaps(packing, 0.1, 40.0, 16.7)


@settings(max_examples=12)
@given(seed=st.integers(0, 2**32 - 1), fraction=st.floats(0.2, 0.65))
def test_any_seed_gives_a_valid_packing(seed, fraction):
    packing = pack(_request(fraction, SIZES[1], seed=seed), 30.0, 20.0)
    area = np.pi / 4 * np.sum(packing.diameter**2)
    assert area / 600.0 == pytest.approx(fraction, rel=1e-9)
    _check_gaps(packing, 0.1, 30.0, 20.0)


def test_same_seed_same_packing_other_seed_other_packing():
    first, again, other = (pack(_request(seed=s), 40.0, 16.7) for s in (1, 1, 2))
    assert np.array_equal(first.x, again.x)
    assert np.array_equal(first.y, again.y)
    assert not np.allclose(first.x, other.x)
    assert np.array_equal(np.sort(first.diameter), np.sort(other.diameter))


def test_two_thousand_discs_at_sixty_percent():
    packing = pack(_request(0.6, LogNormal(3.0, 0.2)), 400.0, 56.0)
    assert len(packing.x) > 1700
    _check_gaps(packing, 0.1, 400.0, 56.0)


def test_reported_gaps_are_those_of_brute_force():
    packing = pack(_request(0.6, SIZES[2], gap=0.2), 30.0, 20.0)
    nearest = _check_gaps(packing, 0.2, 30.0, 20.0).min(axis=1)
    points, radius = np.column_stack((packing.x, packing.y)), packing.diameter / 2
    assert neighbour_gaps(points, radius) == pytest.approx(nearest, abs=1e-12)


def test_nearest_surface_may_belong_to_a_farther_centre():
    # the small disc is the nearer centre, the large one the nearer surface
    points = np.array([[10.0, 50.0], [10.0, 52.5], [16.0, 50.0]])
    gaps = neighbour_gaps(points, np.array([1.0, 0.5, 4.8]))
    assert gaps[0] == pytest.approx(6.0 - 1.0 - 4.8)


def test_discs_fill_the_box_evenly():
    """Quarters of a wide box differ by little in area: no lumps, no drift to a wall."""
    packing = pack(_request(0.4), 200.0, 20.0)
    quarter = np.minimum(packing.x // 50, 3).astype(int)
    share = np.bincount(quarter, weights=packing.diameter**2, minlength=4)
    assert share.max() / share.min() < 1.35


def test_diameters_are_scaled_little_and_said_so():
    packing = pack(_request(0.45), 40.0, 16.7)
    scale = packing.report["diameter_scale"]
    assert scale == pytest.approx(packing.diameter[0] / 3.0)
    assert abs(scale - 1) < 0.02


def test_a_fraction_beyond_jamming_tells_the_best():
    with pytest.raises(GeometryError) as caught:
        pack(_request(0.95), 20.0, 12.0)
    text = str(caught.value)
    best = float(text.split("best fraction reached: ")[1].split(".  ")[0].split(". ")[0])
    assert "0.95 was not reached" in text
    assert 0.4 < best < 0.9069  # hexagonal packing
    assert "smaller gap" in text


@pytest.mark.parametrize(
    ("request_", "box", "words"),
    [
        (_request(0.0), (40.0, 16.7), "between 0 and 1"),
        (_request(1.2), (40.0, 16.7), "between 0 and 1"),
        (_request(gap=-0.1), (40.0, 16.7), "negative"),
        (_request(sizes=Mono(20.0)), (40.0, 16.7), "does not fit"),
        (_request(gap=9.0), (40.0, 16.7), "does not fit"),
    ],
)
def test_requests_out_of_range_are_refused(request_, box, words):
    with pytest.raises(GeometryError, match=words):
        pack(request_, *box)
