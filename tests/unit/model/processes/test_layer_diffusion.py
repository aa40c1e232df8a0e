"""If these fail, a homogenised layer loses lithium, charge or energy, or hides what is in it."""

from __future__ import annotations

import numpy as np
import pytest
from dolfinx import fem

from mesode.constants import FARADAY
from mesode.materials.law import Law
from mesode.model.diagnostics import Diagnostics
from mesode.model.field_groups import FieldGroups
from mesode.model.processes.layer_diffusion import LayerDiffusion
from mesode.physics.radial_diffusion import COUNT
from support.layer_cells import POSITIVE, layer_cell
from support.protocols import run

pytestmark = pytest.mark.mpi

LAYERS = {"active": 20.0, "separator": 10.0}
NMC = 63104.0  # [mol/m^3]


def bent(*, sto, ops):
    """Return a diffusion coefficient that rises threefold."""
    return 4e-15 * (1.0 + 2.0 * sto) + 0.0 * sto


@pytest.fixture(scope="module")
def cell():
    D_s = Law(name="bent", function=bent, variables=("sto",))
    return layer_cell(LAYERS, (0.4,), size=5.0, D_s=D_s)


def test_capacity_and_mass_are_those_of_the_share_that_is_active(cell):
    _, layer, *_ = POSITIVE
    assert cell.charge_capacity == pytest.approx(FARADAY * NMC * layer.fraction * 20e-6)
    assert cell.active_mass == pytest.approx(4750.0 * layer.fraction * 20e-6)


def test_the_particles_have_their_surface(cell):
    (surface,) = cell.surfaces
    area = cell.integral(fem.Constant(cell.domain.mesh, 1.0) * surface.dS)
    assert area == pytest.approx(3 * 0.665 / 5.22e-6 * cell.width * 20e-6)


@pytest.fixture(scope="module")
def ran(cell):
    diagnostics = Diagnostics(cell)
    steps = ("Lithiate at 2C for 6 minutes", "Rest for 2 h")
    return *run(cell, *steps, diagnostics=diagnostics), diagnostics.balances()


def test_lithium_charge_salt_and_energy_are_kept(ran):
    result, _, balances = ran
    assert result.status == "completed"
    assert balances["lithium"] < 1e-8
    assert balances["salt"] < 1e-10
    assert balances["charge"] < 1e-6
    assert balances["energy"] < 1e-4


def test_at_rest_the_particles_become_even(cell, ran):
    (profile,) = cell.find(LayerDiffusion).unknowns
    assert profile.scaled.x.array.size % COUNT == 0
    assert np.abs(profile.owned()).max(initial=0.0) < 1e-3
    _, record, _ = ran
    last = record.points[-1].row
    assert last["Mean Lithiation / 1"] == pytest.approx(0.6, abs=1e-4)
    assert last["Voltage / V"] == pytest.approx(last["Open-Circuit Voltage / V"], abs=2e-3)


def test_a_layer_has_no_particles_in_tables_and_maps_of_its_own(cell, ran):
    assert len(Diagnostics(cell).particles()["Particle / 1"]) == 0
    groups = FieldGroups(cell).all()
    for group in groups:
        group.update()
    shown = {function.name for group in groups for function in group.functions}
    assert {"sto", "i_n"} <= shown


def test_uniform_particles_have_no_profile():
    even = layer_cell(LAYERS, (0.4,), size=5.0, resolved=False)
    assert even.find(LayerDiffusion) is None
    assert "sto_profile" not in even.fields
