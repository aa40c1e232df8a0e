"""From a step of the protocol to what the terminal holds and what ends it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mesode.numerics.integrator import Event
from mesode.protocol.power_limit import PowerLimit

if TYPE_CHECKING:
    from mesode.config.steps import Step, Termination
    from mesode.model.cell import Cell
    from mesode.model.diagnostics import Diagnostics

VOLTAGE_TOLERANCE = 1e-6  # [V]
RELATIVE_TOLERANCE = 1e-7  # of the 1C current, of the capacity
# Where a hold begins the double layers are charged by what the jump of the voltage asks for, a
# current that rings in time steps which do not resolve it. A current ends the hold only once the
# layers take less than this part of it.
CHARGING = 0.1

# First step of a jump of the current: this part of the time that it takes to fill the section. A
# longer one would only be repeated; a shorter one resolves the charging of the double layer.
FIRST_STEP = 6e-5
FIRST_STEP_BOUNDS = (1e-4, 0.5)  # [s]


@dataclass(frozen=True, slots=True)
class Terminal:
    """What the terminal holds: kind of control, target (SI, per area), rate of a sweep [V/s]."""

    kind: str
    target: float
    rate: float = 0.0


@dataclass(frozen=True, slots=True)
class Begin:
    """The state in which a step of the protocol begins: t [s], V [V], Q [C/m2], lithiation."""

    t: float
    V: float
    Q: float
    lithiation: float


def begin(t: float, cell: Cell, diagnostics: Diagnostics) -> Begin:
    """Return the loaded state as the begin of a step (collective)."""
    return Begin(t, cell.V.number(), cell.Q.number(), diagnostics.mean_lithiation())


def current_density(value: float, unit: str, cell: Cell) -> float:
    """Return a current in A/m2 of electrode from A/m2, A/kg of active material or C-rate."""
    factor = {"A/m2": 1.0, "A/kg": cell.active_mass, "C": cell.current_1C}[unit]
    return value * factor


def terminal(step: Step, cell: Cell, start: Begin) -> Terminal:
    """Return what the terminal holds during a step."""
    sign = step.current_sign(cell.polarity)
    if step.control == "rest":
        return Terminal("current", 0.0)
    if step.control == "current":
        return Terminal("current", sign * current_density(step.value, step.unit, cell))
    if step.control == "power":
        return Terminal("power", sign * step.value)
    if step.control == "voltage":
        return Terminal("voltage", step.value)
    target = next(end.value for end in step.until if end.quantity == "voltage")
    return Terminal("voltage", start.V, step.value if target > start.V else -step.value)


def first_step(held: Terminal, cell: Cell) -> float:
    """Return the length [s] of the first time step of a protocol step."""
    current = held.target
    if held.kind == "power":
        current = held.target / max(cell.V.number(), 0.01)
    if held.kind == "voltage" or current == 0.0:
        current = cell.current_1C
    low, high = FIRST_STEP_BOUNDS
    return min(max(FIRST_STEP * cell.charge_capacity / abs(current), low), high)


def ends(
    step: Step, start: Begin, held: Terminal, cell: Cell, diagnostics: Diagnostics
) -> list[Event]:
    """Return the events that end a step as it says, or because the cell gives no more power."""
    found = [_end(end, step, start, held, cell, diagnostics) for end in step.until]
    if held.kind == "power" and held.target > 0.0:
        found.append(PowerLimit(cell, held.target).event())
    return found


def _end(
    end: Termination,
    step: Step,
    start: Begin,
    held: Terminal,
    cell: Cell,
    diagnostics: Diagnostics,
) -> Event:
    name = describe(end)
    if end.quantity == "voltage":
        falling = (
            held.rate < 0.0 if step.control == "sweep" else step.current_sign(cell.polarity) > 0
        )
        sign = 1.0 if falling else -1.0
        return Event(name, lambda: sign * (cell.V.number() - end.value), VOLTAGE_TOLERANCE)
    if end.quantity == "current":
        limit = current_density(end.value, end.unit, cell)
        tolerance = RELATIVE_TOLERANCE * cell.current_1C

        def over() -> bool:
            return diagnostics.charging_current() <= CHARGING * limit

        # in a sweep the double layers are charged all the time
        armed = over if step.control == "voltage" else None
        return Event(name, lambda: abs(cell.I.number()) - limit, tolerance, armed)
    if end.quantity == "specific_capacity":
        target = end.value * cell.active_mass
        tolerance = RELATIVE_TOLERANCE * cell.charge_capacity
        return Event(name, lambda: target - abs(cell.Q.number() - start.Q), tolerance)
    sign = float(cell.polarity * step.current_sign(cell.polarity)) or (
        1.0 if start.lithiation < end.value else -1.0
    )
    return Event(
        name, lambda: sign * (end.value - diagnostics.mean_lithiation()), RELATIVE_TOLERANCE
    )


def describe(end: Termination) -> str:
    """Return an end in words."""
    if end.quantity == "voltage":
        return f"voltage {1e3 * end.value:g} mV reached"
    if end.quantity == "current":
        unit = {"A/m2": "A/m2", "A/kg": "A/kg", "C": "C"}[end.unit]
        return f"current {end.value:g} {unit} reached"
    if end.quantity == "specific_capacity":
        return f"capacity {end.value / 3600.0:g} mAh/g reached"
    return f"lithiation {end.value:g} reached"


def within_bounds(cell: Cell) -> list[Event]:
    """Return what each step in time shall keep."""
    return [event for process in cell.processes for event in process.limits()]


def guards(cell: Cell) -> list[Event]:
    """Return the events at which the state leaves what the model describes."""
    return [event for process in cell.processes for event in process.guards()]
