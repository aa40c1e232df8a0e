"""If these fail, Newton's method stops short of the balances, or goes on below what can be."""

from __future__ import annotations

from mpi4py import MPI

import numpy as np
import pytest

from mesode.model.residual import CurrentMeasure
from support.protocols import run
from support.small_cell import full_cell, small_cell

pytestmark = pytest.mark.mpi

EPS = np.finfo(float).eps


@pytest.fixture(scope="module")
def cell():
    return small_cell(n=2)


@pytest.fixture
def at_rest(cell):
    cell.reset()
    return cell


def measured(cell, key, total, dt):
    """Measure a residual whose rows of one unknown add up to ``total`` [A/m]."""
    cell.system.time_step = dt
    residual = cell.system.x.duplicate()
    where = cell.system.owned_slices()[[u.key for u in cell.unknowns].index(key)]
    rows = MPI.COMM_WORLD.allreduce(where.stop - where.start)
    residual.getArray()[where] = total / rows
    found = CurrentMeasure(cell)(residual)
    return found.size, found.balance


def stored(cell):
    """Lithium of the full host per depth [C/m]."""
    return cell.charge_capacity * cell.width


def test_what_each_row_stores(at_rest):
    found = dict(zip([u.key for u in at_rest.unknowns], at_rest.system.stored(), strict=True))
    assert found["sto"] == pytest.approx(stored(at_rest))
    assert found["Q"] == pytest.approx(at_rest.Q.scale * at_rest.width)
    assert found["I"] == 0.0
    # charge is stored in double layers alone
    assert 0.0 < found["phi_e"] < 1e-3 * stored(at_rest)


@pytest.mark.parametrize("dt", [1e-6, 1e-3, 1.0])
def test_the_rounding_of_what_is_stored_is_nothing(at_rest, dt):
    rounding = EPS * stored(at_rest) / dt
    assert measured(at_rest, "sto", rounding, dt) == (0.0, 0.0)
    scale = at_rest.current_1C * at_rest.width
    local, balance = measured(at_rest, "sto", 100.0 * rounding, dt)
    assert local == pytest.approx(96.0 * rounding / (0.01 * scale), rel=1e-6)
    assert balance == pytest.approx(96.0 * rounding / (0.01 * scale), rel=1e-6)


@pytest.mark.parametrize("key", ["phi_s", "phi_e", "V", "I"])
def test_charge_is_balanced_to_the_end_however_short_the_step(at_rest, key):
    # what the lithium rows round by in such a step would be a thousand times too much
    wrong = 1e-8 * 0.01 * at_rest.current_1C * at_rest.width
    assert measured(at_rest, key, wrong, 1e-4)[1] == pytest.approx(1e-8, rel=0.05)


def test_the_electrodes_of_a_full_section_are_no_balance_for_each_other():
    """What is missing in one and too much in the other is wrong twice."""
    full = full_cell(n=2)
    residual, space = full.system.x.duplicate(), full.phi_s.scaled.function_space
    number = [u.key for u in full.unknowns].index("phi_s")
    where = full.system.owned_slices()[number]
    upper = space.tabulate_dof_coordinates()[: where.stop - where.start, 1] > 2.5e-6
    numbers = [full.domain.comm.allreduce(int(part.sum())) for part in (upper, ~upper)]
    wrong = 1e-8 * 0.01 * full.current_1C * full.width
    residual.getArray()[where] = np.where(upper, wrong / numbers[0], -wrong / numbers[1])
    full.system.time_step = 1.0
    measure = CurrentMeasure(full)
    assert measure(residual).balance == pytest.approx(2e-8, rel=0.01)
    assert measure.worst_blocks() == [number]


@pytest.mark.parametrize("tolerance", [1e-5, 1e-7])
def test_a_rest_after_a_high_current_converges(cell, tolerance):
    result, record = run(cell, "Lithiate at 7C for 20 s", "Rest for 60 s", tolerance=tolerance)
    assert result.status == "completed"
    assert result.counts["failures"] == 0
    assert np.abs(record.column("Current Density / A.m-2", 2)).max() < 1e-9


