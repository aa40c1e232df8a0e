"""``mesode run``: a case from its section to its figures; whatever ends it, results are kept."""

from __future__ import annotations

import logging
import math
import time
import traceback
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mesode.config.dump import case_hash, dump_case
from mesode.errors import MesodeError, OutputError, SolverError
from mesode.log import log_file
from mesode.output.folder import RunFolder, discard_folder, prepare_folder
from mesode.output.manifest import Manifest, ManifestObserver, Status
from mesode.output.ranks import all_arrive, on_rank_zero, only_on_rank_zero
from mesode.study.facts import material_facts, mechanical_warnings
from mesode.study.meshing import MeshedSection, mesh_case, picture_case
from mesode.study.prepare import build_cell
from mesode.study.sections import check_solvable
from mesode.study.signals import stop_on_signals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from mpi4py import MPI

    from mesode.config.case import Case
    from mesode.model.half_cell import HalfCell

logger = logging.getLogger(__name__)

_PATIENCE = 10.0  # [s] that a failed rank waits for the others before it ends them
_BAD_INPUT = 2  # exit code of a case that cannot be run
_EXIT_CODES = {Status.COMPLETED: 0, Status.STOPPED: 3, Status.FAILED: 1}


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """How a run ended: exit code of the command, manifest, folder."""

    exit_code: int
    manifest: dict[str, Any]
    folder: Path


@dataclass(slots=True)
class _Run:
    """What the parts of one run share."""

    case: Case
    folder: RunFolder
    comm: MPI.Intracomm
    manifest: Manifest
    live: bool | None = None
    fields: bool = True
    meshed: MeshedSection | None = None  # on rank 0
    timings: dict[str, float] = field(default_factory=dict)
    observers: list[Any] = field(default_factory=list)

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Add the wall time of the context to the timings."""
        begin = time.perf_counter()
        try:
            yield
        finally:
            spent = time.perf_counter() - begin
            self.timings[name] = self.timings.get(name, 0.0) + spent


@dataclass(frozen=True, slots=True)
class _End:
    """Status, reason and exit code of a run; ``trace`` of a fault of ours.

    ``refusal`` is the error of a case that cannot be run at all.
    """

    status: Status
    reason: str
    exit_code: int
    trace: str = ""
    refusal: MesodeError | None = None


def run_case(
    case: Case,
    out: Path,
    comm: MPI.Intracomm,
    *,
    force: bool = False,
    figures: bool | None = None,
    live: bool | None = None,
    fields: bool = True,
) -> RunOutcome:
    """Run a case and leave a complete run folder (collective).

    Args:
        case: What to run.
        out: The run folder.
        comm: Ranks that share the run.
        force: Overwrite an earlier run.
        figures: Draw figures; None: as the case says.
        live: Show progress as one line that changes; None: where there is a terminal.
        fields: Write the fields.

    Raises:
        InputError: what the case describes can be meshed only; nothing was written.
        OutputError: the folder cannot be used; nothing was computed.
        GeometryError: the section cannot be built as asked; the folder is removed again.
    """
    begin = time.perf_counter()
    check_solvable(case)
    folder = on_rank_zero(comm, lambda: prepare_folder(out, dump_case(case), force=force))
    run = _Run(case, folder, comm, Manifest(folder.manifest), live, fields)
    _describe(run)
    only_on_rank_zero(comm, run.manifest.write)
    with ExitStack() as stack:
        only_on_rank_zero(comm, lambda: stack.enter_context(log_file(folder.log)))
        stop = stack.enter_context(stop_on_signals())
        end = _guarded(run, lambda: _solve(run, stop))
        if end.refusal is None:
            _close(run, end, begin)
            _draw(run, begin, wanted=case.output.figures if figures is None else figures)
    if end.refusal is not None:
        only_on_rank_zero(comm, lambda: discard_folder(folder))
        raise end.refusal
    return RunOutcome(end.exit_code, run.manifest.content, out)


def _describe(run: _Run) -> None:
    """Put into the manifest what is known before anything is computed."""
    facts = material_facts(run.case)
    run.manifest.update(
        title=run.case.title,
        config_hash=case_hash(run.case),
        ranks=run.comm.size,
        citations=facts.citations,
        assumed=facts.assumed,
    )
    for text in facts.warnings:
        run.manifest.warn(text)


def _solve(run: _Run, stop: Callable[[], str | None]) -> _End:
    """Mesh, build, run the protocol (collective)."""
    with run.timed("geometry"):
        _mesh(run)
    with run.timed("model"):
        prepared = build_cell(run.case, run.meshed, run.comm)
        cell = prepared.cell
        diagnostics = _diagnostics(cell)
    for text in prepared.warnings:
        run.manifest.warn(text)
    run.manifest.update(mesh=mesh_numbers(cell), isolated_area_um2=prepared.isolated_area)
    logger.info("model: %d unknowns, ranks: %d", cell.system.n_dofs, run.comm.size)
    run.observers = make_observers(run, diagnostics)
    with run.timed("protocol"):
        result = _protocol(run, cell, diagnostics, stop)
    run.manifest.update(balances=diagnostics.balances(), solver=dict(result.counts))
    for text in mechanical_warnings(cell, diagnostics.row()):
        run.manifest.warn(text)
    status = Status(result.status)
    return _End(status, result.reason, _EXIT_CODES[status])


def _mesh(run: _Run) -> None:
    """Mesh the section on rank 0 and keep it there (collective)."""

    def build() -> None:
        meshed = run.meshed = mesh_case(run.case, run.folder.mesh)
        for text in meshed.report["warnings"]:
            run.manifest.warn(text)
        run.manifest.update(particles=len(meshed.section.particles))
        cells = meshed.report["mesh"]["cells"]
        logger.info("section: %d particles, %d triangles", len(meshed.section.particles), cells)

    only_on_rank_zero(run.comm, build)


def make_observers(run: _Run, diagnostics: Any) -> list[Any]:
    """Return what watches a run: tables, fields, manifest, progress."""
    from mesode.output.frames import FrameRecorder
    from mesode.output.particles import ParticleTable
    from mesode.output.progress import Progress
    from mesode.output.timeseries import TimeSeries

    folder, case = run.folder, run.case
    frames = [FrameRecorder(folder.fields, case.output.fields)] if run.fields else []
    return [
        TimeSeries(folder.timeseries, case.protocol),
        *frames,
        ParticleTable(folder.particles, diagnostics.particles),
        ManifestObserver(run.manifest),
        Progress(case.protocol, live=run.live),
    ]


def _diagnostics(cell: HalfCell) -> Any:
    from mesode.model.diagnostics import Diagnostics

    return Diagnostics(cell)


def _protocol(run: _Run, cell: HalfCell, diagnostics: Any, stop: Callable[[], str | None]) -> Any:
    from mesode.protocol.runner import RunnerOptions, run_protocol

    numerics = run.case.numerics
    options = RunnerOptions(
        tolerance=numerics.tolerance, max_step=numerics.max_step, stop_requested=stop
    )
    with petsc_options(numerics.petsc):
        return run_protocol(cell, run.case.protocol, options, run.observers, diagnostics)


@contextmanager
def petsc_options(values: Mapping[str, Any]) -> Iterator[None]:
    """Put options into PETSc's database while the context lasts."""
    from petsc4py import PETSc

    database: Any = PETSc.Options()
    before = {key: database.getString(key) for key in values if database.hasName(key)}
    for key, value in values.items():
        database[key] = value
    try:
        yield
    finally:
        for key in values:
            database.delValue(key)
        for key, text in before.items():
            database[key] = text


