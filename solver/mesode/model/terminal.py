"""The terminal of a cell: what it holds, and the equations of V, I and Q."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dolfinx import fem

from mesode.model import currents
from mesode.physics import terminal

if TYPE_CHECKING:
    import ufl
    from dolfinx.mesh import Mesh

    from mesode.model.cell import Cell

KINDS = ("current", "voltage", "power")


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
        """Return the rows of V (current into the collector), I (control) and Q (charge).

        The density I is that of the whole collector; current flows where conductors touch it.
        """
        I, V, Q = cell.I, cell.V, cell.Q
        current, voltage, power = self._targets.values()
        voltage = voltage + self._rate * (cell.time - self._start)
        weights = tuple(self._weights.values())
        control = terminal.control(I.value, V.value, weights, (current, voltage, power))
        ds = cell.ds_collector
        # what leaves the working electrode is I on discharge against metal, -I in a full section
        given = I.value if cell.polarity == 1 else -I.value
        return [
            terminal.mean_row(currents.outflow(cell), V.test, cell.ds_contact)
            - terminal.mean_row(given, V.test, ds),
            terminal.mean_row(control, I.test, ds),
            terminal.mean_row(Q.rate - I.value, Q.test, ds),
        ]
