"""Names of the phases and the lines of a section, and which of them are of the counter electrode.

Materials that the user names are phases beside these; where there is one of a kind, its phase is
called ``active`` or ``carbon_binder``. In a full section all that is of the counter electrode has
the same names with ``counter_`` before them.
"""

from typing import Final

COUNTER_PREFIX: Final = "counter_"

# Phases.
ACTIVE: Final = "active"
CARBON_BINDER: Final = "carbon_binder"
SEPARATOR: Final = "separator"
PORE: Final = "pore"
VOID: Final = "void"  # empty space, inside particles or between them: no property at all
FOIL: Final = "collector"
FOILS: Final = (FOIL, f"{COUNTER_PREFIX}{FOIL}")
#: After the name of a phase: the part of it that has no path to its electrode.
ISOLATED: Final = "_isolated"
#: Phases that a section has anyway; materials are named otherwise.
OPEN_PHASES: Final = (PORE, VOID, SEPARATOR, FOIL)

# Lines: the ends of the section, the end of an electrode at the separator, coated surfaces.
COLLECTOR: Final = "collector"
COUNTER: Final = "counter"
TOP: Final = "top"
COATING: Final = "coating"


def is_counter(name: str) -> bool:
    """Tell whether a phase or a line belongs to the counter electrode of a full section."""
    return name.startswith(COUNTER_PREFIX)


def without_prefix(name: str) -> str:
    """Return the name that a phase or a line of either electrode has in the working electrode."""
    return name.removeprefix(COUNTER_PREFIX)


def is_foil(phase: str) -> bool:
    """Tell whether a phase is the current collector of either electrode."""
    return phase in FOILS
