"""``mesode run``: a case from its section to its figures; whatever ends it, results are kept."""

from __future__ import annotations

import hashlib
import logging
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mesode import __version__
from mesode.case.branches import branch_warnings
from mesode.case.case_run import CaseRun
from mesode.case.durations import foresee_steps
from mesode.case.ending import EXIT_CODES, End, guarded
from mesode.case.facts import material_facts, start_warnings
from mesode.case.material_file import write_material_file
from mesode.case.meshing import mesh_case, picture_case
from mesode.case.prepare import build_cell
from mesode.case.range_warnings import range_warnings
from mesode.case.resolution import mesh_warnings, stress_work_warnings, unresolved
from mesode.case.signals import listen
from mesode.case.start import lithiations_on_section, settled_on_section
from mesode.case.summary import summary_lines
from mesode.config.dump import case_hash, dump_case
from mesode.config.growth import refuse_growth
from mesode.config.idle_keys import idle_warnings
from mesode.config.resolve import resolve_materials
from mesode.errors import MesodeError, OutputError
from mesode.log import keep, log_file
from mesode.output.checkpoint import Checkpoints, mesh_hash, remove_checkpoints, save_mesh
from mesode.output.folder import (
    FormerResults,
    claim_folder,
    discard_folder,
    has_former,
    remove_empty,
)
from mesode.output.frame_plan import plan_frames
from mesode.output.lock import RunLock
from mesode.output.manifest import Manifest, ManifestObserver, Status
from mesode.output.ranks import on_rank_zero, only_on_rank_zero, writing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from mpi4py import MPI

    from mesode.config.case import Case
    from mesode.model.cell import Cell

logger = logging.getLogger(__name__)

_UNTOUCHED = "; the results of the earlier run in this folder are untouched"


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """How a run ended: exit code of the command, manifest, folder."""

    exit_code: int
    manifest: dict[str, Any]
    folder: Path


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
        OutputError: the folder cannot be used; nothing was computed.
        GeometryError: the section cannot be built as asked; the folder is removed again.
    """
    lock, text = RunLock(out), dump_case(case)
    folder = on_rank_zero(comm, lambda: claim_folder(out, lock, text, force=force))
    run = CaseRun(case, folder, comm, Manifest(folder.manifest), sha256(text), live, fields)
    return execute(run, lock, figures=figures)


def sha256(text: str) -> str:
    """Return the SHA-256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


def execute(run: CaseRun, lock: RunLock, *, figures: bool | None = None) -> RunOutcome:
    """Do a run whose folder is ready and locked, or its rest (collective).

    Raises:
        GeometryError: the section cannot be built as asked; the folder is removed again.
    """
    try:
        end = _carried_out(run, figures=figures)
        if end.refusal is not None:
            raise end.refusal
    except MesodeError:
        if run.snapshot is None and not run.observers:
            only_on_rank_zero(run.comm, lambda: discard_folder(run.folder))
        raise
    finally:
        lock.release()
        if run.comm.rank == 0:
            remove_empty(run.folder.path)
    return RunOutcome(end.exit_code, run.manifest.content, run.folder.path)


def _carried_out(run: CaseRun, *, figures: bool | None) -> End:
    """Do a run and leave everything in order (collective)."""
    with ExitStack() as stack:
        _describe(run)
        only_on_rank_zero(run.comm, run.manifest.write)
        only_on_rank_zero(run.comm, lambda: write_material_file(run.case, run.folder.materials))
        only_on_rank_zero(run.comm, lambda: _open_log(run, stack))
        run.signals = stack.enter_context(listen())
        end = guarded(run, lambda: _solve(run, run.signals.stop))
        if end.refusal is not None:
            return end
        if on_rank_zero(run.comm, lambda: has_former(run.folder.path)):
            run.manifest.end(end.status, f"{end.reason}{_UNTOUCHED}")
            only_on_rank_zero(run.comm, lambda: discard_folder(run.folder))
            return end
        _close(run, end)
        _draw(run, wanted=run.case.output.figures if figures is None else figures)
        for line in summary_lines(run.manifest.content, run.folder.path):
            keep(logger, line)
        if end.status is Status.COMPLETED and run.comm.rank == 0:
            remove_checkpoints(run.folder.checkpoint)  # last: with one, a resumed run ends anew
    return end


def _open_log(run: CaseRun, stack: ExitStack) -> None:
    with writing(run.folder.log):
        stack.enter_context(log_file(run.folder.log))


