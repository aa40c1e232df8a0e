"""How long the steps of a protocol will take, and which way, foreseen at open-circuit potentials.

The electrodes are followed as if they were in equilibrium: charge moves their lithiation, and the
voltage is that at rest. Overpotentials let steps end earlier than this; a hold that ends on a
current, and what depends on it, is not known before the run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mesode.config.steps import Profile

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from mesode.config.steps import Step, Termination
    from mesode.model.rest import Rest

    type FloatArray = npt.NDArray[np.float64]

_POINTS = 4001
_LEAST_VOLTAGE = 0.01  # [V] that a power or a resistance is divided by
# Share of the range of the charge that a hold or a scan must move at rest before it is said to go
# a way: overpotentials and rests before it move the voltage by about as much.
_LITTLE = 0.01


@dataclass(frozen=True, slots=True)
class Expected:
    """What is foreseen of a step: its time [s], None where nobody knows; whether it is left out.

    ``ways`` are the signs of the current that it passes, as far as that is known.
    """

    time: float | None
    left_out: bool = False
    ways: frozenset[int] = frozenset()


class RestCurve:
    """The voltage of a cell at rest over the charge [C/m^2] since the start, positive on discharge.

    ``polarity`` is 1 where discharge lithiates the working electrode, else -1.
    """

    def __init__(self, rest: Rest) -> None:
        self.polarity = rest.polarity
        self._working = rest.working
        ends = [
            sorted(sign * (x - side.start) * side.capacity for x in (0.0, 1.0))
            for side, sign in rest.sides()
        ]
        low, high = max(e[0] for e in ends), min(e[1] for e in ends)
        # closer towards the ends, where potentials bend
        spread = 0.5 - 0.5 * np.cos(np.linspace(0.0, np.pi, _POINTS))
        self.Q: FloatArray = low + (high - low) * spread
        V = np.zeros(_POINTS)
        for side, sign in rest.sides():
            means, potentials = side.rest.curve
            V += sign * np.interp(side.after(sign * self.Q), means, potentials)
        self.V: FloatArray = V

    def charge_at(self, voltage: float) -> float:
        """Return the charge at which the voltage is reached, the nearest where it never is."""
        return float(np.interp(voltage, self.V[::-1], self.Q[::-1]))

    def voltage_at(self, charge: float) -> float:
        """Return the voltage [V] at a charge."""
        return float(np.interp(charge, self.Q, self.V))

    def charge_of(self, lithiation: float) -> float:
        """Return the charge at which the working electrode has a lithiation."""
        working = self._working
        return self.polarity * (lithiation - working.start) * working.capacity


def known_current(step: Step, rest: Rest, loading: float) -> float | None:
    """Return the current of a step [A/m^2], positive on discharge, None where it follows.

    Args:
        step: Of the protocol.
        rest: The cell where it begins.
        loading: Active material per area [kg/m^2].
    """
    factors = {"A/m2": 1.0, "A/kg": loading, "C": rest.working.capacity / 3600.0}
    if step.unit not in factors or step.control == "profile":
        return None
    return step.current_sign(rest.polarity) * step.value * factors[step.unit]


def foresee_steps(steps: Sequence[Step], rest: Rest, loading: float) -> list[Expected]:
    """Return what is foreseen of each step, as ``expected`` does, of a cell that begins at rest."""
    currents = [known_current(step, rest, loading) for step in steps]
    return expected(steps, currents, RestCurve(rest), loading)


def expected(
    steps: Sequence[Step], currents: Sequence[float | None], curve: RestCurve, loading: float
) -> list[Expected]:
    """Return what is foreseen of each step.

    Args:
        steps: Of the protocol.
        currents: Of the steps [A/m^2], positive on discharge, None where they follow.
        curve: Of the cell.
        loading: Active material per area [kg/m^2], for capacities.
    """
    found: list[Expected] = []
    walk = _Walk(curve, loading)
    skip = 0
    for step, current in zip(steps, currents, strict=True):
        if skip:
            skip -= 1
            found.append(Expected(0.0, left_out=True))
            continue
        each, reached = walk.take(step, current)
        found.append(each)
        skip = reached.skips if reached is not None else 0
    return found


class _Walk:
    """Follows the charge of a cell from step to step."""

    def __init__(self, curve: RestCurve, loading: float) -> None:
        self._curve, self._loading, self._Q = curve, loading, 0.0
        self._lost = False  # a profile has moved a charge that is not followed

    def take(self, step: Step, current: float | None) -> tuple[Expected, Termination | None]:
        """Return what is foreseen of a step and the end that it reaches, None for its duration."""
        if step.control in ("none", "rest"):
            return Expected(step.duration or 0.0), None
        if step.control == "voltage":
            ways = self._go_to(step.value)
            return Expected(None if step.until else step.duration, ways=ways), None
        if step.control == "sweep":
            return self._sweep(step), None
        if isinstance(step, Profile):
            return self._profile(step), None
        return self._driven(step, self._current(step, current))

    def _current(self, step: Step, current: float | None) -> float:
        if current is not None:
            return current
        V = max(self._curve.voltage_at(self._Q), _LEAST_VOLTAGE)
        size = step.value / V if step.control == "power" else V / step.value
        return step.current_sign(self._curve.polarity) * size

    def _go_to(self, voltage: float) -> frozenset[int]:
        """Go to a voltage at rest and return the signs of the current on the way."""
        before, self._Q = self._Q, self._curve.charge_at(voltage)
        lost, self._lost = self._lost, False
        far = abs(self._Q - before) > _LITTLE * float(np.ptp(self._curve.Q))
        return frozenset({int(np.sign(self._Q - before))} if far and not lost else ())

    def _sweep(self, step: Step) -> Expected:
        end = next(end for end in step.until if end.quantity == "voltage")
        time = abs(end.value - self._curve.voltage_at(self._Q)) / step.value
        time = min(time, step.duration if step.duration is not None else time)
        return Expected(time, ways=self._go_to(end.value))

    def _profile(self, step: Profile) -> Expected:
        times, values = np.array(step.times), np.array(step.values)
        values = values[times <= (step.duration if step.duration is not None else times[-1])]
        if step.held == "voltage":
            passed = [way for voltage in values for way in self._go_to(float(voltage))]
        else:
            passed, self._lost = [int(way) for way in np.sign(values) if way], True
        return Expected(step.duration, ways=frozenset(passed))

    def _driven(self, step: Step, current: float) -> tuple[Expected, Termination | None]:
        """Return time and end of a step with a current, or one that follows from the voltage."""
        way = 1.0 if current > 0.0 else -1.0
        last = self._curve.Q[-1] if way > 0.0 else self._curve.Q[0]
        ends: list[tuple[float, Termination | None]] = [
            (max(way * (self._end(end, way) - self._Q), 0.0), end) for end in step.until
        ]
        ends.append((max(way * (last - self._Q), 0.0), None))
        if step.duration is not None:
            ends.append((abs(current) * step.duration, None))
        charge, end = min(ends, key=lambda each: each[0])
        self._Q += way * charge
        if end is not None and end.quantity != "specific_capacity":
            self._lost = False
        return Expected(charge / abs(current), ways=frozenset({int(way)})), end

    def _end(self, end: Termination, way: float) -> float:
        """Return the charge at which an end is reached."""
        if end.quantity == "voltage":
            if end.way(way) != way:
                return way * np.inf  # on the side that the step goes away from
            return self._curve.charge_at(end.value)
        if end.quantity == "lithiation":
            return self._curve.charge_of(end.value)
        return self._Q + way * end.value * self._loading
