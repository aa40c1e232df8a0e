"""How much of the particle surface each phase around it covers. All lengths in micrometres."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesode.geometry.contact_lines import contact_lines
from mesode.geometry.ragged import flattened

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shapely.geometry import Polygon


def coverage_by_phase(
    outlines: Sequence[Polygon], phases: Mapping[str, Sequence[Polygon]]
) -> dict[str, float]:
    """Return for each phase the share of the particles' surface that it touches.

    Where particles touch each other there is no surface.
    """
    group, polygons = flattened([outlines, *phases.values()])
    lines = contact_lines(polygons)
    length = {
        name: float(lines.along(group == number)[group == 0].sum())
        for number, name in enumerate(phases, start=1)
    }
    total = sum(length.values())
    return {name: value / total if total > 0 else 0.0 for name, value in length.items()}
