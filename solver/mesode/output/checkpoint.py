"""``checkpoint/``: when it is written and what is taken from it. Two are kept.

``mesh.npz`` is written once: nothing is meshed anew, so that the numbers of particles and nodes
stay. What takes part gives its state with ``save`` and takes it back with ``restore``. What only
grows lies in the journal, which each checkpoint adds to.
"""

from __future__ import annotations

import hashlib
import json
import logging
import time
from contextlib import suppress
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any, Protocol

from mpi4py import MPI

import numpy as np

from mesode.geometry.arrays import MeshArrays
from mesode.output.journal import JOURNAL, Journal, Seal, read_journal
from mesode.output.manifest import to_json
from mesode.output.ranks import only_on_rank_zero, writing
from mesode.output.snapshot import DamagedError, Snapshot, read_snapshot, refusal, write_snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

logger = logging.getLogger(__name__)

FORMAT = 14  # of the content; another one is not read
KEPT = 2
MESH = "mesh.npz"
_PREFIX = "checkpoint_"


class Restartable(Protocol):
    """A part of a run whose state belongs into a checkpoint; both methods are collective."""

    def save(self, snapshot: Snapshot) -> None:
        """Put the state into a snapshot."""

    def restore(self, snapshot: Snapshot) -> None:
        """Take the state out of a snapshot."""


