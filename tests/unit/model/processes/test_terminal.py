"""If these fail, voltage or charge at the terminal are not those of the electrode."""

from __future__ import annotations

import pytest

from mesode.columns import VOLTAGE
from mesode.model.diagnostics import Diagnostics
from support.protocols import run
from support.small_cell import full_cell, small_cell

pytestmark = pytest.mark.mpi

CONTACT = 1e-6  # [ohm m^2] of the small cell


def test_the_voltage_is_the_level_less_the_drop_at_the_contact():
    cell = small_cell(n=2)
    cell.reset()
    rest = cell.V.number()
    cell.I.set(200.0)
    assert cell.V.number() == pytest.approx(rest - 200.0 * CONTACT * cell.crowding[0])
    cell.V.set(0.4)
    assert Diagnostics(cell).row()[VOLTAGE] == pytest.approx(0.4)


def test_charge_without_lithium_is_told():
    cell = small_cell(n=2)
    cell.reset()
    diagnostics = Diagnostics(cell)
    assert diagnostics.update_balances()["lithium"] < 1e-12
    charge = 0.1 * cell.charge_capacity
    cell.Q.set(charge)
    assert diagnostics.update_balances()["lithium"] == pytest.approx(1.0)


def test_lithium_that_the_charge_brings_closes_the_balance():
    cell = small_cell(n=2)
    cell.reset()
    diagnostics = Diagnostics(cell)
    cell.Q.set(0.1 * cell.charge_capacity)
    cell.sto["active"].set(0.2)
    layer = cell.integral(cell.charge_transfer.integrals()["layer"])
    assert abs(layer) > 0.0  # the level has not moved, so the layer has not either
    assert diagnostics.update_balances()["lithium"] < 1e-12


@pytest.mark.parametrize("swap", [False, True])
def test_in_a_full_section_both_electrodes_are_asked(swap):
    """The charge that fills the one empties the other; either alone does not close."""
    cell = full_cell(n=4, swap=swap)
    cell.reset()
    half, whole = Diagnostics(cell), Diagnostics(cell)
    charge = 0.05 * cell.charge_capacity
    cell.Q.set(charge)
    filled = -cell.polarity  # positive current empties the anode
    for prefix, hosts in cell.electrodes.items():
        (host,) = hosts
        sign = filled if prefix else -filled
        change = sign * charge / cell.host_capacities[host]
        cell.sto[host].set(cell.initial[host] + change)
        if not prefix:
            assert half.update_balances()["lithium"] == pytest.approx(1.0)
    assert whole.update_balances()["lithium"] < 1e-12
    for host in cell.working:  # it alone
        cell.sto[host].set(cell.initial[host])
    assert whole.update_balances()["lithium"] == pytest.approx(1.0)


def test_lithium_is_told_over_what_has_passed_either_way():
    """As much out as in: the net charge is none, and two minutes at 1C have passed, twice."""
    cell = small_cell(n=2)
    cell.reset()
    diagnostics = Diagnostics(cell)
    steps = ("Lithiate at 1C for 120 s", "Delithiate at 1C for 120 s")
    result, _ = run(cell, *steps, diagnostics=diagnostics)
    assert result.status == "completed"
    assert abs(cell.Q.number()) < 1e-6 * cell.charge_capacity
    assert diagnostics.balances()["lithium"] < 1e-10
    cell.sto["active"].scaled.x.array[:] -= 1e-4 / cell.sto["active"].scale
    passed = 240 / 3600
    assert diagnostics.update_balances()["lithium"] == pytest.approx(1e-4 / passed, rel=1e-3)
