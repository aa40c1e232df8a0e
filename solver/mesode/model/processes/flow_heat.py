r"""Heat of solids that flow or relax, for a section whose mechanics is solved after each time step.

What is lost in them, W(t) [J/m], is foreseen as shape and stress are (``model.finite_coupling``):
a line through the last two values, and in a step that is solved again what mechanics has just
found. It is an unknown that follows what is foreseen, W*::

    W(t) = W*(t),    heat dW/dt    [W/m]

so that its rate is that of the formula which integrates the temperature. What has become heat at
the end of a step is W* exactly, whatever its power was on the way; what W* was off by is given in
the next step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from mesode.model.process import Heat, Process
from mesode.model.processes.finite_mechanics import FiniteMechanics
from mesode.model.unknowns import RowKind, make_unknown, number_space, order_of_magnitude
from mesode.physics.heat import HeatKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dolfinx import fem

    from mesode.model.cell import Cell
    from mesode.model.finite_coupling import FiniteCoupling
    from mesode.model.process import Term
    from mesode.model.unknowns import Unknown

HOUR = 3600.0  # [s] in which what is lost is compared with a current
VOLT = 1.0  # [V] by which the capacity is an energy


class FlowHeat(Process):
    """What solids that flow have given to the section (collective)."""

    def __init__(self, cell: Cell) -> None:
        self._cell = cell
        scale = order_of_magnitude(cell.charge_capacity * VOLT)
        space = number_space(cell.domain.mesh)
        self.lost = make_unknown("lost", space, scale=scale, row=RowKind.LAW)

    @property
    def unknowns(self) -> Sequence[Unknown]:
        """What is lost, per area of the electrode [J/m^2]."""
        return (self.lost,)

    def take_shape(self) -> None:
        """Begin with what was lost on the way to the state at rest."""
        self.lost.set(float(self._foreseen.x.array[0]) / self._cell.width)

    @property
    def _foreseen(self) -> fem.Function:
        """What is lost by the end of a step [J/m]."""
        mechanics = cast("FiniteMechanics", self._cell.find(FiniteMechanics))
        return cast("FiniteCoupling", mechanics.coupling).lost

    def terms(self) -> Iterator[Term]:
        """Yield that it is what is foreseen."""
        missing = (self.lost.value - self._foreseen / self._cell.width) / (HOUR * VOLT)
        yield self.lost, missing * self.lost.test * self._cell.ds_collector

    def heat(self) -> Iterator[Heat]:
        """Yield its rate."""
        yield Heat(HeatKind.FLOW, self.lost.rate, self._cell.ds_collector)


def warms_by_flow(cell: Cell) -> bool:
    """Tell whether solids flow that act back on a section whose temperature is solved for."""
    mechanics = cell.find(FiniteMechanics)
    acts_back = mechanics is not None and mechanics.flows and mechanics.coupling is not None
    return acts_back and cell.setup.thermal is not None
