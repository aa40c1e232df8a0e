"""If these fail, a full section charges where it should discharge, or loses lithium between its
electrodes."""

from __future__ import annotations

import gc
import weakref

from mpi4py import MPI

import pytest

from mesode.model.diagnostics import Diagnostics
from mesode.model.processes.mechanics import MechanicsOptions
from mesode.model.residual import CurrentMeasure
from mesode.numerics.integrator import Integrator
from mesode.numerics.newton import NewtonOptions
from mesode.numerics.step_control import TimeOptions
from mesode.physics.elasticity import SectionKind
from support.small_cell import full_cell

FREE = MechanicsOptions(kind=SectionKind.FREE_PARTICLES)
V, MEAN, COUNTER = "Voltage / V", "Mean Lithiation / 1", "Mean Lithiation Counter / 1"


def advanced(cell, current, seconds):
    """Return the diagnostics after a time at constant current [A/m^2]."""
    diagnostics = Diagnostics(cell)
    cell.control("current", current)
    weights = [unknown.error_weight for unknown in cell.unknowns]
    integrator = Integrator(
        cell.system,
        weights,
        CurrentMeasure(cell),
        TimeOptions(tolerance=1e-5),
        NewtonOptions(),
        cell.states,
    )
    integrator.restart()

    def accepted(_t):
        cell.system.load(cell.system.x, cell.system.unknowns)
        diagnostics.update_balances()
        return False

    assert integrator.integrate(seconds, [], accepted) == "time"
    accepted(seconds)
    return diagnostics


@pytest.fixture(scope="module")
def discharged():
    cell = full_cell()
    return cell, advanced(cell, cell.current_1C, 300.0)


def test_at_rest_the_voltage_is_the_difference_of_the_electrodes():
    cell = full_cell()
    anode, cathode = (cell.materials.lithium(h).ocp for h in ("active", "counter_active"))
    expected = float(cathode(sto=0.3)) - float(anode(sto=0.8))
    assert cell.V.number() == pytest.approx(expected, abs=1e-9)
    row = Diagnostics(cell).row()
    assert row["Open-Circuit Voltage / V"] == pytest.approx(expected, abs=1e-9)
    assert (row[MEAN], row[COUNTER]) == pytest.approx((0.8, 0.3))


def test_positive_current_empties_the_anode_into_the_cathode(discharged):
    cell, diagnostics = discharged
    row = diagnostics.row()
    # 300 s at 1C of the anode; the double layers hold some of it
    assert row[MEAN] == pytest.approx(0.8 - 300 / 3600, abs=1e-3)
    ratio = cell.charge_capacity / cell.host_capacities["counter_active"]
    assert row[COUNTER] == pytest.approx(0.3 + ratio * 300 / 3600, abs=1e-3)
    assert row[V] < row["Open-Circuit Voltage / V"]
    assert cell.Q.number() == pytest.approx(300 * cell.current_1C, rel=1e-6)
    assert row["Specific Capacity / mA.h.g-1"] > 0.0


def test_both_contacts_take_their_resistance(discharged):
    cell, diagnostics = discharged
    poor, ideal = full_cell(contact=2e-3), full_cell(contact=0.0)
    voltages = [advanced(c, c.current_1C, 300.0).row()[V] for c in (poor, ideal)]
    known = diagnostics.row()[V]
    assert known - voltages[0] == pytest.approx(2 * (2e-3 - 1e-6) * cell.current_1C, rel=1e-4)
    assert voltages[1] - known == pytest.approx(2 * 1e-6 * cell.current_1C, rel=1e-2)
    # potentials are told against the collector of the counter electrode, which is at zero
    drop = 2e-3 * cell.current_1C
    working, counter = poor.references()
    assert (working, counter) == pytest.approx((-voltages[0] - drop, drop), abs=1e-9)


def test_lithium_charge_salt_and_energy_are_in_balance(discharged):
    _, diagnostics = discharged
    errors = diagnostics.balances()
    assert errors.pop("energy") < 1e-4
    assert max(errors.values()) < 1e-7


def test_the_same_cell_from_the_other_end_has_the_opposite_voltage(discharged):
    cell, diagnostics = discharged
    other = full_cell(swap=True)
    found = advanced(other, -cell.I.number(), 300.0).row()
    row = diagnostics.row()
    assert found[V] == pytest.approx(-row[V], abs=1e-5)
    assert found[COUNTER] == pytest.approx(row[MEAN], abs=1e-6)


def test_both_electrodes_swell_between_their_collectors():
    cell = full_cell(mechanics=FREE)
    row = advanced(cell, cell.current_1C, 100.0).row()
    # the anode shrinks, the cathode grows; both collectors hold their electrode
    assert row["Thickness Change / 1"] < -1e-4
    assert 1e-4 < row["Thickness Change Counter / 1"] < 1e-2
    assert row["Max von Mises Active / Pa"] > 1e6


def test_a_cell_that_is_not_needed_any_more_is_gone():
    # MPICH has 2048 communicators, of which each cell takes some thirty
    cell = full_cell(comm=MPI.COMM_SELF, mechanics=FREE)
    diagnostics = advanced(cell, cell.current_1C, 1.0)
    left = [weakref.ref(part) for part in (cell, cell.domain, cell.domain.mesh, cell.system)]
    del cell, diagnostics
    gc.collect()
    assert [part() for part in left] == [None] * 4
