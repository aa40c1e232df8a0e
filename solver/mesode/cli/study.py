"""``mesode study``: run the cases of a study, look how they stand, collect what they gave."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from mesode.cli.arguments import count
from mesode.cli.console import say
from mesode.errors import InputError, Problem
from mesode.units import QuantityError, parse_quantity

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from mesode.study.api import Study
    from mesode.study.store import Record, Store
    from mesode.study.workers import WorkOptions

HELP = "run a parameter study; each case is a row of one table, whatever becomes of it"
EXAMPLES = """\
  mesode check binder.yaml                     validate every case; number, time, disk
  mesode study binder.yaml --workers 2         run it, results in runs/binder
  mesode study binder.yaml                     again: continues where it was stopped
  mesode study binder.yaml --retry             and runs again what failed
  mesode study status runs/binder              how each case stands
  mesode study collect runs/binder             results.csv and results.parquet anew
  mesode study binder.yaml --slurm cluster.yaml    submit the cases to Slurm; again: what is left

exit codes: 0 all cases completed; 2 bad input; 3 some are not, the table says why"""

_ACTIONS = ("status", "collect")
_TASK = "case"  # `mesode study case DIR NUMBER`: what a task of Slurm calls
_STOPPED = 3


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    command.add_argument(
        "words", metavar="FILE", nargs="+", help="the study, or: status DIR, or: collect DIR"
    )
    command.add_argument(
        "--out", metavar="DIR", type=Path, help="folder of the study (default: runs/<name of FILE>)"
    )
    for name, default, text in (
        ("--workers", None, "cases at once (default: cores / ranks)"),
        ("--ranks", 1, "processes for each case (MPI)"),
    ):
        command.add_argument(name, metavar="N", type=count, default=default, help=text)
    command.add_argument("--retry", action="store_true", help="run again what did not complete")
    command.add_argument(
        "--max-time",
        metavar="TIME",
        help="for each case, e.g. '10 min'; then it is stopped with its results kept",
    )
    command.add_argument(
        "--no-fields", action="store_true", help="write no fields: saves disk space"
    )
    command.add_argument("--no-figures", action="store_true", help="draw no figures of each case")
    command.add_argument(
        "--slurm", metavar="PROFILE", type=Path, help="submit to Slurm; PROFILE: a YAML file"
    )
    command.add_argument("--dry-run", action="store_true", help="list the cases and run nothing")


def execute(args: argparse.Namespace) -> int:
    """Run a study, or say how one stands.

    Raises:
        InputError: every problem of the study and of its cases.
        OutputError: the folder cannot be used, or a study runs in it already.
    """
    words: list[str] = args.words
    if len(words) == 2 and words[0] in _ACTIONS:
        return (_status if words[0] == "status" else _collect)(Path(words[1]))
    if len(words) == 3 and words[0] == _TASK and words[2].isdecimal():
        return _task(Path(words[1]), int(words[2]), args)
    if len(words) != 1:
        hint = "Usage: mesode study FILE, mesode study status DIR, mesode study collect DIR"
        raise InputError([Problem("mesode study", " ".join(words), "expected one file", hint)])
    from mesode.study.api import load_study

    study = load_study(words[0], args.out)
    if args.dry_run:
        return _list_cases(study)
    if args.slurm is not None:
        return _submit(study, args)
    return _run(study, _options(args, len(study.expansion.cases)), retry=args.retry)


def _options(args: argparse.Namespace, cases: int) -> WorkOptions:
    from mesode.study.workers import WorkOptions, cores, default_workers

    limit = None
    if args.max_time is not None:
        try:
            limit = parse_quantity(args.max_time, "time")
        except QuantityError as error:
            problem = Problem("--max-time", repr(args.max_time), error.expected, error.hint)
            raise InputError([problem]) from None
    workers = args.workers or default_workers(args.ranks, cases)
    if workers * args.ranks > cores():
        say(
            f"warning: {workers} workers of {args.ranks} rank(s) share {cores()} cores: each case "
            "takes longer, and the study does too"
        )
    return WorkOptions(
        workers=workers,
        ranks=args.ranks,
        max_time=limit,
        figures=not args.no_figures,
        fields=not args.no_fields,
    )


def _list_cases(study: Study) -> int:
    table = study.cases
    table.index = table.index + 1
    say(table.to_string() if len(table.columns) else "1 case, the base as it is")
    say(f"{len(table)} cases. Nothing was run.")
    return 0


def _run(study: Study, options: WorkOptions, *, retry: bool) -> int:
    from mesode.study.api import carry_out
    from mesode.study.progress import StudyProgress
    from mesode.study.store import CaseStatus

    def watch(store: Store, todo: Sequence[Record]) -> StudyProgress:
        states = [store.state(record).status for record in store.records]
        done = states.count(CaseStatus.COMPLETED)
        left = len(states) - len(todo) - done
        say(
            f"{len(states)} cases in {store.path}: {len(todo)} to run, {done} done before"
            + (f", {left} left alone (failed, or with Slurm)" if left else "")
            + f"; {options.workers} at once, {options.ranks} rank(s) each"
        )
        return StudyProgress(store, len(todo), options.workers)

    _say_size(study, options)
    return _conclude(carry_out(study, options, watch, retry=retry))


def _say_size(study: Study, options: WorkOptions) -> None:
    """Say how much disk the study will take, from the sections of its first and last case."""
    from mesode.errors import GeometryError
    from mesode.study.estimate import planned_size

    cases = study.expansion.cases
    kinds = {"fields": options.fields, "figures": options.figures}
    try:
        sizes = [planned_size(cases[k].case, **kinds) for k in (0, -1)]
    except GeometryError:
        return  # a case that cannot be built is a row of its own later
    total = len(cases) * sum(sizes) / len(sizes) / 1e6
    say(
        f"disk: about {total:.2g} MB in all" + (", less with --no-fields" if options.fields else "")
    )


def _submit(study: Study, args: argparse.Namespace) -> int:
    """Submit the cases that are to be run and do not wait already."""
    from mesode.config.slurm import load_profile
    from mesode.study.api import open_cases
    from mesode.study.lock import locked
    from mesode.study.slurm import in_queue, submit
    from mesode.study.store import prepare_store

    profile = load_profile(args.slurm)
    study.folder.mkdir(parents=True, exist_ok=True)
    with locked(study.folder):
        store = prepare_store(study.folder, study.expansion)
        due = open_cases(store, retry=args.retry)
        todo = [record for record in due if not in_queue(store, record)]
        jobs = submit(store, todo, profile, _flags(args)) if todo else []
    waiting = len(due) - len(todo)
    say(
        f"{len(store.records)} cases in {store.path}: {len(todo)} submitted, {waiting} in the queue"
        f" already, {len(store.records) - len(due)} done"
    )
    if jobs:
        say(f"jobs {', '.join(jobs)}; the last one writes the tables. To look: squeue, or")
        say(f"  mesode study status {store.path}")
    return 0


def _flags(args: argparse.Namespace) -> list[str]:
    names = ("no_fields", "no_figures")
    flags = [f"--{name.replace('_', '-')}" for name in names if getattr(args, name)]
    return [*flags, *(["--max-time", f"'{args.max_time}'"] if args.max_time else [])]


def _task(folder: Path, number: int, args: argparse.Namespace) -> int:
    """Run one case of a study and say how it ended."""
    from mesode.study.api import carry_out_case
    from mesode.study.slurm_queue import requeue_this
    from mesode.study.store import CaseStatus, open_store

    store = open_store(folder)
    record = next((r for r in store.records if r.number == number), None)
    if record is None:
        raise InputError([Problem("mesode study case", str(number), f"{folder} has no such case")])
    state = store.state(record)
    if state.status is not CaseStatus.COMPLETED:
        state = carry_out_case(store, record, _options(args, 1))
    say(f"case {record.name} {state.status}" + (f": {state.reason}" if state.reason else ""))
    if state.status is CaseStatus.INTERRUPTED and requeue_this():
        say("back in the queue")
    return 0 if state.status is CaseStatus.COMPLETED else _STOPPED


def _conclude(store: Store) -> int:
    """Say how the cases stand; return the exit code."""
    from mesode.study.collect import unknown_columns

    count = Counter(store.state(record).status.value for record in store.records)
    for name, hint in unknown_columns(store).items():
        say(f"warning: collect: no case has the column '{name}'. {hint}")
    done = count["completed"] == len(store.records)
    text = ", ".join(f"{n} {status}" for status, n in sorted(count.items()))
    say(f"{text}. Table: {store.path / 'results.csv'}")
    if not done and count["stopped"] + count["failed"] + count["timeout"]:
        say("`mesode study status DIR` lists the reasons; --retry runs those cases again")
    return 0 if done else _STOPPED


def _status(folder: Path) -> int:
    from mesode.study.progress import describe, duration
    from mesode.study.store import open_store
    from mesode.text_table import table

    store = open_store(folder)
    rows = [("case", "", "status", "wall time", "reason")]
    count: Counter[str] = Counter()
    for record in store.records:
        state = store.state(record)
        count[state.status] += 1
        wall = state.attempt.get("wall")
        spent = duration(wall) if wall is not None else ""
        reason = state.reason.strip().partition("\n")[0][:100]
        rows.append((record.name, describe(store, record), state.status, spent, reason))
    say(store.title)
    for line in table(rows, right=(3,)):
        say(line)
    say(", ".join(f"{n} {status}" for status, n in sorted(count.items())))
    return 0


def _collect(folder: Path) -> int:
    from mesode.study.collect import write_results
    from mesode.study.store import open_store

    store = open_store(folder)
    csv, parquet = write_results(store)
    say(f"{csv} and {parquet.name}: {len(store.records)} rows")
    return _conclude(store)
