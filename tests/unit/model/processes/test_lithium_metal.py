"""If these fail, the counter electrode of a half cell gives another current than passes it."""

from __future__ import annotations

import pytest

from mesode.model.processes.lithium_metal import LithiumMetal
from support.small_cell import small_cell

pytestmark = pytest.mark.mpi


@pytest.fixture(scope="module")
def cell():
    return small_cell(n=2)


@pytest.fixture(scope="module")
def metal(cell):
    return next(process for process in cell.processes if isinstance(process, LithiumMetal))


def test_the_current_that_the_metal_gives_is_counted(cell, metal):
    cell.reset()
    metal.i_n.set(4.0)
    assert cell.integral(metal.integrals()["counter"]) == pytest.approx(4.0 * cell.width)


def test_its_layer_stores_the_energy_of_the_drop(cell, metal):
    cell.reset()
    cell.phi_e.set(-0.03)
    (stored,) = metal.stored()
    layer = cell.materials.metal.double_layer
    assert cell.integral(stored.form) == pytest.approx(
        layer * 0.03**2 / 2 * cell.width, rel=1e-6, abs=0
    )
    assert layer > 0.0


def test_what_it_gives_against_the_drop_becomes_heat(cell, metal):
    cell.reset()
    cell.phi_e.set(-0.03)
    metal.i_n.set(4.0)
    (heat,) = metal.heat()
    assert cell.integral(heat.density * heat.measure) == pytest.approx(0.12 * cell.width)
