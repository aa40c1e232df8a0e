"""What a protocol is made of: steps, and the ends of those that go on in time."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Control = Literal["current", "voltage", "power", "resistance", "rest", "sweep", "profile", "none"]
CurrentUnit = Literal["A/m2", "A/kg", "C", "A"]
ControlUnit = Literal["A/m2", "A/kg", "C", "V", "W/m2", "ohm m2", "V/s", "", "A", "W", "ohm"]
EndQuantity = Literal["voltage", "current", "specific_capacity", "lithiation"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Termination:
    """A state that ends a step.

    ``value`` is in V, C/kg (charge of this step per mass of active material), 1 (mean lithiation),
    or, for a current, in ``unit``. A voltage or a lithiation ends the step where it is reached in
    the direction of the step (lithiate: V falls to it), a current where its magnitude falls to it.
    With a ``side`` it ends where voltage or current (of the cell, positive on discharge) falls
    below the value, -1, or rises above it, +1, whatever the direction.
    ``skips`` is the number of steps that are passed over then: those left of a repetition.
    """

    quantity: EndQuantity
    value: float
    unit: CurrentUnit | Literal["V", "C/kg", "1"]
    side: Literal[-1, 0, 1] = 0
    skips: int = 0

    def way(self, sign: float) -> float:
        """Return +1 where the voltage falls to it, -1 where it rises, in a step of such a sign."""
        return -float(self.side) or sign


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a protocol: in time, or of a further kind with what it has beside that.

    ``control`` is none where nothing is held and no time passes. ``value`` >= 0 is in ``unit``:
    A/m2 of electrode, A/kg of active material, C-rate, V, W/m2, ohm m2, V/s; what is given of a
    whole cell in A, W or ohm is per area once the protocol of a case is read.
    ``sign`` is +1 to lithiate or discharge, -1 to delithiate or charge, 0 where the direction
    follows from the state (hold, rest, sweep); ``of_electrode`` where it says what the working
    electrode does, not the cell: the same against lithium metal, the opposite in a full section.
    ``duration`` and ``period`` are in s; the first of ``duration`` and ``until`` ends the step.
    ``temperature`` [K] is that of the cell, or of what surrounds it, during the step; None: that of
    the case. ``every`` tells when spectra are measured within it. ``tags`` are words of the user.
    ``text`` tells the step as a sentence, ``place`` is where it stands in the protocol of the file.
    """

    control: Control
    value: float
    unit: ControlUnit
    sign: Literal[-1, 0, 1]
    duration: float | None
    until: tuple[Termination, ...]
    period: float | None
    text: str = field(compare=False)
    of_electrode: bool = False
    temperature: float | None = None
    every: Every | None = None
    tags: tuple[str, ...] = ()
    place: tuple[str | int, ...] = field(default=(), compare=False)

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


WHOLE: Final[dict[str, tuple[ControlUnit, int]]] = {
    "A": ("A/m2", -1),
    "W": ("W/m2", -1),
    "ohm": ("ohm m2", 1),
}


def of_whole_cell(step: Step) -> bool:
    """Tell whether a step speaks of the current, power or resistance of a whole cell."""
    return any(unit in WHOLE for unit in (step.unit, *(end.unit for end in step.until)))


def per_area(step: Step, area: float) -> Step:
    """Return a step of a whole cell as one of the electrode of such an area [m2]."""
    unit, power = WHOLE.get(step.unit, (step.unit, 0))
    ends = tuple(
        replace(end, value=end.value / area, unit="A/m2") if end.unit == "A" else end
        for end in step.until
    )
    found = replace(step, value=step.value * area**power, unit=unit, until=ends)
    if isinstance(found, Profile):
        return replace(found, values=tuple(value * area**power for value in found.values))
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Spectrum(Step):
    """The impedance at the state in which the step before has left the cell.

    From the frequency ``first`` to ``last`` [Hz], either of which may be the higher one; with a
    map of the interface current at the frequency ``map`` [Hz], if that is not None.
    """

    first: float
    last: float
    points_per_decade: int
    map: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile(Step):
    """A current, a power or a voltage over the time [s] of the step, positive on discharge.

    ``values`` in ``unit`` at ``times``, from 0 on; ``linear`` between them, else each until the
    next.
    """

    held: Literal["current", "power", "voltage"]
    times: tuple[float, ...]
    values: tuple[float, ...]
    linear: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Every:
    """A spectrum within a step at each whole multiple of ``by``: V, lithiation, s of the step."""

    quantity: Literal["voltage", "lithiation", "time"]
    by: float
    spectrum: Spectrum


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


def together(faults: Sequence[StepError]) -> StepError:
    """Return one error that holds all of at least one."""
    first, *others = faults
    return StepError(first.expected, first.hint, first.path, tuple(others))


def unknown_keys(
    given: Iterable[Any], known: Sequence[str], path: tuple[str | int, ...] = ()
) -> list[StepError]:
    """Return an error for each key that is not known, with what it may have been meant to be."""
    unknown = (str(key) for key in given if key not in known)
    return [StepError("unknown key", _nearest(key, known), (*path, key)) for key in unknown]


def _nearest(key: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(key, known, n=1)
    return f"Did you mean '{near[0]}'?" if near else f"Known keys: {', '.join(known)}"
