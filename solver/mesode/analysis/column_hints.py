"""Columns of the time series that a name which is not there may stand for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from mesode.columns import File, header
from mesode.materials.names import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable


#: Word in a column that a run has not -> what the columns of this meaning begin with.
COLUMNS: Final = {
    "capacity": "Specific Capacity",
    "charge": "Specific Capacity",
    "soc": "Mean Lithiation",
    "sto": "Mean Lithiation",
    "stoichiometry": "Mean Lithiation",
    "concentration": "Max Salt Concentration",
    "salt": "Max Salt Concentration",
    "potential": "Voltage",
    "ocv": "Open-Circuit Voltage",
    "ocp": "Open-Circuit Voltage",
    "time": "Test Time",
    "temperature": "Surface Temperature",
    "stress": "Max von Mises",
    "swelling": "Thickness Change",
    "expansion": "Thickness Change",
    "step": "Step Count",
    "cycle": "Cycle Count",
    "current": "Current Density",
}


# Columns that not every run has: what they begin with, and what they are there with.
_NEED: Final = {
    "Max von Mises": "physics.mechanics: finite or linear",
    "Max Principal": "physics.mechanics: finite or linear",
    "Mean von Mises": "physics.mechanics: finite or linear",
    "95th Percentile": "physics.mechanics: finite or linear",
    "Thickness Change": (
        "physics.mechanics: finite or linear, or an electrode that is a homogenised layer"
    ),
    "Mean Lithiation Counter": "a counter electrode of its own (geometry.counter)",
    "Surface Temperature": "physics.thermal: lumped",
    "Coated Interface": "a coating (geometry.electrode.coating)",
    "Bare Interface": "a coating (geometry.electrode.coating)",
    "Mean Hysteresis": "a hysteresis (materials.active.hysteresis)",
    "Mean SEI": "an SEI (materials.sei)",
    "Max SEI": "an SEI (materials.sei)",
    "SEI Charge": "an SEI (materials.sei)",
    "Host Charge": "an SEI (materials.sei)",
    "Double Layer Charge": "an SEI (materials.sei)",
    "Lithium Lost": "an SEI (materials.sei)",
}


def column_hint(name: str, columns: Iterable[str]) -> str:
    """Return what to take instead of a column that is not there: what looks or means like it."""
    known = tuple(columns)
    words = re.split(r"[\W_]+", name[:_LONGEST].lower())
    starts = [COLUMNS[word] for word in words if word in COLUMNS]
    meant = [each for start in starts for each in known if each.startswith(start)]
    if name.strip():
        meant += [each for each in known if name.strip().lower() in each.lower()]
    near = tuple(dict.fromkeys((*nearest(name, known, cutoff=_CLOSE), *meant)))
    if (not near or name in _ABSENT) and (needed := _needed(name, starts, known)):
        return needed
    near = near or nearest(name, known, cutoff=_FAR)
    if near:
        return f"Did you mean {' or '.join(f"'{each}'" for each in near[:_MOST])}?"
    return f"There are {', '.join(known)}" if known else "The time series is empty"


def _needed(name: str, starts: Iterable[str], known: tuple[str, ...]) -> str:
    """Return the column that is meant and that a run may have, and what it is there with."""
    wanted = {each: need for each, need in _ABSENT.items() if each not in known}
    meant = [each for each in wanted if each == name or each.startswith(tuple(starts))]
    for each in nearest(name, meant, count=1, cutoff=0.0):
        return f"'{each}' is there with {wanted[each]}"
    return ""


_ABSENT: Final = {
    name: need
    for name in header(File.TIMESERIES)
    for start, need in _NEED.items()
    if name.startswith(start)
}
_CLOSE, _FAR = 0.7, 0.55  # of the letters; between them the meaning comes first
_LONGEST = 100
_MOST = 3
