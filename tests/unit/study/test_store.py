"""If these fail, a study forgets what was done, does it twice, or believes what is not so."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pytest

from mesode.errors import InputError, OutputError
from mesode.output.manifest import UNFINISHED
from mesode.study.api import load_study, open_cases, run_study
from mesode.study.collect import results, unknown_columns, write_results
from mesode.study.expand import expand_file
from mesode.study.files import write_whole
from mesode.study.lock import end_process, identity, is_alive, locked
from mesode.study.store import CaseStatus, judge, open_store, prepare_store
from support.tiny_case import TINY

pytestmark = pytest.mark.serial

ROWS = "Test Time / s,Voltage / V,Step Count / 1,Energy / W.h.m-2\n0,0.5,1,0\n100,0.3,1,0.4\n"


@pytest.fixture
def make(tmp_path):
    (tmp_path / "tiny.yaml").write_text(TINY)

    def store(values, more=""):
        path = tmp_path / "s.yaml"
        path.write_text(f"base: tiny.yaml\nvary: {{initial.lithiation: {values}}}\n{more}")
        return prepare_store(tmp_path / "out", expand_file(path))

    return store


def finish(store, record, status="completed", why="all steps done", rows=ROWS, **attempt):
    """Write what a run leaves behind."""
    folder = store.folder(record)
    manifest = {"status": status, "reason": why, "config_hash": record.hash, "ended": "2999"}
    # that of energy, which is as good as the steps are long, is not among those of the table
    energy = {"energy": 1e-3, "stress work": 1e-2}  # as good as steps and mesh are
    manifest["balances"] = {"a": -1e-9, "b": 4e-10, "c": None, **energy}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (folder / "timeseries.bdf.csv").write_text(rows)
    if attempt:
        (folder / "attempt.json").write_text(json.dumps({"hash": record.hash, **attempt}))


def test_folders_are_numbered_and_hold_the_resolved_case(make):
    store = make([0.1, 0.2])
    assert [r.name for r in store.records] == ["0001", "0002"]
    assert "lithiation: 0.2" in (store.folder(store.records[1]) / "config.yaml").read_text()
    with (store.path / "cases.csv").open() as stream:
        table = list(csv.reader(stream))
    assert table[0] == ["case", "config hash", "initial.lithiation"]
    assert [row[2] for row in table[1:]] == ["0.1", "0.2"]


def test_new_values_extend_and_old_cases_keep_their_numbers(make):
    finish(first := make([0.1, 0.2]), first.records[1])
    store = make([0.3, 0.2])
    assert [(r.name, r.values) for r in store.records] == [("0003", (0.3,)), ("0002", (0.2,))]
    assert [r.name for r in open_cases(store)] == ["0003"]
    assert [r.name for r in make([0.1, 0.3]).records] == ["0001", "0003"]


def test_a_case_is_done_by_its_hash_not_by_its_folder(make):
    store = make([0.1])
    finish(store, store.records[0])
    assert open_cases(store) == []
    changed = make([0.1], "set: {physics.temperature: 310 K}")
    assert [r.name for r in open_cases(changed)] == ["0002"]
    path = changed.folder(store.records[0]) / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "config_hash": "another"}))
    assert len(open_cases(make([0.1]))) == 1


@pytest.mark.parametrize(
    ("manifest", "attempt", "status"),
    [
        ({}, {}, "pending"),
        ({"status": "completed"}, {}, "completed"),
        ({"status": "completed"}, {"outcome": "killed"}, "completed"),
        ({"status": "stopped", "reason": "the step is too small"}, {}, "stopped"),
        ({"status": "stopped", "reason": "step 1 (Rest): SIGTERM received"}, {}, "interrupted"),
        ({"status": "stopped", "reason": "SIGTERM received"}, {"outcome": "timeout"}, "timeout"),
        ({"status": "failed", "reason": UNFINISHED}, {}, "interrupted"),
        ({"status": "failed", "reason": UNFINISHED}, {"outcome": "killed"}, "killed"),
        ({"status": "failed", "reason": "no path"}, {"outcome": "failed"}, "failed"),
        ({}, {"outcome": "failed", "reason": "exit code 2"}, "failed"),
        ({}, {"outcome": None, "process": identity(os.getpid())}, "running"),
        ({}, {"outcome": None, "process": {**identity(os.getpid()), "since": 1}}, "interrupted"),
        ({}, {"outcome": None}, "interrupted"),
        ({}, {"outcome": "completed"}, "interrupted"),
    ],
)
def test_how_a_case_stands(manifest, attempt, status):
    assert judge(manifest, attempt)[0] == status


def test_every_case_is_a_row_with_what_it_reached(make):
    store = make([0.1, 0.2, 0.3])
    finish(store, store.records[0])
    reason = "not finished within the 5 s allowed"
    finish(store, store.records[1], "stopped", "SIGTERM received", outcome="timeout",
           reason=reason, wall=5.0)  # fmt: skip
    table = results(store)
    assert list(table["status"]) == ["completed", "timeout", "pending"]
    assert table["reason"][1] == reason
    assert list(table["Voltage / V"][:2]) == [0.3, 0.3]
    assert pd.isna(table["Voltage / V"][2])
    assert table["Energy / W.h.m-2"][0] == 0.4
    assert table["Largest Balance Error / 1"][0] == 1e-9
    assert list(table["initial.lithiation"]) == [0.1, 0.2, 0.3]


def test_a_skipped_step_is_seen_in_the_table(make):
    store = make([0.1])
    finish(store, store.records[0])
    path = store.folder(store.records[0]) / "manifest.json"
    reasons = ["voltage 5000 mV reached before the step began", "duration reached"]
    steps = [{"index": k, "reason": why, "t_end": 100.0} for k, why in enumerate(reasons, 1)]
    path.write_text(json.dumps(json.loads(path.read_text()) | {"steps": steps}))
    (reason,) = results(store)["reason"]
    assert reason == f"all steps done; step 1 skipped: {reasons[0]}"


def test_tables_read_back_the_same(make):
    store = make([0.1, 0.2])
    finish(store, store.records[0])
    text, binary = write_results(store)
    from_text = pd.read_csv(text, dtype={"case": str}, keep_default_na=True)
    from_binary = pd.read_parquet(binary)
    assert list(from_text.columns) == list(from_binary.columns)
    assert list(from_text["Voltage / V"]) == pytest.approx(
        list(from_binary["Voltage / V"]), nan_ok=True
    )
    assert list(from_binary["case"]) == list(from_text["case"]) == ["0001", "0002"]


def test_figures_of_merit_that_were_asked_for(make):
    store = make([0.1], """