def _describe(run: CaseRun) -> None:
    """Put into the manifest what is known before anything is computed."""
    facts = material_facts(run.case)
    run.manifest.update(
        title=run.case.title,
        config_hash=case_hash(run.case),
        ranks=run.comm.size,
        citations=facts.citations,
        assumed=facts.assumed,
        notes=facts.notes,
    )
    for text in idle_warnings(run.case):
        run.manifest.warn(text)


def _solve(run: CaseRun, stop: Callable[[], str | None]) -> End:
    """Mesh, build, run the protocol (collective)."""
    with run.timings.timed("geometry"):
        _mesh(run)
    run.signals.listen()
    with run.timings.timed("model"):
        prepared = build_cell(run.case, run.meshed, run.comm)
        cell = prepared.cell
        diagnostics = _diagnostics(cell)
    run.signals.listen()
    for text in (*start_warnings(run.case, cell.initial), *_branches(run.case, cell)):
        run.manifest.warn(text)
    for text in prepared.warnings:
        run.manifest.warn(text)
    run.manifest.update(mechanics=mechanics_numbers(cell))
    run.manifest.update(mesh=mesh_numbers(cell), isolated_area_um2=prepared.isolated_area)
    run.manifest.update(third_dimension=list(prepared.behind))
    logger.info("model: %d unknowns, ranks: %d", cell.system.n_dofs, run.comm.size)
    if run.fields:
        logger.info("fields: %s", frames_text(run.case, cell.system.n_dofs, cell.domain.n_cells))
    run.observers = make_observers(run, diagnostics)
    run.checkpoints = _checkpoints(run)
    with run.timings.timed("protocol"):
        result = _protocol(run, cell, diagnostics, stop)
    balances, content = diagnostics.balances(), run.manifest.content
    run.manifest.update(balances=balances, solver=dict(result.counts))
    for text in (
        *mesh_warnings(content["mesh"].get("voltage_error", {})),
        *stress_work_warnings(balances),
        *range_warnings(cell, content["extremes"]),
    ):
        run.manifest.warn(text)
    status = Status(result.status)
    return End(status, result.reason, EXIT_CODES[status])


def _branches(case: Case, cell: Cell) -> Iterator[str]:
    """Yield the steps that take a host through the branch that is not its own."""
    rest = cell.rest_at_start
    foreseen = foresee_steps(case.protocol, rest, cell.active_mass)
    yield from branch_warnings(case, resolve_materials(case), rest.polarity, foreseen)


def _mesh(run: CaseRun) -> None:
    """Mesh the section on rank 0 and keep it there (collective); a run that goes on has one."""
    if run.snapshot is not None:
        return

    def build() -> None:
        meshed = run.meshed = mesh_case(run.case, run.folder.mesh)
        case = settled_on_section(run.case, meshed.section)
        starts = lithiations_on_section(case, meshed.section)
        refuse_growth(case, resolve_materials(case), starts)
        coarse = unresolved(case, resolve_materials(case), meshed.section)
        for text in (*meshed.report["warnings"], *coarse):
            run.manifest.warn(text)
        run.manifest.update(particles=len(meshed.section.particles))
        save_mesh(meshed.arrays, meshed.report, run.folder.checkpoint)
        cells = meshed.report["mesh"]["cells"]
        logger.info("section: %d particles, %d triangles", len(meshed.section.particles), cells)

    only_on_rank_zero(run.comm, build)


def make_observers(run: CaseRun, diagnostics: Any) -> list[Any]:
    """Return what watches a run: tables, fields, manifest, progress."""
    from mesode.output.extremes import Extremes
    from mesode.output.frames import FrameRecorder
    from mesode.output.impedance import ImpedanceTable
    from mesode.output.impedance_maps import ImpedanceMaps
    from mesode.output.mesh_error import MeshErrorObserver
    from mesode.output.particles import ParticleTable
    from mesode.output.progress import Progress
    from mesode.output.timeseries import TimeSeries

    folder, case = run.folder, run.case
    frames = []
    plan = plan_frames(case.output.fields, len(case.protocol))
    if run.fields and plan.total:
        frames = [FrameRecorder(folder.fields, plan, run.warn)]
    return [
        FormerResults(folder.path, run.comm),
        TimeSeries(folder.timeseries, folder.cycles, case.protocol),
        *frames,
        ParticleTable(folder.particles, diagnostics.particles),
        ImpedanceTable(folder.impedance, run.warn),
        *([ImpedanceMaps(folder.fields, run.warn)] if run.fields else []),
        Extremes(lambda found: run.manifest.update(extremes=found)),
        MeshErrorObserver(run.manifest.add_mesh_error),
        ManifestObserver(run.manifest, run.timings),
        Progress(case.protocol, live=run.live),
    ]


