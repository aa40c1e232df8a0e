"""If these fail, noise of a measured potential is taken for physics, or a long table is lost."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesode.materials.library import get_law
from mesode.materials.smoothing import MOST_POINTS, fit_points, nearest_falling
from mesode.materials.tables import evaluate_pieces, table_law, table_pieces

CURVE = get_law("ocp", "graphite_lgm50")


def measured(count, noise, seed=0):
    sto = np.linspace(0.01, 0.95, count)
    rng = np.random.default_rng(seed)
    return sto, CURVE(sto=sto) + noise * rng.standard_normal(count)


def points(x, y):
    return np.stack([x, y], axis=1).tolist()


def test_points_that_fall_are_taken_as_they_are():
    x, y = measured(60, 0.0)
    fit = fit_points(points(x, y), falling=True)
    assert fit.points == tuple(map(tuple, points(x, y)))
    assert not fit.changed
    assert fit.deviation == 0.0


@pytest.mark.parametrize("count", [60, 400, 20_000])
def test_noise_is_taken_out_and_its_size_told(count):
    x, y = measured(count, 5e-4)
    fit = fit_points(points(x, y), falling=True)
    law = table_law(fit.points)
    inside = np.linspace(0.1, 0.94, 2001)  # 60 points do not resolve the steep beginning
    assert np.all(np.diff(law(sto=inside)) < 1e-12)
    assert fit.smoothed
    assert len(fit.points) <= MOST_POINTS
    # nearer to the truth than to the noise of the points
    assert np.abs(law(sto=inside) - CURVE(sto=inside)).max() < 5 * 5e-4
    assert np.sqrt(np.mean((law(sto=inside) - CURVE(sto=inside)) ** 2)) < 5e-4
    errors = np.abs(law(sto=x) - y)
    assert fit.deviation == pytest.approx(errors.max())
    assert x[errors.argmax()] == fit.at
    assert fit.rms == pytest.approx(np.sqrt(np.mean(errors**2)))


@given(st.lists(st.floats(-1.0, 1.0, width=32), min_size=2, max_size=12))
def test_the_falling_values_are_the_nearest_of_all(values):
    """Against the minimax formula of isotonic regression of a falling sequence."""
    y = np.array(values)
    n = len(y)
    nearest = [
        min(max(y[a : b + 1].mean() for b in range(k, n)) for a in range(k + 1)) for k in range(n)
    ]
    assert nearest_falling(y) == pytest.approx(nearest, abs=1e-9)


def test_a_plateau_of_few_points_in_a_steep_curve_is_kept():
    given = [[0.0, 0.9], [0.3, 0.2002], [0.4, 0.2004], [0.9, 0.05]]
    fit = fit_points(given, falling=True)
    law = table_law(fit.points)
    x, y = np.array(given).T
    assert np.abs(law(sto=x) - y).max() == pytest.approx(fit.deviation)
    assert fit.deviation < 1e-3
    assert np.all(np.diff([u for _, u in fit.points]) < 0.0)


def test_what_rises_throughout_leaves_one_point():
    fit = fit_points([[0.0, 0.1], [0.5, 0.2], [1.0, 0.3]], falling=True)
    assert fit.points == ((0.5, pytest.approx(0.2)),)


def test_a_long_table_is_thinned_and_quick():
    x = np.linspace(0.0, 1.0, 100_000)
    y = 1e-13 * (1.0 + 0.5 * np.sin(9.0 * x))
    start = time.process_time()
    fit = fit_points(points(x, y))
    assert time.process_time() - start < 2.0
    assert fit.thinned
    assert not fit.smoothed
    assert len(fit.points) <= MOST_POINTS
    assert fit.deviation < 1e-3 * np.ptp(y)
    assert (fit.points[0][0], fit.points[-1][0]) == (0.0, 1.0)


@pytest.mark.parametrize("method", ["pchip", "linear"])
def test_many_values_at_once_are_those_of_the_law(method):
    x, y = measured(12, 0.0)
    law = table_law(points(x, y), method=method)
    sto = np.linspace(-0.1, 1.1, 301)
    assert evaluate_pieces(table_pieces(x, y, method), sto) == pytest.approx(law(sto=sto))
