"""If these fail, areas, capacities or the state at rest of a half cell are not the section's."""

from __future__ import annotations

import numpy as np
import pytest

from mesode.errors import ModelError
from support.small_cell import small_cell

pytestmark = pytest.mark.mpi

F = 96485.33212
C_MAX, WIDTH, AREA = 8e4, 2e-6, 1e-12  # of tests/support/small_cell.py


@pytest.fixture(scope="module")
def cell():
    return small_cell(n=2)


def test_section_by_hand(cell):
    assert cell.width == pytest.approx(WIDTH)
    assert cell.area(("active",)) == pytest.approx(AREA, rel=1e-6, abs=0)
    assert cell.area(("carbon_binder", "separator")) == pytest.approx(5 * AREA, rel=1e-6, abs=0)
    assert cell.charge_capacity == pytest.approx(F * C_MAX * AREA / WIDTH)
    assert cell.active_mass == pytest.approx(2000.0 * AREA / WIDTH)
    assert cell.current_1C == pytest.approx(cell.charge_capacity / 3600)


def test_fields_live_where_their_property_exists(cell):
    assert cell.hosts == ("active",)
    assert set(cell.conductors) == {"active", "carbon_binder"}
    assert set(cell.pores) == {"carbon_binder", "separator"}


def test_a_property_that_is_not_there_is_named(cell):
    assert cell.materials.lithium("active").c_max == C_MAX
    with pytest.raises(ModelError, match="phase separator takes no lithium"):
        cell.materials.lithium("separator")
    for ask in (cell.materials.electronic, cell.materials.mechanical):
        with pytest.raises(ModelError, match="phase separator"):
            ask("separator")
    with pytest.raises(ModelError, match="phase active does not conduct ions"):
        cell.materials.ionic("active")


def test_open_circuit_voltage(cell):
    assert cell.equilibrium_voltage(0.3) == pytest.approx(0.6 - 0.15 + 0.05 * np.tanh(2.0))


def residual(cell):
    out = cell.system.x.duplicate()
    cell.system.load(cell.system.x, cell.system.unknowns)
    cell.system.assemble_residual(out)
    return out


def test_rest_is_a_solution(cell):
    cell.reset()
    cell.control("current", 0.0)
    assert residual(cell).norm() < 1e-12 * cell.current_1C * cell.width


@pytest.mark.parametrize(("kind", "target"), [("current", 3.0), ("voltage", 0.45), ("power", 1.2)])
def test_each_control_is_met_at_its_target_alone(cell, kind, target):
    cell.reset()
    cell.I.set(3.0 if kind == "current" else 2.0)
    cell.V.set(0.45 if kind == "voltage" else 0.6)
    row = cell.system.owned_slices()[cell.unknowns.index(cell.I)]

    def control_row():
        cell.system.store(cell.system.unknowns, cell.system.x)
        here = np.abs(residual(cell).getArray()[row]).sum()
        return cell.domain.comm.allreduce(here)

    cell.control(kind, target)
    assert control_row() < 1e-14 * WIDTH
    cell.control(kind, 1.1 * target)
    assert control_row() > 1e-3 * WIDTH
