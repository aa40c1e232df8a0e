"""If these fail, a run reports balances that hide an error, or particles that are not there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mesode.model import currents
from mesode.model.diagnostics import Diagnostics
from support.protocols import run
from support.small_cell import DOUBLE_LAYER, small_arrays, small_cell, uneven

pytestmark = pytest.mark.mpi


def two_particles():
    """Return the small mesh, its block cut into the particles 0 and 2; nothing is particle 1."""
    arrays = uneven(small_arrays(4))
    right = arrays.points[arrays.cells].mean(axis=1)[:, 0] > 1.0
    number = np.where(right & (arrays.particle == 0), 2, arrays.particle)
    return replace(arrays, particle=number.astype(np.int32))


@pytest.fixture(scope="module")
def cell():
    return small_cell(arrays=two_particles())


@pytest.fixture
def diagnostics(cell):
    cell.reset()
    return Diagnostics(cell)


def test_rest_is_in_balance(diagnostics):
    assert max(diagnostics.update_balances().values()) < 1e-12


def test_lost_lithium_is_seen(cell, diagnostics):
    cell.sto["active"].set(cell.setup.lithiation - 1e-3)
    # all of it missing, relative to the least charge, a thousandth of the capacity
    assert diagnostics.update_balances()["lithium"] == pytest.approx(1.0, rel=1e-6)


def test_charge_that_did_not_arrive_is_seen(cell, diagnostics):
    cell.Q.set(0.01 * cell.charge_capacity)
    assert diagnostics.update_balances()["lithium"] == pytest.approx(1.0, rel=1e-6)


def test_lost_salt_is_seen(cell, diagnostics):
    cell.c_e.set(990.0)
    assert diagnostics.update_balances()["salt"] == pytest.approx(0.01)


@pytest.mark.parametrize(("rate", "seen"), [(1.0, 0.5), (0.1, 0.5), (1e-3, 0.05)])
def test_a_current_without_a_return_is_seen(cell, diagnostics, rate, seen):
    """Relative to the current, of less than C/100 to that."""
    I = rate * cell.current_1C
    cell.I.set(I)
    # half of it is missing at the collector, all of it at the interfaces
    cell.phi_s.set(-0.5 * I * cell.materials.contact_resistance)
    assert diagnostics.update_balances()["charge"] == pytest.approx(seen, rel=0.01)


@pytest.mark.parametrize("way", [1.0, -1.0])
def test_what_charges_the_double_layers_is_told_by_its_size(cell, diagnostics, way):
    """C dU/dt of a surface that is twice as long as the section is wide."""
    cell.level.scaled_rate.x.array[:] = way * 3.0 / cell.level.scale
    charging = diagnostics.charging_current()
    cell.level.scaled_rate.x.array[:] = 0.0
    assert charging == pytest.approx(2.0 * DOUBLE_LAYER * 3.0)


def test_the_worst_is_kept(cell, diagnostics):
    cell.c_e.set(990.0)
    diagnostics.update_balances()
    cell.c_e.set(1000.0)
    assert diagnostics.update_balances()["salt"] == pytest.approx(0.01)


def assert_in_balance(diagnostics):
    """Check all balances: that of energy holds to the tolerance of the time integration."""
    errors = diagnostics.balances()
    assert errors.pop("energy") < 1e-3
    assert max(errors.values()) < 1e-7


@pytest.fixture(scope="module")
def lithiated(cell):
    diagnostics = Diagnostics(cell)
    run(cell, "Lithiate at 1C for 5 minutes", diagnostics=diagnostics)
    return diagnostics


def test_a_run_is_in_balance(lithiated):
    assert_in_balance(lithiated)


def test_particles_sum_up_to_the_section(cell, lithiated):
    table = lithiated.particles()
    assert table["Particle / 1"] == pytest.approx([0, 2])
    assert table["x / um"] == pytest.approx([0.75, 1.25])
    assert table["y / um"] == pytest.approx([1.0, 1.0])
    assert table["Area / um2"] == pytest.approx([0.5, 0.5])
    assert table["Interface Length / um"] == pytest.approx([2.0, 2.0])
    mean = np.average(table["Mean Lithiation / 1"], weights=table["Area / um2"])
    assert mean == pytest.approx(lithiated.mean_lithiation())
    current = table["Interface Current Density / A.m-2"] * table["Interface Length / um"] * 1e-6
    (surface,) = cell.surfaces
    interface = cell.integral(currents.i_n(cell, surface) * surface.dS)
    # the table has the unknown, this is its law: Newton's method ends at 1e-5 of the current
    assert current.sum() == pytest.approx(interface, rel=1e-5)
    # lithiation, a current out of the electrode, is reduction at the surface
    assert current.sum() == pytest.approx(-cell.I.number() * cell.width, rel=1e-3)


def test_particles_stay_within_the_row(lithiated):
    table, row = lithiated.particles(), lithiated.row()
    assert table["Min Lithiation / 1"].min() == pytest.approx(row["Min Lithiation / 1"])
    assert table["Max Lithiation / 1"].max() == pytest.approx(row["Max Lithiation / 1"])


def half_touched():
    """Return the small mesh with pores on the left half of the collector."""
    arrays = small_arrays(4)
    middle = arrays.points[arrays.cells].mean(axis=1)
    pocket = (middle < (1.0, 0.25)).all(axis=1)
    number = max(arrays.phases.values()) + 1
    return replace(
        arrays,
        cell_phase=np.where(pocket, number, arrays.cell_phase).astype(np.int32),
        phases={**arrays.phases, "pore": number},
    )


def test_currents_are_per_area_of_the_electrode_where_half_of_it_is_touched(cell):
    half = small_cell(arrays=half_touched())
    assert half.width == pytest.approx(2e-6)
    assert half.charge_capacity == pytest.approx(cell.charge_capacity)
    diagnostics = Diagnostics(half)
    run(half, "Lithiate at 1C for 5 minutes", diagnostics=diagnostics)
    collector = half.integral(currents.outflow(half) * half.ds_contact)
    assert collector == pytest.approx(half.current_1C * half.width, rel=1e-7)
    assert_in_balance(diagnostics)
    gained = diagnostics.mean_lithiation() - half.setup.lithiation
    assert gained == pytest.approx(1 / 12, rel=1e-3)
