"""If these fail, a homogenised layer becomes thicker by another amount than its particles swell."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mesode.columns import MEAN_LITHIATION, PORE_RATIO, THICKNESS
from support import layer_cells
from support.layer_cells import layer_cell
from support.protocols import run

pytestmark = pytest.mark.mpi

THIN = {"active": 6.0, "separator": 6.0}
START, EXPANSION = 0.3, 0.08  # of NMC811, linear
FRACTION = layer_cells.POSITIVE[1].fraction


def swollen(monkeypatch, share, porosity, step="Lithiate at C/2 for 30 minutes"):
    """Return the last row, and by how much the particles need more of the layer's volume."""
    preset, layer, _, sigma = layer_cells.POSITIVE
    electrode = (preset, replace(layer, pores_take=share), porosity, sigma)
    monkeypatch.setattr(layer_cells, "POSITIVE", electrode)
    _, record = run(layer_cell(THIN, (START,)), step)
    row = record.points[-1].row
    return row, FRACTION * EXPANSION * (row[MEAN_LITHIATION] - START)


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_the_pores_take_their_share_and_the_thickness_the_rest(monkeypatch, share):
    row, needed = swollen(monkeypatch, share, 0.335)
    assert needed > 0.01
    assert row[THICKNESS] == pytest.approx((1 - share) * needed, rel=1e-10, abs=1e-15)
    assert row[PORE_RATIO] == pytest.approx(1 - share * needed / 0.335, rel=1e-12)


def test_pores_that_are_full_take_no_more(monkeypatch):
    """At C/50, so that the little electrolyte that there is lasts."""
    row, needed = swollen(monkeypatch, 1.0, 0.01, "Lithiate at C/50 for 15 hours")
    assert needed > 0.015
    assert row[PORE_RATIO] == pytest.approx(0.0, abs=1e-12)
    assert row[THICKNESS] == pytest.approx(needed - 0.01, rel=1e-10)


def test_a_layer_of_particles_whose_swelling_is_not_known_has_no_thickness(monkeypatch):
    material = layer_cells.layer_material(layer_cells.POSITIVE)
    still = replace(material, layer=replace(material.layer, swelling=None))
    monkeypatch.setattr(layer_cells, "layer_material", lambda *_, **__: still)
    _, record = run(layer_cell(THIN, (START,)), "Rest for 1 s")
    assert THICKNESS not in record.points[-1].row
