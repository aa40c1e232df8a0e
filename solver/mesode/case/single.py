"""One case from Python: run it and look at what it gave."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mesode.analysis.run_data import Run, open_run
from mesode.config.case import Case
from mesode.config.dump import plain_data
from mesode.config.load import load_case, parse_case
from mesode.errors import told_in_python

if TYPE_CHECKING:
    from mpi4py import MPI

_RUNS = Path("runs")


def run_case(
    case: Case | Mapping[str, Any] | str | Path,
    out: str | Path | None = None,
    *,
    set: Mapping[str, Any] | None = None,
    force: bool = False,
    fields: bool = True,
    figures: bool | None = None,
    comm: MPI.Intracomm | None = None,
) -> Run:
    """Run a case to its end and return its run folder as data (collective).

    A run that stops early returns as well, with what it reached: look at ``status`` and ``reason``.

    Args:
        case: A YAML file, its content as a mapping, or a case that was loaded before.
        out: The run folder; default: ``runs/`` and the name of the file, or the title.
        set: Values by their path, as with ``--set``: ``{"mesh.size": "1 um"}``.
        force: Replace what an earlier run left there.
        fields: Write the fields.
        figures: Draw figures; default: as the case says.
        comm: Ranks that share the run; default: all.

    Raises:
        InputError: every problem of the case; nothing was written.
        GeometryError: the section cannot be built as asked.
        OutputError: the folder cannot be used; nothing was computed.
    """
    changes = [f"{key}={_text(value)}" for key, value in (set or {}).items()]
    loaded = _loaded(case, changes)
    folder = Path(out) if out is not None else _RUNS / _name(case, loaded)

    from mpi4py import MPI

    from mesode.case import execution

    ranks = MPI.COMM_WORLD if comm is None else comm
    with told_in_python():
        outcome = execution.run_case(
            loaded, folder, ranks, force=force, fields=fields, figures=figures
        )
    return open_run(outcome.folder)


def _loaded(case: Case | Mapping[str, Any] | str | Path, changes: list[str]) -> Case:
    if isinstance(case, Case):
        return parse_case(plain_data(case), case.title, changes) if changes else case
    if isinstance(case, Mapping):
        return parse_case(case, "the case", changes)
    return load_case(case, changes)


def _text(value: Any) -> str:
    """Return a value as YAML in one line."""
    return json.dumps(value, ensure_ascii=False, default=str)


def _name(case: Case | Mapping[str, Any] | str | Path, loaded: Case) -> str:
    if isinstance(case, str | Path):
        return Path(case).stem
    return re.sub(r"\W+", "_", loaded.title).strip("_") or "case"