collect:
  lowest: {column: Voltage / V, take: min}
  mean: {column: Voltage / V, take: mean}
  at 25 s: {column: Voltage / V, at: {column: Test Time / s, value: 25}}
  balance: {manifest: balances.a}
  wrong: {column: Voltag / V}
""")  # fmt: skip
    finish(store, store.records[0])
    row = results(store).iloc[0]
    assert row["lowest"] == 0.3
    assert row["mean"] == pytest.approx(0.4)
    assert row["at 25 s"] == pytest.approx(0.45)
    assert row["balance"] == -1e-9
    assert pd.isna(row["wrong"])
    assert unknown_columns(store) == {"Voltag / V": "Did you mean 'Voltage / V'?"}


def test_a_column_that_one_case_has_is_known(make):
    store = make([0.1, 0.2, 0.3], "collect: {x: {column: Extra / 1}}")
    finish(store, store.records[0])
    assert set(unknown_columns(store)) == {"Extra / 1"}  # the others tell nothing yet
    finish(store, store.records[1], rows="Test Time / s,Voltage / V,Extra / 1\n0,0.5,1\n")
    assert unknown_columns(store) == {}


def test_rows_that_stand_twice_or_are_cut_off_do_not_count(make):
    store = make([0.1], "collect: {n: {column: Voltage / V, take: mean}}")
    finish(store, store.records[0], rows=ROWS + "50,9.9,1,36\n100,0.3,1,36\n15")
    assert results(store)["n"][0] == pytest.approx(0.4)


def test_broken_files_are_as_good_as_none(make):
    store = make([0.1])
    (store.folder(store.records[0]) / "manifest.json").write_text('{"status": "comp')
    (store.folder(store.records[0]) / "attempt.json").write_text("")
    assert store.state(store.records[0]).status is CaseStatus.PENDING


def test_one_study_at_a_time(tmp_path):
    program = (
        "import sys, time; from pathlib import Path; from mesode.study.lock import locked\n"
        "with locked(Path(sys.argv[1])): print('held', flush=True); time.sleep(60)"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert other.stdout.readline().strip() == "held"
    with pytest.raises(OutputError, match=f"process {other.pid} on"), locked(tmp_path):
        pass
    other.kill()
    other.communicate()
    with locked(tmp_path):  # its holder is dead, whatever the file says
        pass


def test_a_process_is_known_by_more_than_its_number():
    mine = identity(os.getpid())
    assert is_alive(mine)
    assert not is_alive({**mine, "since": mine["since"] + 1})
    assert not is_alive({**mine, "host": "elsewhere"})
    assert not is_alive({})


def test_a_file_is_whole_or_as_it_was(tmp_path, monkeypatch):
    path = tmp_path / "a.json"
    write_whole(path, "old")

    def full(_fd):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match="no space left"):
        write_whole(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_folders_of_something_else_are_left_alone(tmp_path, make):
    with pytest.raises(InputError, match="expected the folder of a study"):
        open_store(tmp_path)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.tex").write_text("")
    with pytest.raises(OutputError, match="holds no study; choose another --out"):
        make([0.1])


def test_from_python_the_argument_of_another_folder_is_named(tmp_path, make):
    study = load_study(make([0.1]).path.parent / "s.yaml", tmp_path / "other")
    study.folder.mkdir()
    (study.folder / "thesis.tex").write_text("")
    with pytest.raises(OutputError, match=r"holds no study; choose another out=\.\.\.$"):
        run_study(study)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may become somebody else")
def test_read_only_folder_for_root(make, somebody_else):
    expansion = expand_file(make([0.1]).path.parent / "s.yaml")
    with somebody_else() as folder, pytest.raises(OutputError, match="no permission"):
        prepare_store(folder / "out", expansion)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_read_only_folder(tmp_path, make):
    (tmp_path / "out").mkdir(mode=0o500)
    with pytest.raises(OutputError, match="no permission"):
        make([0.1])


@pytest.fixture
def somebody_else():
    """Become a user who may not write into the folder that is given."""

    @contextmanager
    def become():
        with tempfile.TemporaryDirectory() as name:
            Path(name).chmod(0o755)
            os.seteuid(65534)
            try:
                yield Path(name)
            finally:
                os.seteuid(0)

    return become


def test_a_task_of_slurm_on_another_machine_lives_while_it_is_queued(monkeypatch):
    monkeypatch.setattr("mesode.study.slurm_queue._ask", lambda: frozenset({"7_1", "7_2"}))
    monkeypatch.setattr("mesode.study.slurm_queue._Answer.until", -1.0)
    other = {"pid": os.getpid(), "host": "elsewhere", "since": 1, "slurm": "7_1"}
    assert is_alive(other)
    assert not is_alive({**other, "slurm": "6_1"})
    monkeypatch.setenv("SLURM_ARRAY_JOB_ID", "7")
    monkeypatch.setenv("SLURM_ARRAY_TASK_ID", "1")
    assert not is_alive(other)  # this very task, before it was requeued


def test_a_process_of_another_machine_is_never_signalled(monkeypatch):
    monkeypatch.setattr("mesode.study.lock.is_alive", lambda process: True)
    monkeypatch.setattr(os, "kill", lambda *args: pytest.fail("a process of ours got a signal"))
    end_process({"pid": os.getpid(), "host": "elsewhere", "since": 1, "slurm": "7_1"}, 0.1)


def test_a_complete_case_whose_table_was_cut_off_is_not_done(make):
    store = make([0.1])
    record = store.records[0]
    finish(store, record)
    path = store.folder(record) / "manifest.json"
    content = json.loads(path.read_text()) | {"steps": [{"t_end": 100.0}]}
    path.write_text(json.dumps(content))
    assert store.state(record).status is CaseStatus.COMPLETED
    table = store.folder(record) / "timeseries.bdf.csv"
    table.write_text(ROWS[:-1])  # the end of the last line is lost
    assert open_cases(store) == [record]
    assert "ends at 0 s, the run at 100 s" in store.state(record).reason
    table.unlink()
    assert store.state(record).reason == "its time series is lost"


def test_a_case_that_was_killed_before_its_figures_is_not_done(make):
    store = make([0.1])
    record = store.records[0]
    finish(store, record, process=identity(os.getpid()))
    checkpoint = store.folder(record) / "checkpoint" / "checkpoint_000001.npz"
    checkpoint.parent.mkdir()
    checkpoint.touch()
    assert store.state(record).status is CaseStatus.COMPLETED  # it draws them
    finish(store, record, process={"pid": 2**22 + 1})
    assert open_cases(store) == [record]
    assert "before its figures were drawn" in store.state(record).reason
    checkpoint.unlink()
    assert store.state(record).status is CaseStatus.COMPLETED
