"""From a step of the protocol to what the terminal holds and what ends it."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

from mesode.config.steps import Profile
from mesode.numerics.events import Event
from mesode.protocol.power_limit import PowerLimit

if TYPE_CHECKING:
    from collections.abc import Callable

    from mesode.config.steps import Step, Termination
    from mesode.model.cell import Cell
    from mesode.model.diagnostics import Diagnostics

VOLTAGE_TOLERANCE = 1e-6  # [V]
RELATIVE_TOLERANCE = 1e-7  # of the 1C current, of the capacity
# Where a hold begins the double layers are charged by what the jump of the voltage asks for, a
# current of its own. A current ends the hold only once the layers take less than this part of it;
# only then it tells, too, how much power the section gives.
CHARGING = 0.1

# After a jump of the current the double layers are passed in steps of this part of the time that it
# takes to fill the section. Where they have to be followed, the first two steps, which know nothing
# of their error, fill a thousandth of that and move the potential at a double layer by so much.
FIRST_CHARGE, FIRST_MOVE = 6e-5, 1e-3  # [1], [V]
FOLLOWED, LEAP_TOLERANCE = 1e-3, 1e-4
LITTLE = 1e-3  # of the 1C current: a jump of less counts as this
FIRST_STEP_BOUNDS = (1e-4, 0.5)  # [s]


@dataclass(frozen=True, slots=True)
class Terminal:
    """What the terminal holds: kind of control, target (SI, per area), its rate [1/s]."""

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
    if step.control in ("power", "resistance"):
        return Terminal(step.control, sign * step.value)
    if step.control == "voltage":
        return Terminal("voltage", step.value)
    if isinstance(step, Profile):
        return on_profile(step, 0, cell)
    target = next(end.value for end in step.until if end.quantity == "voltage")
    return Terminal("voltage", start.V, step.value if target > start.V else -step.value)


def on_profile(step: Profile, part: int, cell: Cell) -> Terminal:
    """Return what the terminal holds between two points of a profile.

    On straight lines the time counts from the start of the step, else from that of the part.
    """
    (t, a), (end, b) = ((step.times[k], step.values[k]) for k in (part, part + 1))
    factor = current_density(1.0, step.unit, cell) if step.held == "current" else 1.0
    if not step.linear:
        return Terminal(step.held, factor * a)
    rate = factor * (b - a) / (end - t)
    return Terminal(step.held, factor * a - rate * t, rate)


@dataclass(frozen=True, slots=True)
class First:
    """The first time steps of a step of the protocol [s], see ``Integrator.restart``."""

    step: float
    leap: float


def first_steps(held: Terminal, cell: Cell, tolerance: float) -> First:
    """Return the first time steps of a protocol step.

    Where the double layers are followed all of the jump may pass the smallest of them, over the
    area of the section: a longer step would leave it out, and the voltage with it.
    """
    before, now = cell.I.number(), held.target
    if held.kind == "power":
        now = held.target / max(cell.V.number(), 0.01)
    if held.kind == "resistance":
        now = cell.V.number() / held.target
    if held.kind == "voltage":
        now = before + cell.current_1C
    lowest = LITTLE * cell.current_1C
    largest, jump = max(abs(before), abs(now), lowest), max(abs(now - before), lowest)
    low, high = FIRST_STEP_BOUNDS
    filling = min(max(FIRST_CHARGE * cell.charge_capacity / largest, low), high)
    layers = [surface.kinetics.double_layer for surface in cell.surfaces]
    if not cell.is_full:
        layers.append(cell.materials.metal.double_layer)
    charging = [FIRST_MOVE * layer / jump for layer in layers if layer > 0.0]
    # the error of the steps of order one goes with their square
    leap = filling * min(sqrt(tolerance / LEAP_TOLERANCE), 1.0)
    return First(min([FOLLOWED * filling, *charging]), leap)


def highest_order(kind: str) -> int:
    """Return the highest order that time steps may be of, by what the terminal holds.

    Where a voltage is held or swept the current is a rate of change, and as a rate it is known one
    order worse than what is stored.
    """
    return 3 if kind == "voltage" else 2


def ends(
    step: Step, start: Begin, held: Terminal, cell: Cell, diagnostics: Diagnostics
) -> list[Event]:
    """Return the events that end a step as it says, or because the cell gives no more power."""
    found = [_end(end, step, start, held, cell, diagnostics) for end in step.until]
    if held.kind == "power" and held.target > 0.0:
        found.append(PowerLimit(cell, held.target).event(settled(cell, diagnostics)))
    return found


def settled(cell: Cell, diagnostics: Diagnostics) -> Callable[[], bool]:
    """Return what tells whether the double layers take little of the current."""
    return lambda: diagnostics.charging_current() <= CHARGING * abs(cell.I.number())


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
        falling = step.current_sign(cell.polarity) > 0
        if step.control == "sweep":
            falling = held.rate < 0.0
        if step.control == "profile":
            falling = end.value < start.V
        way = end.way(1.0 if falling else -1.0)
        return Event(name, lambda: way * (cell.V.number() - end.value), VOLTAGE_TOLERANCE)
    if end.quantity == "current":
        limit = current_density(end.value, end.unit, cell)
        tolerance = RELATIVE_TOLERANCE * cell.current_1C

        def over() -> bool:
            return diagnostics.charging_current() <= CHARGING * abs(limit)

        # in a sweep the double layers are charged all the time
        armed = over if step.control == "voltage" else None
        if end.side:
            side = float(end.side)
            return Event(name, lambda: side * (limit - cell.I.number()), tolerance, armed)
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


_SIDES = {-1: "below ", 0: "", 1: "above "}


def describe(end: Termination) -> str:
    """Return an end in words."""
    if end.quantity == "voltage":
        return f"voltage {_SIDES[end.side]}{1e3 * end.value:g} mV reached"
    if end.quantity == "current":
        return f"current {_SIDES[end.side]}{end.value:g} {end.unit} reached"
    if end.quantity == "specific_capacity":
        return f"capacity {end.value / 3600.0:g} mAh/g reached"
    return f"lithiation {end.value:g} reached"


def within_bounds(cell: Cell) -> list[Event]:
    """Return what each step in time shall keep."""
    return [event for process in cell.processes for event in process.limits()]


def guards(cell: Cell) -> list[Event]:
    """Return the events at which the state leaves what the model describes."""
    return [event for process in cell.processes for event in process.guards()]


def over(cell: Cell) -> str | None:
    """Return why no run goes on from the accepted state, None where one can (collective)."""
    found = (process.over() for process in cell.processes)
    return next((reason for reason in found if reason is not None), None)
