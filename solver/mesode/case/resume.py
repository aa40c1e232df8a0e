"""``mesode resume``: a run that was ended or killed goes on from its newest whole checkpoint."""

from __future__ import annotations

import logging
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from mesode.analysis.study_table import is_study_folder
from mesode.case.case_run import CaseRun
from mesode.case.execution import RunOutcome, execute, sha256
from mesode.case.meshed import Meshed
from mesode.config.load import load_case
from mesode.errors import InputError
from mesode.inputs import read_json, read_text
from mesode.output.checkpoint import (
    MESH,
    agree_with_head,
    files,
    load_mesh,
    load_newest,
    mesh_hash,
    remove_checkpoints,
)
from mesode.output.folder import RunFolder, bring_back
from mesode.output.lock import RunLock
from mesode.output.manifest import Manifest, Status
from mesode.output.ranks import on_rank_zero
from mesode.output.snapshot import Snapshot, refusal

if TYPE_CHECKING:
    from pathlib import Path

    from mpi4py import MPI

    from mesode.config.case import Case

logger = logging.getLogger(__name__)


def resume_case(
    out: Path, comm: MPI.Intracomm, *, figures: bool | None = None, live: bool | None = None
) -> RunOutcome | None:
    """Continue the run in a folder to its end (collective).

    Args:
        out: The run folder.
        comm: Ranks that share the run, any number.
        figures: Draw figures; None: as the case says.
        live: Show progress as one line that changes; None: where there is a terminal.

    Returns:
        How it ended; None where it had been completed before.

    Raises:
        InputError: the folder holds no run, no checkpoint, or its input was changed.
        OutputError: a live process runs in it, or it cannot be written to.
    """
    folder, lock = RunFolder(out), RunLock(out)
    meshed: Meshed | None = None
    snapshot = Snapshot()
    warnings: list[str] = []

    def load() -> tuple[Case, dict[str, Any]] | None:
        nonlocal meshed, snapshot, warnings
        if _is_complete(folder) and not lock.path.exists():
            return None
        lock.acquire()
        try:
            bring_back(out)  # what a run with --force set aside that died before it began
            if _is_complete(folder):
                remove_checkpoints(folder.checkpoint)  # what is left of a run killed at its end
                lock.release()
                return None
            snapshot, warnings = load_newest(folder.checkpoint, out)
            agree_with_head(snapshot, _head(folder), out)
            case = load_case(folder.config)
            arrays, report = load_mesh(folder.checkpoint, out)
        except BaseException:
            lock.release()
            raise
        meshed = Meshed(arrays=arrays, report=report)
        return case, snapshot.data

    found = on_rank_zero(comm, load)
    if found is None:
        return None
    case, data = found
    run = CaseRun(case, folder, comm, Manifest(folder.manifest), data["config_sha256"], live)
    run.fields = data["fields"]
    run.snapshot = Snapshot(data, snapshot.arrays)
    run.meshed = meshed
    t = data["protocol"]["t"]
    run.manifest.update(resumed=[{"when": _now(), "t": t, "ranks": comm.size}])
    for text in on_rank_zero(comm, lambda: warnings):
        run.warn(text)
    logger.info("resumed at t = %.6g s, step %d", t, data["protocol"]["index"])
    return execute(run, lock, figures=figures)


def _head(folder: RunFolder) -> list[tuple[str, Any, str]]:
    """Return what must be the same as when the checkpoint was written, and what it means."""
    config = sha256(read_text(folder.config))
    mesh = mesh_hash(folder.checkpoint)
    return [
        ("config_sha256", config, "config.yaml is not what the run was started with"),
        ("mesh_sha256", mesh, f"checkpoint/{MESH} is not the mesh that the run was started with"),
    ]


def _is_complete(folder: RunFolder) -> bool:
    """Tell whether a run has come to its end: its checkpoints go when its figures are drawn."""
    return _status(folder) == Status.COMPLETED and not files(folder.checkpoint)


def _status(folder: RunFolder) -> str:
    """Return the status that the manifest tells; a damaged manifest tells none."""
    if not folder.config.is_file():
        found = "there is no config.yaml: this is not a run folder"
        hint = "Name the folder that mesode run wrote"
        if is_study_folder(folder.path):
            found, hint = (
                "this is the folder of a study",
                "Call mesode study FILE again to continue",
            )
        raise refusal(folder.path, found, hint)
    with suppress(InputError):
        return str(read_json(folder.manifest).get("status", ""))
    return ""


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
