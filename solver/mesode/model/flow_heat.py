r"""Heat of solids that flow or relax, for a section whose mechanics is solved after each time step.

What is lost in them, W(t) [J/m], is known once a step is accepted. In the next one it counts with
its mean power of the last, and what that was off by is made up for over ``LATER`` steps::

    P_(n+1) = (W_n - W_(n-1))/dt_n + (W_n - H_n)/(LATER dt_n),   H_(n+1) = H_n + P_(n+1) dt_(n+1)

with the heat H that has been given so far. So H follows W, one or two steps late.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from dolfinx import fem

if TYPE_CHECKING:
    from collections.abc import Callable

    from mesode.numerics.bdf import FloatArray

LATER = 2.0  # steps; those that follow each other are at most twice as long


class FlowHeat:
    """Power of what is lost in solids as the section feels it.

    ``power`` [W/m] is a number of the forms.

    Args:
        mesh: That of the section.
        work: Returns what has been lost since the start [J/m] (collective).
    """

    def __init__(self, mesh: Any, work: Callable[[], float]) -> None:
        self.power, self._work = fem.Constant(mesh, 0.0), work
        self.reset()

    def reset(self) -> None:
        """Begin anew: nothing has flowed."""
        self.power.value, self._lost, self._given = 0.0, 0.0, 0.0

    def accept(self, dt: float) -> None:
        """Take note of what has flowed in a step of ``dt`` [s] (collective)."""
        lost = self._work()
        self._given += float(self.power) * dt
        late = (lost - self._given) / LATER
        self.power.value = (lost - self._lost + late) / dt
        self._lost = lost

    def save(self) -> FloatArray:
        """Return the numbers of a checkpoint."""
        return np.array([float(self.power), self._lost, self._given])

    def restore(self, numbers: FloatArray) -> None:
        """Take them over."""
        self.power.value, self._lost, self._given = numbers.tolist()
