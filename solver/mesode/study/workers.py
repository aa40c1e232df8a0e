"""Local workers: each case in a process of its own, so that none can take the study with it.

Times are counted on a clock that nobody sets. The processes do not share the terminal's signals:
the study alone hears Ctrl-C and asks its cases to stop.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from mesode.errors import OutputError, StudyStoppedError
from mesode.output.ranks import NO_SPACE, writing
from mesode.output.room import give_room
from mesode.study.files import write_json
from mesode.study.lock import end_process, identity
from mesode.study.processes import ask_to_stop, kill_tree
from mesode.study.store import ATTEMPT, INPUT, CaseStatus, Record, State, Store, has_checkpoint

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

_POLL = 0.1  # [s]
_LEAST_SPACE = 65536  # bytes; a disk with less is full
_OUTPUT = "output.txt"
_LAST = 400  # characters of what a case said last, for its reason
_FAULT = "This is an internal error of mesode"  # below a traceback
_ENDED = {0: CaseStatus.COMPLETED, 3: CaseStatus.STOPPED}


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkOptions:
    """How the cases of a study are run."""

    workers: int = 1
    ranks: int = 1
    max_time: float | None = None  # [s] for each case
    grace: float = 60.0  # [s] that a case may take to stop in order
    figures: bool = True
    fields: bool = True


class Watcher(Protocol):
    """Sees what happens."""

    def started(self, job: Job) -> None:
        """A case runs."""

    def ended(self, job: Job, state: State) -> None:
        """A case ended in whatever way."""

    def tick(self, jobs: Sequence[Job], waiting: int) -> None:
        """Time goes by."""


@dataclass(slots=True)
class Job:
    """A case that runs."""

    record: Record
    folder: Path
    process: subprocess.Popen[bytes]
    resumed: bool
    began: float = field(default_factory=time.monotonic)
    outcome: CaseStatus | None = None  # why it was asked to stop
    reason: str = ""
    asked: float = 0.0
    full: bool = False  # it ended for want of space on the disk

    @property
    def elapsed(self) -> float:
        """Wall time since it was started [s]."""
        return time.monotonic() - self.began

    def stop(self, outcome: CaseStatus, reason: str) -> None:
        """Ask it to stop in order."""
        if self.outcome is None:
            self.outcome, self.reason, self.asked = outcome, reason, time.monotonic()
            ask_to_stop(self.process.pid)

    def overdue(self, grace: float) -> bool:
        """Tell whether it was asked to stop and did not."""
        return self.outcome is not None and time.monotonic() - self.asked > grace

    def kill(self) -> None:
        """End it and its ranks at once."""
        kill_tree(self.process.pid)


def run_cases(
    store: Store,
    records: Sequence[Record],
    options: WorkOptions,
    watcher: Watcher,
    stop: Callable[[], str | None],
) -> None:
    """Run cases until all have ended, or until ``stop`` gives a reason.

    Raises:
        StudyStoppedError: no space, or the folder cannot be written any more; the cases that ran
            were asked to stop.
    """
    crew = _Crew(store, list(records), options, watcher, stop)
    try:
        while crew.jobs or (crew.waiting and not crew.why()):
            crew.fill()
            crew.look()
            watcher.tick(crew.jobs, len(crew.waiting))
            time.sleep(_POLL if crew.jobs else 0.0)
        crew.settle()
    finally:
        for job in crew.jobs:  # only after an error of our own
            job.kill()
            job.process.wait()


@dataclass(slots=True)
class _Crew:
    """The cases that run and those that wait."""

    store: Store
    waiting: list[Record]
    options: WorkOptions
    watcher: Watcher
    stop: Callable[[], str | None]
    jobs: list[Job] = field(default_factory=list)
    unsaid: list[Job] = field(default_factory=list)  # ended, and there was no space to note how
    trouble: str = ""

    def why(self) -> str | None:
        """Return why no more cases are started."""
        return self.trouble or self.stop()

    def fill(self) -> None:
        """Start as many cases as there is work for."""
        while self.waiting and len(self.jobs) < self.options.workers and not self.why():
            try:
                self.jobs.append(start(self.store, self.waiting[0], self.options))
            except OutputError as error:
                self.trouble = str(error)
            else:
                del self.waiting[0]
                self.watcher.started(self.jobs[-1])

    def look(self) -> None:
        """Note what has ended, stop what has no time left."""
        for job in list(self.jobs):
            if job.process.poll() is None:
                _watch(job, self.options, self.why())
            else:
                self.jobs.remove(job)
                self._end(job)

    def _end(self, job: Job) -> None:
        try:
            again = finish(self.store, job)
        except OutputError as error:
            self.trouble = self.trouble or str(error)
            self.unsaid.append(job)
            return
        if job.full:
            self.trouble = self.trouble or job.reason
        if again:
            self.waiting.insert(0, job.record)
        else:
            self.watcher.ended(job, self.store.state(job.record))

    def settle(self) -> None:
        """Use the room that was set aside to note what could not be noted before."""
        if not self.trouble:
            return
        give_room(self.store.path)
        for job in self.unsaid:
            with suppress(OutputError):  # then the run says that it did not end in order
                finish(self.store, job)
                self.watcher.ended(job, self.store.state(job.record))
        msg = f"{self.trouble}\nThe study has stopped; call it again to continue"
        raise StudyStoppedError(msg)


def _watch(job: Job, options: WorkOptions, stop: str | None) -> None:
    """Stop a job whose time is over, end one that does not stop."""
    if stop:
        job.stop(CaseStatus.INTERRUPTED, f"the study was stopped: {stop}")
    elif options.max_time is not None and job.elapsed > options.max_time:
        job.stop(CaseStatus.TIMEOUT, f"not finished within the {options.max_time:g} s allowed")
    if job.overdue(options.grace):
        job.kill()


def start(store: Store, record: Record, options: WorkOptions) -> Job:
    """Start a case: from its checkpoint if it has one that belongs to it, else from the beginning.

    Raises:
        OutputError: the folder of the case cannot be written.
    """
    folder = store.folder(record)
    state = store.state(record)
    end_process(state.attempt.get("process", {}), options.grace)  # of a study that died
    count = int(state.attempt.get("count", 0)) + 1
    resumed = can_resume(folder, state)
    attempt = {"hash": record.hash, "count": count, "outcome": None, "resumed": resumed}
    attempt["earlier"] = _spent(state) if resumed else 0.0
    write_json(folder / ATTEMPT, attempt)
    command = _command(folder, options, resumed=resumed)
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    with writing(folder), (folder / _OUTPUT).open("ab" if resumed else "wb") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,
        )
    job = Job(record, folder, process, resumed)
    try:
        write_json(folder / ATTEMPT, {**attempt, "process": identity(process.pid)})
    except OutputError:
        job.kill()
        process.wait()
        raise
    return job


def _spent(state: State) -> float:
    """Return the wall time of the attempts that a resumed run goes on from."""
    return float(state.attempt.get("earlier", 0.0)) + float(state.attempt.get("wall", 0.0))


def can_resume(folder: Path, state: State) -> bool:
    """Tell whether a case has results and a checkpoint to continue from."""
    ended_well = state.status is CaseStatus.COMPLETED
    refused = state.attempt.get("resumed") and state.attempt.get("refused")
    return (
        bool(state.manifest)
        and not ended_well
        and not refused
        and has_checkpoint(folder)
        and importlib.util.find_spec("mesode.cli.resume") is not None
    )


def _command(folder: Path, options: WorkOptions, *, resumed: bool) -> list[str]:
    worker = [sys.executable, "-m", "mesode.cli.worker", str(os.getpid())]
    what = ["resume", str(folder)]
    if not resumed:
        what = ["run", str(folder / INPUT), "--out", str(folder), "--force"]
        what += [] if options.fields else ["--no-fields"]
    what += [] if options.figures else ["--no-figures"]
    return [*worker, *what, "--ranks", str(options.ranks)]


def finish(store: Store, job: Job) -> bool:
    """Note how a case ended; tell whether it is to be run again from the beginning.

    Raises:
        OutputError: the folder of the case cannot be written.
    """
    code = int(job.process.returncode)
    state = store.state(job.record)
    attempt, outcome, reason = state.attempt, job.outcome, job.reason
    refused = job.resumed and outcome is None and code in (1, 2)
    if outcome is None:
        outcome = _ENDED.get(code, CaseStatus.KILLED if _died(code) else CaseStatus.FAILED)
        reason = _reason(job, code)
        if code and (full := _full_disk(job, f"{state.manifest.get('reason')} {reason}")):
            outcome, reason, refused = CaseStatus.INTERRUPTED, full, False
            job.full, job.reason = True, reason
    content = {**attempt, "outcome": outcome.value, "reason": reason, "exit_code": code}
    write_json(job.folder / ATTEMPT, {**content, "wall": job.elapsed, "refused": refused})
    return refused


def _full_disk(job: Job, said: str) -> str:
    """Return the reason of a case that ended for want of space, nothing where that was not it."""
    if NO_SPACE in said or shutil.disk_usage(job.folder).free < _LEAST_SPACE:
        return f"{job.folder}: {NO_SPACE}; free some"
    return ""


def _died(code: int) -> bool:
    # launchers of parallel runs say 128 + signal
    return code < 0 or code in (128 + signal.SIGKILL, 128 + signal.SIGTERM)


def _reason(job: Job, code: int) -> str:
    if code in _ENDED:
        return ""
    if _died(code):
        number = -code if code < 0 else code - 128
        return f"the process was killed by {signal.Signals(number).name}; out of memory?"
    return f"exit code {code}: {_last_words(job.folder / _OUTPUT)}"


def _last_words(path: Path) -> str:
    """Return what a process said last: its complaint, or the last line of a traceback."""
    try:
        lines = path.read_text("utf-8", errors="replace").strip().splitlines()
    except OSError:
        return "it said nothing"
    faults = [k for k, line in enumerate(lines) if line.startswith(_FAULT)]
    if faults:
        return lines[max(faults[-1] - 1, 0)][:_LAST]
    complaints = [k for k, line in enumerate(lines) if line.startswith("mesode ")]
    text = " ".join(line.strip() for line in lines[complaints[-1] if complaints else -1 :])
    return text[:_LAST]


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def default_workers(ranks: int, cases: int) -> int:
    """Return as many workers as there are cores for, and cases."""
    return max(1, min(cores() // ranks, cases))
