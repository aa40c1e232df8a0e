"""How much of a section has no path to its electrode, from its polygons: before it is meshed.

Polygons of the phases that carry the same thing are joined where they share a line; what a joined
piece neither has of the separator (ions) nor of the collector's line (electrons) is cut off. The
mesh of a run tells it exactly; thin contacts may differ. A section in which nothing is reached is
refused as a run would.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from mesode.geometry.polygons import TOLERANCE
from mesode.section_names import COUNTER_PREFIX, SEPARATOR, is_counter, is_foil
from mesode.survey.isolation import nothing_reached

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from mesode.geometry.section import Section
    from mesode.materials.properties import Material

    type BoolArray = npt.NDArray[np.bool_]
    type ObjectArray = npt.NDArray[Any]
    type Shares = dict[str, dict[str, float]]

_NEAR = 10  # times the tolerance: lines of pieces and of what feeds them may be so far apart
_LENGTH = 1e-3  # [um] of a common line: less is a corner


@dataclass(frozen=True, slots=True, kw_only=True)
class _Network:
    """Joined ``pieces`` of what carries something, which of them are ``fed``; area of foils."""

    pieces: ObjectArray
    fed: BoolArray
    foil: float = 0.0

    def cut_share(self) -> float:
        """Return the share of the area that nothing feeds; foils do not count."""
        area = shapely.area(self.pieces)
        total = float(area.sum()) - self.foil
        return float(area[~self.fed].sum()) / total if total > 0.0 else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ElectrodePaths:
    """Who feeds whom in an electrode: its networks, the polygons of its hosts."""

    name: str
    electrons: _Network
    ions: _Network
    hosts: ObjectArray


def electrode_paths(
    section: Section, materials: Mapping[str, Material], *, full: bool
) -> tuple[ElectrodePaths, ...]:
    """Return the paths in each electrode of a section of polygons."""
    prefixes = {"electrode": "", **({"counter electrode": COUNTER_PREFIX} if full else {})}
    return tuple(
        ElectrodePaths(
            name=name,
            electrons=_electrons(section, materials, prefix),
            ions=_ions(section, materials, prefix),
            hosts=_polygons(section, _having(section, materials, "lithium", prefix)),
        )
        for name, prefix in prefixes.items()
    )


def cut_off_shares(paths: Sequence[ElectrodePaths]) -> Shares:
    """Return by electrode the shares of what carries electrons and ions that are cut off."""
    return {
        path.name: {"electrons": path.electrons.cut_share(), "ions": path.ions.cut_share()}
        for path in paths
    }


def check_reached(paths: Sequence[ElectrodePaths], *, third: bool) -> None:
    """Check that some particle of each electrode has a path for electrons and for ions.

    Args:
        paths: Of each electrode.
        third: Whether what is cut off hangs on the electrode behind the section.

    Raises:
        GeometryError: no particle has one.
    """
    for path in paths:
        electrons, ions = path.electrons, path.ions
        with_electrons = path.hosts
        if not third:
            inside = shapely.STRtree(electrons.pieces[electrons.fed])
            points = shapely.point_on_surface(path.hosts)
            with_electrons = path.hosts[np.unique(inside.query(points, predicate="within")[0])]
        if len(with_electrons) == 0:
            raise nothing_reached(electrons=True, texts=[_all_of(path, "electrons", "collector")])
        groups = shapely.get_parts(shapely.union_all(with_electrons, grid_size=TOLERANCE))
        wet = shapely.STRtree(ions.pieces[ions.fed | third])
        if len(wet.query(groups, predicate="dwithin", distance=2 * TOLERANCE)[0]) == 0:
            raise nothing_reached(electrons=False, texts=[_all_of(path, "ions", "separator")])


def _all_of(path: ElectrodePaths, carrier: str, end: str) -> str:
    return (
        f"all {len(path.hosts)} particles of the {path.name} lack a path for {carrier} to its {end}"
    )


def _having(
    section: Section, materials: Mapping[str, Material], group: str, prefix: str
) -> list[str]:
    return [
        name
        for name, material in materials.items()
        if getattr(material, group) is not None
        and name in section.phases
        and is_counter(name) == bool(prefix)
    ]


def _polygons(section: Section, names: Sequence[str]) -> ObjectArray:
    return np.array([p for name in names for p in section.phases[name]], dtype=object)


def _electrons(section: Section, materials: Mapping[str, Material], prefix: str) -> _Network:
    level = section.height if prefix else 0.0
    line = shapely.LineString([(0.0, level), (section.width, level)])
    return _network(section, _having(section, materials, "electronic", prefix), line)


def _ions(section: Section, materials: Mapping[str, Material], prefix: str) -> _Network:
    separator = shapely.union_all(section.phases.get(SEPARATOR, ()))
    names = [n for n in _having(section, materials, "ionic", prefix) if n != SEPARATOR]
    return _network(section, names, separator)


def _network(section: Section, names: Sequence[str], source: shapely.Geometry) -> _Network:
    """Return the joined pieces of some phases, fed where they have a line in common with it."""
    pieces = shapely.get_parts(shapely.union_all(_polygons(section, names), grid_size=TOLERANCE))
    # the pieces lie on a grid, the source does not: their lines may be apart by rounding
    near = shapely.buffer(source, _NEAR * TOLERANCE)
    return _Network(
        pieces=pieces,
        fed=shapely.area(shapely.intersection(pieces, near)) > _NEAR * TOLERANCE * _LENGTH,
        foil=sum(p.area for name in names if is_foil(name) for p in section.phases[name]),
    )
