"""What the voltage does when a current ends: the jump at once, and the rest until it stands.

    jump         V(first row of the rest) - V(under current)
    relaxation   V(end of the rest) - V(first row of the rest)
    resistance   jump/I

The first row of a rest is as late as it was recorded: in a run of mesode some 0.1 to 1 s, when
double layers have followed, so that the jump holds ohmic drops and charge transfer.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from mesode.evaluate.formula import Formula
from mesode.evaluate.record import Kind, segments

if TYPE_CHECKING:
    from mesode.evaluate.record import Record

POLARISATION: Final = Formula(
    "R = (V(0⁺) − V(0⁻))/I where a current ends",
    "the first row of the rest is after ohmic drops and charge transfer have gone and before "
    "lithium and salt have moved",
    "definition",
)


@dataclass(frozen=True, slots=True)
class Interruption:
    """The end of a current: step, current; first row of the rest [s]; jump, relaxation [V]."""

    step: int
    I: float
    after: float
    jump: float
    relaxation: float

    @property
    def resistance(self) -> float:
        """Return the jump over the current [ohm]."""
        return self.jump / self.I


def interruptions(record: Record) -> list[Interruption]:
    """Return the ends of constant currents that a rest follows."""
    parts, found = segments(record), []
    for load, rest in itertools.pairwise(parts):
        if load.kind is not Kind.CONSTANT or rest.kind is not Kind.REST:
            continue
        V = record.V
        found.append(
            Interruption(
                step=load.number,
                I=load.I,
                after=float(record.t[rest.start] - record.t[rest.before]),
                jump=float(V[rest.start] - V[load.last]),
                relaxation=float(V[rest.last] - V[rest.start]),
            )
        )
    return found
