"""If these fail, the stress that most of a material bears is told wrongly, or differs by ranks."""

from __future__ import annotations

from mpi4py import MPI

import numpy as np
import pytest

from mesode.model.quantiles import ends, quantiles, quantiles_of_groups

pytestmark = pytest.mark.mpi

COMM = MPI.COMM_WORLD


def mine(values):
    """Return what this rank has of values that are dealt out one by one."""
    return np.asarray(values, dtype=np.float64)[COMM.rank :: COMM.size]


def quantile(values, areas, share):
    """Return the quantile of one part."""
    (found,) = quantiles(COMM, [(mine(values), mine(areas))], share)
    return found


def weighted(values, areas, share):
    """Return the quantile by sorting."""
    order = np.argsort(values)
    reached = np.cumsum(areas[order]) / areas.sum()
    return values[order][np.searchsorted(reached, share - 1e-12)]


@pytest.mark.parametrize("share", [0.01, 0.5, 0.95, 1.0])
@pytest.mark.parametrize("power", [1, 8])
def test_it_is_the_value_found_by_sorting(share, power):
    rng = np.random.default_rng(2)
    values, areas = 1e6 * rng.uniform(-1.0, 1.0, 500) ** power, rng.uniform(0.1, 1.0, 500)
    found = quantile(values, areas, share)
    assert found == pytest.approx(weighted(values, areas, share), rel=1e-9, abs=2e-3)
    assert found in values


@pytest.mark.parametrize("noise", [0.0, 1e-16, -1e-16])
def test_a_share_between_two_values_is_no_matter_of_rounding(noise):
    areas = np.full(20, 0.1 + noise)
    areas[3] -= noise
    assert quantile(np.arange(20.0), areas, 0.95) == 18.0


def test_equal_values_and_none():
    assert quantile(np.full(7, 3.0), np.ones(7), 0.5) == 3.0
    assert quantile(np.zeros(7), np.ones(7), 0.95) == 0.0
    assert quantile(np.empty(0), np.empty(0), 0.5) == 0.0
    assert ends(COMM, mine([2.0, -1.0, 5.0])) == (-1.0, 5.0)


def test_parts_are_searched_at_once_and_do_not_feel_each_other():
    rng = np.random.default_rng(5)
    parts = [(10.0**k * rng.normal(size=90), rng.uniform(0.1, 1.0, 90)) for k in (-9, 0, 9)]
    parts.insert(1, (np.empty(0), np.empty(0)))
    found = quantiles(COMM, [(mine(values), mine(areas)) for values, areas in parts], 0.95)
    expected = [weighted(*part, 0.95) if len(part[0]) else 0.0 for part in parts]
    assert found == pytest.approx(expected, rel=1e-9)


def test_each_group_has_its_own():
    rng = np.random.default_rng(4)
    values, areas, groups = rng.normal(size=300), rng.uniform(0.1, 1.0, 300), np.arange(300) % 3
    groups[groups == 1] = 3  # 1 has none
    part = (mine(values), mine(areas), mine(groups).astype(np.int32))
    found = quantiles_of_groups(COMM, *part, 4, 0.95)
    expected = [weighted(values[groups == k], areas[groups == k], 0.95) for k in (0, 2, 3)]
    assert found[[0, 2, 3]].tolist() == expected
    assert found[1] == 0.0
