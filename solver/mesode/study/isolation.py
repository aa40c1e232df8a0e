"""Take what has no path to its electrode out of the electrochemistry, before it is solved.

A particle without electronic path to the collector, or a pore without ionic path to the counter
electrode, would make the matrix singular. Its cells get a phase of their own, whose material has
lost the groups that lead nowhere; mechanics stays. The number of such parts and their area are
reported.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from mesode.errors import GeometryError
from mesode.geometry.arrays import cell_areas
from mesode.geometry.connectivity import components, describe, facet_neighbours

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from mesode.geometry.arrays import MeshArrays
    from mesode.materials.properties import Material

    type BoolArray = npt.NDArray[np.bool_]

COLLECTOR, COUNTER = "collector", "counter"
_GROUPS = ("lithium", "electronic", "ionic")


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
        case _:
            return replace(material, ionic=None)


def isolate(arrays: MeshArrays, materials: Mapping[str, Material]) -> Isolation:
    """Find and retag the cells that have no path to their electrode.

    Raises:
        GeometryError: no particle is left, or the counter electrode touches no electrolyte.
    """
    having = {
        group: [n for n, m in materials.items() if getattr(m, group) and n in arrays.phases]
        for group in _GROUPS
    }
    electronic = components(arrays, having["electronic"], COLLECTOR)
    ionic = components(arrays, having["ionic"], COUNTER)
    host = np.isin(arrays.cell_phase, [arrays.phases[name] for name in having["lithium"]])
    blocked = _blocked(arrays, host & ~electronic.isolated_cells, ionic.label == 0)
    no_path = host & (electronic.label != 0)
    lost = {
        "lithium": no_path | blocked,
        "electronic": electronic.isolated_cells,
        "ionic": ionic.isolated_cells,
    }
    sentences = [*describe(electronic), *describe(ionic), *_describe_blocked(arrays, blocked)]
    _check_left(host, no_path, blocked, sentences)
    retagged, phases = _retag(arrays, materials, lost)
    outside = lost["lithium"] | lost["electronic"] | lost["ionic"]
    area = float(np.sum(cell_areas(arrays)[outside]))
    if sentences:
        sentences.append(
            f"{area:.4g} um^2 of {float(np.sum(cell_areas(arrays))):.4g} um^2 were taken out of "
            "the electrochemistry"
        )
    return Isolation(arrays=retagged, phases=phases, warnings=tuple(sentences), area=area)


def _blocked(arrays: MeshArrays, host: BoolArray, pore: BoolArray) -> BoolArray:
    """Return the cells of particles that touch no electrolyte with a path."""
    pairs = facet_neighbours(arrays)
    both = np.concatenate([pairs, pairs[:, ::-1]])
    touching = both[host[both[:, 0]] & pore[both[:, 1]], 0]
    wetted = np.unique(arrays.particle[touching])
    return np.asarray(host & ~pore & ~np.isin(arrays.particle, wetted))


def _describe_blocked(arrays: MeshArrays, blocked: BoolArray) -> list[str]:
    area = cell_areas(arrays)
    return [
        f"particle {number} of {float(np.sum(area[blocked & (arrays.particle == number)])):.4g} "
        f"um^2 touches no electrolyte with a path to {COUNTER}"
        for number in np.unique(arrays.particle[blocked]).tolist()
    ]


def _check_left(
    host: BoolArray, no_path: BoolArray, blocked: BoolArray, sentences: list[str]
) -> None:
    if not np.any(host):
        msg = "the section has no active material"
        raise GeometryError(msg)
    if not np.all(no_path[host] | blocked[host]):
        return
    few = sentences[:3] + ([f"and {len(sentences) - 3} more"] if len(sentences) > 3 else [])
    if np.any(blocked):
        what, hint = "electrolyte", "give materials.carbon_binder a porosity and a macmullin number"
    else:
        what = "the collector"
        hint = (
            "particles alone do not touch it: use geometry.electrode.carbon_binder.kind: matrix "
            "with a binder that conducts electrons (materials.carbon_binder.sigma)"
        )
    msg = f"no particle has a path to {what}: {'; '.join(few)}. To mend it, {hint}"
    raise GeometryError(msg)


def _retag(
    arrays: MeshArrays, materials: Mapping[str, Material], lost: Mapping[str, BoolArray]
) -> tuple[MeshArrays, dict[str, tuple[str, tuple[str, ...]]]]:
    """Give the cells of each phase that lost the same groups a phase of their own."""
    tags, phases = dict(arrays.phases), {}
    cell_phase, particle = arrays.cell_phase.copy(), arrays.particle.copy()
    code = np.zeros(len(cell_phase), dtype=np.int64)
    for k, group in enumerate(_GROUPS):
        code[lost[group]] += 2**k
    for phase, tag in arrays.phases.items():
        inside = arrays.cell_phase == tag
        for value in np.unique(code[inside]).tolist():
            if value == 0:
                continue
            groups = tuple(g for k, g in enumerate(_GROUPS) if value & 2**k)
            name = _name(phase, groups, materials[phase])
            tags[name], phases[name] = max(tags.values()) + 1, (phase, groups)
            cells = inside & (code == value)
            cell_phase[cells] = tags[name]
            particle[cells] = -1
    return replace(arrays, cell_phase=cell_phase, phases=tags, particle=particle), phases


def _name(phase: str, groups: tuple[str, ...], material: Material) -> str:
    if all(getattr(material, group) is None or group in groups for group in _GROUPS):
        return f"{phase}_isolated"
    return f"{phase}_without_{'_'.join(groups)}"
