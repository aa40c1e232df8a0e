"""Colours and names of phases in pictures: told apart by colour-blind eyes and in grey."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mesode.section_names import COUNTER_PREFIX, FOIL, VOID, is_counter

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

ACCENT = "#c2452d"
METALS = {"collector": ("#9c6644", "current collector"), "counter": ("#a9adb5", "counter")}

_FIXED = {
    "active": "#33526e",
    "carbon_binder": "#d9c9a5",
    "pore": "#cfe5ee",
    "separator": "#e8ecef",
    VOID: "#ffffff",
    FOIL: METALS["collector"][0],
    "counter_active": "#7b4a86",
    "counter_carbon_binder": "#b3ab98",
    "counter_pore": "#cfe5ee",
    "counter_collector": METALS["counter"][0],
    "counter_void": "#ffffff",
}
# dark blue, amber, green, purple, rose: apart in lightness too
_PARTICLES = ("#33526e", "#e0a030", "#6cae9b", "#9b7bb0", "#c06c84")
_BETWEEN = ("#d9c9a5", "#b79b6c", "#b9c7a0", "#c9a9b8")

_LOST = re.compile(r" without (electronic|ionic)\b")  # of what has no path for one of them


def phase_colours(phases: Mapping[str, int], inside: Collection[int]) -> dict[str, str]:
    """Return a colour for each phase; phases of particles are darker than what is between.

    Args:
        phases: number of each.
        inside: numbers of those that particles are made of.
    """
    found: dict[str, str] = {}
    for name, tag in sorted(phases.items()):  # the same whatever was built first
        palette = _PARTICLES if tag in inside else _BETWEEN
        free = [colour for colour in palette if colour not in found.values()]
        found[name] = _FIXED.get(name) or (free or palette)[0]
    return {name: found[name] for name in phases}


def shown_name(phase: str) -> str:
    """Return the name of a phase as a reader expects it."""
    prefix = COUNTER_PREFIX if is_counter(phase) else ""
    name = phase.removeprefix(prefix)
    known = {"carbon_binder": "carbon-binder", FOIL: "current collector"}
    text = _LOST.sub(r" without \1 path", known.get(name, name.replace("_", " ")))
    return f"{text} (counter)" if prefix else text
