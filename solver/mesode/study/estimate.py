"""What a study will cost: from its cases that are done, or from a pilot that runs for a while."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

from mesode.analysis.run_data import TIMESERIES, read_timeseries
from mesode.analysis.study_table import STUDY
from mesode.case.foresight import polarity_of
from mesode.case.plan import make_plan
from mesode.columns import STEP, TIME
from mesode.config.dump import plain_data
from mesode.config.resolve import resolve_materials
from mesode.errors import GeometryError, InputError, Problem
from mesode.output.progress import share_done
from mesode.study.collect import unknown_columns
from mesode.study.files import read_json
from mesode.study.store import CaseStatus, open_store, prepare_store
from mesode.study.workers import WorkOptions, default_workers, run_cases

if TYPE_CHECKING:
    from collections.abc import Callable

    from mesode.config.case import Case
    from mesode.study.expand import Expansion
    from mesode.study.store import State, Store
    from mesode.study.workers import Job

# Measured on the shipped studies: mesh, figures.
_MESH_BYTES_PER_CELL, _FIGURES = 90.0, 2.5e6
PILOT = 30.0  # [s] that each case of the pilot runs at most
MOST_PACKED = 50  # sections that are tried; packing one takes up to a second
_FRAMES = "fields/step_*.h5"
_LEAST_SHARE = 1e-3  # of a case; below it a pilot tells nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """Cost of one case: wall time [s] and disk [bytes], and where that is known from."""

    seconds: float
    size: float
    basis: str


def estimate(expansion: Expansion, folder: Path) -> Estimate | None:
    """Estimate the cost of a case, None where a pilot told nothing.

    Args:
        expansion: The study.
        folder: Where it may have been run already.

    Raises:
        InputError: ``collect`` names a column that no case will have.
        OutputError: there is no place for a pilot.
    """
    return _from_done(expansion, folder) or _from_pilot(expansion)


def planned_size(case: Case, *, fields: bool = True, figures: bool = True) -> float:
    """Return the bytes that a case will write, from its section alone; right to about a third.

    Raises:
        GeometryError: its section cannot be built.
    """
    plan = make_plan(case)
    drawn = _FIGURES if figures and case.output.figures else 0.0
    return plan.frames_size * fields + _MESH_BYTES_PER_CELL * plan.cells + drawn


def _from_done(expansion: Expansion, folder: Path) -> Estimate | None:
    if not read_json(folder / STUDY):
        return None
    store = open_store(folder)
    done = [(r, store.state(r)) for r in store.records]
    done = [(r, s) for r, s in done if s.status is CaseStatus.COMPLETED and "wall" in s.attempt]
    if not done:
        return None
    check_columns(store, expansion)
    walls = [s.attempt["wall"] + s.attempt.get("earlier", 0.0) for _, s in done]
    sizes = [folder_size(store.folder(r)) for r, _ in done]
    count = len(done)
    text = "the case that is done" if count == 1 else f"the mean of {count} cases that are done"
    return Estimate(seconds=sum(walls) / count, size=sum(sizes) / count, basis=text)


def _from_pilot(expansion: Expansion) -> Estimate | None:
    """Run the first, the middle and the last case for a while and see how far they get."""
    with tempfile.TemporaryDirectory() as name:
        store = prepare_store(Path(name) / "pilot", expansion)
        count = len(store.records)
        places = sorted({0, count // 2, count - 1})
        clock = _Clock()
        options = WorkOptions(
            workers=default_workers(1, len(places)),
            max_time=PILOT,
            figures=expansion.cases[0].case.output.figures,
        )
        run_cases(store, [store.records[k] for k in places], options, clock, lambda: None)
        check_columns(store, expansion)
        found = [_of_pilot(store, k, expansion.cases[k].case, clock) for k in places]
    told = [each for each in found if each is not None]
    if not told:
        return None
    seconds, size, shares = (sum(column) / len(told) for column in zip(*told, strict=True))
    which = "the first case" if count == 1 else f"{len(told)} cases from first to last"
    text = f"a pilot of {which}, of which it did {100 * shares:.0f} %"
    return Estimate(seconds=seconds, size=size, basis=text)


def check_columns(store: Store, expansion: Expansion) -> None:
    """Hold the columns that ``collect`` names against those that the cases so far have.

    Raises:
        InputError: there is no such column in them, and cases of other kinds there are none.
    """
    unknown = unknown_columns(store)
    if not unknown or expansion.file.collect is None:
        return
    tried = {r.hash for r in store.records if (store.folder(r) / TIMESERIES).is_file()}
    kinds = {each.hash: _kind(each.case) for each in expansion.cases}
    if set(kinds.values()) - {kinds[key] for key in tried if key in kinds}:
        return
    problems = []
    for label, figure in expansion.file.collect.items():
        named = {"column": figure.column, "at.column": figure.at and figure.at.column}
        problems += [
            Problem(f"collect.{label}.{key}", repr(name), "no case has this column", unknown[name])
            for key, name in named.items()
            if name in unknown
        ]
    if problems:
        raise InputError(problems, expansion.name)


def _kind(case: Case) -> tuple[object, ...]:
    """Return what decides which columns a case has."""
    materials = resolve_materials(case)
    phases = materials.phases.items()
    return (
        case.physics.mechanics,
        tuple(materials.phases),
        tuple(materials.coatings),
        tuple(materials.sei),
        tuple(name for name, each in phases if each.lithium and each.lithium.hysteresis),
    )


def _of_pilot(
    store: Store, place: int, case: Case, clock: _Clock
) -> tuple[float, float, float] | None:
    """Return time [s] and size [bytes] that a case will take, and how much of it was done."""
    record = store.records[place]
    folder = store.folder(record)
    spent, status = clock.seen[record.number]
    share = share_of_case(folder, case, status)
    if share < _LEAST_SHARE:
        return None
    timings = read_json(folder / "manifest.json").get("timings", {})
    loop = float(timings.get("protocol", spent))
    more = 1.0 / share - 1.0
    grows = [*folder.glob(_FRAMES), *folder.glob(TIMESERIES)]
    size = folder_size(folder) + more * sum(path.stat().st_size for path in grows)
    return spent + loop * more, size, share


class _Clock:
    """Watches cases: how long each took and how it ended, by its number."""

    def __init__(self) -> None:
        self.seen: dict[int, tuple[float, CaseStatus]] = {}

    def started(self, job: Job) -> None:
        """Nothing to note."""

    def ended(self, job: Job, state: State) -> None:
        """Note how long it took."""
        self.seen[job.record.number] = (job.elapsed, state.status)

    def tick(self, jobs: object, waiting: int) -> None:
        """Nothing to note."""


def share_of_case(folder: Path, case: Case, status: CaseStatus) -> float:
    """Return how much of its protocol a case has done, from 0 to 1."""
    if status is CaseStatus.COMPLETED:
        return 1.0
    path = folder / TIMESERIES
    columns = read_timeseries(path) if path.is_file() else {}
    if not columns or len(columns[TIME]) < 2:
        return 0.0
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    step = int(rows[-1][STEP])
    first = next(row for row in rows if int(row[STEP]) == step)
    point = SimpleNamespace(t=rows[-1][TIME], row=rows[-1])
    part = share_done(case.protocol[step - 1], polarity_of(case), first[TIME], first, point)
    return (step - 1 + part) / len(case.protocol)


def folder_size(folder: Path) -> int:
    """Return the size of all files of a folder [bytes] but the checkpoints, which do not stay."""
    found = (path for path in folder.rglob("*") if path.is_file())
    return sum(path.stat().st_size for path in found if path.parent.name != "checkpoint")


def impossible_sections(
    expansion: Expansion, build: Callable[[Case], object]
) -> tuple[dict[int, str], int]:
    """Try to build the section of each case; equal ones once.

    Args:
        expansion: The study.
        build: Builds the section of a case.

    Returns:
        What is wrong, by the place of the case from 1; and how many sections were tried.
    """
    tried: dict[str, str] = {}
    wrong = {}
    for number, each in enumerate(expansion.cases, 1):
        key = str([plain_data(each.case)[part] for part in ("geometry", "mesh")])
        if key not in tried and len(tried) < MOST_PACKED:
            try:
                build(each.case)
                tried[key] = ""
            except GeometryError as error:
                tried[key] = str(error)
        if tried.get(key):
            wrong[number] = tried[key]
    return wrong, len(tried)
