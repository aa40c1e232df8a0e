"""One temperature of the whole section, which follows the heat of all processes.

C dT/dt + h (T - T_ambient) = Q per area of the electrode, see ``mesode.physics.heat``. All laws
that name the temperature follow. The unknown is the rise since the start.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dolfinx import fem

from mesode.columns import TEMPERATURE
from mesode.constants import ZERO_CELSIUS
from mesode.model.motion import find_motion
from mesode.model.process import Process, Seen
from mesode.model.unknowns import RowKind, make_unknown, number_space, order_of_magnitude
from mesode.numerics.events import Event
from mesode.numerics.step_control import ErrorScale

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mesode.model.cell import Cell
    from mesode.model.process import Term
    from mesode.model.unknowns import Unknown

RISE = "T"  # key of the unknown
VOLT = 1.0  # [V]
#: Multiple of the tolerance that the error of a step may be of the largest rise: 0.05 % at 1e-4.
#: A given number of kelvins would not do: in a heavy section that is all that it warms by.
WEIGHT = 5.0
#: [K], of which the tolerance is a part where the section moves: 0.01 K at 1e-4. Flow begins
#: at once there, and its power jumps: held as elsewhere a light section takes a quarter more steps.
MOVING = 100.0
COLDEST, HOTTEST = 240.0, 360.0  # [K], beyond what a case may begin with
SOLIDS, LIQUID = 1000.0, 1.9e6  # [J/kg/K] and [J/m^3/K], assumed


@dataclass(frozen=True, slots=True, kw_only=True)
class ThermalOptions:
    """How the section gets warm and cools, per area of the electrode.

    ``convection`` [W/m^2/K] to an ``ambient`` temperature [K]; ``heat_capacity`` [J/m^2/K], None
    for that of the phases.
    """

    convection: float
    ambient: float
    heat_capacity: float | None = None


class Thermal(Process):
    """The temperature of the section."""

    def __init__(self, cell: Cell, options: ThermalOptions) -> None:
        self._cell, self._options = cell, options
        self._ambient = fem.Constant(cell.domain.mesh, 0.0)  # over the temperature at the start
        self.surround(None)
        self.convection = options.convection
        self.heat_capacity = options.heat_capacity or _heat_capacity(cell)
        moves = find_motion(cell.processes) is not None
        # what the capacity at one volt would warm it by
        scale = order_of_magnitude(cell.charge_capacity * VOLT / self.heat_capacity)
        self.rise = make_unknown(
            RISE,
            number_space(cell.domain.mesh),
            scale=MOVING if moves else scale,
            error_weight=1.0 if moves else WEIGHT,
            row=RowKind.HEAT,
            error_scale=ErrorScale.VALUE if moves else ErrorScale.LARGEST,
        )

    @classmethod
    def of_cell(cls, cell: Cell) -> Thermal:
        """Return the process that a cell is set up with."""
        options = cell.setup.thermal
        return cls(cell, options or ThermalOptions(convection=0.0, ambient=cell.setup.temperature))

    def surround(self, T: float | None) -> None:
        """Put the section into surroundings of a temperature [K], None for that of its options."""
        ambient = self._options.ambient if T is None else T
        self._ambient.value = ambient - self._cell.setup.temperature

    @property
    def unknowns(self) -> Sequence[Unknown]:
        """The rise of the temperature since the start."""
        return (self.rise,)

    def terms(self) -> Iterator[Term]:
        """Yield what the section stores, what leaves it, and the heat of all processes."""
        cell, rise, v = self._cell, self.rise, self.rise.test
        kept = self.heat_capacity * rise.rate + self.convection * (rise.value - self._ambient)
        yield rise, kept * v * cell.ds_collector
        for heat in (heat for process in cell.processes for heat in process.heat()):
            if heat.kind.is_heat:
                on = v(heat.side) if heat.side else v
                yield rise, -heat.density * on * heat.measure

    def guards(self) -> Sequence[Event]:
        """Return that the laws may still be asked."""
        low, high = COLDEST, HOTTEST
        name = f"the temperature has left {low:.0f} to {high:.0f} K, for which the laws are"

        def inside() -> float:
            T = self._cell.kelvins
            return min(T - low, high - T)

        return [Event(name, inside, 0.1)]

    def columns(self, seen: Seen) -> Mapping[str, float]:
        """Return the temperature."""
        return {TEMPERATURE: self._cell.kelvins - ZERO_CELSIUS}


def _heat_capacity(cell: Cell) -> float:
    """Return the heat capacity of all phases, per area of the electrode [J/m^2/K] (collective)."""
    total = 0.0
    for phase in cell.domain.phases:
        area = cell.area((phase,))
        total += SOLIDS * cell.materials.density(phase) * area
        if phase in cell.pores:
            total += LIQUID * cell.materials.ionic(phase).porosity * area
    return total / cell.width
