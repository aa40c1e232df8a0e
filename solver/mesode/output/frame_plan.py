"""How many frames of the fields a run writes and what they take, known before it begins."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Literal

AUTO: Literal["auto"] = "auto"
_USUAL = 20  # frames over a step
_MOST = 1000  # in a whole run, where nobody asked for more
# Measured on the shipped studies: compressed fields, and what the index says of a frame.
_BYTES_PER_VALUE, _CELL_VALUES, _STRESS_VALUES = 5.5, 7, 10
_INDEX = 8e3  # [bytes]


@dataclass(frozen=True, slots=True)
class FramePlan:
    """Frames over each step that has some; that is one in ``every`` of the ``steps``.

    ``bounded``: fewer than usual, because the protocol is long and nobody asked for a number.
    """

    per_step: int
    every: int = 1
    steps: int = 1
    bounded: bool = False

    def has(self, step: int) -> bool:
        """Tell whether a step has frames; the last one of the protocol always has."""
        return step % self.every == 0 or step == self.steps

    @property
    def total(self) -> int:
        """Frames of the whole run, without those of the largest stress and swelling."""
        if self.per_step == 0:
            return 0
        # after a step without frames the beginning of the next one is a frame, too
        more = self.every > 1
        return 1 + (self.per_step + more) * ceil(self.steps / self.every)

    def size(self, unknowns: int, cells: int, *, stresses: bool) -> float:
        """Return the bytes that they take, right to about a third.

        Args:
            unknowns: Of the section.
            cells: Of its mesh.
            stresses: Whether there is mechanics.
        """
        values = unknowns + (_CELL_VALUES + _STRESS_VALUES * stresses) * cells
        return self.total * (_BYTES_PER_VALUE * values + _INDEX)

    def text(self, size: float) -> str:
        """Return what a person reads: how many, where, how many bytes."""
        if not self.total:
            return "none"
        number = f"{self.per_step} frame{'s' if self.per_step > 1 else ''}"
        where = "over each step" if self.every == 1 else f"over one step in {self.every}"
        text = f"{number} {where}, {self.total} in all, about {_bytes(size)}"
        more = f"; fewer than {_USUAL} a step because there are {self.steps} steps: output.fields"
        return text + f"{more} sets another number" * self.bounded


def _bytes(size: float) -> str:
    """Return a size with two digits."""
    unit, scale = ("GB", 1e9) if size >= 1e9 else ("MB", 1e6)
    return f"{float(f'{size / scale:.2g}'):g} {unit}"


def plan_frames(fields: int | Literal["auto"], steps: int) -> FramePlan:
    """Return the frames of a run.

    Args:
        fields: Over each step; ``auto``: the usual number, and at most 1000 in the whole run.
        steps: Of the protocol.
    """
    if fields != AUTO:
        return FramePlan(fields, steps=steps)
    if steps * _USUAL <= _MOST:
        return FramePlan(_USUAL, steps=steps)
    if steps <= _MOST:
        return FramePlan(_MOST // steps, steps=steps, bounded=True)
    # both ends of each step that has frames
    return FramePlan(1, every=ceil(2 * steps / _MOST), steps=steps, bounded=True)
