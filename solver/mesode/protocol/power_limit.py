"""How far a constant power is from the most that a cell gives.

With the current the voltage falls, so that their product has a maximum. At it no current gives more
power, and beyond it the voltage falls by itself, within the time of the double layers, to whatever
the step has as its end. The maximum is where the differential of the power by the current vanishes:

    d ln P / d ln I = 1 + (I / V) dV/dI

with the response dV/dI of the cell to a change over ``SLOW`` seconds, in which the double layers
follow and the lithium hardly moves.

A power beyond the maximum from the begin on has no solution to begin with. That is found by holding
currents, each of which has one.
"""

from __future__ import annotations

from math import exp, log
from typing import TYPE_CHECKING

import numpy as np

from mesode.numerics.events import Event
from mesode.numerics.linear import configure_direct, factor
from mesode.numerics.trial_step import TrialStep

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from mesode.model.cell import Cell
    from mesode.numerics.measure import ResidualMeasure

SLOW = 1.0  # [s]
REACHED = "the power is the most that the section gives"
BEYOND = "the section does not give this power"
NEAR = 0.02  # slack that counts as none; the power is flat there: 1e-4 of it
HELD = 1e-3  # part of the power by which V I may be off; beyond that the step has not begun
# Currents that are tried, in parts of the power over the voltage at the begin: no less gives it.
FIRST_TRIED, FACTOR, TRIED = 0.2, 1.3, 40


class PowerLimit:
    """The slack of a power that is held (all methods collective).

    Args:
        cell: The cell.
        power: Power density that the terminal holds [W/m^2], positive.
    """

    def __init__(self, cell: Cell, power: float) -> None:
        self._cell, self._power = cell, power
        self._matrix: Any = None  # its own: that of the integration is factored
        self._ksp: Any = None

    def event(self, armed: Callable[[], bool] | None = None) -> Event:
        """Return the end of a step at the maximum.

        The slack falls to zero as the root of the time that is left, so that its square is what
        falls evenly; at zero there is a wall. The step ends just before. While the double layers
        are charged the slack says nothing: ``armed`` tells when they are.
        """

        def left() -> float:
            slack = self.slack()
            return slack * abs(slack) - NEAR**2

        return Event(REACHED, left, NEAR**2, armed, wall=NEAR**2)

    def slack(self) -> float:
        """Return d ln P / d ln I at the loaded state, 1 where the voltage stays as it is.

        Infinite before the power is held.
        """
        cell = self._cell
        if abs(cell.V.number() * cell.I.number() / self._power - 1.0) > HELD:
            return float("inf")
        response = self._current_per_power()
        return cell.I.number() / (self._power * response) if response else float("inf")

    def _current_per_power(self) -> float:
        """Return dI/dP [1/V] where the row of I holds the power; 0 where it cannot be found."""
        cell, system = self._cell, self._cell.system
        if self._matrix is None:
            self._matrix = system.A.duplicate()
        system.assemble_jacobian(self._matrix, 1.0 / SLOW)
        self._ksp, fault = factor(self._ksp, self._matrix, configure_direct)
        if fault:
            return 0.0
        asked, change = system.x.duplicate(), system.x.duplicate()
        asked.set(0.0)
        own = system.owned_slices()[cell.unknowns.index(cell.I)]
        asked.getArray()[own] = cell.width
        self._ksp.solve(asked, change)
        mine = float(change.getArray()[own].sum())
        asked.destroy()
        change.destroy()
        return cell.I.scale * float(cell.domain.comm.allreduce(mine))


def beyond(cell: Cell, power: float, measure: ResidualMeasure, duration: float | None) -> str:
    """Return why a step cannot begin with a power, empty where it can (collective).

    The matrix of the system and what the terminal holds are lost.

    Args:
        cell: With the state at the begin loaded.
        power: Power density to be held [W/m^2], positive.
        measure: Of residuals.
        duration: Of the step [s], None where it is open.
    """
    seconds = min(SLOW, duration or SLOW)
    trial = TrialStep(cell.system, measure, seconds)
    try:
        found = _maximum(cell, power, trial)
    finally:
        trial.close()
    if found is None:
        return ""
    current, most = found
    return (
        f"{BEYOND}: voltage times current is {most:.3g} W/m2 at most, at {current:.3g} A/m2 "
        f"held for {seconds:.2g} s. Lower the power"
    )


def _maximum(cell: Cell, power: float, trial: TrialStep) -> tuple[float, float] | None:
    """Return current and power at the maximum; None where it is not below the power, or not found.

    The currents rise up to where the product falls.
    """
    tried: list[tuple[float, float]] = []
    current = FIRST_TRIED * power / cell.V.number()
    for _ in range(TRIED):
        cell.control("current", current)
        if not trial.solve():
            return None
        tried.append((log(current), cell.V.number() * current))
        if tried[-1][1] >= power:
            return None
        if len(tried) > 2 and tried[-1][1] < tried[-2][1]:
            at, most = _vertex(tried[-3:])
            return (exp(at), most) if most < power else None
        current *= FACTOR
    return None


def _vertex(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Return the vertex of the parabola through three points."""
    x, y = np.array(points).T
    a, b, c = np.polyfit(x - x[1], y, 2)
    return float(x[1] - b / (2.0 * a)), float(c - b * b / (4.0 * a))


def too_short(cell: Cell, seconds: float) -> str:
    """Return the reason of a step whose maximum came as good as at once (collective)."""
    return f"{BEYOND} for more than {seconds:.2g} s: {tell(cell)}. Lower the power"


def tell(cell: Cell) -> str:
    """Return what the section gives at most, at the loaded state (collective)."""
    current, voltage = cell.I.number(), cell.V.number()
    return f"{REACHED}: {current * voltage:.3g} W/m2 at {current:.3g} A/m2 and {voltage:.3g} V"
