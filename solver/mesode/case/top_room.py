"""Whether an electrode has room to grow under a top that stays, before anything is solved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mesode.case.contents import electrode_contents, hosts_of, open_area
from mesode.case.section_kind import PLANE_STRAIN, section_kind
from mesode.config.physics import Lid
from mesode.config.quantities import show_length
from mesode.config.resolve import resolve_materials
from mesode.errors import InputError, Problem

if TYPE_CHECKING:
    import numpy.typing as npt

    from mesode.config.case import Case
    from mesode.config.resolve import Materials
    from mesode.geometry.section import Section

    type FloatArray = npt.NDArray[np.float64]

NONE = 1e-3  # room over what is needed that counts as none
_SAMPLES = 101
_SQUARE_UM = 1e-12  # [m^2]


def check_top(case: Case, section: Section) -> None:
    """Refuse a lid that is lower than the electrode, and a top that leaves no room at all.

    Raises:
        InputError: they are asked for.
    """
    top, low = case.physics.top, _top_of(section)
    if isinstance(top, Lid) and top.height < low * (1 - 1e-9):
        raise InputError([_low(top.height, low)])
    found = _room(case, section)
    if found is not None and found.area <= NONE * found.needed:
        raise InputError([_no_room("fixed" if top == "fixed" else "a lid on the electrode")])


def room_warnings(case: Case, section: Section) -> tuple[str, ...]:
    """Return whether the hosts will fill all of their room, where the top stays."""
    found = _room(case, section)
    if found is None or found.area >= found.needed:
        return ()
    return (
        f"physics.top: it stays, and the open pores below it, {found.area / _SQUARE_UM:.3g} um^2, "
        f"are full of active material at lithiation {found.full:.2f}; full lithiation needs "
        f"{found.needed / _SQUARE_UM:.3g} um^2. A run jams before that: give it more room, or let "
        "the top give way",
    )


@dataclass(frozen=True, slots=True)
class _Room:
    """Room of an electrode and what its hosts need until they are full [m^2].

    ``full``: lithiation at which there is no more room.
    """

    area: float
    needed: float
    full: float


def _room(case: Case, section: Section) -> _Room | None:
    """Return the room under a top that stays, in plane strain; None where something gives way."""
    physics, top = case.physics, case.physics.top
    if physics.mechanics != "finite" or not (isinstance(top, Lid) or top == "fixed"):
        return None
    materials = resolve_materials(case)
    if section_kind(physics, materials.phases, section.phases) != PLANE_STRAIN:
        return None
    above = top.height - _top_of(section) if isinstance(top, Lid) else 0.0
    area = open_area(section) + above * section.width * 1e-6
    sto = np.linspace(case.initial.lithiation, 1.0, _SAMPLES)
    hosts = hosts_of(electrode_contents(section, materials))
    grown = np.zeros_like(sto)
    for content in hosts:
        grown += content.area * _growth(materials, content.phase, sto)
    full = float(np.interp(area, np.maximum.accumulate(grown), sto))
    return _Room(area, float(grown.max()), full)


def _low(height: float, top: float) -> Problem:
    return Problem(
        "physics.top.height",
        show_length(height),
        f"expected at least {show_length(top)}, the top of the electrode over the collector",
        "The particles would begin in the lid: raise it, or draw a thinner electrode",
    )


def _no_room(top: str) -> Problem:
    return Problem(
        "physics.top",
        top,
        "expected some way to expand: the sides, the collector and the top stay, and the "
        "electrode has no open pores",
        "Let the top be free, under a pressure or a spring, or leave pores",
    )


def _growth(materials: Materials, host: str, sto: FloatArray) -> FloatArray:
    """Return the volumetric strain of a host since the start at lithiations."""
    mechanical = materials.phases[host].mechanical
    if mechanical is None:
        return np.zeros_like(sto)
    return mechanical.swelling_since(float(sto[0]), sto)


def _top_of(section: Section) -> float:
    """Return the height of the electrode over the collector [m]."""
    return (section.electrode_bottom + section.electrode_thickness) * 1e-6
