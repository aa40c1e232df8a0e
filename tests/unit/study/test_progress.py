"""If these fail, somebody who watches a study is told nonsense."""

from __future__ import annotations

import io
from types import SimpleNamespace

import pytest

from mesode.study.progress import StudyProgress, describe, duration, last_row
from mesode.study.store import CaseStatus, Record, State, Store

pytestmark = pytest.mark.serial


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def store(tmp_path):
    columns = [
        ("a.b.E", "a.b.E / GPa", "GPa"),
        ("protocol.0", "C-rate", ""),
        ("s.0", "s.0", ""),
    ]
    return Store(
        path=tmp_path,
        title="t",
        design="grid",
        parameters=tuple(
            {"path": p, "column": c, "unit": u, "kind": "factor"} for p, c, u in columns
        ),
        collect=None,
        records=(Record(number=1, hash="x", values=(2.0, 0.5, 3)),),
    )


def job(store, elapsed=10.0):
    return SimpleNamespace(
        record=store.records[0], folder=store.path, elapsed=elapsed, resumed=False
    )


def test_a_case_in_one_line(store):
    assert describe(store, store.records[0]) == "E 2.0 GPa, C-rate 0.5, s.0 3"


def test_plain_lines_where_there_is_no_terminal(store):
    stream = io.StringIO()
    progress = StudyProgress(store, 2, 1, stream)
    progress.started(job(store))
    progress.tick([job(store)], 1)
    progress.ended(job(store), State(status=CaseStatus.COMPLETED, reason="all steps done"))
    progress.ended(job(store), State(status=CaseStatus.FAILED, reason="no path\nmore"))
    assert stream.getvalue().splitlines() == [
        "case 0001 started: E 2.0 GPa, C-rate 0.5, s.0 3",
        "case 0001 completed in 10 s",
        "case 0001 failed in 10 s: no path",
    ]


def test_the_table_on_a_terminal_is_drawn_over(store):
    (store.path / "timeseries.bdf.csv").write_text("Test Time / s,Voltage / V\n0,0.5\n12.5,0.4\n1")
    stream = Terminal()
    progress = StudyProgress(store, 3, 1, stream)
    progress.ended(job(store), State(status=CaseStatus.COMPLETED))
    progress.tick([job(store, 4.0)], 1)
    said = stream.getvalue()
    assert "12.5" in said
    assert "0.4000" in said
    assert "1 running, 1 waiting, 1 completed, ends in 16 s" in said
    progress.ended(job(store), State(status=CaseStatus.COMPLETED))
    assert "\033[3A\033[J" in stream.getvalue()


def test_nothing_is_reached_before_the_first_row(store):
    assert last_row(store.path) == ("", "")
    (store.path / "timeseries.bdf.csv").write_text("Test Time / s,Voltage / V\n")
    assert last_row(store.path) == ("", "")


@pytest.mark.parametrize(("seconds", "text"), [(9.87, "9.87 s"), (300, "5 min"), (9000, "2.5 h")])
def test_durations(seconds, text):
    assert duration(seconds) == text
