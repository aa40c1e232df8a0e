"""If these fail, a section whose binder relaxes or heals bears stress for too long or not long
enough, forgets it at a restart, or on one rank among several.
"""

from __future__ import annotations

from math import exp

from mpi4py import MPI

import numpy as np
import pytest

from mesode.materials.law import constant
from mesode.materials.properties import Network, Relaxing
from mesode.model.diagnostics import Diagnostics
from mesode.model.processes.finite_mechanics import FiniteOptions
from support.grids import grid_arrays
from support.protocols import OneCheckpoint, run
from support.small_cell import law, small_cell

pytestmark = pytest.mark.mpi

E, NU = 80e9, 0.22
MU, K = E / (2 * (1 + NU)), E / (3 * (1 - 2 * NU))
SHARE, TIME = 0.8, 20.0
HEALS = Network(bonds=Relaxing(share=SHARE, time=TIME))
BINDER = "Max von Mises Binder / Pa"


def film():
    """A film that is a network, on its collector, that grows by J = sto + 0.9."""
    changes = {
        "E": constant(E, "Pa"),
        "nu": constant(NU, "1"),
        "swelling": law(lambda *, sto, ops: sto, "sto"),
        "network": HEALS,
    }
    arrays = grid_arrays(1, (("active", 1.0), ("separator", 1.0)), width=1.0)
    return small_cell(arrays=arrays, mechanics=FiniteOptions(), solids={"active": changes})


def biaxial(mu):
    """Return the modulus of a film that is held in its plane."""
    return 18 * K * mu / (3 * K + 4 * mu)


def stress(cell):
    return float(cell.mechanics.stress.compute()[0, 0])


def test_a_film_relaxes():
    cell, growth, soft = film(), 1e-5, (1 - SHARE) * MU
    time = TIME * (3 * K + 4 * MU) / (3 * K + 4 * soft)
    cell.sto["active"].set(0.1 + growth)
    cell.follow(1e-6)
    assert stress(cell) == pytest.approx(-biaxial(MU) * growth / 3, rel=1e-4)
    for t in np.arange(1.0, 31.0):
        cell.follow(float(t))
    left = biaxial(soft) + (biaxial(MU) - biaxial(soft)) * exp(-30.0 / time)
    assert stress(cell) == pytest.approx(-left * growth / 3, rel=2e-4)
    cell.follow(1e6)
    assert stress(cell) == pytest.approx(-biaxial(soft) * growth / 3, rel=1e-4)


def particle(comm=MPI.COMM_WORLD):
    solids = {
        "active": {"yield_strength": constant(1e9, "Pa")},
        "carbon_binder": {"network": HEALS},
    }
    return small_cell(n=2, mechanics=FiniteOptions(), solids=solids, comm=comm)


def led(cell, pace):
    """Let the particle grow by 20 % and shrink, as many seconds a step; return the last rows."""
    diagnostics, rows = Diagnostics(cell), []
    for k, sto in enumerate((0.2, 0.3, 0.4, 0.5, 0.4, 0.3), start=1):
        cell.sto["active"].set(sto)
        cell.follow(k * pace)
        diagnostics.update_balances()
        rows.append(Diagnostics(cell).row())
    return rows[3], rows[-1], diagnostics.balances()["work"]


def test_what_is_slow_finds_a_soft_binder():
    cell = particle()
    fast, slow = (led(each, pace)[0] for each, pace in ((particle(), 1e-3), (cell, 1e6)))
    assert slow[BINDER] < 0.5 * fast[BINDER]
    assert slow["Max von Mises Active / Pa"] < fast["Max von Mises Active / Pa"]
    # per area of the electrode, 2 um wide, of what is lost in the triangles of the binder
    tags = cell.domain.cell_tag[cell.mechanics.domain.cells]
    mine = (tags == cell.tag("carbon_binder"))[
        : cell.mechanics.domain.mesh.topology.index_map(2).size_local
    ]
    each = (cell.mechanics.local.compute()[:, 2] * cell.mechanics.local.sizes)[: len(mine)]
    lost = cell.domain.comm.allreduce(float(each[mine].sum()))
    assert Diagnostics(cell).row()["Relaxation Work / J.m-2"] == pytest.approx(lost / 2e-6)


@pytest.mark.ranks
def test_all_ranks_together_find_what_one_finds_and_keep_the_work():
    found = [led(particle(comm), 5.0) for comm in (MPI.COMM_WORLD, MPI.COMM_SELF)]
    assert found[1][1]["Relaxation Work / J.m-2"] > 0.1 * found[1][1]["Plastic Work / J.m-2"] > 0
    for name, value in found[1][1].items():
        assert found[0][1][name] == pytest.approx(value, rel=1e-8, abs=1e-8 * max(abs(value), 1e-6))
    assert found[0][2] < 1e-2


STEPS = ("Lithiate at 2C for 4 minutes", "Rest for 1 minute")


def test_a_resumed_run_goes_on_while_it_relaxes():
    checkpoint = OneCheckpoint(5)
    _, whole = run(particle(), *STEPS, tolerance=1e-2, checkpoints=checkpoint)
    _, again = run(particle(), *STEPS, tolerance=1e-2, snapshot=checkpoint.snapshot)
    rest = whole.last(len(again.points))
    assert len(again.points) >= 3
    assert rest[-1].row[BINDER] < 0.9 * max(point.row[BINDER] for point in rest)
    for point, expected in zip(again.points, rest, strict=True):
        for name, value in expected.row.items():
            assert point.row[name] == pytest.approx(value, rel=1e-10, abs=1e-14)
