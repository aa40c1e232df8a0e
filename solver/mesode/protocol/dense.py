"""Rows between two accepted time steps, from the polynomial of the time integration.

Time steps are as long as lithium and salt allow: those move evenly while the voltage bends, so that
straight lines between the steps are tens of millivolts off. Between two steps the state is the
polynomial of the integration, through the last accepted states. Fields and charge follow it to the
order of the method. The voltage does not, because U(sto) and Butler-Volmer are no polynomials: it
is the one that carries the current at the fields of the polynomial, see ``terminal_state``, with
internal states as the time step was solved with them: those at its begin. Where
the voltage is held or swept, the current is that of the polynomial: what it loses in the pores
follows it, so that the surfaces alone do not tell it.

The other columns are polynomials of their values at the accepted steps. That is the same as columns
of the polynomial state for all that is linear in the state, and as good for the others. Largest and
smallest values, stresses, and what is damaged stay between those of the two steps: they bend where
the place of the extreme moves, something flows or comes off. What is counted, lost area and broken
particles, is so at the end of a step.

Where a step of the protocol begins the current jumps. No polynomial reaches across that, and the
first time step, which is short, has no rows inside.
"""

from __future__ import annotations

from collections import deque
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import pairwise
from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np

from mesode.model.point_states import PointState
from mesode.model.terminal_state import Surfaces, TerminalState
from mesode.numerics.bdf import ORDERS
from mesode.protocol.controls import highest_order

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy.typing as npt

    from mesode.model.cell import Cell
    from mesode.model.diagnostics import Diagnostics
    from mesode.numerics.bdf import History
    from mesode.numerics.integrator import Resumption

    type FloatArray = npt.NDArray[np.float64]
    type Row = dict[str, float]

VOLTAGE, CURRENT = "Voltage / V", "Current Density / A.m-2"
EQUILIBRIUM, CAPACITY = "Open-Circuit Voltage / V", "Specific Capacity / mA.h.g-1"
LITHIATION, COUNTER = "Mean Lithiation / 1", "Mean Lithiation Counter / 1"
MAH_PER_G = 3600.0  # [C/kg]
_BENT = (
    "Max ", "Min ", "95th Percentile ", "Mean von Mises ", "Mean Traction ", "Splitting Error ",
    "Damaged Share ", "Debonding ",
)  # fmt: skip
_JUMPS = ("Lost Active Area ", "Particles above Toughness ")
_TIE = 1e-6  # rounding, another on each number of ranks, decides no number of rows
_MOST = 400  # rows within a time step
_LEVELS = 6  # how often gaps are divided


@dataclass(frozen=True, slots=True, kw_only=True)
class Spacing:
    """How far two rows may be apart: voltage [V], charge as a part of the capacity [1]."""

    voltage: float
    charge: float


@dataclass(frozen=True, slots=True)
class _Node:
    """An accepted step: time since the start [s], its row, its faradaic currents [A/m]."""

    t: float
    row: Mapping[str, float]
    through: tuple[float, ...]


