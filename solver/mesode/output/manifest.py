"""``manifest.json``: how a run ended and everything about it that is not a series.

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
from mesode.whole_file import whole_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from mesode.output.snapshot import Snapshot

_ROOM = 65536  # bytes that are set aside for the last manifest of a run, at least
_PERIOD = 2.0  # [s] at least between two manifests of a run that goes on
_RATIO = 50.0  # and so many times what it took to write one: it grows with the steps
_KEPT = ("started", "particles", "resumed")  # that a checkpoint keeps of it
_GROWING = ("steps", "warnings")  # and what of it only grows
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
        self.path, self._room = path, 0
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

    def add_mesh_error(self, found: Mapping[str, float]) -> None:
        """Set what the mesh is estimated to cost the voltage, beside what the mesh is."""
        self.content["mesh"] = {**self.content.get("mesh", {}), "voltage_error": dict(found)}

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
                **({"tags": list(result.tags)} if result.tags else {}),
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
        self._take_room(len(text.encode()))
        try:
            self._put(text)
        except OutputError:
            give_room(self.path.parent)
            self._put(text)
        if self.content["ended"]:
            give_room(self.path.parent)

    def _take_room(self, size: int) -> None:
        """Set aside what the next manifests need; where that is too much, the old room stays."""
        if size <= self._room:
            return
        wanted = max(_ROOM, 2 * size)
        try:
            take_room(self.path.parent, wanted)
        except OutputError:
            if not self._room:
                raise
        else:
            self._room = wanted

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
    """Writes the steps that have ended into the manifest; rank 0 alone writes.

    The file holds all steps. So that a step costs the same however many went before it, the file
    is written some seconds apart only, the farther the longer that takes; how the run ends is
    written in any case.

    Args:
        manifest: Of the run.
        timings: Of the run.
        clock: Seconds of a clock that never goes back.
    """

    def __init__(
        self,
        manifest: Manifest,
        timings: Timings | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.manifest, self._timings, self._clock = manifest, timings or Timings(), clock
        self._due = -math.inf

    def start(self, cell: Any) -> None:
        """Remember the communicator."""
        self._comm = cell.domain.comm

    def point(self, point: Any) -> None:
        """Nothing to do."""

    def step_end(self, result: Any) -> None:
        """Add the step (collective)."""
        self.manifest.add_step(result)
        only_on_rank_zero(self._comm, self._write)

    def _write(self) -> None:
        begin = self._clock()
        if begin >= self._due:
            self.manifest.write()
            end = self._clock()
            self._due = end + max(_PERIOD, _RATIO * (end - begin))

    def save(self, snapshot: Snapshot) -> None:
        """Keep what is known so far."""
        content = self.manifest.content
        snapshot.data["manifest"] = _plain({k: content[k] for k in _KEPT if k in content})
        for name in _GROWING:
            new = content[name][snapshot.mark(name, 0) :]
            snapshot.grow(name, _plain(new), len(content[name]))
        snapshot.data["timings"] = self._timings.so_far()

    def restore(self, snapshot: Snapshot) -> None:
        """Take up the steps that were done, the warnings and the timings."""
        before = snapshot.data["manifest"]
        now_resumed = self.manifest.content.get("resumed", [])
        self.manifest.update(**before, steps=snapshot.grown("steps"))
        self.manifest.update(resumed=[*before.get("resumed", []), *now_resumed])
        self._timings.resume(snapshot.data["timings"])
        now = self.manifest.content["warnings"]
        self.manifest.update(warnings=list(dict.fromkeys([*snapshot.grown("warnings"), *now])))

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
