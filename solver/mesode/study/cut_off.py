"""How much of a section has no path to its electrode, from its polygons: before it is meshed.

Polygons of the phases that carry the same thing are joined where they share a line; what a joined
piece neither has of the separator (ions) nor of the collector's line (electrons) is cut off. The
mesh of a run tells it exactly; thin contacts may differ.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import shapely

from mesode.geometry.polygons import TOLERANCE
from mesode.geometry.report.parts import COUNTER_PREFIX, is_foil
from mesode.model.surfaces import SEPARATOR
from mesode.study.paths import find_paths, lost_shares

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mesode.geometry.section import Section
    from mesode.materials.properties import Material
    from mesode.study.sections import CaseSection

    type Shares = dict[str, dict[str, float]]


def cut_off_shares(built: CaseSection, materials: Mapping[str, Material], *, full: bool) -> Shares:
    """Return by electrode the shares of what carries electrons and ions that are cut off."""
    if built.mesh is not None:
        return lost_shares(built.mesh, find_paths(built.mesh, materials, third=False))
    section = built.section
    prefixes = {"electrode": "", **({"counter electrode": COUNTER_PREFIX} if full else {})}
    return {
        name: {
            "electrons": _cut_electrons(section, materials, prefix),
            "ions": _cut_ions(section, materials, prefix),
        }
        for name, prefix in prefixes.items()
    }


def _having(
    section: Section, materials: Mapping[str, Material], group: str, prefix: str
) -> list[str]:
    return [
        name
        for name, material in materials.items()
        if getattr(material, group) is not None
        and name in section.phases
        and name.startswith(COUNTER_PREFIX) == bool(prefix)
    ]


def _cut_electrons(section: Section, materials: Mapping[str, Material], prefix: str) -> float:
    level = section.height if prefix else 0.0
    line = shapely.LineString([(0.0, level), (section.width, level)])
    names = _having(section, materials, "electronic", prefix)
    return _cut(section, names, lambda piece: piece.intersection(line).length > TOLERANCE)


def _cut_ions(section: Section, materials: Mapping[str, Material], prefix: str) -> float:
    separator = shapely.union_all(section.phases.get(SEPARATOR, ()))
    names = [n for n in _having(section, materials, "ionic", prefix) if n != SEPARATOR]
    return _cut(section, names, lambda piece: piece.intersection(separator).length > TOLERANCE)


def _cut(section: Section, names: list[str], fed: Callable[[shapely.Geometry], bool]) -> float:
    """Return the area share of the pieces of some phases that nothing feeds; foils do not count."""
    pieces = shapely.get_parts(
        shapely.union_all(
            [polygon for name in names for polygon in section.phases[name]], grid_size=TOLERANCE
        )
    )
    foil = sum(p.area for name in names if is_foil(name) for p in section.phases[name])
    total = float(sum(piece.area for piece in pieces)) - foil
    lost = float(sum(piece.area for piece in pieces if not fed(piece)))
    return lost / total if total > 0.0 else 0.0
