"""A cell at rest: voltage, energy and lithiations, each electrode in equilibrium with itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mesode.model.equilibrium import Equilibrium

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import numpy as np
    import numpy.typing as npt

    from mesode.model.cell import Cell

    type FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Side:
    """An electrode of hosts: its rest, capacity [C/m^2], lithiation at the start."""

    rest: Equilibrium
    capacity: float
    start: float

    def after[Q: (float, FloatArray)](self, charge: Q) -> Q:
        """Return the mean lithiation after a charge that lithiates it [C/m^2]."""
        return self.start + charge / self.capacity


@dataclass(frozen=True, slots=True)
class Rest:
    """Both electrodes at one temperature; ``counter`` is None for lithium metal, at 0 V."""

    working: Side
    counter: Side | None
    polarity: int

    @classmethod
    def of_cell(cls, cell: Cell, T: float) -> Rest:
        """Return the rest of a cell at a temperature [K]."""
        setup = cell.setup

        def side(hosts: tuple[str, ...], start: float) -> Side:
            capacities: Mapping[str, float] = cell.host_capacities
            ocps = {host: cell.materials.lithium(host).ocp for host in hosts}
            total = sum(capacities[host] for host in hosts)
            return Side(Equilibrium(ocps, capacities, T), total, start)

        counter = side(cell.counter_hosts, setup.counter_lithiation) if cell.is_full else None
        return cls(side(cell.working, setup.lithiation), counter, cell.polarity)

    def sides(self) -> Iterator[tuple[Side, int]]:
        """Yield each electrode with the sign of a current of the cell that lithiates it."""
        yield self.working, self.polarity
        if self.counter is not None:
            yield self.counter, -self.polarity

    def means_after(self, charge: float) -> list[float]:
        """Return the mean lithiation of each electrode after a charge of the cell [C/m^2]."""
        return [side.after(sign * charge) for side, sign in self.sides()]

    def lithiations(self) -> dict[str, float]:
        """Return the lithiation of each host at the start."""
        at_start = (side.rest.lithiations(side.start) for side, _ in self.sides())
        return {host: sto for each in at_start for host, sto in each.items()}

    def voltage(self, sto: float | None = None, counter_sto: float | None = None) -> float:
        """Return the voltage [V] at mean lithiations, those of the start where none is given."""
        working = self.working.rest.potential(self.working.start if sto is None else sto)
        return self.polarity * (working - self.counter_potential(counter_sto))

    def counter_potential(self, sto: float | None = None) -> float:
        """Return the potential of the counter electrode [V], 0 for lithium metal."""
        if self.counter is None:
            return 0.0
        return self.counter.rest.potential(self.counter.start if sto is None else sto)

    def energy(self, Q: float) -> tuple[float, float]:
        """Return the voltage [V] that a charge [C/m^2] leaves, and its integral [J/m^2].

        The integral is over the charge since the start, and that to rounding: both are of straight
        pieces. What the double layers hold of the charge does not count.
        """
        voltage, energy = 0.0, 0.0
        for side, sign in self.sides():
            U, now = side.rest.on_curve(side.after(sign * Q))
            voltage += sign * U
            energy += side.capacity * (now - side.rest.on_curve(side.start)[1])
        return voltage, energy
