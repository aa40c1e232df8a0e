"""If these fail, salt is lost without a word, or its free energy is not that of its potential."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad

from mesode.constants import GAS_CONSTANT
from mesode.model.diagnostics import Diagnostics
from mesode.model.processes.electrolyte import Electrolyte
from support.small_cell import small_cell

pytestmark = pytest.mark.mpi

REST = 1000.0  # [mol/m^3], of the small cell
PORES = 0.6 * 3e-12 + 0.5 * 2e-12  # [m^2] of electrolyte in binder and separator


@pytest.fixture(scope="module")
def cell():
    return small_cell(n=4)


@pytest.fixture(scope="module")
def electrolyte(cell):
    return next(process for process in cell.processes if isinstance(process, Electrolyte))


def test_salt_that_appears_is_told_relative_to_all_of_it(cell):
    cell.reset()
    diagnostics = Diagnostics(cell)
    assert diagnostics.update_balances()["salt"] < 1e-15
    cell.c_e.set(REST + 0.02)
    assert diagnostics.update_balances()["salt"] == pytest.approx(2e-5)


def test_the_run_ends_where_the_salt_is_exhausted(cell, electrolyte):
    (guard,) = electrolyte.guards()
    cell.reset()
    assert guard.indicator() > 0.0
    cell.c_e.scaled.x.array[:1] = 5e-4  # at one node of each rank
    assert guard.indicator() < 0.0


def test_the_free_energy_is_that_of_the_chemical_potential(cell, electrolyte):
    """2 RT (1 + dlnf/dlnc) dlnc per mole of salt, from rest to here, integrated by hand."""
    T, c_e = 310.0, 600.0

    def potential(c):
        return quad(lambda s: 2 * GAS_CONSTANT * T * (1 + 0.5 * (s / 1e3) ** 2) / s, REST, c)[0]

    expected = PORES * quad(potential, REST, c_e)[0]
    cell.c_e.set(c_e)
    found = cell.domain.comm.allreduce(electrolyte.nodal_energy(T))
    assert found == pytest.approx(expected, rel=1e-6)
    cell.c_e.set(REST)
    assert electrolyte.nodal_energy(T) == pytest.approx(0.0, abs=1e-12 * expected)


def test_least_and_largest_concentration_are_columns(cell):
    cell.reset()
    x = cell.c_e.scaled.function_space.tabulate_dof_coordinates()[:, 1]
    cell.c_e.scaled.x.array[:] = 1.0 + 0.1 * (x / 3e-6 - 0.5)
    row = Diagnostics(cell).row()
    ends = [row[f"{end} Salt Concentration / mol.m-3"] for end in ("Min", "Max")]
    np.testing.assert_allclose(ends, [950.0, 1050.0])
