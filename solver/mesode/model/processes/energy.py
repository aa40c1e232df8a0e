"""Energy of the section: stored, delivered, turned into heat; see ``mesode.physics.heat``.

Each process yields its own heat and what it stores. Here they are summed, followed over time, and
held against each other: the balance of energy.

**Over time.** A step of the integration holds the first law with its own rates: the power P that
goes into the stores is dG/du times the rates of the formula, whose sum over the steps is not what G
has changed by, because G is no line. The double layers show it first: a step of order one that
changes their drop by d takes C d^2 / 2 more from them than it shows as heat at its end. So heat and
power are integrated together, as what comes into the stores, and what is in them is known::

    heat = int (Q + P) dt - (G - G_0)

What comes in bends less than either part, which decays in the time of the layers or grows with the
root of the time. Likewise only what V differs from that at rest, U(q), is integrated of the work;
the rest is known, int U dq, and so it is of what comes into the stores of lithium.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from mpi4py import MPI

import numpy as np
import ufl
from dolfinx import fem

from mesode.columns import ENERGY_BALANCE, HEAT, HEATS, STRESS_WORK
from mesode.model.process import Process, Seen
from mesode.model.processes.terminal import LEAST_CHARGE
from mesode.model.processes.thermal import RISE
from mesode.model.rows import sum_by_key
from mesode.numerics.derivatives import Derivatives
from mesode.numerics.jit import compile_forms
from mesode.numerics.literals import with_constants
from mesode.numerics.time_integrals import TimeIntegrals
from mesode.numerics.traversers import traversers_released
from mesode.physics.heat import HeatKind
from mesode.physics.solid.law import PLASTIC_WORK, RELAXATION_WORK

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mesode.model.cell import Cell
    from mesode.numerics.states import InternalState

APART = 20.0  # [K]
AT_NODES = HeatKind.DIFFUSION  # what becomes of the free energy that is kept at nodes
VOLT = 1.0  # [V] of the charge that the error of the balance is relative to at least


def _not_empty(forms: Mapping[HeatKind, ufl.Form]) -> dict[HeatKind, ufl.Form]:
    """Return the forms that have integrals: of layers without a capacity nothing is left."""
    return {kind: form for kind, form in forms.items() if not form.empty()}


class Energy(Process):
    """The powers of all processes, and their integrals over the accepted steps."""

    def __init__(self, cell: Cell) -> None:
        self._cell = cell
        names = [*map(str, HeatKind), "overpotential", "either way", "entropic"]
        self._passed = TimeIntegrals("energy", names, self._powers, self._held)
        self._at_start = 0.0  # in the stores [J/m]

    @property
    def states(self) -> Sequence[InternalState]:
        """Return the integrals of all powers [J/m]."""
        return (self._passed,)

    def at_rest(self) -> None:
        """Note what is stored before the run."""
        held = self._held()
        self._at_start = sum(held.values())
        self._passed.begin(held)

    # --- powers

    def heats(self) -> dict[HeatKind, float]:
        """Return what becomes heat at the loaded state and rates, by kind [W/m] (collective)."""
        return dict.fromkeys(HeatKind, 0.0) | self._sums(self._forms[0])

    def storing(self) -> dict[HeatKind, float]:
        """Return what goes into the stores at the loaded rates, by kind [W/m] (collective).

        At a constant temperature.
        """
        T = self._cell.kelvins
        at_nodes = sum(process.nodal_power(T) for process in self._cell.processes)
        return self._sums(self._forms[1], at_nodes)

    def _sums(
        self, forms: Mapping[HeatKind, fem.Form], at_nodes: float = 0.0
    ) -> dict[HeatKind, float]:
        """Return the integrals, and with them the sum of what each rank has at its nodes."""
        found = np.array([*(fem.assemble_scalar(form) for form in forms.values()), at_nodes])
        self._cell.domain.comm.Allreduce(MPI.IN_PLACE, found)
        *integrals, at_nodes = found.tolist()
        sums = dict(zip(forms, integrals, strict=True))
        return sums | {AT_NODES: sums.get(AT_NODES, 0.0) + at_nodes}

    def delivered(self) -> float:
        """Return the power that goes to the outside [W/m]."""
        cell = self._cell
        return cell.V.number() * cell.I.number() * cell.width

    def _powers(self) -> dict[str, float]:
        """Return what is integrated over time."""
        cell, power, heats = self._cell, self.delivered(), self.heats()
        at_rest = cell.equilibrium_energy(cell.Q.number())[0] * cell.I.number() * cell.width
        entropic = self._entropy() * self._warming()
        for kind, into in self.storing().items():
            heats[kind] += into
        heats[AT_NODES] += at_rest - entropic
        return {str(kind): value for kind, value in heats.items()} | {
            "overpotential": power - at_rest,
            "either way": abs(power),
            "entropic": entropic,
        }

    def held(self) -> dict[HeatKind, float]:
        """Return the free energy that is stored, by kind of the heat it becomes [J/m] (collective).

        At nodes what it is over that at the start, at the temperature of the loaded state.
        """
        return self._sums(self._forms[2], self._at_nodes()[0])

    def _held(self) -> dict[str, float]:
        """Return that with what a cell at rest would have delivered, which came out of it."""
        cell, found = self._cell, self.held()
        found[AT_NODES] += cell.equilibrium_energy(cell.Q.number())[1] * cell.width
        return {str(kind): value for kind, value in found.items()}

    def _warming(self) -> float:
        """Return dT/dt at the loaded rates [K/s]."""
        rise = self._cell.fields.get(RISE)
        return 0.0 if rise is None else float(rise.scale * rise.scaled_rate.x.array[0])

    @cached_property
    def _forms(self) -> list[dict[HeatKind, fem.Form]]:
        """The compiled heats, powers into the stores, and free energies that are integrals.

        All in one go, before the first time step asks for them.
        """
        heats = (heat for process in self._cell.processes for heat in process.heat())
        made = sum_by_key((heat.kind, heat.density * heat.measure) for heat in heats)
        stores = (store for process in self._cell.processes for store in process.stored())
        stored = sum_by_key((store.kind, store.form) for store in stores)
        with traversers_released():
            known = Derivatives()
            slopes = {kind: self._along_rates(form, known) for kind, form in stored.items()}
        groups = [_not_empty(group) for group in (made, slopes, stored)]
        ready = [[with_constants(form) for form in group.values()] for group in groups]
        compiled = compile_forms(ready, self._cell.entity_maps)
        return [dict(zip(g, forms, strict=True)) for g, forms in zip(groups, compiled, strict=True)]

    def _along_rates(self, energy: ufl.Form, derivatives: Derivatives) -> ufl.Form:
        found: list[ufl.Integral] = []
        for u in self._cell.unknowns:
            if u.scaled in energy.coefficients():
                slope = derivatives.of(energy.integrals(), u.scaled, u.scaled_rate)
                found.extend(slope.integrals())
        return ufl.Form(found)

    # --- reports

    def warmed(self) -> None:
        """Take up that the temperature has changed at once: by that alone nothing is lost.

        The free energy of the state has moved by -S dT (collective).
        """
        self._passed.add("entropic", -self._passed.refill())

    def _entropy(self) -> float:
        """Return the entropy of the loaded state that is kept at nodes [J/m/K] (collective)."""
        if RISE not in self._cell.fields:
            return 0.0
        return -float(self._cell.domain.comm.allreduce(self._at_nodes()[1], op=MPI.SUM))

    def _at_nodes(self) -> tuple[float, float]:
        """Return this rank's free energy at nodes, and its slope where the temperature changes.

        By three temperatures: the potentials are nearly linear in it, and their integrals tables.
        """
        start = self._cell.setup.temperature
        if RISE not in self._cell.fields:
            return self._at_nodes_at(self._cell.kelvins), 0.0
        off = self._cell.kelvins - start
        low, middle, high = (self._at_nodes_at(start + d) for d in (-APART, 0.0, APART))
        slope, bend = (high - low) / (2 * APART), (high - 2 * middle + low) / APART**2
        return middle + off * (slope + off * bend / 2), slope + off * bend

    def _at_nodes_at(self, T: float) -> float:
        return sum(process.nodal_energy(T) for process in self._cell.processes)

    def columns(self, seen: Seen) -> Mapping[str, float]:
        """Return the heat since the start, and its parts."""
        width, moves = self._cell.width, self._cell.motion is not None
        parts = {kind: self._passed.value(kind) / width for kind in HeatKind if kind.is_heat}
        # known itself, where its power is that of the last step
        lost = sum(seen.integrals.get(name, 0.0) for name in (PLASTIC_WORK, RELAXATION_WORK))
        parts[HeatKind.FLOW] = lost / width if moves else 0.0
        return {HEAT: sum(parts.values())} | {HEATS[kind]: parts[kind] for kind in parts}

    def balances(self, seen: Seen, start: Seen) -> Mapping[str, float]:
        """Return by how much stored, delivered and lost energy do not add up.

        Relative to what passed the terminal and what was lost; so is what the mesh makes or takes
        of the work of stress. Not told of a section that moves: what moves it does work that is
        not among these.
        """
        cell = self._cell
        if cell.motion is not None:
            return {}
        come = self._passed.held() - self._at_start
        come += self._passed.value("entropic") + self._passed.value("overpotential")
        lost = sum(self._passed.value(kind) for kind in HeatKind if kind.is_lost)
        least = LEAST_CHARGE * cell.charge_capacity * VOLT * cell.width
        scale = max(self._passed.value("either way") + abs(lost), least)
        found = {ENERGY_BALANCE: abs(come + lost) / scale}
        if HeatKind.PROJECTION in self._forms[0]:
            found[STRESS_WORK] = abs(self._passed.value(HeatKind.PROJECTION)) / scale
        return found
