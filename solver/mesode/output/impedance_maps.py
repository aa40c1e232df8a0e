"""``fields/impedance.xdmf``: a frame for each spectrum that was measured with a map."""

from __future__ import annotations

from dataclasses import astuple
from typing import TYPE_CHECKING, Any

from mesode.model.impedance_map import ImpedanceMap
from mesode.output.field_files import FieldFiles
from mesode.output.ranks import on_rank_zero
from mesode.output.xdmf_series import Frame

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mesode.output.snapshot import Snapshot

_MESH, _FILE, _FILES = "impedance_mesh.h5", "impedance_{:04d}.h5", "impedance_[0-9]*.h5*"
_KEY = "impedance maps"


class ImpedanceMaps:
    """Observer that writes maps of the interface current (collective).

    Args:
        folder: Where the files go.
        warn: Told what is lost of an earlier session.
    """

    def __init__(self, folder: Path, warn: Callable[[str], None]) -> None:
        self._folder, self._warn = folder, warn
        self._made: tuple[ImpedanceMap, FieldFiles] | None = None

    def start(self, cell: Any) -> None:
        """Remember the cell."""
        self._cell, self._comm = cell, cell.domain.comm

    def point(self, point: Any) -> None:
        """Nothing to do."""

    def measured(self, t: float, _step: int, found: Any) -> None:
        """Write the map of a spectrum, if it has one."""
        if found.map is not None:
            shown, files = self._open()
            shown.load(*found.map)
            files.write(_FILE.format(len(files.frames) + 1), [t], lambda _t: None)

    def step_end(self, result: Any) -> None:
        """Nothing to do: each map is complete when it is written."""

    def finish(self) -> None:
        """Nothing to do."""

    def save(self, snapshot: Snapshot) -> None:
        """Keep which frames there are."""
        frames = self._made[1].frames if self._made else []
        snapshot.data[_KEY] = [astuple(frame) for frame in frames]

    def restore(self, snapshot: Snapshot) -> None:
        """Keep these frames and remove those that were written since."""
        frames = [Frame(*values) for values in snapshot.data.get(_KEY, ())]
        if not frames:
            return
        files = self._open()[1]
        lost = on_rank_zero(self._comm, lambda: files.restore(frames))
        files.frames = [frame for frame in frames if frame.file not in lost]
        for name in lost:
            self._warn(f"fields/{name} is gone or damaged: its map is lost, the run goes on")

    def _open(self) -> tuple[ImpedanceMap, FieldFiles]:
        if self._made is None:
            shown = ImpedanceMap(self._cell)
            files = FieldFiles(self._folder, [shown.group], self._comm, mesh=_MESH, steps=_FILES)
            self._made = shown, files
        return self._made
