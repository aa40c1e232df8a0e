"""The terminal of a cell: what it holds, and the equations of V, I and Q."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dolfinx import fem

from mesode.physics import terminal

if TYPE_CHECKING:
    import ufl
    from dolfinx.mesh import Mesh

    from mesode.model.cell import Cell
    from mesode.model.unknowns import Unknown

KINDS = ("current", "voltage", "power")


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

    def drop(self) -> float:
        """Return what is lost at the contacts [V]; the same on all ranks."""
        return float(self._resistance) * self._current.number()

    def number(self) -> float:
        """Return the voltage [V]; the same on all ranks."""
        return self._level.number() - self.drop()

    def set(self, value: float) -> None:
        """Set the voltage [V] at the present current."""
        self._level.set(value + self.drop())


class Terminal:
    """The control as constants in the compiled rows: no step of a protocol compiles anew.

    Args:
        mesh: Mesh that the constants belong to.
        current_1C: [A/m^2]; per volt it makes a current of the row that holds a voltage.
    """

    def __init__(self, mesh: Mesh, current_1C: float) -> None:
        self._unit = {"current": 1.0, "voltage": current_1C, "power": 1.0}
        self._weights = {kind: fem.Constant(mesh, 0.0) for kind in KINDS}
        self._targets = {kind: fem.Constant(mesh, 0.0) for kind in KINDS}
        self._rate, self._start = fem.Constant(mesh, 0.0), fem.Constant(mesh, 0.0)
        self.hold("current", 0.0)

    def hold(self, kind: str, target: float, *, rate: float = 0.0, start: float = 0.0) -> None:
        """Hold a current [A/m^2], voltage [V] or power [W/m^2].

        With ``rate`` [V/s] the voltage follows target + rate (t - start).
        """
        for name, weight in self._weights.items():
            weight.value = self._unit[name] if name == kind else 0.0
        self._targets[kind].value = target
        self._rate.value, self._start.value = rate, start

    def rows(self, cell: Cell) -> list[ufl.Form]:
        """Return the rows of the level (the mean at the contact), I (control) and Q (charge).

        The density I is that of the whole collector; current flows where conductors touch it.
        """
        I, V, Q = cell.I, cell.V, cell.Q
        current, voltage, power = self._targets.values()
        voltage = voltage + self._rate * (cell.time - self._start)
        weights = tuple(self._weights.values())
        control = terminal.control(I.value, V.value, weights, (current, voltage, power))
        uneven = terminal.uneven_current(cell.phi_s.value, cell.materials.contact_resistance)
        ds = cell.ds_collector
        return [
            terminal.mean_row(uneven, cell.level.test, cell.ds_contact),
            terminal.mean_row(control, I.test, ds),
            terminal.mean_row(Q.rate - I.value, Q.test, ds),
        ]
