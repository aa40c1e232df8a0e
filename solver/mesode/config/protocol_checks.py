"""What a protocol asks for that the materials cannot mean: a slip, found before anything is built.

A scan may go beyond the potentials that are known of the hosts, as scans of the laboratory do:
there the tails of the potential hold and little reacts. Far beyond, it is a window of another cell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from mesode.config.base import Finding
from mesode.config.phases import is_full
from mesode.section_names import COUNTER_PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mesode.config.case import Case
    from mesode.config.resolve import Materials
    from mesode.config.steps import Step
    from mesode.materials.law import Law
    from mesode.materials.properties import Lithium

WARNED: Final = 0.05  # [V] that a scan may go further without a word
BEYOND: Final = 1.0  # [V] that a scan may go further than the potentials that are known
_PROTOCOL: Final = "protocol"
_GITT: Final = "gitt"


def protocol_findings(case: Case, materials: Materials) -> Iterator[Finding]:
    """Yield what is wrong with the steps of a case, once for each place."""
    found: dict[tuple[str | int, ...], Finding] = {}
    low, high = known_voltages(case, materials)
    for step in case.protocol:
        place = (_PROTOCOL, *step.place)
        finding = _scan(step, place, low, high) or _pulse(step, place)
        if finding is not None:
            found.setdefault(place, finding)
    yield from found.values()


def known_voltages(case: Case, materials: Materials) -> tuple[float, float]:
    """Return the lowest and the highest voltage [V] of the potentials as they are known."""
    low, high = _potentials(materials, "", case.physics.temperature)
    if not is_full(case.geometry):
        return low, high
    least, most = _potentials(materials, COUNTER_PREFIX, case.physics.temperature)
    return least - high, most - low


def _potentials(materials: Materials, prefix: str, T: float) -> tuple[float, float]:
    values = []
    for phase in materials.hosts(prefix):
        lithium = materials.phases[phase].lithium
        for branch in () if lithium is None else _branches(lithium):
            low, high = branch.valid.get("sto", (0.0, 1.0))
            sto = np.array([max(low, 1e-3), min(high, 1.0 - 1e-3)])
            values += np.asarray(branch(sto=sto, T=T)).tolist()
    return min(values), max(values)


def _branches(lithium: Lithium) -> Sequence[Law]:
    """Return the potential of a host, of one with a hysteresis both branches: a scan sees both."""
    both = lithium.hysteresis
    return (lithium.ocp,) if both is None else (both.lithiation, both.delithiation)


def _scan(step: Step, place: tuple[str | int, ...], low: float, high: float) -> Finding | None:
    if step.control != "sweep":
        return None
    for end in step.until:
        if end.quantity == "voltage" and not low - BEYOND <= end.value <= high + BEYOND:
            text = (
                f"the scan goes to {end.value:g} V, the voltages at rest are known from "
                f"{low:.3g} to {high:.3g} V"
            )
            return Finding(text, f"Scan within {low - BEYOND:.2g} to {high + BEYOND:.2g} V", place)
    return None


def scan_warnings(case: Case, materials: Materials) -> Iterator[str]:
    """Yield the scans that go somewhat beyond the voltages at rest that are known."""
    low, high = known_voltages(case, materials)
    said = set()
    for number, step in enumerate(case.protocol, 1):
        for end in step.until if step.control == "sweep" else ():
            beyond = max(low - end.value, end.value - high)
            if end.quantity == "voltage" and beyond > WARNED and end.value not in said:
                said.add(end.value)
                yield (
                    f"step {number} ({step.text}) scans to {end.value:g} V, {beyond:.2g} V beyond "
                    f"the {low:.3g} to {high:.3g} V that are known of the hosts at rest: there "
                    "they are nearly empty or full, their tails are assumed, and no peak is one of "
                    "the material"
                )


def _pulse(step: Step, place: tuple[str | int, ...]) -> Finding | None:
    if _GITT not in step.tags or step.unit != "C" or step.duration is None:
        return None
    return pulse_finding(step, place, step.value * step.duration / 3600.0)


def pulse_finding(step: Step, place: tuple[str | int, ...], share: float) -> Finding | None:
    """Return what is wrong with a pulse that passes a share of the capacity, if it is too much."""
    if share < 1.0:
        return None
    text = f"a pulse passes {100 * share:.3g} % of the capacity: {step.text}"
    return Finding(text, "Make the pulse shorter, or the current smaller", place)
