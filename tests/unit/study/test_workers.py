"""If these fail, a case that crashes, hangs or is killed takes the study or its results with it.

The cases are small programs that write what a run writes; the workers are the real ones.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mesode.errors import OutputError, StudyStoppedError
from mesode.output.ranks import NO_SPACE
from mesode.output.room import take_room
from mesode.study import workers
from mesode.study.api import open_cases
from mesode.study.collect import results
from mesode.study.expand import expand_file
from mesode.study.lock import is_alive
from mesode.study.store import open_store, prepare_store
from mesode.study.workers import WorkOptions, run_cases
from support.tiny_case import TINY

pytestmark = pytest.mark.serial

# What a case does stands in its title: it takes that many seconds, and may then do worse.
CASE = """
import json, signal, sys, time
from pathlib import Path
sys.argv.index("mesode.cli")  # as the processes of mesode, which are asked to stop, have it
folder, hash_, seconds, how = Path(sys.argv[1]), sys.argv[2], float(sys.argv[3]), sys.argv[4]
def manifest(status, reason):
    part = folder / "part"
    part.write_text(json.dumps({"status": status, "reason": reason, "config_hash": hash_}))
    part.replace(folder / "manifest.json")
def stop(number, frame):
    if how != "deaf":
        manifest("stopped", "SIGTERM received")
        sys.exit(3)
signal.signal(signal.SIGTERM, stop)
manifest("failed", "the run did not end in order: it goes on, was killed, or the machine went down")
with (folder / "timeseries.bdf.csv").open("w") as stream:
    stream.write("Test Time / s,Voltage / V,Step Count / 1,Current Density / A.m-2\\n")
    for k in range(11):
        stream.write(f"{k},{1 - 0.05 * k + seconds},1,10\\n")
        stream.flush()
        time.sleep(seconds / 10)
if how == "crash":
    manifest("failed", "ZeroDivisionError")
    sys.exit(1)
if how == "refuse":
    (folder / "manifest.json").unlink()
    print("mesode run: the particles do not fit")
    sys.exit(2)
