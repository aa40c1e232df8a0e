"""If these fail, what pulls an electrode off its collector is told wrongly."""

from __future__ import annotations

from mpi4py import MPI

import numpy as np
import pytest

from mesode.model.collector_traction import CollectorTraction
from mesode.model.diagnostics import Diagnostics
from mesode.model.processes.finite_mechanics import FiniteOptions
from mesode.model.top_load import Plate
from support.grids import grid, grid_arrays
from support.small_cell import small_cell

pytestmark = pytest.mark.mpi

COMM = MPI.COMM_WORLD
ELECTRODE = (("active", 0.5), ("separator", 0.5))
MATRIX = {"block": ("carbon_binder", 0.0, 0.25, 0.0, 0.75)}


def traction(layers, phases, stress, **shape):
    """Return lengths, |t| and t n of all faces where each cell has the stress of its place."""
    domain = grid(4, layers, width=1.0, **shape)
    part = domain.subdomain(phases)
    found = CollectorTraction(domain, part, phases)
    x = part.mesh.geometry.x[part.mesh.geometry.dofmaps[0].reshape(-1, 3)].mean(axis=1)
    values = found.lengths, *found.of(stress(1e6 * x))
    return [np.concatenate(COMM.allgather(value)) for value in values]


def even(x):
    return np.tile([5.0, -3.0, 7.0, 4.0], (len(x), 1))


@pytest.mark.parametrize("foil", [False, True])
def test_traction_is_the_stress_on_the_face_of_the_collector(foil):
    layers = (("collector", 0.25), *ELECTRODE) if foil else ELECTRODE
    phases = ("collector", "active") if foil else ("active",)
    lengths, pull, normal = traction(layers, phases, even)
    assert lengths.sum() == pytest.approx(1e-6)
    assert pull == pytest.approx(np.full(len(pull), 5.0))  # 3-4-5, of xy and yy
    assert normal == pytest.approx(np.full(len(pull), -3.0))


def test_pores_and_other_phases_do_not_touch():
    lengths, *_ = traction(ELECTRODE, ("carbon_binder",), even, **MATRIX)
    assert lengths.sum() == pytest.approx(0.25e-6)


def test_each_face_has_the_stress_of_its_own_cell():
    """Along x the stress rises: its mean over the faces is that in the middle."""

    def rising(x):
        return np.stack([0 * x[:, 0], x[:, 0], 0 * x[:, 0], 0 * x[:, 0]], axis=1)

    lengths, pull, _ = traction(ELECTRODE, ("active",), rising)
    assert len(pull) == 4
    assert np.average(pull, weights=lengths) == pytest.approx(0.5, abs=0.25 / 3)
    assert np.ptp(pull) == pytest.approx(0.75)


def test_a_plate_that_presses_presses_the_collector():
    arrays = grid_arrays(2, (("active", 2.0), ("separator", 1.0)), width=1.0)
    options = FiniteOptions(plate=Plate(stiffness=0.0), pressure=2e6)
    row = Diagnostics(small_cell(arrays=arrays, mechanics=options)).row()
    assert row["Mean Traction At Collector / Pa"] == pytest.approx(2e6, rel=1e-6)
    assert row["95th Percentile Traction At Collector / Pa"] == pytest.approx(2e6, rel=1e-6)
    assert row["Max Normal Stress At Collector / Pa"] == pytest.approx(-2e6, rel=1e-6)
