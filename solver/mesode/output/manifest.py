"""``manifest.json``: how a run ended and everything about it that is no series.

The file is there from the beginning: a run that is killed leaves one that says so. It is written
to a file beside it and moved into place, so that a reader never meets half of one.
"""

from __future__ import annotations

import json
import math
import platform
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from importlib import metadata
from typing import TYPE_CHECKING, Any

from mesode import __version__
from mesode.errors import OutputError
from mesode.output.ranks import only_on_rank_zero, writing
from mesode.output.room import give_room, take_room
from mesode.output.timeseries import CURRENT_NOTE
from mesode.output.whole import whole_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from mesode.output.snapshot import Snapshot

_ROOM = 65536  # bytes that are set aside for the last manifest of a run
SKIPPED = "before the step began"  # how the reason of a step ends that has not been done
UNFINISHED = "the run did not end in order: it goes on, was killed, or the machine went down"


class Status(StrEnum):
    """How a run ended."""

    COMPLETED = "completed"
    STOPPED = "stopped"
    FAILED = "failed"


class Manifest:
    """Collects what is known of a run; ``write`` puts all of it into the file."""

    def __init__(self, path: Path) -> None:
        self.path, self._has_room = path, False
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
        if result.reason.endswith(SKIPPED):
            self.warn(f"step {result.index} ({result.text}) was skipped: {result.reason}")

    def end(self, status: Status, reason: str) -> None:
        """Say how the run ended."""
        self.update(status=Status(status).value, reason=reason, ended=_now())

    def write(self) -> None:
        """Write the file as a whole; where the disk is full, into the room that was set aside.

        Raises:
            OutputError: no space or no permission; the manifest before this one is still there.
        """
        text = to_json(self.content)
        if not self._has_room:
            take_room(self.path.parent, _ROOM)
            self._has_room = True
        try:
            self._put(text)
        except OutputError:
            give_room(self.path.parent)
            self._put(text)
        if self.content["ended"]:
            give_room(self.path.parent)

    def _put(self, text: str) -> None:
        with writing(self.path), whole_file(self.path) as stream:
            stream.write(text.encode())


class Timings:
    """Wall times [s] of the parts of a run, over all its sessions."""

    def __init__(self) -> None:
        self._spent: dict[str, float] = {}
        self._open: dict[str, float] = {"total": time.perf_counter()}

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Add the time of the context to a part."""
        self._open[name] = time.perf_counter()
        try:
            yield
        finally:
            spent = time.perf_counter() - self._open.pop(name)
            self._spent[name] = self._spent.get(name, 0.0) + spent

    def so_far(self) -> dict[str, float]:
        """Return the times, those of the parts that go on among them."""
        now = time.perf_counter()
        found = dict(self._spent)
        for name, begin in self._open.items():
            found[name] = found.get(name, 0.0) + now - begin
        found["total"] = found.pop("total")
        return found

    def resume(self, earlier: Mapping[str, float]) -> None:
        """Add the times of earlier sessions."""
        for name, spent in earlier.items():
            self._spent[name] = self._spent.get(name, 0.0) + spent


class ManifestObserver:
    """Writes each finished step into the manifest at once; rank 0 alone writes."""

    def __init__(self, manifest: Manifest, timings: Timings | None = None) -> None:
        self.manifest, self._timings = manifest, timings or Timings()

    def start(self, cell: Any) -> None:
        """Remember the communicator."""
        self._comm = cell.domain.comm

    def point(self, point: Any) -> None:
        """Nothing to do."""

    def step_end(self, result: Any) -> None:
        """Add the step (collective)."""
        self.manifest.add_step(result)
        only_on_rank_zero(self._comm, self.manifest.write)

    def save(self, snapshot: Snapshot) -> None:
        """Keep what is known so far."""
        snapshot.data["manifest"] = json.loads(to_json(self.manifest.content))
        snapshot.data["timings"] = self._timings.so_far()

    def restore(self, snapshot: Snapshot) -> None:
        """Take up the steps that were done, the warnings and the timings."""
        before = snapshot.data["manifest"]
        kept = ("started", "steps", "particles", "resumed")
        earlier = {name: before[name] for name in kept if name in before}
        now_resumed = self.manifest.content.get("resumed", [])
        self.manifest.update(**earlier)
        self.manifest.update(resumed=[*before.get("resumed", []), *now_resumed])
        self._timings.resume(snapshot.data["timings"])
        now = self.manifest.content["warnings"]
        self.manifest.update(warnings=list(dict.fromkeys([*before["warnings"], *now])))

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
