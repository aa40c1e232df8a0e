"""If these fail, lithium is counted in the wrong host, or leaves 0 to 1 without a word."""

from __future__ import annotations

import numpy as np
import pytest

from mesode.constants import FARADAY
from mesode.fields import Group
from mesode.model.diagnostics import Diagnostics
from support.shown import shown
from support.small_cell import small_cell, split_arrays

pytestmark = pytest.mark.mpi

C_MAX = {"active": 8e4, "second": 3e4}  # of the small cell, which has half a square of each


@pytest.fixture(scope="module")
def cell():
    return small_cell(n=4, arrays=split_arrays(4))


def test_lithiations_are_those_of_each_host_and_their_mean_by_capacity(cell):
    cell.reset()
    cell.sto["active"].set(0.2)
    cell.sto["second"].set(0.9)
    row = Diagnostics(cell).row()
    assert row["Mean Lithiation active / 1"] == pytest.approx(0.2)
    assert row["Max Lithiation second / 1"] == pytest.approx(0.9)
    held = 0.2 * C_MAX["active"] + 0.9 * C_MAX["second"]
    assert row["Mean Lithiation / 1"] == pytest.approx(held / sum(C_MAX.values()))


def test_the_free_energy_of_a_host_is_the_charge_times_its_potential(cell):
    """d(energy)/d(lithium) = -F U, against a difference."""
    T, at, by = 300.0, 0.4, 1e-4
    cell.reset()
    energy = []
    for sto in (at - by, at + by):
        cell.sto["second"].set(sto)
        energy.append(cell.domain.comm.allreduce(cell.lithium.nodal_energy(T)))
    moles = C_MAX["second"] * cell.area(("second",)) * 2 * by
    U = cell.materials.lithium("second").ocp(sto=at, T=T)
    assert np.diff(energy)[0] == pytest.approx(-FARADAY * U * moles, rel=1e-6)


@pytest.mark.parametrize(
    ("value", "fires"), [(0.0, False), (1.0, False), (-2e-6, True), (1.0 + 2e-6, True)]
)
def test_a_step_keeps_the_lithiation_in_its_range(cell, value, fires):
    cell.reset()
    cell.sto["second"].set(value)
    (limit,) = cell.lithium.limits()
    assert (limit.indicator() < 0.0) is fires


def test_a_node_that_hosts_share_shows_their_mean(cell):
    cell.reset()
    cell.sto["active"].set(0.2)
    cell.sto["second"].set(0.6)
    sto = shown(cell, Group.ACTIVE, "sto")
    x = sto.function_space.tabulate_dof_coordinates()[:, 0]
    expected = np.where(np.isclose(x, 1e-6), 0.4, np.where(x < 1e-6, 0.2, 0.6))
    np.testing.assert_allclose(sto.x.array, expected)