def rows(cell):
    cell.system.store([u.scaled for u in cell.unknowns], cell.system.x)
    cell.system.load(cell.system.x, cell.system.unknowns)
    out = cell.system.x.duplicate()
    cell.system.assemble_residual(out)
    return out.getArray().copy()


@pytest.mark.parametrize("sto", [0.5, 1.0 + 2e-8])
def test_what_rows_round_by_because_the_lithiation_does(at_rest, sto):
    lithiation, V = at_rest.sto["active"], at_rest.V
    lithiation.set(sto)
    V.set(float(at_rest.materials.lithium("active").ocp(sto=sto, T=300.0)) - 0.2)
    before = rows(at_rest)
    at_rest.system.assemble_jacobian(at_rest.system.A, 0.0)
    measure = CurrentMeasure(at_rest)
    measure.know(at_rest.system.A, at_rest.system.x)
    lithiation.scaled.x.array[:] += 2.0 * EPS  # the spacing of numbers above one, some of it below
    change = np.abs(rows(at_rest) - before)
    surface = [unknown.key for unknown in at_rest.unknowns].index("i_n")
    where = at_rest.system.owned_slices()[surface]
    felt = MPI.COMM_WORLD.allreduce(change[where].sum())
    # known to half a spacing at one: a quarter of this change, but for what cancels within a row
    assert measure.known_rounding[surface, 1] >= 0.2 * sto * felt
    passed = at_rest.current_1C * at_rest.width
    assert (felt > 1e-10 * passed) == (sto > 0.9)


def test_what_rows_round_by_because_a_potential_far_from_the_collector_does(at_rest):
    """A good conductor behind a poor one, half a volt away: its current leaves node for node."""
    electrons = [unknown.key for unknown in at_rest.unknowns].index("phi_s")
    where, phi_s = at_rest.system.owned_slices()[electrons], at_rest.phi_s.scaled.x.array

    def known(potential):
        phi_s[:] = potential
        rows(at_rest)
        at_rest.system.assemble_jacobian(at_rest.system.A, 0.0)
        measure = CurrentMeasure(at_rest)
        measure.know(at_rest.system.A, at_rest.system.x)
        return measure.known_rounding[electrons]

    near, far = known(0.0), known(-0.5)
    before = rows(at_rest)
    phi_s[::2] += 0.5 * EPS  # the spacing of numbers there
    change = MPI.COMM_WORLD.allreduce(np.abs(rows(at_rest) - before)[where].sum())
    phi_s[:] = 0.0
    assert change > 1e-10 * at_rest.current_1C * at_rest.width
    assert 0.25 * change <= far[1] <= 4.0 * change
    assert near[1] < 1e-3 * far[1]
    assert far[0] == near[0]  # no sum is excused


def test_what_rows_of_ions_round_by_because_the_salt_does(at_rest):
    """The potential of the salt is driven by its concentration, a number near one everywhere."""
    ions = [unknown.key for unknown in at_rest.unknowns].index("phi_e")
    where, c_e = at_rest.system.owned_slices()[ions], at_rest.c_e.scaled.x.array
    before, kept = rows(at_rest), c_e.copy()
    at_rest.system.assemble_jacobian(at_rest.system.A, 0.0)
    measure = CurrentMeasure(at_rest)
    measure.know(at_rest.system.A, at_rest.system.x)
    c_e[::2] += EPS  # the spacing of numbers there
    change = MPI.COMM_WORLD.allreduce(np.abs(rows(at_rest) - before)[where].sum())
    c_e[:] = kept
    known = measure.known_rounding[ions]
    assert change > 1e-14 * at_rest.current_1C * at_rest.width
    assert 0.25 * change <= known[1] <= 4.0 * change
    assert known[0] < 1e-3 * known[1]  # no sum is excused
