"""Energy of the section: stored, delivered, turned into heat; see ``mesode.physics.heat``.

Each process yields its own heat and what it stores. Here they are summed, followed over time, and
held against each other: the balance of energy.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from mpi4py import MPI

import numpy as np
from dolfinx import fem

from mesode.columns import HEAT, HEATS
from mesode.model.process import Process, Seen
from mesode.model.processes.terminal import LEAST_CHARGE
from mesode.model.processes.thermal import RISE
from mesode.numerics.jit import compile_forms
from mesode.numerics.literals import with_constants
from mesode.numerics.time_integrals import TimeIntegrals
from mesode.physics.heat import HeatKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import ufl

    from mesode.model.cell import Cell
    from mesode.numerics.states import InternalState

APART = 20.0  # [K]
VOLT = 1.0  # [V] of the charge that the error of the balance is relative to at least


class Energy(Process):
    """The powers of all processes, and their integrals over the accepted steps."""

    def __init__(self, cell: Cell) -> None:
        self._cell = cell
        names = [*map(str, HeatKind), "overpotential", "either way", "entropic"]
        self._passed = TimeIntegrals("energy", names, self._powers)

    @property
    def states(self) -> Sequence[InternalState]:
        """Return the integrals of all powers [J/m]."""
        return (self._passed,)

    # --- powers

    def heats(self) -> dict[HeatKind, float]:
        """Return what becomes heat at the loaded state and rates, by kind [W/m] (collective)."""
        mine = np.array([fem.assemble_scalar(form) for form in self._forms.values()])
        total = self._cell.domain.comm.allreduce(mine, op=MPI.SUM)
        return dict.fromkeys(HeatKind, 0.0) | dict(zip(self._forms, total.tolist(), strict=True))

    def delivered(self) -> float:
        """Return the power that goes to the outside [W/m]."""
        cell = self._cell
        return cell.V.number() * cell.I.number() * cell.width

    def _powers(self) -> dict[str, float]:
        """Return what is integrated over time.

        Of what is delivered that alone which a cell at rest would not: the rest of it bends as the
        potentials do, and is known as a function of the charge.
        """
        cell, power = self._cell, self.delivered()
        at_rest = cell.equilibrium_energy(cell.Q.number())[0] * cell.I.number() * cell.width
        heats = {str(kind): value for kind, value in self.heats().items()}
        entropic = self._entropy() * self._warming()
        return heats | {
            "overpotential": power - at_rest,
            "either way": abs(power),
            "entropic": entropic,
        }

    def _warming(self) -> float:
        """Return dT/dt at the loaded rates [K/s]."""
        rise = self._cell.fields.get(RISE)
        return 0.0 if rise is None else float(rise.scale * rise.scaled_rate.x.array[0])

    @cached_property
    def _forms(self) -> dict[HeatKind, fem.Form]:
        """The compiled heat of each kind that there is."""
        forms: dict[HeatKind, ufl.Form] = {}
        for heat in (heat for process in self._cell.processes for heat in process.heat()):
            part = heat.density * heat.measure
            forms[heat.kind] = forms[heat.kind] + part if heat.kind in forms else part
        ready = [with_constants(form) for form in forms.values()]
        return dict(zip(forms, compile_forms(ready, self._cell.entity_maps), strict=True))

    # --- reports

    def integrals(self) -> Mapping[str, ufl.Form]:
        """Return the free energy that is an integral [J/m]."""
        return {"stored": sum(form for p in self._cell.processes for form in p.stored())}

    def nodal(self) -> float:
        """Return the free energy that is kept at nodes, over that at the start [J/m] (collective).

        At the temperature of the loaded state.
        """
        start = self._cell.setup.temperature
        if RISE not in self._cell.fields:
            return self._nodal_at(start)
        return self._parabola()[0]

    def _entropy(self) -> float:
        """Return the entropy of the loaded state that belongs to ``nodal`` [J/m/K] (collective)."""
        return 0.0 if RISE not in self._cell.fields else -self._parabola()[1]

    def _parabola(self) -> tuple[float, float]:
        """Return ``nodal`` and its slope in the temperature.

        By three temperatures: the potentials are nearly linear in it, and their integrals tables.
        """
        start, off = self._cell.setup.temperature, self._cell.kelvins - self._cell.setup.temperature
        low, middle, high = (self._nodal_at(start + d) for d in (-APART, 0.0, APART))
        slope, bend = (high - low) / (2 * APART), (high - 2 * middle + low) / APART**2
        return middle + off * (slope + off * bend / 2), slope + off * bend

    def _nodal_at(self, T: float) -> float:
        mine = sum(process.nodal_energy(T) for process in self._cell.processes)
        return float(self._cell.domain.comm.allreduce(mine, op=MPI.SUM))

    def columns(self, seen: Seen) -> Mapping[str, float]:
        """Return the heat since the start, and its parts."""
        width = self._cell.width
        parts = {kind: self._passed.value(kind) / width for kind in HeatKind if kind.is_heat}
        return {HEAT: sum(parts.values())} | {HEATS[kind]: parts[kind] for kind in parts}

    def balances(self, seen: Seen, start: Seen) -> Mapping[str, float]:
        """Return by how much stored, delivered and lost energy do not add up.

        Relative to what passed the terminal and what was lost. Not told of a section that moves:
        what moves it does work that is not among these.
        """
        cell = self._cell
        if cell.motion is not None:
            return {}
        stored = seen.integrals["stored"] - start.integrals["stored"]
        stored += self.nodal() + self._passed.value("entropic")
        lost = sum(self._passed.value(kind) for kind in HeatKind if kind.is_lost)
        least = LEAST_CHARGE * cell.charge_capacity * VOLT * cell.width
        scale = max(self._passed.value("either way") + abs(lost), least)
        delivered = cell.equilibrium_energy(cell.Q.number())[1] * cell.width
        delivered += self._passed.value("overpotential")
        return {"energy": abs(stored + delivered + lost) / scale}
