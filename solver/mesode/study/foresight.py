"""What can be told of a protocol before it runs: steps that cannot begin, or ask for too much."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mesode.config.phases import is_full
from mesode.model.equilibrium import Equilibrium
from mesode.study.contents import capacity_of, hosts_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mesode.config.case import Case
    from mesode.config.resolve import Materials
    from mesode.config.steps import Step
    from mesode.study.contents import Content

_ROUNDING = 1e-6
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


def rest_voltage(
    case: Case, materials: Materials, working: Sequence[Content], counter: Sequence[Content]
) -> float:
    """Return the voltage [V] at which the case begins, without current."""
    own = _rest(case, materials, working).potential(case.initial.lithiation)
    if not counter:
        return own
    other = _rest(case, materials, counter).potential(case.initial.counter_lithiation)
    return other - own


def _rest(case: Case, materials: Materials, contents: Sequence[Content]) -> Equilibrium:
    hosts = {c.phase: c.capacity for c in hosts_of(contents)}
    lithium = {phase: materials.phases[phase].lithium for phase in hosts}
    ocps = {phase: group.ocp for phase, group in lithium.items() if group is not None}
    return Equilibrium(ocps, hosts, case.physics.temperature)


def step_that_cannot_begin(case: Case, voltage: float) -> Iterator[str]:
    """Yield why the first step with a current is over before it begins, if it is."""
    working = [step for step in case.protocol if step.control != "rest"]
    if not working or working[0].control not in ("current", "power"):
        return
    step, polarity = working[0], polarity_of(case)
    sign = step.current_sign(polarity)
    for end in step.until:
        if end.quantity == "voltage" and sign * (end.value - voltage) >= 0.0:
            side = "below" if sign > 0 else "above"
            reason = f"the cell begins at {voltage:.4g} V, which is {side} {end.value:g} V already"
        elif (
            end.quantity == "lithiation"
            and sign * polarity * (case.initial.lithiation - end.value) >= 0.0
        ):
            reason = f"the electrode begins at lithiation {case.initial.lithiation:g}"
        else:
            continue
        number = case.protocol.index(step) + 1
        yield (
            f"step {number} ({step.text}) cannot begin: {reason}; it will end with 0 mAh/g. "
            "Change where it ends, or initial.lithiation"
        )


def step_beyond_capacity(
    case: Case,
    working: Sequence[Content],
    counter: Sequence[Content],
    currents: Sequence[float | None],
) -> Iterator[str]:
    """Yield each step that ends by time or capacity alone, after more charge than there is room.

    ``currents`` of the steps [A/m^2], None where they are not known before the run.
    """
    polarity = polarity_of(case)
    initial = case.initial
    electrodes = [
        _Electrode("electrode", polarity, capacity_of(working), initial.lithiation),
        *([] if not counter else [
            _Electrode(
                "counter electrode", -polarity, capacity_of(counter), initial.counter_lithiation
            )
        ]),
    ]  # fmt: skip
    loading = sum(content.mass for content in hosts_of(working))
    for number, (step, current) in enumerate(zip(case.protocol, currents, strict=True), 1):
        if step.control == "rest":
            continue
        charge = None if current is None else _charge(step, abs(current), loading)
        alone = all(end.quantity == "specific_capacity" for end in step.until)
        for electrode in electrodes:
            if charge is None or current is None or not alone:
                electrode.lithiation = None
                continue
            text = _advance(electrode, charge, 1 if current * electrode.direction > 0 else -1)
            if text:
                limit = _LIMITS[polarity, 1 if current > 0 else -1]
                yield (
                    f"step {number} ({step.text}) {text}. Let it end at a voltage as well, e.g. "
                    f"'or until {limit}'"
                )


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
