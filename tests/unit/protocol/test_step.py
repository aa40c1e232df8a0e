"""If these fail, a kind of step that the runner does not know cannot take its turn."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from mesode.config.protocol import parse_step
from mesode.errors import SolverError
from mesode.model.diagnostics import Diagnostics
from mesode.protocol import kinds
from mesode.protocol.runner import RunnerOptions, run_protocol
from mesode.protocol.step import Ending, ProtocolStep
from support.protocols import OneCheckpoint, Record
from support.protocols import run as run_sentences
from support.small_cell import small_cell

pytestmark = pytest.mark.mpi
REST, SEEN = parse_step("Rest for 1 s"), Ending("seen")


@dataclass(frozen=True)
class Look:
    """An entry of a protocol; ``told`` collects what becomes of it."""

    told: list
    over: Ending | None = None
    ending: Ending | Exception = SEEN
    text: str = "Look"
    temperature: float | None = None
    tags: tuple[str, ...] = ()


class Looking(ProtocolStep):
    """Shows the state twice, at the time at which it is."""

    def __init__(self, entry, stage):
        super().__init__(stage)
        self.entry, self.shown = entry, 0

    def begin(self):
        self.entry.told.append("begin")
        return self.entry.over

    def take_up(self, data, snapshot):
        self.entry.told.append("take up")
        self.shown = data["shown"]

    def run(self):
        while self.shown < 2:
            self.shown += 1
            self.entry.told.append(f"show {self.shown}")
            self.stage.accepted(self.stage.integrator.t, self.stage.diagnostics.row(), ())
        if isinstance(self.entry.ending, Exception):
            raise self.entry.ending
        return self.entry.ending

    def save(self, snapshot):
        return {"shown": self.shown}

    def close(self):
        self.entry.told.append("close")


@pytest.fixture(scope="module")
def cell():
    return small_cell(n=2)


@pytest.fixture(autouse=True)
def known(monkeypatch):
    monkeypatch.setitem(kinds.TABLE, Look, Looking)


def run(cell, *steps, **options):
    cell.reset()
    record = Record()
    return run_protocol(cell, steps, RunnerOptions(tolerance=1e-3, **options), [record]), record


WHOLE = ["begin", "show 1", "show 2", "close"]


def test_a_step_of_another_kind_takes_its_turn(cell):
    told = []
    result, record = run(cell, REST, Look(told), REST)
    assert told == WHOLE
    assert [r.reason for r in result.results] == ["duration reached", "seen", "duration reached"]
    assert [(r.t_start, r.t_end) for r in result.results] == [(0, 1), (1, 1), (1, 2)]
    assert [point.t for point in record.points if point.step == 2] == [1.0, 1.0]


def test_a_step_that_is_over_before_it_began_does_not_run(cell):
    told = []
    result, _ = run(cell, Look(told, over=Ending("nothing to see")), REST)
    assert told == ["begin", "close"]
    assert [r.reason for r in result.results] == ["nothing to see", "duration reached"]


@pytest.mark.parametrize("ending", [Ending("blind", stops=True), SolverError("blind")])
def test_the_protocol_stops_where_a_step_says_so(cell, ending):
    told = []
    result, _ = run(cell, Look(told, ending=ending), REST)
    assert (told, result.status) == (WHOLE, "stopped")
    assert result.reason == "step 1 (Look): blind"
    assert [r.reason for r in result.results] == ["blind"]


def test_a_step_is_taken_up_where_the_checkpoint_was_written(cell):
    memory = OneCheckpoint(-1)

    def at_first_look():
        memory.seen = memory.at if told and told[-1] == "show 1" else memory.at + 1
        return memory.seen == memory.at

    told, memory.due = [], at_first_look
    run(cell, REST, Look(told), checkpoints=memory)
    told.clear()
    result, _ = run(cell, REST, Look(told), snapshot=memory.snapshot)
    assert told == ["take up", "show 2", "close"]
    assert [(r.index, r.t_end) for r in result.results] == [(1, 1.0), (2, 1.0)]


STEP = "Lithiate at 1C for 20 minutes"


def test_a_state_from_which_nothing_follows_is_none_of_the_run(monkeypatch):
    """What ends a run at a time step that was solved, but not shown, leaves the state before it."""
    cell = small_cell(n=2)
    follow = cell.follow

    def jams(t):
        if t > 200.0:
            msg = "jammed"
            raise SolverError(msg)
        follow(t)

    monkeypatch.setattr(cell, "follow", jams)
    diagnostics = Diagnostics(cell)
    result, record = run_sentences(cell, STEP, diagnostics=diagnostics)
    (end,) = record.ends
    assert (result.status, result.reason) == (
        "stopped",
        f"step 1 ({STEP}): jammed",
    )
    assert end.t_end == record.points[-1].t <= 200.0
    assert diagnostics.mean_lithiation() == pytest.approx(end.end["Mean Lithiation / 1"], rel=1e-12)
