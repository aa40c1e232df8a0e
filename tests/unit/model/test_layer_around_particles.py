"""If these fail, a homogenised layer and a drawn particle of one electrode do not share its charge.

A slab of NMC811 that is drawn, and a layer of the same material on it: at rest both have the same
lithiation, whatever way the charge took.
"""

from __future__ import annotations

from dataclasses import replace

from mpi4py import MPI

import numpy as np
import pytest

from mesode.constants import FARADAY
from mesode.materials.presets import get_preset
from mesode.materials.properties import Layer
from mesode.mesh.domain import build_domain
from mesode.model.cell import Cell, Setup
from mesode.model.diagnostics import Diagnostics
from mesode.model.materials import CellMaterials
from support.grids import grid_arrays
from support.layer_cells import T, layer_material, separator
from support.protocols import run
from support.small_cell import law

pytestmark = pytest.mark.mpi

SLAB, LAYER, SEPARATOR = 2.0, 6.0, 4.0  # [um]
START, SHARE = 0.4, 0.6
FINE = ("NMC811", Layer(fraction=SHARE, radius=0.5e-6), 0.35, 0.18)
FAST = {"D_s": law(lambda *, sto, ops: 1e-12 + 0.0 * sto, "sto"), "double_layer": 0.0}


def both(comm=MPI.COMM_WORLD):
    """Return the half cell (collective)."""
    arrays = grid_arrays(1.0, (("active", SLAB), ("second", LAYER), ("separator", SEPARATOR)))
    drawn = get_preset("active", "NMC811")
    drawn = replace(drawn, lithium=replace(drawn.lithium, **FAST), mechanical=None)
    materials = CellMaterials(
        phases={
            "active": drawn,
            "second": layer_material(FINE, **FAST),
            "separator": separator(),
        },
        electrolyte=get_preset("electrolyte", "LiPF6_EC_EMC_Nyman"),
        counter=get_preset("counter", "lithium_metal"),
        contact_resistance=0.0,
    )
    setup = Setup(temperature=T, lithiation=START)
    return Cell(build_domain(comm, arrays if comm.rank == 0 else None), materials, setup)


@pytest.fixture(scope="module")
def ran():
    cell = both()
    diagnostics = Diagnostics(cell)
    steps = ("Lithiate at C/2 for 30 minutes", "Rest for 3 h")
    _, record = run(cell, *steps, diagnostics=diagnostics, tolerance=1e-4)
    return cell, record, diagnostics.balances()


def test_the_capacity_is_that_of_both(ran):
    cell, *_ = ran
    c_max = get_preset("active", "NMC811").lithium.c_max
    expected = {"active": SLAB, "second": SHARE * LAYER}
    for host, thickness in expected.items():
        assert cell.host_capacities[host] == pytest.approx(FARADAY * c_max * thickness * 1e-6)


def test_they_take_the_charge_at_one_potential(ran):
    cell, record, balances = ran
    row = record.points[-1].row
    expected = START + cell.Q.number() / cell.charge_capacity
    assert expected == pytest.approx(START + 0.25, abs=1e-3)
    for host in ("active", "second"):
        assert row[f"Mean Lithiation {host} / 1"] == pytest.approx(expected, abs=2e-4)
    assert balances["lithium"] < 1e-8
    assert balances["salt"] < 1e-10
    assert balances["charge"] < 1e-6
    assert balances["energy"] < 1e-4


def test_while_the_current_flows_the_one_with_more_surface_is_ahead(ran):
    """The slab has a twelfth of the surface per volume."""
    _, record, _ = ran
    ahead = [
        p.row["Mean Lithiation second / 1"] - p.row["Mean Lithiation active / 1"]
        for p in record.points
        if p.step == 1
    ]
    assert max(ahead) > 5e-3


@pytest.mark.ranks
def test_all_ranks_together_find_the_same(ran):
    _, record, _ = ran
    alone = both(MPI.COMM_SELF)
    _, expected = run(alone, "Lithiate at C/2 for 30 minutes", "Rest for 3 h", tolerance=1e-4)
    for name in ("Voltage / V", "Mean Lithiation active / 1", "Mean Lithiation second / 1"):
        found, wanted = (
            np.array([p.row[name] for p in each.points]) for each in (record, expected)
        )
        np.testing.assert_allclose(found, wanted, rtol=1e-8)
