"""Take what has no path to its electrode out of the electrochemistry, before it is solved.

A particle without electronic path to the collector, or a pore without ionic path to the counter
electrode, would make the matrix singular. Its cells get a phase of their own, whose material has
lost the groups that lead nowhere; mechanics stays, but for what floats: a solid that no other solid
joins to a collector could move freely. Of each kind of lack one sentence tells the number of such
parts, their share and the largest.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from mesode.errors import GeometryError
from mesode.geometry.arrays import cell_areas
from mesode.geometry.connectivity import (
    Connectivity,
    components,
    describe,
    facet_neighbours,
    grouped,
)
from mesode.geometry.report.parts import electrode_parts
from mesode.model.surfaces import is_counter

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from mesode.geometry.arrays import MeshArrays
    from mesode.materials.properties import Material

    type BoolArray = npt.NDArray[np.bool_]

COLLECTOR, COUNTER, COUNTER_TOP = "collector", "counter", "counter_top"
_GROUPS = ("lithium", "electronic", "ionic")
_MECHANICAL = "mechanical"


@dataclass(frozen=True, slots=True, kw_only=True)
class Isolation:
    """The mesh with isolated cells in phases of their own.

    ``phases`` maps a new phase to the one it was and the groups it has lost; ``warnings`` are
    sentences; ``area`` is what was taken out [um^2].
    """

    arrays: MeshArrays
    phases: Mapping[str, tuple[str, tuple[str, ...]]]
    warnings: tuple[str, ...]
    area: float

    def materials(self, materials: Mapping[str, Material]) -> dict[str, Material]:
        """Return the material of each phase, the new ones among them."""
        return {**materials, **isolated_materials(materials, self.phases)}


def isolated_materials(
    materials: Mapping[str, Material], phases: Mapping[str, tuple[str, tuple[str, ...]]]
) -> dict[str, Material]:
    """Return the materials of the new phases: without the groups that lead nowhere."""
    found = {}
    for name, (phase, lost) in phases.items():
        material = replace(materials[phase], name=f"{materials[phase].name}, isolated")
        for group in lost:
            material = _without(material, group)
        found[name] = material
    return found


def _without(material: Material, group: str) -> Material:
    match group:
        case "lithium":
            return replace(material, lithium=None)
        case "electronic":
            return replace(material, electronic=None)
        case "ionic":
            return replace(material, ionic=None)
        case _:
            return replace(material, mechanical=None)


def isolate(arrays: MeshArrays, materials: Mapping[str, Material]) -> Isolation:
    """Find and retag the cells that have no path to their electrode.

    Raises:
        GeometryError: no particle of an electrode is left, or the counter electrode touches no
            electrolyte.
    """
    found = _find(arrays, materials)
    sentences = _sentences(arrays, found)
    for electrode in found.roads.hosts:
        _check_left(_cells(arrays, electrode), found.no_electrons, found.dry, sentences)
    lost = found.lost()
    retagged, phases = _retag(arrays, materials, lost)
    outside = lost["lithium"] | lost["electronic"] | lost["ionic"]
    area = float(np.sum(cell_areas(arrays)[outside]))
    if sentences:
        sentences.append(
            f"{area:.4g} um^2 of {float(np.sum(cell_areas(arrays))):.4g} um^2 were taken out of "
            "the electrochemistry"
        )
    return Isolation(arrays=retagged, phases=phases, warnings=tuple(sentences), area=area)


def lost_shares(
    arrays: MeshArrays, materials: Mapping[str, Material]
) -> dict[str, dict[str, float]]:
    """Return by electrode what share of each network is cut off, 0 to 1.

    ``electrons``, ``ions``: of the area of the phases that carry them; ``active material``: of the
    area of the hosts, what takes no part.
    """
    found, area = _find(arrays, materials), cell_areas(arrays)

    def share(lost: BoolArray, whole: BoolArray) -> float:
        return float(area[lost].sum() / area[whole].sum()) if np.any(whole) else 0.0

    shares = {}
    for part, electronic in zip(electrode_parts(arrays), found.roads.electronic, strict=False):
        conducts, wet, hosts = (
            part.cells & mask
            for mask in (electronic.label >= 0, found.roads.ionic.label >= 0, found.hosts)
        )
        shares[part.name] = {
            "electrons": share(conducts & electronic.isolated_cells, conducts),
            "ions": share(wet & found.roads.ionic.isolated_cells, wet),
            "active material": share(hosts & (found.no_electrons | found.dry), hosts),
        }
    return shares


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """Cells (m,) by what they lack.

    ``hosts``: all hosts; ``no_electrons``: hosts without electrons; ``dry``: hosts that have
    electrons but that no electrolyte with a path reaches; ``floating``: solids that are joined to
    no collector.
    """

    roads: _Roads
    hosts: BoolArray
    no_electrons: BoolArray
    dry: BoolArray
    floating: BoolArray

    def lost(self) -> dict[str, BoolArray]:
        """Return the cells that lose a property group."""
        cut = np.any([road.isolated_cells for road in self.roads.electronic], axis=0)
        return {
            "lithium": self.no_electrons | self.dry,
            "electronic": cut,
            "ionic": self.roads.ionic.isolated_cells,
            _MECHANICAL: self.floating,
        }


def _find(arrays: MeshArrays, materials: Mapping[str, Material]) -> _Found:
    """Find what lacks a path.

    Electrons must reach the collector of their electrode, ions the counter electrode, lithium the
    electrolyte: a host by its own surface or through other hosts, as a core through its shell.
    """
    roads = _roads(arrays, materials)
    hosts = _cells(arrays, [name for name, m in materials.items() if m.lithium is not None])
    with_electrons = np.any([road.label == 0 for road in roads.electronic], axis=0)
    return _Found(
        roads=roads,
        hosts=hosts,
        no_electrons=np.asarray(hosts & ~with_electrons),
        dry=_blocked(arrays, hosts & with_electrons, roads.ionic.label == 0),
        floating=np.any([road.isolated_cells for road in roads.solid], axis=0),
    )


def _sentences(arrays: MeshArrays, found: _Found) -> list[str]:
    """Return one sentence for each kind of lack."""
    lost = found.lost()
    roads = (*found.roads.electronic, found.roads.ionic)
    sentences = [text for road in roads for text in describe(road)]
    sentences += _describe_dry(arrays, found)
    floating = found.floating & ~lost["lithium"] & ~lost["electronic"]
    return sentences + _describe_floating(arrays, floating)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Roads:
    """Paths of electrons and of force in each electrode, paths of ions, hosts of each electrode."""

    electronic: tuple[Connectivity, ...]
    solid: tuple[Connectivity, ...]
    ionic: Connectivity
    hosts: tuple[tuple[str, ...], ...]


def _roads(arrays: MeshArrays, materials: Mapping[str, Material]) -> _Roads:
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
    solid = [components(arrays, having(_MECHANICAL, counter=False), COLLECTOR)]
    hosts = [having("lithium", counter=False)]
    full = bool(having("lithium", counter=True))
    if full:
        electronic.append(components(arrays, having("electronic", counter=True), COUNTER))
        solid.append(components(arrays, having(_MECHANICAL, counter=True), COUNTER))
        hosts.append(having("lithium", counter=True))
    pores = (*having("ionic", counter=False), *having("ionic", counter=True))
    return _Roads(
        electronic=tuple(electronic),
        solid=tuple(solid),
        ionic=components(arrays, pores, COUNTER_TOP if full else COUNTER),
        hosts=tuple(hosts),
    )


def _cells(arrays: MeshArrays, phases: Sequence[str]) -> BoolArray:
    tags = [arrays.phases[name] for name in phases if name in arrays.phases]
    return np.isin(arrays.cell_phase, tags)


def _blocked(arrays: MeshArrays, host: BoolArray, pore: BoolArray) -> BoolArray:
    """Return the cells of hosts that neither touch electrolyte with a path nor a host that does."""
    pairs = facet_neighbours(arrays)
    both = np.concatenate([pairs, pairs[:, ::-1]])
    wet = np.unique(both[host[both[:, 0]] & pore[both[:, 1]], 0])
    inside = pairs[host[pairs].all(axis=1)]
    size = len(arrays.cells)
    graph = coo_array((np.ones(len(inside), dtype=np.int8), inside.T), shape=(size, size))
    _, group = connected_components(graph, directed=False)
    return np.asarray(host & ~pore & ~np.isin(group, group[wet]))


def _describe_dry(arrays: MeshArrays, found: _Found) -> list[str]:
    area = cell_areas(arrays)
    numbers, which = np.unique(arrays.particle[found.dry], return_inverse=True)
    parts = [
        (f"particle {number}", part)
        for number, part in zip(
            numbers.tolist(), np.bincount(which, weights=area[found.dry]).tolist(), strict=True
        )
    ]
    path = f"no electrolyte with a path to {found.roads.ionic.boundary}"
    lack = (f"touches {path}", f"touch {path}")
    return grouped(parts, "the active material", float(area[found.hosts].sum()), lack)


def _describe_floating(arrays: MeshArrays, floating: BoolArray) -> list[str]:
    area = float(np.sum(cell_areas(arrays)[floating]))
    if area == 0.0:
        return []
    return [f"solids of {area:.4g} um^2 are joined to no collector and take no part in mechanics"]


def _check_left(
    host: BoolArray, no_electrons: BoolArray, dry: BoolArray, sentences: list[str]
) -> None:
    if not np.any(host):
        msg = "the section has no active material"
        raise GeometryError(msg)
    if not np.all(no_electrons[host] | dry[host]):
        return
    if np.any(dry[host]):
        what, hint = "electrolyte", "give materials.carbon_binder a porosity and a macmullin number"
    else:
        what = "the collector"
        hint = (
            "particles alone do not touch it: use geometry.electrode.carbon_binder.kind: matrix "
            "with a binder that conducts electrons (materials.carbon_binder.sigma)"
        )
    msg = f"no particle has a path to {what}: {'; '.join(sentences)}. To mend it, {hint}"
    raise GeometryError(msg)


def _retag(
    arrays: MeshArrays, materials: Mapping[str, Material], lost: Mapping[str, BoolArray]
) -> tuple[MeshArrays, dict[str, tuple[str, tuple[str, ...]]]]:
    """Give the cells of each phase that lost the same groups a phase of their own."""
    tags, phases = dict(arrays.phases), {}
    cell_phase, particle = arrays.cell_phase.copy(), arrays.particle.copy()
    code = np.zeros(len(cell_phase), dtype=np.int64)
    groups_of = (*_GROUPS, _MECHANICAL)
    for k, group in enumerate(groups_of):
        code[lost[group]] += 2**k
    for phase, tag in arrays.phases.items():
        inside = arrays.cell_phase == tag
        for value in np.unique(code[inside]).tolist():
            if value == 0:
                continue
            groups = tuple(g for k, g in enumerate(groups_of) if value & 2**k)
            name = _name(phase, groups, materials[phase])
            tags[name], phases[name] = max(tags.values()) + 1, (phase, groups)
            cells = inside & (code == value)
            cell_phase[cells] = tags[name]
            if groups != (_MECHANICAL,):
                particle[cells] = -1
    return replace(arrays, cell_phase=cell_phase, phases=tags, particle=particle), phases


def _name(phase: str, groups: tuple[str, ...], material: Material) -> str:
    loose = "_loose" if _MECHANICAL in groups else ""
    lost = [group for group in groups if group != _MECHANICAL]
    if not lost:
        return f"{phase}{loose}"
    if all(getattr(material, group) is None or group in groups for group in _GROUPS):
        return f"{phase}_isolated{loose}"
    return f"{phase}_without_{'_'.join(lost)}{loose}"
