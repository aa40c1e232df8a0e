"""If these fail, the charge that passes the surfaces is not booked where it goes."""

from __future__ import annotations

import pytest

from mesode.model.diagnostics import Diagnostics
from support.small_cell import DOUBLE_LAYER, coated_arrays, film_coating, small_cell

pytestmark = pytest.mark.mpi

SURFACE = 4e-6  # [m] of the square particle of the small cell


def integrals(cell):
    return {k: cell.integral(form) for k, form in cell.charge_transfer.integrals().items()}


def set_passed(cell, value):
    cell.reset()
    for unknown in cell.charge_transfer.unknowns:
        unknown.set(value)


def test_what_leaves_the_host_is_negative_at_the_terminal():
    cell = small_cell(n=2)
    set_passed(cell, 3.0)
    assert integrals(cell)["interface"] == pytest.approx(-3.0 * SURFACE)


def test_the_layer_holds_the_charge_of_the_drop_across_it():
    cell = small_cell(n=2)
    cell.reset()
    before = integrals(cell)["layer"]
    cell.phi_e.scaled.x.array[:] -= 0.05
    after = integrals(cell)["layer"]
    assert after - before == pytest.approx(0.05 * DOUBLE_LAYER * SURFACE)
    energy = sum(cell.integral(store.form) for store in cell.charge_transfer.stored())
    assert energy == pytest.approx(after**2 / (2 * DOUBLE_LAYER * SURFACE))


def test_bare_and_coated_surface_have_a_mean_each():
    arrays = coated_arrays(4, share=0.5)
    cell = small_cell(n=4, arrays=arrays, coatings={"active": film_coating()})
    cell.reset()
    for surface, i_n in cell.charge_transfer.i_n.items():
        i_n.set(5.0 if surface.coated else -2.0)
    row = Diagnostics(cell).row()
    assert row["Coated Interface Current Density / A.m-2"] == pytest.approx(5.0)
    assert row["Bare Interface Current Density / A.m-2"] == pytest.approx(-2.0)
    both = integrals(cell)["interface"]
    assert both == pytest.approx(-(5.0 - 2.0) * SURFACE / 2)


def test_at_rest_the_law_passes_nothing():
    cell = small_cell(n=2)
    cell.reset()
    passed = [cell.integral(form) for form in cell.charge_transfer.by_law().values()]
    assert passed == pytest.approx([0.0], abs=1e-9 * cell.current_1C * cell.width)
