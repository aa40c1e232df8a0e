"""Whether what presses on an electrode is more than its binder or joints bear, beforehand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesode.case.contents import open_area
from mesode.config.physics import pressure_at_start
from mesode.config.resolve import resolve_materials

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mesode.config.case import Case
    from mesode.geometry.section import Section
    from mesode.materials.properties import Mechanical

MPA = 1e6  # [Pa]


def press_warnings(case: Case, section: Section) -> tuple[str, ...]:
    """Return whether a plate crushes open pores: it presses more than the weakest bears."""
    pressure = pressure_at_start(case.physics.top)
    if case.physics.mechanics != "finite" or not pressure or not open_area(section):
        return ()
    materials = resolve_materials(case)
    bears = [
        (limit, f"{key} of {phase}")
        for phase in section.phases
        if (solid := materials.phases[phase].mechanical) is not None
        for key, limit in _limits(solid, hosts=materials.phases[phase].lithium is not None)
    ]
    limit, what = min(bears, default=(pressure, ""))
    if pressure <= limit:
        return ()
    return (
        f"physics.top: it presses with {pressure / MPA:.3g} MPa, more than the {what}, "
        f"{limit / MPA:.3g} MPa. Where open pores lie in between they may be crushed, and a run "
        "stops where nothing bears the pressure any more",
    )


def _limits(solid: Mechanical, *, hosts: bool) -> Iterator[tuple[str, float]]:
    """Yield what gives way and the stress at which it does [Pa]; hosts bear far more."""
    if solid.adhesion_strength is not None:
        yield "adhesion_strength", solid.adhesion_strength
    if hosts:
        return
    yield "E", float(solid.E(sto=0.0))
    if solid.yield_strength is not None:
        yield "yield_strength", float(solid.yield_strength(sto=0.0))
