"""Columns of the time series that a name which is not there may stand for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

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
    "stress": "Max von Mises",
    "swelling": "Thickness Change",
    "expansion": "Thickness Change",
    "step": "Step Count",
    "cycle": "Cycle Count",
    "current": "Current Density",
}


# Columns of a start that are there with a key of the case only.
_NEED: Final = {
    "Max von Mises": "Stress is there with physics.mechanics: linear",
    "Thickness Change": "Swelling is there with physics.mechanics: linear",
}


def column_hint(name: str, columns: Iterable[str]) -> str:
    """Return what to take instead of a column that is not there: what looks or means like it."""
    known = tuple(columns)
    words = re.split(r"[\W_]+", name[:_LONGEST].lower())
    starts = [COLUMNS[word] for word in words if word in COLUMNS]
    meant = [each for start in starts for each in known if each.startswith(start)]
    near = tuple(dict.fromkeys((*nearest(name, known, cutoff=_CLOSE), *meant)))
    if not near and (needed := [_NEED[start] for start in starts if start in _NEED]):
        return needed[0]
    near = near or nearest(name, known, cutoff=_FAR)
    if near:
        return f"Did you mean {' or '.join(f"'{each}'" for each in near[:_MOST])}?"
    return f"There are {', '.join(known)}" if known else "The time series is empty"


_CLOSE, _FAR = 0.7, 0.55  # of the letters; between them the meaning comes first
_LONGEST = 100
_MOST = 3
