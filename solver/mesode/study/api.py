"""Studies from Python: load a file, run it, read the results as a table."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mesode.case.signals import stop_on_signals
from mesode.errors import OutputError, told_in_python
from mesode.study.expand import Expansion, expand_file
from mesode.study.lock import locked
from mesode.study.slurm import in_queue
from mesode.study.store import CaseStatus, Record, Store, open_store, prepare_store
from mesode.study.workers import WorkOptions, run_cases

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd

    from mesode.study.store import State
    from mesode.study.workers import Job, Watcher

_ROOM, _ROOM_OF_CASE = 131072, 4096  # bytes that are set aside for the tables of a full disk
_RETRIED = (CaseStatus.STOPPED, CaseStatus.FAILED, CaseStatus.TIMEOUT)


@dataclass(frozen=True, slots=True)
class Study:
    """A study with its cases, checked; ``folder`` is where it runs."""

    expansion: Expansion
    folder: Path

    @property
    def cases(self) -> pd.DataFrame:
        """The parameters of each case, a row each."""
        import pandas as pd

        columns = [p.column for p in self.expansion.parameters]
        return pd.DataFrame([case.values for case in self.expansion.cases], columns=columns)

    def results(self) -> pd.DataFrame:
        """Return the table of what has been computed so far; see `mesode.study.collect.results`.

        Raises:
            InputError: the study has not been run in its folder.
        """
        return study_results(self.folder)


def load_study(path: str | Path, out: str | Path | None = None) -> Study:
    """Read a study file and check all of its cases.

    Args:
        path: The study file.
        out: Folder of the study; default: ``runs/<name of the file>``.

    Raises:
        InputError: every problem of the study and of its cases.
    """
    path = Path(path)
    return Study(expand_file(path), Path(out) if out else Path("runs") / path.stem)


def run_study(
    study: Study | str | Path,
    options: WorkOptions | None = None,
    *,
    retry: bool = False,
    watcher: Watcher | None = None,
) -> pd.DataFrame:
    """Run what is not done yet of a study, and return its results, a row for each case.

    Args:
        study: A study, or its file.
        options: Workers, ranks, time for each case; default: one worker.
        retry: Run again the cases that failed, stopped early or ran out of time.
        watcher: Told what happens.

    Raises:
        InputError: every problem of the study and of its cases.
        OutputError: the folder cannot be used, or a study runs in it already.
        StudyStoppedError: the disk became full; what was computed is kept.
    """
    if not isinstance(study, Study):
        study = load_study(study)
    with told_in_python():
        carry_out(study, options or WorkOptions(), lambda _store, _todo: watcher, retry=retry)
    return study.results()


def carry_out(
    study: Study,
    options: WorkOptions,
    watch: Callable[[Store, Sequence[Record]], Watcher | None],
    *,
    retry: bool = False,
) -> Store:
    """Run what is not done yet and write the tables; a signal stops in order.

    Args:
        study: What to run.
        options: How.
        watch: Makes the watcher of a store and the cases that are to be run.
        retry: Run again the cases that failed, stopped early or ran out of time.

    Cases that wait or run as tasks of Slurm are left to it.

    Raises:
        OutputError: the folder cannot be used, or a study runs in it already.
        StudyStoppedError: the disk became full; what was computed is kept.
    """
    from mesode.output.ranks import writing
    from mesode.output.room import take_room

    with writing(study.folder):
        study.folder.mkdir(parents=True, exist_ok=True)
    with locked(study.folder), stop_on_signals() as stop:
        store = prepare_store(study.folder, study.expansion)
        take_room(store.path, _ROOM + _ROOM_OF_CASE * len(store.records))
        todo = [r for r in open_cases(store, retry=retry) if not in_queue(store, r)]
        try:
            run_cases(store, todo, options, watch(store, todo) or _Quiet(), stop)
        except BaseException:
            with suppress(OutputError):  # what ended the study is what is told
                _write_tables(store)
            raise
        _write_tables(store)
    return store


def _write_tables(store: Store) -> None:
    from mesode.output.room import give_room
    from mesode.study.collect import write_results

    give_room(store.path)
    write_results(store)


def carry_out_case(store: Store, record: Record, options: WorkOptions) -> State:
    """Run one case of a study, as a task of a cluster does; a signal stops it in order.

    Raises:
        StudyStoppedError: the folder of the case cannot be written.
    """
    with stop_on_signals() as stop:
        run_cases(store, [record], options, _Quiet(), stop)
    return store.state(record)


def open_cases(store: Store, *, retry: bool = False) -> list[Record]:
    """Return the cases that are to be run; those of a study that died are among them."""

    def due(record: Record) -> bool:
        status = store.state(record).status
        return status.open or status is CaseStatus.RUNNING or (retry and status in _RETRIED)

    return [record for record in store.records if due(record)]


def study_results(folder: str | Path) -> pd.DataFrame:
    """Return the table of a study folder, made anew from its runs.

    Raises:
        InputError: the folder holds no study.
    """
    from mesode.study.collect import results

    return results(open_store(Path(folder)))


class _Quiet:
    """Watches and says nothing."""

    def started(self, job: Job) -> None:
        """Say nothing."""

    def ended(self, job: Job, state: State) -> None:
        """Say nothing."""

    def tick(self, jobs: Sequence[Job], waiting: int) -> None:
        """Say nothing."""
