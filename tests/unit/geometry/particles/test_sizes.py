"""If these fail, the particles have other sizes than the user asked for."""

from __future__ import annotations

import numpy as np
import pytest

from mesode.errors import GeometryError
from mesode.geometry.particles.sizes import (
    Histogram,
    LogNormal,
    Mono,
    mean_disc_area,
    midpoint_quantiles,
    requested_statistics,
)


def test_log_normal_quantiles_have_the_median_and_the_spread():
    diameters = midpoint_quantiles(LogNormal(3.0, 0.2), 5000)
    assert np.median(diameters) == pytest.approx(3.0, rel=1e-6)
    assert np.std(np.log(diameters)) == pytest.approx(0.2, rel=2e-3)


def test_log_normal_mean_area_is_the_closed_form():
    # E[d^2] = median^2 exp(2 s^2)
    expected = np.pi / 4 * 9 * np.exp(2 * 0.3**2)
    assert mean_disc_area(LogNormal(3.0, 0.3)) == pytest.approx(expected, rel=1e-3)


def test_truncation_holds():
    diameters = midpoint_quantiles(LogNormal(3.0, 0.5, 2.0, 4.0), 1000)
    assert diameters.min() >= 2.0
    assert diameters.max() <= 4.0
    assert 2.5 < np.median(diameters) < 3.0  # the wider cut is above


def test_histogram_gives_its_shares_in_any_order():
    diameters = midpoint_quantiles(Histogram((3.0, 2.0, 5.0), (3, 5, 2)), 1000)
    values, counts = np.unique(diameters, return_counts=True)
    assert values.tolist() == [2.0, 3.0, 5.0]
    assert counts.tolist() == [500, 300, 200]


def test_statistics_of_one_size():
    assert requested_statistics(Mono(3.0)) == pytest.approx(
        {"mean": 3.0, "median": 3.0, "d10": 3.0, "d90": 3.0}
    )


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Mono(0.0), "diameter"),
        (lambda: Mono(float("nan")), "diameter"),
        (lambda: LogNormal(3.0, -0.1), "spread"),
        (lambda: LogNormal(3.0, 0.2, 4.0, 2.0), "below max"),
        (lambda: LogNormal(3.0, 0.1, 30.0, 40.0), "widen"),
        (lambda: Histogram((2.0,), (0.5, 0.5)), "one share"),
        (lambda: Histogram((2.0, 3.0), (0.0, 0.0)), "shares"),
        (lambda: Histogram((2.0, -3.0), (0.5, 0.5)), "positive"),
    ],
)
def test_impossible_distributions_are_refused(make, words):
    with pytest.raises(GeometryError, match=words):
        make()
