"""If these fail, a run that was interrupted goes on to another result than one that was not."""

from __future__ import annotations

import numpy as np
import pytest

from mesode.mesh.ordering import BlockOrder
from mesode.model.processes.mechanics import MechanicsOptions
from mesode.physics.elasticity import SectionKind
from support import protocols
from support.protocols import EachCheckpoint, OneCheckpoint, Record
from support.small_cell import small_cell

pytestmark = pytest.mark.mpi

STEPS = (
    "Lithiate at 1C until 230 mAh/g",
    "Sweep at 5 mV/s until 500 mV",
    "Rest for 1 minute",
)
SAME = {"Voltage / V": 1e-10, "Mean Lithiation / 1": 1e-10, "Max Lithiation / 1": 1e-10}


class EndMemory(OneCheckpoint):
    """Keeps the snapshot that was taken after a step of the protocol."""

    def due(self):
        return False

    def write(self):
        self.seen += 1
        super().write()


class Keeper(Record):
    """Observer that keeps a state of its own, as the frames of the fields do."""

    def save(self, snapshot):
        x = self.cell.system.x.getArray()
        snapshot.put_state("kept", x, BlockOrder(self.cell.system.spaces))

    def restore(self, snapshot):
        self.kept = snapshot.state("kept", BlockOrder(self.cell.system.spaces))


def run(cell, **options):
    return protocols.run(cell, *STEPS, **options)


KINDS = {
    "electrochemistry": None,
    "one-way": MechanicsOptions(two_way=False, degree=2),
    "two-way": MechanicsOptions(kind=SectionKind.FREE_PARTICLES, two_way=True, degree=1),
}


@pytest.fixture(scope="module", params=list(KINDS))
def cell(request):
    return small_cell(mechanics=KINDS[request.param], n=2)


@pytest.fixture(scope="module")
def whole(cell):
    return run(cell)


@pytest.fixture(scope="module")
def snapshots(cell):
    """What is kept after each accepted step."""
    memory = EachCheckpoint()
    run(cell, checkpoints=memory)
    return memory.snapshots


# the first step after a restart, one with half a history, one in the middle, in a sweep, at its end
@pytest.mark.parametrize("at", [1, 2, 7, -12, -1])
def test_a_resumed_run_equals_an_uninterrupted_one(cell, whole, snapshots, at):
    result, points = whole[0], whole[1].points
    number = at if at > 0 else len(points) + at
    again, record = run(cell, snapshot=snapshots[number])
    rest = points[1 + number :]
    assert [p.t for p in record.points] == pytest.approx([p.t for p in rest], rel=1e-10)
    for name, tolerance in SAME.items():
        found, expected = [np.array([p.row[name] for p in q]) for q in (record.points, rest)]
        assert np.abs(found - expected).max(initial=0.0) < tolerance, name
    assert [r.reason for r in again.results] == [r.reason for r in result.results]
    assert again.results[-1].t_end == pytest.approx(result.results[-1].t_end, rel=1e-10)
    # on several ranks MUMPS rounds otherwise each time, which an iteration may turn on
    counted = list(result.counts) if cell.domain.comm.size == 1 else ["time_steps", "rejected"]
    assert [again.counts[k] for k in counted] == [result.counts[k] for k in counted]


def test_observers_keep_their_states_between_two_steps(cell):
    memory = EndMemory(1)
    run(cell, checkpoints=memory, observer=Keeper)
    expected = BlockOrder(cell.system.spaces).scatter(memory.snapshot.arrays.get("x"))
    _, keeper = run(cell, snapshot=memory.snapshot, observer=Keeper)
    np.testing.assert_array_equal(keeper.kept, expected)


def test_states_do_not_depend_on_the_numbering(cell):
    cell.reset()
    order = BlockOrder(cell.system.spaces)
    rng = np.random.default_rng(cell.domain.comm.rank)
    owned = rng.uniform(size=cell.system.x.getLocalSize())
    values = order.gather(owned)
    assert order.scatter(values) == pytest.approx(owned, abs=0.0)


def test_displacements_are_named_by_vertices_and_edges():
    cell = small_cell(mechanics=KINDS["one-way"], n=2)
    space = cell.mechanics.u.scaled.function_space
    order = BlockOrder([space])
    function = cell.mechanics.u.scaled
    function.interpolate(lambda x: np.stack([1e6 * x[0], 1e6 * x[1]]))
    owned = space.dofmap.index_map.size_local * 2
    values = order.gather(function.x.array[:owned])
    if cell.domain.comm.rank:
        return
    # vertices come first by the ends of their edges: sorted names, whatever the partition
    alone = small_cell(mechanics=KINDS["one-way"], n=2, comm=_self())
    function = alone.mechanics.u.scaled
    function.interpolate(lambda x: np.stack([1e6 * x[0], 1e6 * x[1]]))
    expected = BlockOrder([function.function_space]).gather(function.x.array)
    assert values == pytest.approx(expected, abs=1e-9)


def _self():
    from mpi4py import MPI

    return MPI.COMM_SELF
