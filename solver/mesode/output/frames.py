"""Field series in XDMF: frames at equal times over each step of the protocol.

A time step is not known to be worth keeping before the protocol step ends, so copies of the state
are kept at accepted points and thinned: beyond the limit the one goes whose neighbours are
closest. When the step ends its frames are interpolated between the kept states and written.
Files are closed after each step, so that a run that is killed leaves what it had finished.

Coordinates are micrometres, values SI (see ``mesode.fields``).
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from dolfinx import io

from mesode.errors import OutputError
from mesode.output.groups import MICROMETRES, FieldGroup, build_groups
from mesode.output.ranks import only_on_rank_zero, together
from mesode.output.xdmf_series import MergedSeries, merge_all, restore_all

if TYPE_CHECKING:
    from pathlib import Path

    from mesode.model.averages import FloatArray

_KEPT_PER_FRAME = 2
_SAME_TIME = 1e-9  # relative; two frames closer than this are one
_BYTES = 8
_SPARE = 2**20  # [byte] that must stay free beside the frames


@dataclass(frozen=True, slots=True)
class _State:
    """The owned part of the state vectors at a time."""

    t: float
    parts: tuple[FloatArray, ...]


def thin(times: list[float]) -> int:
    """Return which inner time to leave out so that the gap that opens is the smallest."""
    gaps = np.array(times[2:]) - np.array(times[:-2])
    return 1 + int(np.argmin(gaps))


class FrameRecorder:
    """Observer that writes ``fields/<group>.xdmf`` (collective).

    Args:
        folder: Where the files go.
        frames: Frames over each protocol step; 0 writes its two ends.
    """

    def __init__(self, folder: Path, frames: int) -> None:
        self._folder, self._count = folder, max(frames, 1)
        self._kept: list[_State] = []
        self._groups: list[FieldGroup] = []
        self._series: list[MergedSeries] = []
        self._written = float("-inf")

    def start(self, cell: Any) -> None:
        """Keep the initial state."""
        self._cell, self._comm = cell, cell.domain.comm
        self._systems = [cell.system]
        self._functions = [[u.scaled for u in cell.unknowns]]
        if cell.mechanics is not None and not cell.two_way:
            self._systems.append(cell.mechanics.system)
            self._functions.append([u.scaled for u in cell.mechanics.unknowns])
        self._keep(0.0)

    def point(self, point: Any) -> None:
        """Keep the state of an accepted step."""
        if self._kept and point.t <= self._kept[-1].t:
            self._kept.pop()
        self._keep(point.t)
        if len(self._kept) > _KEPT_PER_FRAME * self._count + 2:
            del self._kept[thin([state.t for state in self._kept])]

    def step_end(self, result: Any) -> None:
        """Write the frames of a step."""
        self._write_kept()

    def finish(self) -> None:
        """Write what an unfinished step has left."""
        self._write_kept()

    def _keep(self, t: float) -> None:
        parts = tuple(system.x.getArray().copy() for system in self._systems)
        self._kept.append(_State(t, parts))

    def _write_kept(self) -> None:
        times = self._new_times()
        if len(times) == 0:
            return
        if not self._groups:
            self._groups = build_groups(self._cell)
            self._series = [MergedSeries(self._path(group)) for group in self._groups]
            together(self._comm, self._write_meshes)
        only_on_rank_zero(self._comm, lambda: self._check_space(len(times)))
        try:
            only_on_rank_zero(self._comm, lambda: restore_all(self._series))
            together(self._comm, lambda: self._write_frames(times))
            only_on_rank_zero(self._comm, lambda: merge_all(self._series))
        except RuntimeError as error:
            msg = f"{self._folder}: the fields cannot be written; is there space left? {error}"
            raise OutputError(msg) from error
        self._written, self._kept = times[-1], self._kept[-1:]

    def _new_times(self) -> list[float]:
        if not self._kept:
            return []
        first, last = self._kept[0].t, self._kept[-1].t
        times = np.linspace(first, last, self._count + 1) if last > first else np.array([first])
        near = _SAME_TIME * max(abs(last), 1.0)
        return [float(t) for t in times if t > self._written + near]

    def _path(self, group: FieldGroup) -> Path:
        return self._folder / f"{group.group.value}.xdmf"

    def _write_meshes(self) -> None:
        for group in self._groups:
            geometry = group.domain.mesh.geometry
            metres = geometry.x.copy()
            geometry.x[:] *= MICROMETRES
            try:
                with io.XDMFFile(self._comm, self._path(group), "w") as file:
                    file.write_mesh(group.domain.mesh)
            finally:
                geometry.x[:] = metres

    def _write_frames(self, times: list[float]) -> None:
        files = [io.XDMFFile(self._comm, self._path(group), "a") for group in self._groups]
        try:
            for t in times:
                self._load(self._at(t))
                for group, file in zip(self._groups, files, strict=True):
                    group.update()
                    for function in group.functions:
                        file.write_function(function, t)
        finally:
            for file in files:
                file.close()
            for system, functions in zip(self._systems, self._functions, strict=True):
                system.load(system.x, functions)

    def _at(self, t: float) -> _State:
        """Interpolate between the kept states."""
        times = [state.t for state in self._kept]
        after = min(max(int(np.searchsorted(times, t)), 1), len(times) - 1)
        if after == 0:
            return self._kept[0]
        a, b = self._kept[after - 1], self._kept[after]
        share = (t - a.t) / (b.t - a.t)
        pairs = zip(a.parts, b.parts, strict=True)
        return _State(t, tuple((1.0 - share) * x + share * y for x, y in pairs))

    def _load(self, state: _State) -> None:
        """Put a state into the functions of the cell."""
        for system, functions, part in zip(
            self._systems, self._functions, state.parts, strict=True
        ):
            vector = system.x.duplicate()
            vector.getArray()[:] = part
            system.load(vector, functions)
            vector.destroy()

    def _check_space(self, frames: int) -> None:
        """Raise before a file is begun that does not fit: HDF5 cannot be stopped half way."""
        values = sum(f.x.index_map.size_global * f.x.block_size
                     for group in self._groups for f in group.functions)  # fmt: skip
        needed = _BYTES * values * frames + _SPARE
        free = shutil.disk_usage(self._folder).free
        if free < needed:
            msg = (
                f"{self._folder}: no space left on the device for {frames} frames: "
                f"{needed / 1e6:.0f} MB needed, {free / 1e6:.0f} MB free; free some, choose "
                "another folder with --out, or set output.fields lower"
            )
            raise OutputError(msg)