class Checkpoints:
    """Writes checkpoints of a run (collective).

    ``parts`` are saved with each; they may be added until the first one is written.

    Args:
        folder: ``checkpoint`` in the run folder; made with the first file.
        comm: Ranks of the run.
        head: Kept in each: what must be the same when the run goes on.
        interval: Wall time [s] between two, None for ends of steps and signals only.
        requested: Tells once that somebody asked for one.
        snapshot: That the run goes on from, None at its beginning.
        clock: Seconds of a clock that never goes back.
    """

    def __init__(
        self,
        folder: Path,
        comm: MPI.Intracomm,
        head: dict[str, Any],
        *,
        interval: float | None = None,
        requested: Callable[[], bool] = lambda: False,
        snapshot: Snapshot | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.folder, self.comm, self.parts = folder, comm, list[Restartable]()
        self._head = {"format": FORMAT, **head}
        self._interval, self._requested, self._clock = interval, requested, clock
        self._last = clock()
        self.seconds = 0.0  # spent so far
        before = snapshot.data if snapshot is not None else {}
        self._marks: dict[str, Any] = before.get("marks", {})
        self._journal = Journal(folder, Seal(**before.get("journal", {})))

    def due(self) -> bool:
        """Tell whether it is time (collective)."""
        late = self._interval is not None and self._clock() - self._last >= self._interval
        wanted = self._requested() or (self.comm.rank == 0 and late)
        return bool(self.comm.allreduce(int(wanted), op=MPI.MAX))

    def write(self) -> None:
        """Write a checkpoint.

        Raises:
            OutputError: it cannot be written; those before it are untouched.
        """
        begin = self._clock()
        if self.comm.rank == 0 and not self._journal.is_there():
            self._journal, self._marks = Journal(self.folder), {}  # somebody removed it: anew
        snapshot = Snapshot(data=dict(self._head), marks=dict(self._marks))
        for part in self.parts:
            part.save(snapshot)
        only_on_rank_zero(self.comm, lambda: self._write(snapshot))
        self._marks = snapshot.marks
        self._last = self._clock()
        self.seconds += self._last - begin

    def _write(self, snapshot: Snapshot) -> None:
        with writing(self.folder):
            self.folder.mkdir(exist_ok=True)
            seal = self._journal.add(snapshot.take_grown())
            snapshot.data |= {"journal": asdict(seal), "marks": snapshot.marks}
            there = files(self.folder)
            number = int(there[0].stem.removeprefix(_PREFIX)) + 1 if there else 1
            write_snapshot(snapshot, self.folder / f"{_PREFIX}{number:06d}.npz")
            self._journal.keep(seal)
            for old in files(self.folder)[KEPT:]:
                old.unlink()


def remove_checkpoints(folder: Path) -> None:
    """Remove all checkpoints and their mesh: the run is complete (rank 0)."""
    with suppress(OSError):
        for path in (*files(folder), folder / JOURNAL, folder / MESH):
            path.unlink(missing_ok=True)
        folder.rmdir()


def files(folder: Path) -> list[Path]:
    """Return the checkpoints in a folder, newest first."""
    found = folder.glob(f"{_PREFIX}*.npz")
    return sorted((p for p in found if p.stem.removeprefix(_PREFIX).isdecimal()), reverse=True)


def load_newest(folder: Path, run: Path) -> tuple[Snapshot, list[str]]:
    """Return the newest checkpoint that is whole, and a warning for each that is not.

    Raises:
        InputError: there is none, or it is of another version.
    """
    warnings = []
    for path in files(folder):
        try:
            snapshot = read_snapshot(path)
        except DamagedError as error:
            warnings.append(f"checkpoint {error}; the one before it is used")
            continue
        found = snapshot.data.get("format")
        if found != FORMAT:
            what = f"{path.name} has format {found}; this version of mesode reads {FORMAT}"
            raise refusal(run, what, f"Use mesode {snapshot.data.get('version', '')}, or run anew")
        try:
            snapshot.give_grown(read_journal(folder, Seal(**snapshot.data["journal"])))
        except (DamagedError, KeyError, TypeError) as error:
            warnings.append(f"checkpoint {path.name}: {error}; the one before it is used")
            continue
        return snapshot, warnings
    what = "all checkpoints are damaged" if warnings else "there is no checkpoint"
    hint = "It can be run again from its beginning: mesode run DIR/config.yaml --out OTHER"
    raise refusal(run, what, hint)


# --- the mesh


def save_mesh(arrays: MeshArrays, report: dict[str, Any], folder: Path) -> None:
    """Write a mesh and the report on it, for all checkpoints of a run (rank 0)."""
    snapshot = Snapshot({"report": json.loads(to_json(report))})
    for item in fields(arrays):
        value = getattr(arrays, item.name)
        if isinstance(value, np.ndarray):
            snapshot.arrays[item.name] = value
        else:
            snapshot.data[item.name] = json.loads(json.dumps(value))
    with writing(folder):
        folder.mkdir(exist_ok=True)
        write_snapshot(snapshot, folder / MESH)


def load_mesh(folder: Path, run: Path) -> tuple[MeshArrays, dict[str, Any]]:
    """Return the mesh of a run and the report on it (rank 0).

    Raises:
        InputError: it is not there or damaged.
    """
    try:
        snapshot = read_snapshot(folder / MESH)
        report = snapshot.data.pop("report")
        return MeshArrays(**snapshot.arrays, **snapshot.data), report
    except (DamagedError, TypeError, KeyError) as error:
        hint = "Without it the run cannot continue: mesode run DIR/config.yaml --out OTHER"
        raise refusal(run, f"the mesh is damaged: {error}", hint) from None


def mesh_hash(folder: Path) -> str | None:
    """Return the SHA-256 of the mesh of a run, None where there is none (rank 0)."""
    path = folder / MESH
    if not path.is_file():
        return None
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def agree_with_head(found: Snapshot, head: Sequence[tuple[str, Any, str]], run: Path) -> None:
    """Check that a checkpoint belongs to a case.

    Args:
        found: The checkpoint.
        head: Name, expected value, and what it means when the checkpoint has another one.
        run: The run folder.

    Raises:
        InputError: it does not.
    """
    for name, expected, meaning in head:
        if name not in found.data:
            continue  # of a version that did not keep it
        if found.data[name] != expected:
            hint = "Undo the change, or run it anew: mesode run DIR/config.yaml --out OTHER"
            raise refusal(run, meaning, hint)
