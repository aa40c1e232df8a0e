"""Integrals over time of numbers that follow from the solution: what has passed up to a step."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from math import inf
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from dolfinx.fem import FunctionSpace

    from mesode.numerics.bdf import FloatArray


@dataclass(frozen=True, slots=True)
class _Integral:
    """An integral up to a step, and the number at its end, its slope over the step, its length."""

    total: float = 0.0
    last: float = 0.0
    slope: float = 0.0
    dt: float = inf

    def step(self, now: float, dt: float) -> _Integral:
        """Return the integral after another step: that of the parabola through three values.

        Its mean stays between the values at both ends: what decays fast is no parabola.
        """
        slope = (now - self.last) / dt
        bend = (slope - self.slope) / (dt + self.dt)  # none where there were no two values before
        low, high = sorted((self.last, now))
        mean = min(max(0.5 * (low + high) - bend * dt * dt / 6.0, low), high)
        return _Integral(self.total + dt * mean, now, slope, dt)

    def start(self, now: float, dt: float) -> _Integral:
        """Return the integral after a first step, before which the number was another one."""
        return _Integral(self.total + dt * now, now)


class TimeIntegrals:
    """Integrals over time of a few numbers, the same on all ranks (an ``InternalState``).

    Of order three. Where an integration starts the numbers jump, and the first step, of order one,
    counts with their values at its end.

    Args:
        name: Of the whole, in a checkpoint.
        names: Of the numbers.
        rates: Return the numbers at the loaded solution (collective).
    """

    def __init__(
        self, name: str, names: Sequence[str], rates: Callable[[], Mapping[str, float]]
    ) -> None:
        self._name, self._names, self._rates = name, tuple(names), rates
        self.reset()

    def reset(self) -> None:
        """Begin anew, from zero."""
        self._committed = {name: _Integral() for name in self._names}
        self._trial = self._committed

    def value(self, name: str) -> float:
        """Return an integral up to the last accepted step."""
        return self._committed[name].total

    def update(self, t: float, dt: float) -> None:
        """Add a step of length ``dt`` that ends ``t`` after the start."""
        rates, started = self._rates(), t == dt
        self._trial = {
            name: past.start(rates[name], dt) if started else past.step(rates[name], dt)
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