def frames_text(case: Case, unknowns: int, cells: int) -> str:
    """Return how many frames a run writes, and how many bytes."""
    plan = plan_frames(case.output.fields, len(case.protocol))
    stresses = case.physics.mechanics != "none"
    return plan.text(plan.size(unknowns, cells, stresses=stresses))


def _checkpoints(run: CaseRun) -> Checkpoints:
    head = {
        "version": __version__,
        "config_sha256": run.config_sha256,
        "mesh_sha256": on_rank_zero(run.comm, lambda: mesh_hash(run.folder.checkpoint)),
        "fields": run.fields,
    }
    return Checkpoints(
        run.folder.checkpoint,
        run.comm,
        head,
        interval=run.case.output.checkpoint,
        requested=run.signals.checkpoint,
        snapshot=run.snapshot,
    )


def _diagnostics(cell: Cell) -> Any:
    from mesode.model.diagnostics import Diagnostics

    return Diagnostics(cell)


def _protocol(run: CaseRun, cell: Cell, diagnostics: Any, stop: Callable[[], str | None]) -> Any:
    from mesode.numerics.linear import petsc_options
    from mesode.protocol.dense import Spacing
    from mesode.protocol.runner import RunnerOptions, run_protocol

    numerics, rows = run.case.numerics, run.case.output.rows
    options = RunnerOptions(
        tolerance=numerics.tolerance,
        max_step=numerics.max_step,
        rows=None if rows == "steps" else Spacing(voltage=rows.voltage, charge=rows.charge),
        stop_requested=stop,
        checkpoints=run.checkpoints,
        snapshot=run.snapshot,
    )
    with petsc_options(numerics.petsc.model_dump(exclude_none=True)):
        return run_protocol(cell, run.case.protocol, options, run.observers, diagnostics)


def mesh_numbers(cell: Cell) -> dict[str, Any]:
    """Return the cells of the mesh, the unknowns of each field, the number of each phase."""
    phases = dict(sorted(cell.domain.phases.items(), key=lambda item: item[1]))
    return {
        "cells": cell.domain.n_cells,
        "dofs": cell.system.n_dofs,
        "dofs_of": {unknown.key: unknown.size for unknown in cell.unknowns},
        "phases": phases,
    }


def mechanics_numbers(cell: Cell) -> dict[str, Any] | None:
    """Return how the mechanics was computed, None without it."""
    if cell.mechanics is None:
        return None
    options = cell.mechanics.options
    return {
        "section": options.kind.value,
        "stress_coupling": "two_way" if options.two_way else "one_way",
        "displacement_degree": options.degree,
    }


def _close(run: CaseRun, end: End) -> None:
    """Finish what the observers have open and write the manifest (collective)."""
    for observer in run.observers:
        try:
            observer.finish()
        except Exception as error:
            run.manifest.warn(f"{type(observer).__name__}: {error}")
    run.manifest.end(end.status, end.reason)
    if run.checkpoints is not None:
        run.timings.resume({"checkpoints": run.checkpoints.seconds})
    _write_manifest(run)


def _draw(run: CaseRun, *, wanted: bool) -> None:
    """Draw the figures of whatever there is; a figure that fails costs no result (collective)."""
    if not wanted:
        return

    def draw() -> None:
        from mesode.analysis.figures import make_figures

        with run.timings.timed("figures"):
            if run.meshed is not None:
                picture_case(run.case, run.meshed, run.folder.mesh / "geometry.png")
            names = [path.name for path in make_figures(run.folder.path)]
        run.manifest.update(figures=names)

    try:
        only_on_rank_zero(run.comm, draw)
    except Exception as error:
        logger.exception("the figures could not be drawn")
        run.manifest.warn(f"the figures could not be drawn: {error}")
    _write_manifest(run)


def _write_manifest(run: CaseRun) -> None:
    run.manifest.update(timings=run.timings.so_far())
    try:
        only_on_rank_zero(run.comm, run.manifest.write)
    except OutputError as error:
        if run.comm.rank == 0:
            logger.error("%s", error)  # noqa: TRY400 - the text says it all
