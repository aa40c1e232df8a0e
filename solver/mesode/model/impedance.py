r"""Impedance of a cell at the loaded state: the voltage that answers a current that oscillates.

The current of the terminal is held at its present value plus Re(dI exp(i omega t)), so that the row
of I asks for dI of one, and the rates of the state are taken as zero::

    Z(omega) = -dV/dI        [ohm m^2 of electrode]

Positive current is discharge, and lowers the voltage: so Re Z > 0 of a cell that gives no energy
off by itself, and Im Z < 0 where it stores charge. The state is that before and after.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from mesode.errors import SolverError
from mesode.model.shares import Shares
from mesode.numerics.frequency import FrequencyResponse
from mesode.numerics.linear import configure_direct, factor
from mesode.numerics.system import BlockSystem

if TYPE_CHECKING:
    from mesode.model.cell import Cell
    from mesode.model.unknowns import Unknown
    from mesode.numerics.frequency import ComplexArray, FloatArray
    from mesode.physics.heat import Carrier


def _oscillating(cell: Cell) -> BlockSystem:
    """Return the system of a cell, with what follows a step in time but answers here at once."""
    terms = [term for process in cell.processes for term in process.answers()]
    if not terms:
        return cell.system
    unknowns = [*cell.unknowns, *(unknown for unknown, _ in terms)]
    held = [bc for process in cell.processes for bc in process.constraints()]
    return BlockSystem(
        cell.domain.mesh,
        [*cell.rows, *(row for _, row in terms)],
        [u.scaled for u in unknowns],
        [u.scaled_rate for u in unknowns],
        entity_maps=cell.entity_maps,
        bcs=held,
        time=cell.time,
    )


class Impedance:
    """Impedance of a cell at its loaded state (all methods collective).

    The terminal holds the present current from here on, and the matrix of the system is lost.

    Args:
        cell: The cell.
        largest: Largest frequency that will be asked for [Hz].
    """

    def __init__(self, cell: Cell, largest: float) -> None:
        self._cell, self._system = cell, _oscillating(cell)
        cell.control("current", cell.I.number())
        self._rates = [rate.x.array.copy() for rate in self._system.rates]
        for rate in self._system.rates:
            rate.x.array[:] = 0.0
        self._asked = self._of_number(cell.I, cell.width)
        self._response = FrequencyResponse(self._system, 2.0 * np.pi * largest)

    def at(self, frequency: float) -> complex:
        """Return Z at a frequency [Hz].

        Raises:
            SolverError: The equations have no solution there.
        """
        return -self._voltage(self.amplitude(frequency))

    def shared(self, frequency: float) -> tuple[complex, dict[Carrier, float]]:
        """Return Z at a frequency [Hz] and the parts of its real part, of a state at rest.

        Raises:
            SolverError: The equations have no solution there.
        """
        amplitude = self.amplitude(frequency)
        Z = -self._voltage(amplitude)
        return Z, self._shares.of(amplitude, Z)

    def amplitude(self, frequency: float) -> ComplexArray:
        """Return the change of the unknowns, scaled, that this rank owns, for dI of one."""
        return self._response.solve(2.0 * np.pi * frequency, self._asked)

    @cached_property
    def _shares(self) -> Shares:
        return Shares(self._cell, self._system)

    def drift(self, seconds: float) -> float:
        """Return by how much the voltage would move in a time at the present current [V].

        By one linear step of implicit Euler: zero at rest.
        """
        system = self._system
        off, moved = system.x.duplicate(), system.x.duplicate()
        system.assemble_residual(off)
        # what answers at once has been solved; what else its rows hold is no change
        off.getArray()[system.owned_slices()[len(self._cell.unknowns) - 1].stop :] = 0.0
        system.assemble_jacobian(system.A, 1.0 / seconds)
        ksp, fault = factor(None, system.A, configure_direct)
        if fault:
            raise SolverError(fault)
        ksp.solve(off, moved)
        change = self._voltage(-moved.getArray(readonly=True).astype(complex)).real
        for thing in (ksp, off, moved):
            thing.destroy()
        return change

    def close(self) -> None:
        """Load the rates of before again, and free what PETSc holds."""
        for rate, values in zip(self._system.rates, self._rates, strict=True):
            rate.x.array[:] = values
        self._response.close()

    def _voltage(self, amplitude: ComplexArray) -> complex:
        """Return the change of the voltage [V] that a change of the unknowns makes."""
        cell = self._cell
        level, current = (
            complex(cell.domain.comm.allreduce(unknown.scale * amplitude[self._own(unknown)].sum()))
            for unknown in (cell.level, cell.I)
        )
        return level - cell.V.resistance * current

    def _own(self, unknown: Unknown) -> slice:
        return self._system.owned_slices()[self._cell.unknowns.index(unknown)]

    def _of_number(self, unknown: Unknown, value: float) -> FloatArray:
        """Return a vector of the rows that has a value in that of a section-wide unknown."""
        found = np.zeros(self._system.x.getLocalSize())
        found[self._own(unknown)] = value
        return found
