"""If these fail, a run that cannot go on names the wrong field, place or remedy."""

from __future__ import annotations

from mpi4py import MPI

import numpy as np
import pytest

from mesode.model.residual import CurrentMeasure
from mesode.protocol.diagnosis import agree, diagnose, place, suspects, too_fast
from support.small_cell import small_cell

pytestmark = pytest.mark.mpi


@pytest.fixture(scope="module")
def shared():
    return small_cell(n=2)


@pytest.fixture
def cell(shared):
    shared.reset()
    return shared


def set_at(unknown, x, y, value):
    """Set a field at the node at (x, y) um."""
    function = unknown.scaled
    points = function.function_space.tabulate_dof_coordinates()[:, :2] * 1e6
    function.x.array[np.hypot(*(points - (x, y)).T) < 1e-6] = value / unknown.scale


def test_place_of_the_extremes(cell):
    set_at(cell.c_e, 0.5, 0.0, 20.0)
    set_at(cell.c_e, 2.0, 3.0, 1900.0)
    low, where = place(cell.c_e, largest=False)
    assert (low, *where) == pytest.approx((20.0, 0.5, 0.0))
    high, where = place(cell.c_e, largest=True)
    assert (high, *where) == pytest.approx((1900.0, 2.0, 3.0))


def test_nothing_is_suspect_in_the_middle(cell):
    assert suspects(cell) == []


def test_suspects_by_name_number_and_place(cell):
    set_at(cell.c_e, 0.5, 0.0, 20.0)
    set_at(cell.sto["active"], 1.0, 1.0, 0.995)
    set_at(cell.sto["active"], 0.5, 0.5, 0.001)
    salt, full, empty = suspects(cell)
    assert "c_e = 20 mol/m3 at x = 0.50 um, y = 0.00 um" in salt
    assert "full: lithiation 0.9950 at x = 1.00 um, y = 1.00 um" in full
    assert "empty: lithiation 0.0010 at x = 0.50 um, y = 0.50 um" in empty


def residual_with(cell, key):
    """Measure a residual that is large in one equation."""
    measure = CurrentMeasure(cell)
    residual = cell.system.x.duplicate()
    keys = [unknown.key for unknown in cell.unknowns]
    residual.getArray()[cell.system.owned_slices()[keys.index(key)]] = 1.0
    measure(residual)
    return measure


def test_the_field_that_did_not_converge_is_named(cell):
    cell.I.set(2.0 * cell.current_1C)
    text = diagnose(cell, residual_with(cell, "phi_e"), 1e-9)
    assert "failed down to 1.0e-09 s; the potential of the electrolyte did not converge" in text
    assert "(2 C)" in text
    assert "No field is near a bound" in text


def test_a_bound_is_told_instead_of_a_general_hint(cell):
    set_at(cell.sto["active"], 1.0, 1.0, 0.995)
    text = diagnose(cell, residual_with(cell, "sto"), 1e-9)
    assert "the lithiation of the hosts did not converge. Near a bound: a host is full" in text


def test_the_linear_solver_speaks_for_itself(cell):
    text = diagnose(cell, residual_with(cell, "sto"), 1e-9, "MUMPS could not factor the matrix")
    assert "1.0e-09 s; MUMPS could not factor the matrix" in text
    assert "converge" not in text


def test_too_fast_tells_current_and_remedy(cell):
    cell.I.set(-50.0 * cell.current_1C)
    text = too_fast(cell, "voltage 1000 mV reached", 0.02)
    assert text.startswith("voltage 1000 mV reached within 0.02 s: ")
    assert "(50 C) is more than this section carries" in text
    assert "Lower the current" in text


def test_ranks_agree_on_the_first_text():
    comm = MPI.COMM_WORLD
    assert agree(comm, None) is None
    last = comm.size - 1
    assert agree(comm, "stop" if comm.rank == last else None) == "stop"
