"""How far a constant power is from the most that a cell gives.

With the current the voltage falls, so that their product has a maximum. At it no current gives more
power, and beyond it the voltage falls by itself, within the time of the double layers, to whatever
the step has as its end. The maximum is where the differential of the power by the current vanishes:

    d ln P / d ln I = 1 + (I / V) dV/dI

with the response dV/dI of the cell to a change over ``SLOW`` seconds, in which the double layers
follow and the lithium hardly moves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dolfinx.fem import petsc as fem_petsc

from mesode.numerics.integrator import Event
from mesode.numerics.linear import configure_direct, factor

if TYPE_CHECKING:
    from typing import Any

    from mesode.model.cell import Cell

SLOW = 1.0  # [s]
REACHED = "the power is the most that the section gives"
BEYOND = (
    "the section does not give this power, from the begin of the step on: voltage times current "
    "has its maximum below it. Lower the power"
)
TOLERANCE = 0.02  # of the slack; the power is flat there: 1e-4 of it
HELD = 1e-3  # part of the power by which V I may be off; beyond that the step has not begun


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

    def event(self) -> Event:
        """Return the end of a step at the maximum."""
        return Event(REACHED, self.slack, TOLERANCE)

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
            self._matrix = fem_petsc.create_matrix(system.jacobian_form)
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


def tell(cell: Cell) -> str:
    """Return what the section gives at most, at the loaded state (collective)."""
    current, voltage = cell.I.number(), cell.V.number()
    return f"{REACHED}: {current * voltage:.3g} W/m2 at {current:.3g} A/m2 and {voltage:.3g} V"
