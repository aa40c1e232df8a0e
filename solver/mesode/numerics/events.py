"""What ends an integration: events, and where within a step their indicators vanish."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

import numpy as np

from mesode.numerics.bdf import lagrange

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

OVERSTEP = 1.05  # a step may go so far beyond the foreseen time of an event,
APPROACH = 0.5  # but only so far towards a wall


@dataclass(frozen=True, slots=True)
class Event:
    """Ends the integration where ``indicator`` falls through zero; ``tolerance`` in its unit.

    With ``armed`` it ends nothing before a step that arms it. One that is below zero then ends the
    integration there: it was passed while nobody asked. Where the indicator is below zero by
    ``wall`` there is no solution any more: steps approach that, while they may overstep the event.
    """

    name: str
    indicator: Callable[[], float]
    tolerance: float
    armed: Callable[[], bool] | None = None
    wall: float = inf

    def value(self) -> float:
        """Return the indicator, infinite while it is not armed."""
        return self.indicator() if self.armed is None or self.armed() else inf


type Values = Sequence[float]
type Point = tuple[float, Values]


class Bracket:
    """Two points of a step between which an indicator falls through zero."""

    def __init__(self, low: Point, high: Point) -> None:
        self.low, self.high = low, high
        self._left: Point | None = None  # the end that was given up last
        self._shrink = 1.0  # of the indicator at an end that stays (Illinois rule)

    def first(self) -> int | None:
        """Return the event that is met first."""
        times = {
            k: interpolate(self.low, self.high, k)
            for k, (a, b) in enumerate(zip(self.low[1], self.high[1], strict=True))
            if a > 0.0 >= b
        }
        return min(times, key=times.__getitem__) if times else None

    def length(self, k: int) -> float:
        """Return where event k is expected: on a parabola, while both ends move, else on a line."""
        line = interpolate(self.low, self.high, k, self._shrink)
        if self._left is None or not 0.5 <= self._shrink <= 2.0:
            return line
        points = (self.low, self.high, self._left)
        values = [point[1][k] for point in points]
        if not np.isfinite(values).all() or len(set(values)) < len(values):
            return line
        bent = sum(w * t for w, (t, _) in zip(lagrange(values), points, strict=True))
        return bent if self.low[0] < bent < self.high[0] else line

    def narrow(self, length: float, values: Values) -> None:
        """Take what was found within as one of the ends."""
        point, shrink = (length, values), self._shrink
        if Bracket(self.low, point).first() is None:
            self._left = self.low
            self.low, self._shrink = point, 2.0 * shrink if shrink >= 1.0 else 1.0
        else:
            self._left = self.high
            self.high, self._shrink = point, 0.5 * shrink if shrink <= 1.0 else 1.0


def interpolate(low: Point, high: Point, k: int, shrink: float = 1.0) -> float:
    """Return where indicator k vanishes on the line between two points.

    ``shrink`` below one scales the value at ``low``, above one its inverse scales that at
    ``high``: the end that has stayed for several tries is trusted less each time.
    """
    if low[1][k] == inf:
        return high[0]
    a, b = low[1][k] * min(shrink, 1.0), high[1][k] / max(shrink, 1.0)
    return low[0] + (high[0] - low[0]) * min(max(a / (a - b), 0.02), 0.98)


def foreseen(events: Sequence[Event], before: Values, now: Values, taken: float) -> float:
    """Return how long a step may be for the events, if all goes on as in the last step."""
    return min(
        (
            taken * min(OVERSTEP * b, APPROACH * (b + event.wall)) / (a - b)
            for event, a, b in zip(events, before, now, strict=True)
            if inf > a > b > 0.0
        ),
        default=inf,
    )
