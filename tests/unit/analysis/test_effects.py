"""If these fail, a report blames the wrong factor for the spread of a result."""

import numpy as np
import pytest
from scipy.stats import qmc

from mesode.analysis.effects import main_effects


def grid(*levels, repeats=1):
    points = np.array(np.meshgrid(*levels, indexing="ij")).reshape(len(levels), -1)
    return np.repeat(points, repeats, axis=1)


def test_shares_of_a_sum_are_those_of_its_variances():
    a, b = grid([0.0, 1.0, 2.0], [0.0, 1.0])
    effects = main_effects({"a": a, "b": b}, 3 * a + 2 * b)
    var_a, var_b = 9 * 2 / 3, 4 / 4
    assert effects.method == "ANOVA"
    assert effects.shares["a"] == pytest.approx(var_a / (var_a + var_b))
    assert effects.shares["b"] == pytest.approx(var_b / (var_a + var_b))
    assert effects.rest == pytest.approx(0.0, abs=1e-12)


def test_interaction_and_seeds_are_the_rest():
    a, b = grid([-1.0, 1.0], [-1.0, 1.0], repeats=2)
    effects = main_effects({"a": a, "b": b}, a * b)
    assert effects.shares == pytest.approx({"a": 0.0, "b": 0.0}, abs=1e-12)
    assert effects.rest == pytest.approx(1.0)
    seed = np.tile([-1.0, 1.0], 4)
    noisy = main_effects({"a": a, "b": b}, 2 * a + seed)
    assert noisy.shares["a"] == pytest.approx(4 / 5)
    assert noisy.rest == pytest.approx(1 / 5)


def test_words_are_levels():
    effects = main_effects({"binder": ["CMC", "PAA", "CMC", "PAA"]}, np.array([1.0, 2.0, 1.0, 2.0]))
    assert effects.shares["binder"] == pytest.approx(1.0)


def test_first_order_index_of_the_ishigami_function():
    x = (2 * qmc.Sobol(3, seed=1).random(4096) - 1) * np.pi
    y = np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])
    effects = main_effects(dict(zip("abc", x.T, strict=True)), y)
    assert effects.method == "Sobol, first order"
    # Sobol and Levitan 1999: 0.3139, 0.4424, 0
    assert effects.shares["a"] == pytest.approx(0.3139, abs=0.02)
    assert effects.shares["b"] == pytest.approx(0.4424, abs=0.02)
    assert effects.shares["c"] == pytest.approx(0.0, abs=0.02)


def test_noise_alone_gives_no_share():
    rng = np.random.default_rng(4)
    x, y = qmc.LatinHypercube(2, rng=rng).random(200), rng.normal(size=200)
    effects = main_effects({"a": x[:, 0], "b": x[:, 1]}, y)
    assert max(effects.shares.values()) < 0.1


def test_failed_cases_are_left_out_and_make_a_grid_unbalanced():
    a, b = grid([0.0, 1.0], [0.0, 1.0])
    assert main_effects({"a": a, "b": b}, np.array([np.nan, 1.0, 2.0, 3.0])) is None


@pytest.mark.parametrize(("spread", "told"), [(1e-7, False), (0.9e-4, False), (1e-3, True)])
def test_a_result_that_does_not_vary_is_explained_by_nothing(spread, told):
    a, b = grid([0.0, 1.0], [0.0, 1.0], repeats=2)
    effects = main_effects({"a": a, "b": b}, 179.9 * (1.0 + spread * b))
    assert (effects is not None) is told


@pytest.mark.parametrize("y", [np.full(6, 3.0), np.array([1.0, np.nan, np.nan, np.nan, 2.0, 3.0])])
def test_nothing_is_said_without_information(y):
    assert main_effects({"a": np.arange(6.0) % 5, "b": np.arange(6.0)}, y) is None


def test_one_factor_with_every_level_once_explains_all_of_it():
    effects = main_effects({"a": np.array([1.0, 2.0, 3.0])}, np.array([1.0, 4.0, 9.0]))
    assert effects.shares["a"] == pytest.approx(1.0)


def test_what_means_of_classes_have_by_chance_is_taken_off():
    """Four classes of eight at 0, 0, 1, 1, half of each a unit above and half below its mean.

    Between them 8 of 40 squares, of which 8/7 for each class is what noise alone would give.
    """
    y = np.repeat([0.0, 0.0, 1.0, 1.0], 8) + np.tile([1.0, -1.0], 16)
    other = np.random.default_rng(1).permutation(32)
    effects = main_effects({"a": np.arange(32.0), "b": other}, y)
    assert effects.method == "Sobol, first order"
    assert effects.shares["a"] == pytest.approx((8.0 - 4.0 * 8.0 / 7.0) / 40.0)
