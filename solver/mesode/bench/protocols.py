"""What ``mesode bench`` runs: protocols of a laboratory, each with the size it is measured at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class BenchProtocol:
    """A protocol, and the number of unknowns where nobody asks for another one."""

    meaning: str
    dofs: int
    steps: tuple[Any, ...]


DEFAULT: Final = "lithiation"
PROTOCOLS: Final = {
    DEFAULT: BenchProtocol("a full lithiation", 40_000, ("Lithiate at 5 mA/cm2 until 10 mV",)),
    "cv": BenchProtocol(
        "a scan at 0.1 mV/s over 1 V and back",
        20_000,
        (
            "Hold at 1.01 V for 10 minutes",
            "Sweep at 0.1 mV/s until 10 mV",
            "Sweep at 0.1 mV/s until 1.01 V",
        ),
    ),
    "cycles": BenchProtocol(
        "50 cycles at 1C",
        5_000,
        ({"repeat": 50, "steps": ["Lithiate at 1C until 10 mV", "Delithiate at 1C until 0.65 V"]},),
    ),
    "cycle": BenchProtocol(
        "a lithiation and back, with --mechanics finite the small section of SiO",
        5_000,
        ("Lithiate at 0.5C until 10 mV", "Delithiate at 0.5C until 1 V"),
    ),
    "gitt": BenchProtocol(
        "GITT of 30 pulses",
        20_000,
        ({"gitt": {"current": "C/10", "pulse": "18 min", "rest": "30 min", "until": "10 mV",
                   "at_most": 30}},),
    ),
}  # fmt: skip