class DenseRows:
    """Computes the rows inside the time step that has just been accepted (all methods collective).

    Args:
        cell: The cell; the accepted state is loaded before and after each call.
        diagnostics: Of the cell.
        spacing: Of the rows.
    """

    def __init__(self, cell: Cell, diagnostics: Diagnostics, spacing: Spacing) -> None:
        self._cell, self._spacing = cell, spacing
        self._charge = spacing.charge * cell.charge_capacity / cell.active_mass / MAH_PER_G
        self._surfaces = Surfaces(cell, diagnostics)
        self._nodes: deque[_Node] = deque(maxlen=max(ORDERS) + 1)
        self._vector: Any = None  # a PETSc vector, once there is something to interpolate
        self._internal = [s for s in cell.leading_states if isinstance(s, PointState)]
        for state in self._internal:
            state.remember()

    def begin(self) -> None:
        """Begin a step of the protocol: nothing before it counts."""
        self._nodes.clear()

    def save(self) -> list[Any]:
        """Return the accepted steps that the next rows go on from, as plain data."""
        return [[node.t, dict(node.row), list(node.through)] for node in self._nodes]

    def restore(self, saved: Sequence[Any]) -> None:
        """Go on from accepted steps."""
        self._nodes.clear()
        self._nodes.extend(_Node(t, row, tuple(through)) for t, row, through in saved)

    def between(self, row: Row, kind: str, found: Resumption) -> Sequence[tuple[float, Row]]:
        """Return times and rows since the last accepted step.

        Args:
            row: That of the accepted step.
            kind: What the terminal holds: "current", "voltage", "power" or "resistance".
            found: The last accepted states, this one first.
        """
        history = found.history
        self._nodes.append(_Node(history.times[0], row, self._surfaces.through()))
        states = dict(zip(history.times, history.states, strict=True))
        most = highest_order(kind) + 1  # of a polynomial like that of the time steps
        nodes = [node for node in self._nodes if node.t in states][-most:]
        if len(nodes) < 2 or self._parts(nodes[-2].row, row) < 2:
            return ()
        inner = _Inner(nodes, [states[node.t] for node in nodes], kind, history, found.start)
        try:
            with ExitStack() as then:
                for state in self._internal:
                    then.enter_context(state.as_before())
                return [(found.start + t, inside) for t, inside in self._divide(inner)]
        finally:
            self._cell.system.load(self._cell.system.x, self._cell.system.unknowns)

    def _divide(self, inner: _Inner) -> list[tuple[float, Row]]:
        """Divide the time step until no two rows are farther apart than they may be."""
        rows = [(node.t, dict(node.row)) for node in inner.nodes[-2:]]
        for _ in range(_LEVELS):
            divided = rows[:1]
            for (ta, a), (tb, b) in pairwise(rows):
                parts = min(self._parts(a, b), _MOST)
                times = ta + (tb - ta) * np.arange(1, parts) / parts
                divided += [(float(t), self._row(float(t), inner)) for t in times]
                divided.append((tb, b))
            done = len(divided) == len(rows)
            rows = divided
            if done or len(rows) > _MOST:
                break
        return rows[1:-1]

    def _parts(self, a: Mapping[str, float], b: Mapping[str, float]) -> int:
        """Return into how many parts the gap between two rows is to be divided."""
        volts = abs(b[VOLTAGE] - a[VOLTAGE]) / self._spacing.voltage
        charge = abs(b[CAPACITY] - a[CAPACITY]) / self._charge
        return max(ceil(max(volts, charge) - _TIE), 1)

    def _row(self, t: float, inner: _Inner) -> Row:
        cell, weights = self._cell, inner.weights(t)
        row = inner.row(weights)
        row[EQUILIBRIUM] = cell.equilibrium_voltage(row[LITHIATION], row.get(COUNTER))
        if inner.kind == "voltage":
            return row
        if self._vector is None:
            self._vector = cell.system.x.duplicate()
        self._vector.getArray()[:] = sum(
            w * state for w, state in zip(weights, inner.states, strict=True)
        )
        cell.system.load(self._vector, cell.system.unknowns)
        if cell.ahead is not None:
            cell.ahead.at(inner.start + t)
        guess = TerminalState(row[VOLTAGE], row[CURRENT], inner.through(weights))
        found = self._surfaces.balanced(guess, inner.held(t, guess.I), inner.slopes)
        return row | {VOLTAGE: found.V, CURRENT: found.I}


@dataclass(frozen=True, slots=True)
class _Inner:
    """The polynomial over the last time step, through the accepted steps of ``nodes``.

    Times count from ``start`` [s].
    """

    nodes: list[_Node]
    states: list[FloatArray]
    kind: str
    history: History
    start: float
    slopes: dict[str, float] = field(default_factory=dict)

    def held(self, t: float, I: float) -> Callable[[float], float]:
        """Return which current [A/m2] goes with a voltage at a time, as the terminal says.

        A power moves along a straight line, a resistance stays; else it is the current ``I``.
        """
        a, b = self.nodes[-2:]
        if self.kind == "power":
            before, after = (node.row[VOLTAGE] * node.row[CURRENT] for node in (a, b))
            power = before + (t - a.t) / (b.t - a.t) * (after - before)
            return lambda V: power / V
        if self.kind == "resistance":
            conductance = b.row[CURRENT] / b.row[VOLTAGE]
            return lambda V: conductance * V
        return lambda _: I

    def weights(self, t: float) -> list[float]:
        """Return the weights of the nodes at a time."""
        return self.history.weights(t, [node.t for node in self.nodes])

    def row(self, weights: Sequence[float]) -> Row:
        """Return the columns at a time, with the voltage of the polynomial."""
        rows = [node.row for node in self.nodes]
        row = {
            name: sum(w * each[name] for w, each in zip(weights, rows, strict=True))
            for name in rows[-1]
        }
        for name in (name for name in row if name.startswith(_BENT)):
            low, high = sorted(each[name] for each in rows[-2:])
            row[name] = min(max(row[name], low), high)
        row |= {name: rows[-2][name] for name in row if name.startswith(_JUMPS)}
        return row

    def through(self, weights: Sequence[float]) -> tuple[float, ...]:
        """Return the faradaic currents at a time."""
        each = zip(*(node.through for node in self.nodes), strict=True)
        return tuple(sum(w * I for w, I in zip(weights, values, strict=True)) for values in each)
