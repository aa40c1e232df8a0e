"""Which cells of a section have a path to their electrode, and what to say of those without.

Electrons must reach the collector of their electrode, ions the counter electrode, lithium the
electrolyte: a host by its own surface or through other hosts, as a core through its shell. With
the third dimension, what the section cuts off from its collector or its separator hangs on the
electrode behind the section, and has a path there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from mesode.geometry.arrays import cell_areas
from mesode.geometry.connectivity import (
    Connectivity,
    components,
    describe,
    facet_neighbours,
    grouped,
)
from mesode.geometry.parts import electrode_parts
from mesode.section_names import COLLECTOR, COUNTER, COUNTER_PREFIX, SEPARATOR, TOP, is_counter

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from mesode.geometry.arrays import MeshArrays
    from mesode.materials.properties import Material

    type BoolArray = npt.NDArray[np.bool_]

#: Share of a network that is cut off from which on the third dimension is suggested.
MUCH = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Roads:
    """Paths of electrons and of force in each electrode, paths of ions, hosts of each electrode."""

    electronic: tuple[Connectivity, ...]
    solid: tuple[Connectivity, ...]
    ionic: Connectivity
    hosts: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Paths:
    """Cells (m,) by what they lack.

    ``hosts``: all hosts; ``no_electrons``: hosts without electrons; ``dry``: hosts that have
    electrons but that no electrolyte with a path reaches; ``floating``: solids that are joined to
    no collector; ``hanging_electrons``, ``hanging_ions``: what has its path behind the section.
    """

    roads: Roads
    hosts: BoolArray
    no_electrons: BoolArray
    dry: BoolArray
    floating: BoolArray
    hanging_electrons: BoolArray
    hanging_ions: BoolArray

    @property
    def cut_electrons(self) -> BoolArray:
        """Return the electron conductors without a path in the section."""
        return np.asarray(np.any([road.isolated_cells for road in self.roads.electronic], axis=0))

    def lost(self) -> dict[str, BoolArray]:
        """Return the cells that lose a property group."""
        return {
            "lithium": self.no_electrons | self.dry,
            "electronic": self.cut_electrons & ~self.hanging_electrons,
            "ionic": self.roads.ionic.isolated_cells & ~self.hanging_ions,
            "mechanical": self.floating,
        }


def find_paths(
    arrays: MeshArrays, materials: Mapping[str, Material], *, third: bool, mechanics: bool = True
) -> Paths:
    """Find what lacks a path.

    Args:
        arrays: The mesh of the section.
        materials: Of each phase.
        third: Whether what is cut off hangs on the electrode behind the section.
        mechanics: Whether solids have to be held.
    """
    roads = _roads(arrays, materials)
    nothing = np.zeros(len(arrays.cells), dtype=bool)
    hosts = cells_of(arrays, [name for name, m in materials.items() if m.lithium is not None])
    cut = np.any([road.isolated_cells for road in roads.electronic], axis=0)
    # the backbone of ions ends where the separator begins
    pores = roads.ionic.isolated_cells & ~cells_of(arrays, (SEPARATOR,))
    hanging_electrons, hanging_ions = (cut, pores) if third else (nothing, nothing)
    with_electrons = np.any([road.label == 0 for road in roads.electronic], axis=0)
    with_electrons |= hanging_electrons
    floating = np.any([road.isolated_cells for road in roads.solid], axis=0)
    return Paths(
        roads=roads,
        hosts=hosts,
        no_electrons=np.asarray(hosts & ~with_electrons),
        dry=_dry(arrays, hosts & with_electrons, (roads.ionic.label == 0) | hanging_ions),
        floating=np.asarray(floating) if mechanics else nothing,
        hanging_electrons=hanging_electrons,
        hanging_ions=hanging_ions,
    )


def sentences(arrays: MeshArrays, paths: Paths) -> list[str]:
    """Return one sentence for each kind of lack."""
    lost = paths.lost()
    found = [
        *(text for road in paths.roads.electronic for text in _told(road, paths.hanging_electrons)),
        *_told(paths.roads.ionic, paths.hanging_ions),
    ]
    found += _describe_dry(arrays, paths)
    floating = paths.floating & ~lost["lithium"] & ~lost["electronic"]
    return found + _describe_floating(arrays, floating)


def _told(road: Connectivity, hanging: BoolArray) -> list[str]:
    """Return what of a network is cut off, and that it is not lost where it is not."""
    behind = "; geometry.third_dimension joins this to the electrode behind the section"
    joined = bool(np.any(hanging & road.isolated_cells))
    return [f"{text}{behind if joined else ''}" for text in describe(road)]


def lost_shares(arrays: MeshArrays, paths: Paths) -> dict[str, dict[str, float]]:
    """Return by electrode what share of each network is cut off, 0 to 1.

    ``electrons``, ``ions``: of the area of the phases that carry them; ``active material``: of the
    area of the hosts, what takes no part.
    """
    area, roads = cell_areas(arrays), paths.roads

    def share(lost: BoolArray, whole: BoolArray) -> float:
        return float(area[lost].sum() / area[whole].sum()) if np.any(whole) else 0.0

    shares = {}
    for part, electronic in zip(electrode_parts(arrays), roads.electronic, strict=False):
        conducts, wet, hosts = (
            part.cells & mask
            for mask in (electronic.label >= 0, roads.ionic.label >= 0, paths.hosts)
        )
        shares[part.name] = {
            "electrons": share(conducts & electronic.isolated_cells, conducts),
            "ions": share(wet & roads.ionic.isolated_cells, wet),
            "active material": share(hosts & (paths.no_electrons | paths.dry), hosts),
        }
    return shares


def suggestion(shares: Mapping[str, Mapping[str, float]]) -> list[str]:
    """Return the advice to join what is cut off, where it is much of a network."""
    much = [
        f"{100 * lost:.3g} % of what carries {carrier} in the {name}"
        for name, networks in shares.items()
        for carrier, lost in networks.items()
        if carrier in ("electrons", "ions") and lost > MUCH
    ]
    if not much:
        return []
    return [
        f"{' and '.join(much)} is cut off in this section. In the body such parts are joined in "
        "front of the section or behind it: geometry.third_dimension: estimated gives them that "
        "path"
    ]


def _roads(arrays: MeshArrays, materials: Mapping[str, Material]) -> Roads:
    """Find the paths; in a full section the counter electrode has a collector of its own."""

    def having(group: str, *, counter: bool) -> tuple[str, ...]:
        return tuple(
            name
            for name, material in materials.items()
            if getattr(material, group) is not None
            and name in arrays.phases
            and is_counter(name) == counter
        )

    electronic = [components(arrays, having("electronic", counter=False), COLLECTOR)]
    solid = [components(arrays, having("mechanical", counter=False), COLLECTOR)]
    hosts = [having("lithium", counter=False)]
    full = bool(having("lithium", counter=True))
    if full:
        electronic.append(components(arrays, having("electronic", counter=True), COUNTER))
        solid.append(components(arrays, having("mechanical", counter=True), COUNTER))
        hosts.append(having("lithium", counter=True))
    pores = (*having("ionic", counter=False), *having("ionic", counter=True))
    return Roads(
        electronic=tuple(electronic),
        solid=tuple(solid),
        ionic=components(arrays, pores, COUNTER_PREFIX + TOP if full else COUNTER),
        hosts=tuple(hosts),
    )


def cells_of(arrays: MeshArrays, phases: Sequence[str]) -> BoolArray:
    """Return the cells of some phases."""
    tags = [arrays.phases[name] for name in phases if name in arrays.phases]
    return np.isin(arrays.cell_phase, tags)


def _dry(arrays: MeshArrays, host: BoolArray, pore: BoolArray) -> BoolArray:
    """Return the cells of hosts that neither touch electrolyte with a path nor a host that does."""
    pairs = facet_neighbours(arrays)
    both = np.concatenate([pairs, pairs[:, ::-1]])
    wet = np.unique(both[host[both[:, 0]] & pore[both[:, 1]], 0])
    inside = pairs[host[pairs].all(axis=1)]
    size = len(arrays.cells)
    graph = coo_array((np.ones(len(inside), dtype=np.int8), inside.T), shape=(size, size))
    _, group = connected_components(graph, directed=False)
    return np.asarray(host & ~pore & ~np.isin(group, group[wet]))


def _describe_dry(arrays: MeshArrays, paths: Paths) -> list[str]:
    area = cell_areas(arrays)
    numbers, which = np.unique(arrays.particle[paths.dry], return_inverse=True)
    parts = [
        (f"particle {number}", part)
        for number, part in zip(
            numbers.tolist(), np.bincount(which, weights=area[paths.dry]).tolist(), strict=True
        )
    ]
    path = f"no electrolyte with a path to {paths.roads.ionic.boundary}"
    lack = (f"touches {path}", f"touch {path}")
    return grouped(parts, "the active material", float(area[paths.hosts].sum()), lack)


def _describe_floating(arrays: MeshArrays, floating: BoolArray) -> list[str]:
    area = float(np.sum(cell_areas(arrays)[floating]))
    if area == 0.0:
        return []
    return [f"solids of {area:.4g} um^2 are joined to no collector and take no part in mechanics"]
