"""What a cell at rest moves between two voltages, and its N/P there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mesode.case.durations import RestCurve

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mesode.config.case import Case
    from mesode.model.rest import Rest


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The charge [C/m^2] between two voltages [V] at rest, by the lithium that the case has.

    ``means``: lithiation of each electrode at the lower and at the higher voltage, the working one
    first; ``hosts``: the same of each host. ``ratio``: what the working electrode could take in
    all, over what the counter electrode gives it, N/P of an anode; None against lithium metal.
    """

    low: float
    high: float
    charge: float
    means: tuple[tuple[float, float], ...]
    hosts: Mapping[str, tuple[float, float]]
    ratio: float | None

    def text(self) -> str:
        """Return the window of a full cell for a table."""
        (x_low, x_high), *others = self.means
        counter = "".join(f", counter {low:.3g} to {high:.3g}" for low, high in others)
        ratio = "" if self.ratio is None else f"{self.ratio:.3g} "
        return (
            f"{ratio}between {self.low:g} and {self.high:g} V at rest, where "
            f"{self.charge / 3.6e4:.4g} mAh/cm^2 move: lithiation {x_low:.3g} to {x_high:.3g}"
            f"{counter}"
        )


def asked_voltages(case: Case) -> list[float]:
    """Return the voltages that a case speaks of [V], rising: its window, else its protocol."""
    if case.initial.window is not None:
        return sorted(case.initial.window)
    ends = [e.value for step in case.protocol for e in step.until if e.quantity == "voltage"]
    ends += [step.value for step in case.protocol if step.control == "voltage"]
    return sorted(set(ends))


def window_between(rest: Rest, low: float, high: float) -> Window:
    """Return the window of a cell; beyond what its lithium can do it ends there."""
    curve = RestCurve(rest)
    charges = [curve.charge_at(voltage) for voltage in (low, high)]
    at_low, at_high = (map(_held, rest.means_after(charge)) for charge in charges)
    means = tuple(zip(at_low, at_high, strict=True))
    hosts: dict[str, tuple[float, float]] = {}
    for (side, _), ends in zip(rest.sides(), means, strict=True):
        low_stos, high_stos = (side.rest.lithiations(end) for end in ends)
        hosts |= {host: (low_stos[host], high_stos[host]) for host in low_stos}
    charge = charges[0] - charges[1]
    ratio = rest.working.capacity / charge if rest.counter is not None and charge > 0.0 else None
    return Window(low=low, high=high, charge=charge, means=means, hosts=hosts, ratio=ratio)


def _held(mean: float) -> float:
    return min(max(mean, 0.0), 1.0)
