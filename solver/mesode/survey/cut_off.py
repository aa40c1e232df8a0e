"""How much of a section has no path to its electrode, from its polygons: before it is meshed.

Polygons of the phases that carry the same thing are joined where they share a line; what a joined
group neither has of the separator (ions) nor of the collector's line (electrons) is cut off. The
mesh of a run tells it exactly; thin contacts may differ. A section in which nothing is reached is
refused as a run would.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from mesode.geometry.contact_lines import CORNER, ContactLines, contact_lines, length_at
from mesode.geometry.ragged import flattened
from mesode.section_names import SEPARATOR, is_counter, is_foil
from mesode.survey.isolation import nothing_reached

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from mesode.geometry.section import Section
    from mesode.materials.properties import Material

    type FloatArray = npt.NDArray[np.float64]
    type BoolArray = npt.NDArray[np.bool_]
    type ObjectArray = npt.NDArray[Any]
    type Shares = dict[str, dict[str, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pieces:
    """All polygons of a section: ``name`` of the phase of each, lines that they share."""

    polygons: ObjectArray
    name: ObjectArray
    contacts: ContactLines

    def of(self, names: Sequence[str]) -> BoolArray:
        """Tell which polygons are of these phases."""
        return np.isin(self.name, names)

    def network(self, names: Sequence[str], touching: FloatArray) -> _Network:
        """Return the network of some phases, fed by a source that polygons touch for a length."""
        carries = self.of(names)
        group = self.contacts.groups(carries)
        touched = np.bincount(group, touching * carries) > CORNER
        area = np.where(self.of([n for n in names if is_foil(n)]), 0.0, shapely.area(self.polygons))
        fed = carries & touched[group]
        total = float(area[carries].sum())
        cut_share = float(area[carries & ~fed].sum()) / total if total > 0.0 else 0.0
        return _Network(carries=carries, fed=fed, cut_share=cut_share)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Network:
    """Which polygons of a section ``carries`` something, which are ``fed``, each (polygons,).

    ``cut_share``: of the area that nothing feeds; foils do not count.
    """

    carries: BoolArray
    fed: BoolArray
    cut_share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ElectrodePaths:
    """Who feeds whom in an electrode: its networks, which polygons are its hosts, all contacts."""

    name: str
    electrons: _Network
    ions: _Network
    hosts: BoolArray
    contacts: ContactLines


def electrode_paths(
    section: Section, materials: Mapping[str, Material], *, full: bool
) -> tuple[ElectrodePaths, ...]:
    """Return the paths in each electrode of a section of polygons."""
    phase, polygons = flattened(section.phases.values())
    name = np.array(list(section.phases), dtype=object)[phase]
    pieces = _Pieces(polygons=polygons, name=name, contacts=contact_lines(polygons))
    ends = [(False, 0.0), (True, section.height)] if full else [(False, 0.0)]
    return tuple(_paths(pieces, materials, level, counter=counter) for counter, level in ends)


def _paths(
    pieces: _Pieces, materials: Mapping[str, Material], level: float, *, counter: bool
) -> ElectrodePaths:
    """Return the paths in one electrode, whose collector lies at ``level`` [um]."""
    solid, wet, hosts = (
        _having(materials, group, counter=counter) for group in ("electronic", "ionic", "lithium")
    )
    contacts = pieces.contacts
    beside_separator = contacts.along(pieces.of([SEPARATOR]))
    return ElectrodePaths(
        name="counter electrode" if counter else "electrode",
        electrons=pieces.network(solid, length_at(pieces.polygons, level)),
        ions=pieces.network([n for n in wet if n != SEPARATOR], beside_separator),
        hosts=pieces.of(hosts),
        contacts=contacts,
    )


def cut_off_shares(paths: Sequence[ElectrodePaths]) -> Shares:
    """Return by electrode the shares of what carries electrons and ions that are cut off."""
    return {
        path.name: {"electrons": path.electrons.cut_share, "ions": path.ions.cut_share}
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
        with_electrons = path.hosts if third else path.hosts & path.electrons.fed
        if not np.any(with_electrons):
            raise nothing_reached(electrons=True, texts=[_all_of(path, "electrons", "collector")])
        wet = path.ions.carries if third else path.ions.fed
        touching = (path.contacts.along(wet) > 0.0) | wet  # a layer has its own electrolyte
        if not np.any(touching[with_electrons]):
            raise nothing_reached(electrons=False, texts=[_all_of(path, "ions", "separator")])


def _all_of(path: ElectrodePaths, carrier: str, end: str) -> str:
    number = np.count_nonzero(path.hosts)
    return f"all {number} particles of the {path.name} lack a path for {carrier} to its {end}"


def _having(materials: Mapping[str, Material], group: str, *, counter: bool) -> list[str]:
    return [
        name
        for name, material in materials.items()
        if getattr(material, group) is not None and is_counter(name) == counter
    ]
