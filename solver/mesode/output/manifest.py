"""``manifest.json``: how a run ended and everything about it that is no series.

The file is there from the beginning: a run that is killed leaves one that says so. It is written
to a file beside it and moved into place, so that a reader never meets half of one.
"""

from __future__ import annotations

import json
import math
import platform
from datetime import UTC, datetime
from enum import StrEnum
from importlib import metadata
from typing import TYPE_CHECKING, Any

from mesode import __version__
from mesode.output.ranks import only_on_rank_zero, writing
from mesode.output.timeseries import CURRENT_NOTE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

UNFINISHED = "the run did not end in order: it goes on, was killed, or the machine went down"


class Status(StrEnum):
    """How a run ended."""

    COMPLETED = "completed"
    STOPPED = "stopped"
    FAILED = "failed"


class Manifest:
    """Collects what is known of a run; ``write`` puts all of it into the file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.content: dict[str, Any] = {
            "status": Status.FAILED.value,
            "reason": UNFINISHED,
            "started": _now(),
            "ended": None,
            "versions": versions(),
            "notes": [CURRENT_NOTE],
            "steps": [],
            "warnings": [],
        }

    def update(self, **parts: Any) -> None:
        """Set top-level entries."""
        self.content.update(parts)

    def warn(self, text: str) -> None:
        """Add a warning, once."""
        if text not in self.content["warnings"]:
            self.content["warnings"].append(text)

    def add_step(self, result: Any) -> None:
        """Add a step that ended."""
        self.content["steps"].append(
            {
                "index": result.index,
                "text": result.text,
                "reason": result.reason,
                "t_start": result.t_start,
                "t_end": result.t_end,
                "end": dict(result.end),
            }
        )

    def end(self, status: Status, reason: str) -> None:
        """Say how the run ended."""
        self.update(status=Status(status).value, reason=reason, ended=_now())

    def write(self) -> None:
        """Write the file as a whole.

        Raises:
            OutputError: no space or no permission; the manifest before this one is still there.
        """
        part = self.path.with_name(self.path.name + ".part")
        with writing(self.path):
            part.write_text(to_json(self.content), encoding="utf-8")
            part.replace(self.path)


class ManifestObserver:
    """Writes each finished step into the manifest at once; rank 0 alone writes."""

    def __init__(self, manifest: Manifest) -> None:
        self.manifest = manifest

    def start(self, cell: Any) -> None:
        """Remember the communicator."""
        self._comm = cell.domain.comm

    def point(self, point: Any) -> None:
        """Nothing to do."""

    def step_end(self, result: Any) -> None:
        """Add the step (collective)."""
        self.manifest.add_step(result)
        only_on_rank_zero(self._comm, self.manifest.write)

    def finish(self) -> None:
        """Nothing to do."""


def to_json(content: Mapping[str, Any]) -> str:
    """Return standard JSON: NaN and infinity become null, NumPy numbers plain ones."""
    return json.dumps(_plain(content), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if hasattr(value, "tolist"):
        return _plain(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def versions() -> dict[str, str]:
    """Return the versions of what computes: ours, DOLFINx, PETSc, gmsh, Python, MPI."""
    from mpi4py import MPI
    from petsc4py import PETSc

    import dolfinx

    return {
        "mesode": __version__,
        "python": platform.python_version(),
        "dolfinx": dolfinx.__version__,
        "petsc": ".".join(str(n) for n in PETSc.Sys.getVersion()),
        "gmsh": _package_version("gmsh"),
        "mpi": MPI.Get_library_version().splitlines()[0].strip(" \t\0"),
        "platform": platform.platform(),
    }


def _package_version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "unknown"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
