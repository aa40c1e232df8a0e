"""Spectra within a step that goes on in time: at whole multiples of a voltage, lithiation or time.

The step stops at the moment, the impedance is measured at the state as it is, and the step goes on
with the history of its integration. Multiples that the voltage passes while it jumps, when the step
begins, have none: the double layers are charged then.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor
from typing import TYPE_CHECKING, Any, Final

from mesode.numerics.events import Event
from mesode.protocol.impedance import measure

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mesode.config.steps import Every
    from mesode.protocol.step import Stage

NAME: Final = "spectrum"
_TOLERANCES: Final = {"voltage": 1e-6, "lithiation": 1e-7, "time": 1e-6}  # V, 1, s
_NEAR: Final = 2.0  # tolerances: the end of a step may be at a multiple, too
_ROUNDING: Final = 1e-9  # of a multiple


@dataclass(slots=True)
class _Band:
    """The multiples between which the quantity is."""

    low: float
    high: float


class SpectraWithin:
    """Measures where it is due (all methods collective).

    Args:
        every: What moves from one spectrum to the next, and by how much.
        stage: What the steps of the run share.
        settled: Tells whether the double layers are charged, None where that does not matter.
    """

    def __init__(
        self, every: Every, stage: Stage, settled: Callable[[], bool] | None = None
    ) -> None:
        self._every, self._stage = every, stage
        tolerance = _TOLERANCES[every.quantity]
        self.event = Event(NAME, self._room, tolerance, settled)
        # the time of the step is not counted yet
        self._band = self._around(0.0 if every.quantity == "time" else self._now())

    def measure(self) -> None:
        """Measure if the state is at a multiple, and wait for the next one.

        Raises:
            SolverError: The equations have no solution at one of the frequencies.
        """
        if abs(self._room()) <= _NEAR * self.event.tolerance:
            found = measure(self._stage, self._every.spectrum)
            if not isinstance(found, str):
                self._stage.measured(found)
        self._band = self._around(self._now())

    def save(self) -> dict[str, float]:
        """Return the multiples around the present state."""
        return {"low": self._band.low, "high": self._band.high}

    def restore(self, data: Mapping[str, Any]) -> None:
        """Go on with them."""
        self._band = _Band(**data)

    def _now(self) -> float:
        cell, diagnostics = self._stage.cell, self._stage.diagnostics
        if self._every.quantity == "voltage":
            return cell.V.number()
        if self._every.quantity == "lithiation":
            return diagnostics.mean_lithiation()
        return float(cell.time)

    def _room(self) -> float:
        now = self._now()
        return min(self._band.high - now, now - self._band.low)

    def _around(self, now: float) -> _Band:
        """Return the next multiples below and above; one that has just been met is neither."""
        by, off = self._every.by, _NEAR * self.event.tolerance / self._every.by + _ROUNDING
        return _Band(by * (ceil(now / by - off) - 1), by * (floor(now / by + off) + 1))
