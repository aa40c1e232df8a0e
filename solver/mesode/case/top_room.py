"""Whether an electrode has room to grow under a top that stays, before anything is solved."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mesode.case.contents import hosts_of, open_area
from mesode.case.section_kind import PLANE_STRAIN, section_kind
from mesode.config.physics import Lid
from mesode.config.quantities import show_length
from mesode.errors import InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from mesode.case.contents import Content
    from mesode.config.case import Case
    from mesode.config.resolve import Materials
    from mesode.geometry.section import Section

    type FloatArray = npt.NDArray[np.float64]

NONE = 1e-3  # room over what is needed that counts as none
_SAMPLES = 101
_SQUARE_UM = 1e-12  # [m^2]


def check_lid(case: Case, section: Section) -> None:
    """Refuse a lid that is lower than the electrode.

    Raises:
        InputError: it is.
    """
    top, low = case.physics.top, _top_of(section)
    if isinstance(top, Lid) and top.height < low * (1 - 1e-9):
        raise InputError(
            [
                Problem(
                    "physics.top.height",
                    show_length(top.height),
                    f"expected at least {show_length(low)}, the top of the electrode over the "
                    "collector",
                    "The particles would begin in the lid: raise it, or draw a thinner electrode",
                )
            ]
        )


def room_warnings(
    case: Case, section: Section, materials: Materials, contents: Sequence[Content]
) -> tuple[str, ...]:
    """Return whether the hosts fill all of their room, where the top stays.

    In plane strain, where nothing gives way: what grows takes the place of open pores.

    Raises:
        InputError: there is no room at all.
    """
    physics, top = case.physics, case.physics.top
    stays = isinstance(top, Lid) or top == "fixed"
    kind = section_kind(physics, materials.phases, section.phases)
    if not stays or physics.mechanics != "finite" or kind != PLANE_STRAIN:
        return ()
    above = top.height - _top_of(section) if isinstance(top, Lid) else 0.0
    room = open_area(section) + above * section.width * 1e-6
    sto = np.linspace(case.initial.lithiation, 1.0, _SAMPLES)
    grown = np.asarray(
        sum(content.area * _growth(materials, content.phase, sto) for content in hosts_of(contents))
    )
    if room <= NONE * grown.max():
        raise InputError([_no_room("fixed" if top == "fixed" else "a lid on the electrode")])
    if room >= grown.max():
        return ()
    full = float(np.interp(room, np.maximum.accumulate(grown), sto))
    return (
        f"physics.top: it stays, and the open pores below it, {room / _SQUARE_UM:.3g} um^2, are "
        f"full of active material at lithiation {full:.2f}; full lithiation needs "
        f"{grown.max() / _SQUARE_UM:.3g} um^2. A run jams before that: give it more room, or let "
        "the top give way",
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
    change = mechanical.swelling(sto=sto) - mechanical.swelling(sto=sto[0])
    return np.broadcast_to(change, sto.shape)


def _top_of(section: Section) -> float:
    """Return the height of the electrode over the collector [m]."""
    return (section.electrode_bottom + section.electrode_thickness) * 1e-6
