"""The temperature that a section is held at, or that of what surrounds it.

Where no temperature is solved for, the section has it at once: lithium, salt and charge stay, and
the free energy changes by -S dT, which is no heat and is booked as such in the balance of energy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesode.model.processes.energy import Energy
from mesode.model.processes.thermal import Thermal

if TYPE_CHECKING:
    from mesode.model.cell import Cell


def surround(cell: Cell, T: float | None) -> None:
    """Put a cell into surroundings of a temperature [K], None for that of its setup (collective).

    Args:
        cell: The cell, with a state loaded.
        T: Of the section, or where its own is solved for that of the surroundings.
    """
    thermal, energy = cell.find(Thermal), cell.find(Energy)
    if thermal is not None:
        thermal.surround(T)
        return
    T = cell.setup.temperature if T is None else T
    if cell.kelvins == T:
        return
    cell.hold_temperature(T)
    if energy is not None:
        energy.warmed()
