"""If these fail, new physics cannot be added without a change to the package.

A film that grows on the surface with the current that passes: everything about it stands here.
"""

from __future__ import annotations

from mpi4py import MPI

import numpy as np
import pytest
from dolfinx import fem

from mesode.analysis.xdmf import open_series
from mesode.fields import Field, Group, register
from mesode.model.averages import CellMeans
from mesode.model.point_states import PointState
from mesode.model.process import Process
from mesode.output.frame_plan import FramePlan
from mesode.output.frames import FrameRecorder
from support import protocols
from support.protocols import EachCheckpoint, assert_rows
from support.shown import shown
from support.small_cell import small_cell

pytestmark = pytest.mark.mpi

THICKENING = 1e-13  # [m^3/C] of film for the charge that passes
SIGMA = 2e-9  # [S/m] of the film
FILM = Field(
    key="film",
    symbol=r"\delta",
    name="Film thickness",
    unit="m",
    group=Group.ACTIVE,
    colormap="viridis",
)


class GrowingFilm(Process):
    """d delta/dt = -THICKENING i_n; its resistance delta / SIGMA lies before charge transfer."""

    def __init__(self, cell):
        self._cell = cell
        passed = cell.charge_transfer.passed
        self.thickness = {
            surface: PointState(
                f"film {surface.host}",
                fem.functionspace(surface.line.mesh, ("Lagrange", 1)),
                lambda old, dt, surface=surface: old - dt * THICKENING * passed(surface),
                surface.dS,
                cell.entity_maps,
                side="+",
            )
            for surface in cell.surfaces
        }

    @property
    def states(self):
        return tuple(self.thickness.values())

    def film_resistance(self, surface):
        return self.thickness[surface].here / SIGMA

    def integrals(self):
        return {
            "film": sum(state.here * surface.dS for surface, state in self.thickness.items()),
            "surface": sum(
                fem.Constant(self._cell.domain.mesh, 1.0)("+") * s.dS for s in self.thickness
            ),
        }

    def columns(self, seen):
        return {"Mean Film / m": seen.integrals["film"] / seen.integrals["surface"]}

    def show(self, groups):
        register(FILM)
        parts = [((state.here,), surface.dS) for surface, state in self.thickness.items()]
        means = CellMeans(self._cell.host_domain, parts, self._cell.entity_maps, side="+")
        groups.of(Group.ACTIVE, self._cell.host_domain).on_cells(means, film=lambda v: v[:, 0])


STEPS = ("Lithiate at 1C for 10 minutes", "Delithiate at 1C for 2 minutes")


def run(cell, **options):
    result, record = protocols.run(cell, *STEPS, **options)
    assert result.status == "completed"
    return record


def make(comm=MPI.COMM_WORLD, further=(GrowingFilm,)):
    return small_cell(n=2, setup={"further": further}, comm=comm)


@pytest.fixture(scope="module")
def cell():
    return make()


@pytest.fixture(scope="module")
def whole(cell):
    return run(cell)


def film(cell):
    return cell.find(GrowingFilm)


def test_the_film_grows_with_the_charge_that_passes(cell, whole):
    lithiated = next(p for p in whole.points if p.t == pytest.approx(600.0))
    charge = cell.current_1C * 600.0 * cell.width
    length = 4 * 1e-6
    # the double layers take a little of it
    assert lithiated.row["Mean Film / m"] == pytest.approx(THICKENING * charge / length, rel=0.01)
    # it goes back with the current
    assert whole.points[-1].row["Mean Film / m"] < 0.85 * lithiated.row["Mean Film / m"]


def test_the_film_takes_its_share_of_the_voltage(cell):
    # a step reads the film that was there at its begin: the steps are short
    records = [run(one, max_step=20.0) for one in (cell, make(further=()))]
    with_film, without = (
        next(p.row for p in record.points if p.t == pytest.approx(600.0)) for record in records
    )
    density = cell.current_1C * cell.width / (4 * 1e-6)
    lost = density * with_film["Mean Film / m"] / SIGMA
    assert lost > 5e-3
    drop = without["Voltage / V"] - with_film["Voltage / V"]
    assert drop == pytest.approx(lost, rel=0.05)


def test_the_film_has_a_map(cell, whole):
    thickness = shown(cell, Group.ACTIVE, "film").x.array
    highest = cell.domain.comm.allreduce(thickness.max(initial=0.0), op=MPI.MAX)
    assert highest == pytest.approx(whole.points[-1].row["Mean Film / m"], rel=0.5)
    lowest = cell.domain.comm.allreduce(thickness.min(initial=1.0), op=MPI.MIN)
    assert lowest == 0.0  # inside the host there is none


def test_each_frame_shows_the_film_of_its_moment(cell, tmp_path):
    """Frames are written when a step of the protocol ends, at which the film is another."""
    record = run(cell, max_step=30.0, further=[FrameRecorder(tmp_path, FramePlan(4))])
    cell.domain.comm.barrier()
    row = {round(p.t, 6): p.row["Mean Film / m"] for p in record.points}
    series = open_series(tmp_path / "active.xdmf")
    thickest = [series.read("film", k).data.max() for k in range(len(series.times))]
    mean = [row[round(t, 6)] for t in series.times]
    assert len(thickest) == 9
    # the surface takes up charge nearly evenly: the thickest place is little above the mean
    assert thickest[1:] == pytest.approx(mean[1:], rel=0.3)
    assert np.all(np.diff(thickest[:5]) > 0.0)
    for state in film(cell).states:  # and the film is that of the end again
        assert state.value.x.array.max(initial=0.0) <= 1.3 * mean[-1]


@pytest.fixture(scope="module")
def snapshots(cell):
    """What is kept after each accepted step."""
    memory = EachCheckpoint()
    run(cell, checkpoints=memory)
    return memory.snapshots


@pytest.mark.parametrize("at", [3, 9, -2])
def test_a_resumed_run_has_the_same_film(cell, whole, snapshots, at):
    for state in film(cell).states:
        state.value.x.array[:] = 1.0  # what a new process would not have
    again = run(cell, snapshot=snapshots[at if at > 0 else len(whole.points) + at])
    assert_rows(again.points, whole.last(len(again.points)), ("Voltage / V", "Mean Film / m"))


@pytest.mark.ranks
def test_all_ranks_together_grow_the_film_of_one(whole):
    alone = run(make(comm=MPI.COMM_SELF))
    assert_rows(whole.points, alone.points, ("Mean Film / m",), rel=1e-8)
    assert np.ptp([p.row["Mean Film / m"] for p in whole.points]) > 0.0
