"""Integrals over time of numbers that follow from the solution: what has passed up to a step."""

from __future__ import annotations

from dataclasses import astuple, dataclass, replace
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from dolfinx.fem import FunctionSpace

    from mesode.numerics.bdf import FloatArray


@dataclass(frozen=True, slots=True)
class _Integral:
    """An integral up to a step, and the polynomial in s of the number up to there.

    s is the root of the time since the start. Of the polynomial it keeps the number at the end,
    its slope over the last step, its second divided difference, and the lengths in s of the last
    two steps, 0 where the number was another one before. ``held`` is what the number has filled.
    """

    total: float = 0.0
    last: float = 0.0
    slope: float = 0.0
    bend: float = 0.0
    width: float = 0.0
    earlier: float = 0.0
    held: float = 0.0

    def step(self, now: float, held: float, t: float, dt: float) -> _Integral:
        """Return the integral after another step: that of the cubic in s through four values.

        Of a lower order where fewer are known. Newton's form, and dt = 2 s ds.
        """
        begin, end = sqrt(t - dt), sqrt(t)
        w, middle = end - begin, 0.5 * (begin + end)
        slope = (now - self.last) / w
        bend = (slope - self.slope) / (w + self.width) if self.width else 0.0
        twist = (bend - self.bend) / (w + self.width + self.earlier) if self.earlier else 0.0
        line = (self.last * (2.0 * begin + end) + now * (begin + 2.0 * end)) * w / 3.0
        parabola = -bend * middle * w**3 / 3.0
        cubic = -twist * w**3 * (middle * (0.5 * w + self.width) / 3.0 + w * w / 60.0)
        total = self._left(line + parabola + cubic, held)
        return _Integral(total, now, slope, bend, w, self.width, held)

    def start(self, now: float, held: float, dt: float) -> _Integral:
        """Return the integral after a first step, before which the number was another one."""
        return _Integral(self._left(dt * now, held), now, held=held)

    def _left(self, passed: float, held: float) -> float:
        return self.total + passed - (held - self.held)


class TimeIntegrals:
    """Integrals over time of a few numbers, the same on all ranks (an ``InternalState``).

    By a cubic in the root of the time: what follows a jump goes with its powers (``bdf``). Where an
    integration starts the numbers jump, and the first step, of order one, counts with their values
    at its end.

    A number may fill something: then its integral is what has passed less what is held, which is
    known without an integral at the end of each step, and is not filled evenly in it.

    Args:
        name: Of the whole, in a checkpoint.
        names: Of the numbers.
        rates: Return the numbers at the loaded solution (collective).
        held: Return what some of them have filled at the loaded solution, by name (collective).
    """

    def __init__(
        self,
        name: str,
        names: Sequence[str],
        rates: Callable[[], Mapping[str, float]],
        held: Callable[[], Mapping[str, float]] = dict,
    ) -> None:
        self._name, self._names, self._rates, self._held = name, tuple(names), rates, held
        self.reset()

    def reset(self) -> None:
        """Begin anew, from zero and with nothing held."""
        self.begin({})

    def begin(self, held: Mapping[str, float]) -> None:
        """Begin anew, from zero with this held."""
        self._committed = {name: _Integral(held=held.get(name, 0.0)) for name in self._names}
        self._trial = self._committed

    def value(self, name: str) -> float:
        """Return an integral up to the last accepted step."""
        return self._committed[name].total

    def held(self) -> float:
        """Return what all numbers together held at the last accepted step."""
        return sum(past.held for past in self._committed.values())

    def add(self, name: str, amount: float) -> None:
        """Add what has changed at once, between two steps."""
        past = self._committed[name]
        self._committed = self._committed | {name: replace(past, total=past.total + amount)}
        self._trial = self._committed

    def refill(self) -> float:
        """Hold what is held now, though nothing has passed; return by how much more that is.

        Between two steps (collective).
        """
        held, before = self._held(), self._committed
        self._committed = {n: replace(one, held=held.get(n, 0.0)) for n, one in before.items()}
        self._trial = self._committed
        return sum(self._committed[name].held - before[name].held for name in before)

    def update(self, t: float, dt: float) -> None:
        """Add a step of length ``dt`` that ends ``t`` after the start."""
        rates, held, started = self._rates(), self._held(), t == dt
        self._trial = {
            name: past.start(rates[name], held.get(name, 0.0), dt)
            if started
            else past.step(rates[name], held.get(name, 0.0), t, dt)
            for name, past in self._committed.items()
        }

    def commit(self) -> None:
        """Accept the step."""
        self._committed = self._trial

    def reject(self) -> None:
        """Forget the step."""
        self._trial = self._committed

    def arrays(self) -> dict[str, FloatArray]:
        """Return what the integrals go on from."""
        return {self._name: np.array([astuple(self._committed[name]) for name in self._names])}

    def spaces(self) -> Mapping[str, FunctionSpace | None]:
        """Return that they are the same on all ranks."""
        return {self._name: None}

    def restore(self, arrays: Mapping[str, FloatArray]) -> None:
        """Go on from there."""
        kept = arrays[self._name].tolist()
        self._committed = {n: _Integral(*one) for n, one in zip(self._names, kept, strict=True)}
        self._trial = self._committed
