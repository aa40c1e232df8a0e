"""If these fail, guesses of a time step have potentials that do not go with their lithiations."""

from __future__ import annotations

import numpy as np
import pytest

from mesode.model.foresight import Foresight
from support.small_cell import full_cell, small_cell, split_arrays

pytestmark = pytest.mark.mpi


def at_rest(cell, sto, counter_sto=0.5):
    """Return the state of a cell without current at uniform lithiations."""
    for host, unknown in cell.sto.items():
        unknown.set(sto if host in cell.working else counter_sto)
    for host in cell.counter_hosts if cell.is_full else ():
        ocp = cell.materials.lithium(host).ocp
        cell.phi_e.set(-float(ocp(sto=counter_sto, T=cell.kelvins)))
    cell.V.set(cell.equilibrium_voltage(sto, counter_sto))
    cell.system.store(cell.system.unknowns, cell.system.x)
    return cell.system.x.getArray(readonly=True).copy()


@pytest.fixture(params=["half", "full"])
def cell(request):
    return small_cell(n=2) if request.param == "half" else full_cell(n=4)


def test_between_states_at_rest_the_guess_is_at_rest(cell):
    states = [at_rest(cell, 0.4, 0.55), at_rest(cell, 0.3, 0.62)]
    weights = [1.7, -0.7]
    guess = weights[0] * states[0] + weights[1] * states[1]
    missed = guess.copy()
    Foresight(cell)(guess, weights, states)
    expected = at_rest(cell, 0.47, 0.501)
    assert np.allclose(guess, expected, rtol=0.0, atol=1e-9)
    where = dict(zip(cell.unknowns, cell.system.owned_slices(), strict=True))[cell.level]
    off = cell.domain.comm.allreduce(float(np.abs(missed - expected)[where].sum()))
    assert off > 1e-4  # that of the polynomial is not


@pytest.mark.parametrize("kind", ["voltage", "current"])
def test_a_voltage_that_is_held_stays(kind):
    cell = small_cell(n=2)
    states = [at_rest(cell, 0.4), at_rest(cell, 0.3)]
    cell.control(kind, 0.0)
    guess = 2.0 * states[0] - states[1]
    before = guess.copy()
    Foresight(cell)(guess, [2.0, -1.0], states)
    moved = cell.domain.comm.allreduce(float(np.abs(guess - before).max(initial=0.0)))
    assert (moved > 0.0) is (kind == "current")


def test_hosts_of_one_electrode_share_the_lift():
    cell = small_cell(n=2, arrays=split_arrays(2))
    states = [at_rest(cell, 0.4), at_rest(cell, 0.4)]
    guess = states[0].copy()
    Foresight(cell)(guess, [2.0, -1.0], states)
    assert np.allclose(guess, states[0], rtol=0.0, atol=1e-12)