def mesh_numbers(cell: HalfCell) -> dict[str, Any]:
    """Return the cells of the mesh and the unknowns of each field."""
    dofs = {}
    for unknown in cell.unknowns:
        dofmap = unknown.scaled.function_space.dofmap
        dofs[unknown.key] = int(dofmap.index_map.size_global * dofmap.index_map_bs)
    return {"cells": cell.domain.n_cells, "dofs": cell.system.n_dofs, "dofs_of": dofs}


def _guarded(run: _Run, work: Callable[[], _End]) -> _End:
    """Do the work; agree over the ranks how it ended, or end all where one cannot be reached."""
    guard = run.comm.Dup()
    try:
        end = work()
    except Exception as error:
        end = _end_of(error, results=bool(run.observers))
    if not all_arrive(guard, math.inf if end.status is Status.COMPLETED else _PATIENCE):
        _abort(run, end)
    ends: Sequence[_End] = guard.allgather(end)
    guard.Free()
    worst = max(ends, key=lambda e: (e.status is Status.FAILED, e.status is Status.STOPPED))
    if worst.status is Status.FAILED and worst.refusal is None and run.comm.rank == 0:
        logger.error("%s", worst.trace or worst.reason)
    return worst


def _end_of(error: Exception, *, results: bool) -> _End:
    """Return how an exception ends a run that has results already, or has none."""
    if isinstance(error, OutputError | SolverError) and results:
        return _End(Status.STOPPED, str(error), _EXIT_CODES[Status.STOPPED])
    if isinstance(error, MesodeError):
        refusal = error if error.exit_code == _BAD_INPUT and not results else None
        return _End(Status.FAILED, str(error), error.exit_code, refusal=refusal)
    trace = "".join(traceback.format_exception(error))
    return _End(Status.FAILED, f"{type(error).__name__}: {error}", 1, trace)


def _abort(run: _Run, end: _End) -> None:
    """End all ranks: the others wait for this one, which has failed."""
    rank = run.comm.rank
    logger.error("%s", end.trace or end.reason)
    run.manifest.end(Status.FAILED, f"rank {rank} failed: {end.reason}")
    try:
        run.manifest.write()
    finally:
        run.comm.Abort(end.exit_code)


def _close(run: _Run, end: _End, begin: float) -> None:
    """Finish what the observers have open and write the manifest (collective)."""
    for observer in run.observers:
        try:
            observer.finish()
        except Exception as error:
            run.manifest.warn(f"{type(observer).__name__}: {error}")
    run.manifest.end(end.status, end.reason)
    _write_manifest(run, begin)


def _draw(run: _Run, begin: float, *, wanted: bool) -> None:
    """Draw the figures of whatever there is; a figure that fails costs no result (collective)."""
    if not wanted:
        return

    def draw() -> None:
        from mesode.analysis.figures import make_figures

        with run.timed("figures"):
            if run.meshed is not None:
                picture_case(run.case, run.meshed, run.folder.mesh / "geometry.png")
            names = [path.name for path in make_figures(run.folder.path)]
        run.manifest.update(figures=names)

    try:
        only_on_rank_zero(run.comm, draw)
    except Exception as error:
        logger.exception("the figures could not be drawn")
        run.manifest.warn(f"the figures could not be drawn: {error}")
    _write_manifest(run, begin)


def _write_manifest(run: _Run, begin: float) -> None:
    timings = {**run.timings, "total": time.perf_counter() - begin}
    run.manifest.update(timings=timings)
    try:
        only_on_rank_zero(run.comm, run.manifest.write)
    except OutputError as error:
        if run.comm.rank == 0:
            logger.error("%s", error)  # noqa: TRY400 - the text says it all
