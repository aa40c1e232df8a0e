"""Field series in XDMF: frames spread evenly over each step of the protocol.

A time step is not known to be worth keeping before the protocol step ends, so copies of the state
are kept at accepted points and thinned: beyond the limit the one goes whose neighbours are
closest. When the step ends, the kept states nearest to equal times are written, with their times:
each frame is a solution. States between them would not be: potentials that are linear in time give
interface currents that are some per cent off. The states in which stress or swelling was the
largest of the run so far are kept beside them and become frames too. Kept states lie on the disk.

Coordinates are micrometres, values SI (see ``mesode.fields``).
"""

from __future__ import annotations

import shutil
from dataclasses import astuple, dataclass
from itertools import takewhile
from typing import TYPE_CHECKING, Any

import numpy as np

from mesode.columns import ACTIVE, BINDER, MAX_SWELLING, MAX_VON_MISES, of_part
from mesode.errors import OutputError
from mesode.mesh.ordering import BlockOrder
from mesode.model.field_groups import FieldGroups
from mesode.output.extremes import exceeds
from mesode.output.field_files import FieldFiles, step_file
from mesode.output.ranks import on_rank_zero, only_on_rank_zero
from mesode.output.state_store import StateStore
from mesode.output.xdmf_series import Frame

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mesode.model.averages import FloatArray
    from mesode.output.frame_plan import FramePlan
    from mesode.output.snapshot import Snapshot
    from mesode.output.state_store import Stored

# Columns whose largest value over the run has a frame at its moment.
PEAKS = (of_part(MAX_VON_MISES, ACTIVE), of_part(MAX_VON_MISES, BINDER), MAX_SWELLING)
_KEPT_PER_FRAME = 2
_TIE = 6  # digits of relative times: rounding, another on each number of ranks, decides nothing
_SAME_TIME = 1e-9  # relative; two frames closer than this are one
_BYTES = 8
_SPARE = 2**20  # [byte] that must stay free beside the frames


@dataclass(frozen=True, slots=True)
class _State:
    """What a rank owns of the solution, and of what it has left behind, at a time."""

    t: float
    stored: Stored

    @property
    def parts(self) -> list[FloatArray]:
        """One vector for each system, then one for each array of an internal state."""
        return self.stored.parts()


def thin(times: list[float]) -> int:
    """Return which inner time to leave out so that the gap that opens is the smallest."""
    gaps = np.array(times[2:]) - np.array(times[:-2])
    return 1 + int(np.argmin(np.round(gaps / gaps.max(), _TIE)))


def spread(times: list[float], number: int) -> list[int]:
    """Return up to ``number`` times, as even as they are there; first and last among them."""
    there = np.array(times)
    length = there[-1] - there[0]
    if length <= 0.0:
        return [0]
    wanted = np.linspace(0.0, 1.0, number)
    distance = np.abs((there - there[0])[None, :] / length - wanted[:, None])
    return [int(k) for k in np.unique(np.argmin(np.round(distance, _TIE), axis=1))]