manifest("completed", "all steps done")
"""


@pytest.fixture
def study(tmp_path, monkeypatch):
    """Return a function that makes a study of fake cases: (seconds, how)."""
    (tmp_path / "tiny.yaml").write_text(TINY)
    (tmp_path / "case.py").write_text(CASE)

    def make(*cases):
        path = tmp_path / "s.yaml"
        values = [round(0.1 + 0.01 * k, 2) for k in range(len(cases))]
        path.write_text(f"base: tiny.yaml\nvary: {{initial.lithiation: {values}}}\n")
        store = prepare_store(tmp_path / "out", expand_file(path))
        for record, (seconds, how) in zip(store.records, cases, strict=True):
            content = {"hash": record.hash, "seconds": seconds, "how": how}
            (store.folder(record) / "what.json").write_text(json.dumps(content))
        return store

    monkeypatch.setattr(workers, "_command", fake_command)
    return make


def fake_command(folder, _options, *, resumed):
    assert not resumed
    what = json.loads((folder / "what.json").read_text())
    program = str(folder.parents[2] / "case.py")
    arguments = [str(folder), what["hash"], str(what["seconds"]), what["how"], "mesode.cli"]
    return [sys.executable, program, *arguments]


class Seen:
    def __init__(self):
        self.most, self.ends = 0, []

    def started(self, job):
        pass

    def ended(self, job, state):
        self.ends.append((job.record.name, state.status.value))

    def tick(self, jobs, waiting):
        self.most = max(self.most, len(jobs))


def run(store, stop=lambda: None, *, retry=False, **options):
    seen = Seen()
    todo = open_cases(store, retry=retry)
    run_cases(store, todo, WorkOptions(**{"grace": 1.0, **options}), seen, stop)
    return seen


def statuses(store):
    return list(results(store)["status"])


def test_a_crash_is_a_row_and_the_study_goes_on(study):
    store = study((0.1, "end"), (0.1, "crash"), (0.1, "refuse"), (0.1, "end"))
    run(store, workers=2)
    table = results(store)
    assert list(table["status"]) == ["completed", "failed", "failed", "completed"]
    assert table["reason"][1] == "ZeroDivisionError"
    assert table["reason"][2] == "exit code 2: mesode run: the particles do not fit"
    assert table["Voltage / V"][1] == pytest.approx(0.6)
    assert run(store).ends == []
    assert [name for name, _ in run(store, retry=True).ends] == ["0002", "0003"]


def test_no_more_workers_than_asked_for(study):
    assert run(study(*[(0.3, "end")] * 4), workers=2).most == 2


def test_time_is_limited_for_each_case(study):
    store = study((0.1, "end"), (60.0, "end"), (60.0, "deaf"))
    begin = time.monotonic()
    run(store, workers=3, max_time=1.0)
    assert time.monotonic() - begin < 6.0
    table = results(store)
    assert list(table["status"]) == ["completed", "timeout", "timeout"]
    assert table["reason"][1] == "not finished within the 1 s allowed"
    assert table["Voltage / V"][2] > 60.0  # what it reached
    assert open_cases(store) == []


def test_a_stop_asks_the_cases_and_keeps_the_rest_for_later(study):
    store = study(*[(2.0, "end")] * 3)
    begin = time.monotonic()
    run(store, stop=lambda: "Ctrl-C" if time.monotonic() - begin > 0.7 else None, workers=2)
    assert statuses(store) == ["interrupted", "interrupted", "pending"]
    run(store, workers=3)
    assert statuses(store) == ["completed"] * 3


def test_a_killed_worker_is_a_row_and_is_run_again(study):
    store = study((20.0, "end"), (0.1, "end"))

    class Killer(Seen):
        def tick(self, jobs, waiting):
            for job in jobs:
                if job.record.name == "0001" and job.elapsed > 0.5:
                    job.process.send_signal(signal.SIGKILL)

    run_cases(store, store.records, WorkOptions(workers=2), Killer(), lambda: None)
    assert statuses(store) == ["killed", "completed"]
    assert "SIGKILL" in results(store)["reason"][0]
    assert [r.name for r in open_cases(store)] == ["0001"]


PARENT = """
import sys
from pathlib import Path
sys.path[:0] = [TESTS]
import importlib.util
spec = importlib.util.spec_from_file_location("fakes", FILE)
fakes = importlib.util.module_from_spec(spec); spec.loader.exec_module(fakes)
from mesode.study import workers
workers._command = fakes.fake_command
from mesode.study.store import open_store
fakes.run(open_store(Path(sys.argv[1])), workers=2)
"""


def in_a_process(store):
    file = Path(__file__)
    text = PARENT.replace("TESTS", repr(str(file.parents[2]))).replace("FILE", repr(str(file)))
    return subprocess.Popen([sys.executable, "-c", text, str(store.path)], start_new_session=True)


def kill_all(store, parent):
    """Kill a study and its cases as a machine that goes down would."""
    parent.kill()
    parent.wait()
    for record in store.records:
        process = store.state(record).attempt.get("process", {})
        if is_alive(process):
            os.kill(process["pid"], signal.SIGKILL)


@pytest.mark.parametrize(
    "kills", [2, pytest.param(10, marks=[pytest.mark.slow, pytest.mark.timeout(300)])]
)
def test_the_table_is_the_same_after_kills_at_random_moments(study, kills):
    store = study(*[(0.4, "end")] * 6)
    dice, done = random.Random(kills), 0
    for _ in range(kills):
        parent = in_a_process(store)
        time.sleep(dice.uniform(0.2, 3.0))
        kill_all(store, parent)
        now = statuses(open_store(store.path)).count("completed")
        assert now >= done  # nothing is lost that was reported done
        done = now
    run(store, workers=3)
    table = results(store)
    assert list(table["status"]) == ["completed"] * 6
    assert list(table["case"]) == [f"{n:04d}" for n in range(1, 7)]
    assert list(table["Voltage / V"]) == pytest.approx([0.9] * 6)


def test_cases_that_an_earlier_study_left_running_are_ended_first(study):
    store = study((30.0, "end"))
    parent = in_a_process(store)
    state = store.state(store.records[0])
    while not is_alive(state.attempt.get("process", {})):
        time.sleep(0.05)
        state = store.state(store.records[0])
    parent.kill()
    parent.wait()
    left = state.attempt["process"]
    assert is_alive(left)  # these fakes do not follow their parent
    study((0.1, "end"))
    run(store)
    assert not is_alive(left)
    assert statuses(store) == ["completed"]


def test_a_clock_that_is_set_back_changes_no_limit(study, monkeypatch):
    store = study((0.5, "end"), (60.0, "end"))
    monkeypatch.setattr(time, "time", lambda: -time.monotonic())
    begin = time.monotonic()
    run(store, workers=2, max_time=2.0)
    assert time.monotonic() - begin < 8.0
    assert statuses(store) == ["completed", "timeout"]


def test_a_full_disk_stops_the_study_and_every_case_has_its_reason(study, monkeypatch):
    store = study((0.3, "end"), (30.0, "end"), (0.1, "end"))
    take_room(store.path, 100_000)
    write, room = workers.write_json, store.path / ".room"

    def full(path, content):
        if content.get("outcome") and room.exists():
            raise OutputError(f"{path}: {NO_SPACE}")
        write(path, content)

    monkeypatch.setattr(workers, "write_json", full)
    with pytest.raises(StudyStoppedError, match=NO_SPACE):
        run(store, workers=2)
    assert statuses(store) == ["completed", "interrupted", "pending"]
    assert NO_SPACE in results(store)["reason"][1]
