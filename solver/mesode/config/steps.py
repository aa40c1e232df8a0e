"""What a protocol is made of: steps, and the ends of those that go on in time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Control = Literal["current", "voltage", "power", "rest", "sweep", "none"]
CurrentUnit = Literal["A/m2", "A/kg", "C"]
ControlUnit = Literal["A/m2", "A/kg", "C", "V", "W/m2", "V/s", ""]
EndQuantity = Literal["voltage", "current", "specific_capacity", "lithiation"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Termination:
    """A state that ends a step.

    ``value`` is in V, C/kg (charge of this step per mass of active material), 1 (mean lithiation),
    or, for a current, in ``unit``. A voltage or a lithiation ends the step where it is reached in
    the direction of the step (lithiate: V falls to it), a current where its magnitude falls to it.
    """

    quantity: EndQuantity
    value: float
    unit: CurrentUnit | Literal["V", "C/kg", "1"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a protocol: in time, or of a further kind with what it has beside that.

    ``control`` is none where nothing is held and no time passes. ``value`` >= 0 is in ``unit``:
    A/m2 of electrode, A/kg of active material, C-rate, V, W/m2, V/s.
    ``sign`` is +1 to lithiate or discharge, -1 to delithiate or charge, 0 where the direction
    follows from the state (hold, rest, sweep); ``of_electrode`` where it says what the working
    electrode does, not the cell: the same against lithium metal, the opposite in a full section.
    ``duration`` and ``period`` are in s; the first of ``duration`` and ``until`` ends the step.
    ``text`` reads back to the same step.
    """

    control: Control
    value: float
    unit: ControlUnit
    sign: Literal[-1, 0, 1]
    duration: float | None
    until: tuple[Termination, ...]
    period: float | None
    text: str
    of_electrode: bool = False

    @property
    def still(self) -> bool:
        """Whether no current is asked for: a rest, or nothing that takes time."""
        return self.control in ("rest", "none")

    def current_sign(self, polarity: int) -> int:
        """Return the sign of the current of the cell, 0 where it follows from the state.

        An electrode that is lithiated discharges a half cell (polarity 1), and as an anode charges
        a full one (polarity -1).
        """
        return polarity * self.sign if self.of_electrode else self.sign


@dataclass(frozen=True, slots=True, kw_only=True)
class Spectrum(Step):
    """The impedance at the state in which the step before has left the cell.

    From the frequency ``first`` to ``last`` [Hz], either of which may be the higher one.
    """

    first: float
    last: float
    points_per_decade: int


class StepError(ValueError):
    """A step that makes no sense; ``path`` leads to the culprit in its mapping form.

    ``others`` are what else is wrong with the same step.
    """

    def __init__(
        self,
        expected: str,
        hint: str = "",
        path: tuple[str | int, ...] = (),
        others: tuple[StepError, ...] = (),
    ) -> None:
        self.expected = expected
        self.hint = hint
        self.path = path
        self.others = others
        super().__init__(f"{expected}. {hint}" if hint else expected)
