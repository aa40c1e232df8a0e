"""Steps that take a host through the branch of a hysteresis that its potential is not of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesode.section_names import COUNTER_PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mesode.case.durations import Expected
    from mesode.config.case import Case
    from mesode.config.resolve import Materials
    from mesode.config.steps import Step


def branch_warnings(
    case: Case, materials: Materials, polarity: int, foreseen: Sequence[Expected]
) -> Iterator[str]:
    """Yield the hosts that a step takes through the branch that is not theirs, the first of each.

    Args:
        case: The case.
        materials: Its materials.
        polarity: Of the cell.
        foreseen: Of each step (``durations.foresee_steps``): the way of holds and scans.
    """
    for prefix, lithiates in (("", polarity), (COUNTER_PREFIX, -polarity)):
        for phase in materials.hosts(prefix):
            lithium, name = materials.phases[phase].lithium, materials.phases[phase].name
            against = {"lithiation": -lithiates, "delithiation": lithiates}
            if lithium is None or lithium.ocp.branch not in against:
                continue
            step = _first(against[lithium.ocp.branch], case.protocol, foreseen)
            if step:
                does = "delithiates" if lithium.ocp.branch == "lithiation" else "lithiates"
                yield (
                    f"{phase} ({name}): its potential {lithium.ocp.name} is that of "
                    f"{lithium.ocp.branch}, and {step} {does} it: the voltage there lacks the "
                    "hysteresis that `hysteresis` would give it"
                )


def _first(way: int, steps: Sequence[Step], foreseen: Sequence[Expected]) -> str:
    """Return the first step whose current has a sign, empty where none has."""
    for number, (step, each) in enumerate(zip(steps, foreseen, strict=True), 1):
        if way in each.ways:
            return f"step {number} ({step.text})"
    return ""
