"""The terminal of a cell: what it holds, and the equations of V, I and Q.

See ``mesode.physics.terminal``. The unknown of the voltage is the level that the electrode has at
its contact to the collector; the voltage is that less the drop at the contacts.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from dolfinx import fem

from mesode.model import currents
from mesode.model.process import Heat, Process, Seen
from mesode.model.unknowns import make_unknown, number_space, order_of_magnitude
from mesode.numerics.step_control import ErrorScale
from mesode.numerics.time_integrals import TimeIntegrals
from mesode.physics import terminal
from mesode.physics.heat import Carrier, HeatKind
from mesode.section_names import COUNTER_PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import ufl
    from dolfinx.mesh import Mesh

    from mesode.model.cell import Cell
    from mesode.model.process import Term
    from mesode.model.unknowns import Unknown
    from mesode.numerics.states import InternalState

KINDS = ("current", "voltage", "power", "resistance")
EITHER_WAY = "either way"
MAH_PER_G = 3600.0  # [C/kg] in 1 mAh/g
# Balances are relative to what moved, but to no less than these parts of the capacity and of 1C.
LEAST_CHARGE, LEAST_CURRENT = 1e-3, 0.01
# At 1e-4 a step may move the voltage by 0.1 mV off; where that is held or swept, the current by
# 0.0175 % of its largest value, of which the peak of a sweep is five times as far off.
VOLTAGE_WEIGHT, CURRENT_WEIGHT = 1.0, 1.75


class Voltage:
    """The voltage of a cell: the level less the drops at the contacts, which the level is without.

    Args:
        mesh: Mesh that the resistance belongs to.
        level: The unknown beneath it.
        current: I.
        resistance: Of the contacts to the collectors, over the area of the electrode [ohm m^2].
    """

    def __init__(self, mesh: Mesh, level: Unknown, current: Unknown, resistance: float) -> None:
        self._level, self._current = level, current
        self._resistance = fem.Constant(mesh, resistance)

    @property
    def value(self) -> Any:
        """The voltage as a UFL expression [V]."""
        return self._level.value - self._resistance * self._current.value

    @property
    def resistance(self) -> float:
        """Of the contacts, over the area of the electrode [ohm m^2]."""
        return float(self._resistance)

    def drop(self) -> float:
        """Return what is lost at the contacts [V]; the same on all ranks."""
        return self.resistance * self._current.number()

    def number(self) -> float:
        """Return the voltage [V]; the same on all ranks."""
        return self._level.number() - self.drop()

    def set(self, value: float) -> None:
        """Set the voltage [V] at the present current."""
        self._level.set(value + self.drop())


class Terminal(Process):
    """The terminal: ``level``, ``I``, ``Q``, and ``V`` beneath which the level lies.

    The control is made of constants in the compiled rows: no step of a protocol compiles anew. Per
    volt the row that holds a voltage has the 1C current.
    """

    def __init__(self, cell: Cell) -> None:
        self._cell, mesh = cell, cell.domain.mesh
        number = number_space(mesh)
        self.level = make_unknown("V", number, error_weight=VOLTAGE_WEIGHT)
        self.I = make_unknown(
            "I",
            number,
            scale=order_of_magnitude(cell.current_1C),
            error_weight=CURRENT_WEIGHT,
            error_scale=ErrorScale.LARGEST,
        )
        self.Q = make_unknown("Q", number, scale=order_of_magnitude(cell.charge_capacity))
        per_volt = cell.current_1C
        self._unit = {"current": 1.0, "voltage": per_volt, "power": 1.0, "resistance": per_volt}
        self._weights = {kind: fem.Constant(mesh, 0.0) for kind in KINDS}
        self._targets = {kind: fem.Constant(mesh, 0.0) for kind in KINDS}
        self._rate = fem.Constant(mesh, 0.0)
        self._passed = TimeIntegrals(
            "terminal", (EITHER_WAY,), lambda: {EITHER_WAY: abs(self.I.number())}
        )
        self.hold("current", 0.0)

    @property
    def unknowns(self) -> Sequence[Unknown]:
        """Level, current density and charge."""
        return (self.level, self.I, self.Q)

    @property
    def states(self) -> Sequence[InternalState]:
        """The charge that has passed either way [C/m^2]."""
        return (self._passed,)

    @cached_property
    def V(self) -> Voltage:
        """The voltage of the cell."""
        cell = self._cell
        resistance = cell.materials.contact_resistance * sum(cell.crowding)
        return Voltage(cell.domain.mesh, self.level, self.I, resistance)

    def hold(self, kind: str, target: float, *, rate: float = 0.0) -> None:
        """Hold a current [A/m^2], voltage [V], power [W/m^2] or resistance [ohm m^2].

        A resistance below zero charges: I = V/R. With ``rate``, per second, a
        current, voltage or power follows target + rate t, from the start of the integration.
        """
        for name, weight in self._weights.items():
            weight.value = self._unit[name] if name == kind else 0.0
        self._targets[kind].value = target
        self._rate.value = rate

    @property
    def holds_voltage(self) -> bool:
        """Whether a voltage is held or swept."""
        return float(self._weights["voltage"]) > 0.0

    def terms(self) -> Iterator[Term]:
        """Yield what leaves the conductors; the mean at the contact, the control, the charge.

        The density I is that of the whole collector; current flows where conductors touch it.
        """
        cell, I, V, Q = self._cell, self.I, self.V, self.Q
        phi_s, ds = cell.phi_s, cell.ds_collector
        for prefix, touched in cell.contact_lines.items():
            i = currents.outflow(cell, counter=bool(prefix))
            yield phi_s, i * phi_s.test * touched
        uneven = terminal.uneven_current(phi_s.value, cell.materials.contact_resistance)
        yield self.level, terminal.mean_row(uneven, self.level.test, cell.ds_contact)
        current, voltage, power, resistance = self._targets.values()
        moved = self._rate * cell.time  # of the one that is held
        current, voltage, power = current + moved, voltage + moved, power + moved
        w_I, w_V, w_P, w_R = self._weights.values()
        weights, targets = (w_I, w_V, w_P, w_R), (current, voltage, power, resistance)
        control = terminal.control(I.value, V.value, weights, targets)
        yield I, terminal.mean_row(control, I.test, ds)
        yield Q, terminal.mean_row(Q.rate - I.value, Q.test, ds)

    def heat(self) -> Iterator[Heat]:
        """Yield what the contacts to the collectors make."""
        cell, phi_s = self._cell, self._cell.phi_s.value
        for prefix, touched in cell.contact_lines.items():
            lost = currents.contact_heat(cell, phi_s, counter=bool(prefix))
            yield Heat(HeatKind.CONTACT, lost, touched, carrier=Carrier.CONTACT)

    def reset(self) -> None:
        """Set the voltage at rest, without current."""
        self.V.set(self._cell.equilibrium_voltage())

    # --- reports

    def integrals(self) -> Mapping[str, ufl.Form]:
        """Return the currents into the collectors [A/m], that of the counter electrode negative."""
        cell = self._cell
        found = {"collector": self._into_collector("", cell.ds_contact)}
        if cell.is_full:
            found["counter"] = -self._into_collector(COUNTER_PREFIX, cell.ds_counter)
        return found

    def _into_collector(self, prefix: str, ds: ufl.Measure) -> ufl.Form:
        cell = self._cell
        behind = [form for p in cell.processes for form in p.into_collector(prefix, 1.0)]
        return sum(behind, currents.outflow(cell, counter=bool(prefix)) * ds)

    def columns(self, seen: Seen) -> Mapping[str, float]:
        """Return voltage, current, capacity."""
        return {
            "Voltage / V": self.V.number(),
            "Current Density / A.m-2": self.I.number(),
            "Specific Capacity / mA.h.g-1": self.Q.number() / self._cell.active_mass / MAH_PER_G,
        }

    def balances(self, seen: Seen, start: Seen) -> Mapping[str, float]:
        """Return the errors of the balances of lithium and of charge.

        Lithium: what the hosts of an electrode and its SEI hold against the charge that passed,
        less the charge of the double layer; over what has passed either way, since each step may
        lose its share. Charge: the currents through collector, interfaces and counter.
        """
        cell = self._cell
        passed = cell.polarity * self.Q.number() * cell.width
        missing = 0.0
        for prefix in cell.electrodes:
            lithium, side, layer = (
                seen.integrals.get(f"{prefix}{what}", 0.0)
                - start.integrals.get(f"{prefix}{what}", 0.0)
                for what in ("lithium", "sei", "layer")
            )
            sign = -1.0 if prefix else 1.0
            missing = max(missing, abs(lithium + side - sign * passed - layer))
        either_way = max(abs(self.Q.number()), self._passed.value(EITHER_WAY))
        charge = max(either_way, LEAST_CHARGE * cell.charge_capacity) * cell.width
        currents_ = [seen.integrals[k] for k in ("collector", "interface", "counter")]
        current = max(abs(self.I.number()), LEAST_CURRENT * cell.current_1C) * cell.width
        return {"lithium": missing / charge, "charge": float(np.ptp(currents_)) / current}
