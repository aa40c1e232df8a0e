"""The table of the processes: what a cell may be made of, and when.

A new piece of physics is a module with its ``Process`` and a line here. The order is that of the
unknowns; a process may use the unknowns of those above when it is made, of all in its terms.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mesode.model.processes.charge_transfer import ChargeTransfer
from mesode.model.processes.electrolyte import Electrolyte
from mesode.model.processes.electrons import Electrons
from mesode.model.processes.energy import Energy
from mesode.model.processes.finite_mechanics import FiniteMechanics, FiniteOptions
from mesode.model.processes.flow_heat import FlowHeat, warms_by_flow
from mesode.model.processes.host_contact import HostContact
from mesode.model.processes.hysteresis import SurfaceHysteresis, has_hysteresis
from mesode.model.processes.layer_diffusion import LayerDiffusion, resolved_surfaces
from mesode.model.processes.layer_swelling import LayerSwelling, swells
from mesode.model.processes.lithium import Lithium
from mesode.model.processes.lithium_metal import LithiumMetal
from mesode.model.processes.lost_contact import LostContact
from mesode.model.processes.mechanics import Mechanics, MechanicsOptions
from mesode.model.processes.moving_pores import MovingPores
from mesode.model.processes.sei import SolidElectrolyteInterphase, surfaces_with_sei
from mesode.model.processes.silicon_phases import SiliconPhases, has_phases
from mesode.model.processes.terminal import Terminal
from mesode.model.processes.thermal import Thermal
from mesode.model.processes.third_dimension import ElectronBackbone, IonBackbone

if TYPE_CHECKING:
    from collections.abc import Callable

    from mesode.model.cell import Cell
    from mesode.model.process import Process


@dataclass(frozen=True, slots=True)
class Entry:
    """What makes a process of a cell, and whether that takes part (collective both)."""

    make: Callable[[Cell], Process]
    when: Callable[[Cell], bool]


def _always(_: Cell) -> bool:
    return True


TABLE = (
    Entry(Lithium, _always),
    Entry(LayerDiffusion, lambda cell: bool(resolved_surfaces(cell))),
    Entry(LayerSwelling, swells),
    Entry(Electrons, _always),
    Entry(Electrolyte, _always),
    Entry(ChargeTransfer, _always),
    Entry(SurfaceHysteresis, has_hysteresis),
    Entry(SiliconPhases, has_phases),
    Entry(SolidElectrolyteInterphase, lambda cell: bool(surfaces_with_sei(cell))),
    Entry(HostContact, lambda cell: bool(cell.contacts)),
    Entry(LithiumMetal, lambda cell: not cell.is_full),
    Entry(Terminal, _always),
    Entry(ElectronBackbone.of_cell, lambda cell: cell.setup.third.cuts_electrons),
    Entry(IonBackbone.of_cell, lambda cell: cell.setup.third.cuts_ions),
    Entry(Mechanics.of_cell, lambda cell: isinstance(cell.setup.mechanics, MechanicsOptions)),
    Entry(FiniteMechanics.of_cell, lambda cell: isinstance(cell.setup.mechanics, FiniteOptions)),
    Entry(LostContact, lambda cell: cell.comes_apart),
    Entry(Thermal.of_cell, lambda cell: cell.setup.thermal is not None),
    Entry(Energy, _always),
)
#: What is made when it is known whether the section moves.
OF_MOTION = (
    Entry(MovingPores, lambda cell: cell.motion is not None),
    Entry(FlowHeat, warms_by_flow),
)
