"""Voltage and current of a cell whose fields are known: those that carry charge in balance.

The surfaces pass what Butler-Volmer says at the loaded fields, and that must be the current of the
terminal less what the double layers take. So a voltage is found by one equation in one number, with
integrals over the surfaces alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from mesode.model.cell import Cell
    from mesode.model.diagnostics import Diagnostics
    from mesode.model.unknowns import Unknown

SMALL = 1e-6  # [V] change of the voltage at which it is found
FIRST, LARGEST = 1e-3, 0.05  # [V] first and largest step of the secant
TRIES = 20


@dataclass(frozen=True, slots=True)
class TerminalState:
    """Voltage [V] and current density [A/m2], and the faradaic current of each electrode [A/m]."""

    V: float
    I: float
    through: tuple[float, ...]


class Surfaces:
    """Faradaic currents of the electrodes of a cell (all methods collective)."""

    def __init__(self, cell: Cell, diagnostics: Diagnostics) -> None:
        self._cell, self._diagnostics = cell, diagnostics
        self._rates = [u.scaled_rate for u in (cell.level, cell.phi_s, cell.phi_e)]

    def through(self) -> tuple[float, ...]:
        """Return the current into each electrode at the loaded fields, the working one first.

        The rates are lost: the next residual loads its own.
        """
        for rate in self._rates:
            rate.x.array[:] = 0.0
        return self._diagnostics.faradaic_currents()

    def balanced(
        self, guess: TerminalState, current: Callable[[float], float], slopes: dict[str, float]
    ) -> TerminalState:
        """Return voltage and current that go with the loaded fields.

        Args:
            guess: Voltage and current near it, and the faradaic currents that belong to them.
            current: That goes with a voltage, as the terminal holds it [A/m2].
            slopes: Of the currents over the potentials, from a state near it; brought up to date.
        """
        cell, counter = self._cell, guess.through[1:]
        cell.V.set(guess.V)
        if counter:
            self._lift(cell.phi_e, lambda _: self.through()[1] - counter[0], slopes)
        width = cell.polarity * cell.width

        def excess(V: float) -> float:
            return self.through()[0] - guess.through[0] - width * (current(V) - guess.I)

        V = guess.V + self._lift(cell.level, lambda shift: excess(guess.V + shift), slopes)
        return TerminalState(V, current(V), guess.through)

    def _lift(
        self, unknown: Unknown, excess: Callable[[float], float], slopes: dict[str, float]
    ) -> float:
        """Lift a potential to where the excess vanishes, and return by how much (secant rule).

        Zero where no balance is found: the guess stands.
        """
        values, start = unknown.scaled.x.array, unknown.scaled.x.array.copy()

        def at(shift: float) -> float:
            values[:] = start + shift / unknown.scale
            return excess(shift)

        a, of_a = 0.0, at(0.0)
        slope = slopes.get(unknown.key)
        change = FIRST if slope is None else _bounded(-of_a / slope)
        for _ in range(TRIES):
            if slope is not None and abs(change) < SMALL:
                slopes[unknown.key] = slope
                values[:] = start + (a + change) / unknown.scale
                return a + change
            b = a + change
            of_b = at(b)
            if of_b == of_a or not isfinite(of_b):
                break
            slope = (of_b - of_a) / (b - a)
            a, of_a, change = b, of_b, _bounded(-of_b / slope)
        values[:] = start
        return 0.0


def _bounded(change: float) -> float:
    return min(max(change, -LARGEST), LARGEST)
