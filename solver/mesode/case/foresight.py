"""What can be said of a protocol before it runs: steps that cannot begin, or ask for too much."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mesode.case.contents import hosts_of
from mesode.config.phases import is_full
from mesode.config.steps import Spectrum
from mesode.model.equilibrium import Equilibrium
from mesode.model.rest import Rest, Side
from mesode.section_names import is_counter

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mesode.case.contents import Content
    from mesode.config.case import Case
    from mesode.config.resolve import Materials
    from mesode.config.steps import Every, Step

_ROUNDING = 1e-6
_NAMES = ("electrode", "counter electrode")
_LIMITS = {(1, 1): "10 mV", (1, -1): "1 V", (-1, 1): "2.8 V", (-1, -1): "4.2 V"}


@dataclass(slots=True)
class _Electrode:
    """An electrode on its way through a protocol.

    ``direction`` is the sign of a cell current that lithiates it; ``lithiation`` is None where it
    is not known before the run.
    """

    name: str
    direction: int
    capacity: float  # [C/m^2]
    lithiation: float | None


def polarity_of(case: Case) -> int:
    """Return the sign of a cell current that lithiates the working electrode."""
    return -1 if is_full(case.geometry) else 1


def rest_of(
    case: Case, materials: Materials, working: Sequence[Content], counter: Sequence[Content]
) -> Rest:
    """Return the cell at rest where the case begins; ``counter`` is empty for lithium metal."""
    hosts = hosts_of((*working, *counter))
    return rest_between(case, materials, {host.phase: host.capacity for host in hosts})


def rest_between(case: Case, materials: Materials, capacities: Mapping[str, float]) -> Rest:
    """Return the cell at rest where the case begins, of the capacities of its hosts by phase."""

    def side(hosts: Mapping[str, float], start: float) -> Side:
        lithium = {phase: materials.phases[phase].lithium for phase in hosts}
        ocps = {phase: group.ocp for phase, group in lithium.items() if group is not None}
        rest = Equilibrium(ocps, hosts, case.physics.temperature)
        return Side(rest, sum(hosts.values()), start)

    initial = case.initial
    working, counter = (
        {phase: c for phase, c in capacities.items() if is_counter(phase) == which}
        for which in (False, True)
    )
    other = side(counter, initial.counter_lithiation) if counter else None
    return Rest(side(working, initial.lithiation), other, polarity_of(case))


def foresee(
    steps: Sequence[Step], rest: Rest, loading: float, currents: Sequence[float | None]
) -> list[str]:
    """Return what can be said of the steps before they run; once for equal steps.

    Args:
        steps: of the protocol.
        rest: the cell where it begins.
        loading: active material per area [kg/m^2], for capacities.
        currents: of the steps [A/m^2], None where they are not known before the run.
    """
    return _grouped(
        steps, (*_that_cannot_begin(steps, rest), *_beyond_capacity(steps, rest, loading, currents))
    )


def spectra_notes(steps: Sequence[Step]) -> list[str]:
    """Return which impedances are those of a state that moves, and which are never measured."""
    found, moving = [], False
    for number, step in enumerate(steps, 1):
        if isinstance(step, Spectrum):
            if moving:
                found.append((number, "follows on a current: its state is not at rest. Put a rest "
                              "before it, or read its low frequencies with care"))  # fmt: skip
        elif step.control != "none":
            moving = not step.still and step.control != "voltage"
        if step.every is not None:
            never = _never(step, step.every)
            if never:
                found.append((number, f"measures no impedance within it: {never}"))
            elif moving:
                found.append((number, "measures impedances while a current passes: their state is "
                              "not at rest. Read their low frequencies with care"))  # fmt: skip
    return _grouped(steps, found)


def _never(step: Step, every: Every) -> str:
    """Return why no spectrum within a step ever comes, empty where one may."""
    if every.quantity == "voltage" and step.control == "voltage":
        return "its voltage is held. Give a time or a lithiation"
    if every.quantity == "lithiation" and step.control == "rest":
        return "its lithiation stays. Give a time or a voltage"
    if every.quantity == "time" and step.duration is not None and step.duration < every.by:
        return f"it is over after {step.duration:g} s, before the first one at {every.by:g} s"
    return ""


def _grouped(steps: Sequence[Step], found: Sequence[tuple[int, str]]) -> list[str]:
    """Return sentences of what was found of steps by their numbers, one for equal steps."""
    groups: dict[tuple[str, str], list[int]] = {}
    for number, what in found:
        groups.setdefault((steps[number - 1].text, what), []).append(number)
    return [
        f"step {numbers[0]} ({text}) {what}"
        + (f" (and {len(numbers) - 1} more like it)" if len(numbers) > 1 else "")
        for (text, what), numbers in groups.items()
    ]


def _that_cannot_begin(steps: Sequence[Step], rest: Rest) -> Iterator[tuple[int, str]]:
    """Yield why a step with a current is over before it begins, where that is known.

    It is of the first such step, which begins at rest, and of a step that follows on one of the
    other direction which has ended at a voltage: a rest between them moves it further away.
    """
    polarity, voltage = rest.polarity, rest.voltage()
    known: float | None = voltage
    arrived = 0  # sign of the current before
    for number, step in enumerate(steps, 1):
        if step.still:
            continue
        sign = step.current_sign(polarity) if step.control in ("current", "power") else 0
        at_start = known == voltage and arrived == 0
        if sign and known is not None and arrived != sign:
            reason = _over(step, sign, known) or (
                _over_by_lithiation(step, sign * polarity, rest.working.start) if at_start else ""
            )
            if reason:
                mend = "Change where it ends, or what is before it"
                yield number, f"cannot begin: {reason}; it will end with 0 mAh/g. {mend}"
        known, arrived = _end_voltage(step, sign) if sign else None, sign


def _over(step: Step, sign: int, voltage: float) -> str:
    for end in step.until:
        way = end.way(sign)
        if end.quantity == "voltage" and way * (end.value - voltage) >= 0.0:
            side = "below" if way > 0.0 else "above"
            side = side if end.value != voltage else "at"
            return f"the cell is at {voltage:.4g} V then, which is {side} {end.value:g} V already"
    return ""


def _over_by_lithiation(step: Step, direction: int, begin: float) -> str:
    for end in step.until:
        if end.quantity == "lithiation" and direction * (begin - end.value) >= 0.0:
            return f"the electrode begins at lithiation {begin:g}"
    return ""


def _end_voltage(step: Step, sign: int) -> float | None:
    """Return the voltage at which a step ends, None where it may end otherwise."""
    if step.duration is not None or len(step.until) != 1:
        return None
    (end,) = step.until
    return end.value if end.quantity == "voltage" and end.way(sign) == sign else None


def _beyond_capacity(
    steps: Sequence[Step], rest: Rest, loading: float, currents: Sequence[float | None]
) -> Iterator[tuple[int, str]]:
    """Yield each step that ends by time or capacity alone, after more charge than there is room."""
    electrodes = [
        _Electrode(name, sign, side.capacity, side.start)
        for name, (side, sign) in zip(_NAMES, rest.sides(), strict=False)
    ]
    for number, (step, current) in enumerate(zip(steps, currents, strict=True), 1):
        if step.still:
            continue
        charge = None if current is None else _charge(step, abs(current), loading)
        alone = all(end.quantity == "specific_capacity" for end in step.until)
        for electrode in electrodes:
            if charge is None or current is None or not alone:
                electrode.lithiation = None
                continue
            text = _advance(electrode, charge, 1 if current * electrode.direction > 0 else -1)
            if text:
                limit = _LIMITS[rest.polarity, 1 if current > 0 else -1]
                yield number, f"{text}. Let it end at a voltage as well, e.g. 'or until {limit}'"


def _charge(step: Step, current: float, loading: float) -> float | None:
    """Return the charge [C/m^2] after which a step is over at the latest, None for no such."""
    charges = [end.value * loading for end in step.until if end.quantity == "specific_capacity"]
    if step.duration is not None:
        charges.append(current * step.duration)
    return min(charges, default=None)


def _advance(electrode: _Electrode, charge: float, sign: int) -> str:
    """Move a charge into an electrode (+1) or out of it; return why that is too much."""
    share, known = charge / electrode.capacity, electrode.lithiation
    room = 1.0 if known is None else (1.0 - known if sign > 0 else known)
    if share <= room + _ROUNDING:
        electrode.lithiation = None if known is None else known + sign * share
        return ""
    electrode.lithiation = None
    left = "" if known is None else f", which has {100 * room:.3g} % left to "
    left += "" if known is None else ("take up" if sign > 0 else "give")
    return f"asks for {100 * share:.3g} % of the capacity of the {electrode.name}{left}"