class FrameRecorder:
    """Observer that writes ``fields/<group>.xdmf`` (collective).

    Args:
        folder: Where the files go.
        plan: How many frames over which steps of the protocol; at least 1: its two ends.
        warn: Told what is lost of an earlier session.
    """

    def __init__(
        self, folder: Path, plan: FramePlan, warn: Callable[[str], None] = lambda _text: None
    ) -> None:
        self._folder, self._plan, self._warn = folder, plan, warn
        self._count, self._store = max(plan.per_step, 1), StateStore(folder)
        self._kept: list[_State] = []
        self._peaks: dict[str, _State] = {}  # of the step that goes on
        self._highest = dict.fromkeys(PEAKS, 0.0)  # of the run
        self._files: FieldFiles | None = None
        self._written = float("-inf")
        self._step = 1
        self._known_orders: list[BlockOrder] | None = None

    def start(self, cell: Any) -> None:
        """Keep the initial state."""
        self._cell, self._comm = cell, cell.domain.comm
        self._systems = cell.systems
        self._functions = [system.unknowns for system in self._systems]
        # a history that serves the next step alone has numbers too, and is not shown
        self._internal = [s for s in cell.states if None not in s.spaces().values()]
        self._keep(0.0)

    def point(self, point: Any) -> None:
        """Keep the state of an accepted step."""
        if self._kept and point.t <= self._kept[-1].t:
            self._kept.pop()
        self._keep(point.t)
        for column in PEAKS:
            value = point.row.get(column, 0.0)
            if exceeds(value, self._highest[column]):
                self._highest[column], self._peaks[column] = value, self._kept[-1]
        if len(self._kept) > _KEPT_PER_FRAME * self._count + 2:
            del self._kept[thin([state.t for state in self._kept])]

    def step_end(self, result: Any) -> None:
        """Write the frames of a step, if it has some."""
        self._step = result.index
        if self._plan.has(self._step):
            self._write_kept()
        else:
            self._kept = self._kept[-1:]
        self._step += 1

    def finish(self) -> None:
        """Write what an unfinished step has left."""
        self._write_kept()

    def save(self, snapshot: Snapshot) -> None:
        """Keep the states of an unfinished step, and which frames there are (collective)."""
        frames = self._files.frames if self._files is not None else []
        there = snapshot.mark("frames", float("-inf"))
        new = list(takewhile(lambda frame: frame.t > there, reversed(frames)))[::-1]
        if new:
            snapshot.grow("frames", [astuple(frame) for frame in new], new[-1].t)
        snapshot.data["frames"] = {
            "written": self._written if frames else None,
            "step": self._step,
            "kept": [state.t for state in self._kept],
            "peaks": {column: state.t for column, state in self._peaks.items()},
            "highest": dict(self._highest),
        }
        states = [*self._kept, *self._peaks.values()]
        for k, state in enumerate(states):
            for number, (order, part) in enumerate(zip(self._orders(), state.parts, strict=True)):
                snapshot.put_state(_array_name(number, k), part, order)

    def restore(self, snapshot: Snapshot) -> None:
        """Take up an unfinished step (collective); frames written since then are removed."""
        found = snapshot.data["frames"]
        orders = self._orders()
        peaks = found.get("peaks", {})
        states = [
            _State(
                t,
                self._store.put(
                    [snapshot.state(_array_name(n, k), order) for n, order in enumerate(orders)]
                ),
            )
            for k, t in enumerate([*found["kept"], *peaks.values()])
        ]
        self._kept = states[: len(found["kept"])]
        self._peaks = dict(zip(peaks, states[len(found["kept"]) :], strict=True))
        self._highest |= found.get("highest", {})
        self._step = found["step"]
        self._written = float("-inf") if found["written"] is None else found["written"]
        files = self._open()
        frames = [Frame(*values) for values in snapshot.grown("frames")]
        lost = on_rank_zero(self._comm, lambda: files.restore(frames))
        files.frames = [frame for frame in frames if frame.file not in lost]
        for name in lost:
            self._warn(f"fields/{name} is gone or damaged: its frames are lost, the run goes on")

    def _orders(self) -> list[BlockOrder]:
        if self._known_orders is None:
            spaces = [system.spaces for system in self._systems]
            spaces += [[space] for state in self._internal for space in state.spaces().values()]
            self._known_orders = [BlockOrder(together) for together in spaces]
        return self._known_orders

    def _open(self) -> FieldFiles:
        if self._files is None:
            self._files = FieldFiles(self._folder, FieldGroups(self._cell).all(), self._comm)
        return self._files

    def _keep(self, t: float) -> None:
        self._kept.append(_State(t, self._store.put(self._present())))

    def _present(self) -> list[FloatArray]:
        """Return the parts of the state of the cell."""
        solved = [system.x.getArray() for system in self._systems]
        return solved + [v for state in self._internal for v in state.arrays().values()]

    def _write_kept(self) -> None:
        states = {state.t: state for state in self._new_states()}
        if not states:
            return
        times = list(states)
        files = self._open()
        values = sum(writer.values for writer in files.writers)
        only_on_rank_zero(self._comm, lambda: self._check_space(len(times), values))
        present = [part.copy() for part in self._present()]
        try:
            files.write(step_file(self._step), times, lambda t: self._load(states[t].parts))
        finally:
            self._load(present)
        self._written, self._kept = times[-1], self._kept[-1:]
        self._peaks = {}

    def _new_states(self) -> list[_State]:
        """Return the kept states that become frames; the end of the last step is one already."""
        if not self._kept:
            return []
        times = [state.t for state in self._kept]
        near = _SAME_TIME * max(abs(times[-1]), 1.0)
        chosen = [self._kept[k] for k in spread(times, self._count + 1)]
        ordered = sorted([*chosen, *self._peaks.values()], key=lambda state: state.t)
        return [state for state in ordered if state.t > self._written + near]

    def _load(self, parts: list[FloatArray]) -> None:
        """Put the parts of a state into the functions of the cell."""
        left = iter(parts)
        for system, functions in zip(self._systems, self._functions, strict=True):
            vector = system.x.duplicate()
            vector.getArray()[:] = next(left)
            system.load(vector, functions)
            vector.destroy()
        for state in self._internal:
            state.restore({name: next(left) for name in state.spaces()})

    def _check_space(self, frames: int, values: int) -> None:
        """Raise before a file is begun that does not fit."""
        needed = _BYTES * values * frames + _SPARE
        free = shutil.disk_usage(self._folder).free
        if free < needed:
            msg = (
                f"{self._folder}: no space left on the device for {frames} frames: "
                f"{needed / 1e6:.0f} MB needed, {free / 1e6:.0f} MB free; free some, choose "
                "another folder with --out, or set output.fields lower"
            )
            raise OutputError(msg)


def _array_name(system: int, number: int) -> str:
    return f"frame_{system}_{number}"
