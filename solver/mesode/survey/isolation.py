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

from mesode.errors import GeometryError
from mesode.geometry.arrays import cell_areas
from mesode.section_names import ISOLATED
from mesode.survey.paths import cells_of, find_paths, lost_shares, sentences, suggestion

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from mesode.geometry.arrays import MeshArrays
    from mesode.materials.properties import Material
    from mesode.survey.paths import Paths

    type BoolArray = npt.NDArray[np.bool_]

_GROUPS = ("lithium", "electronic", "ionic")
_MECHANICAL = "mechanical"


@dataclass(frozen=True, slots=True, kw_only=True)
class Isolation:
    """The mesh with isolated cells in phases of their own.

    ``phases`` maps a new phase to the one it was and the groups it has lost; ``warnings`` are
    sentences; ``area`` is what was taken out [um^2]; ``paths`` are those of the mesh.
    """

    arrays: MeshArrays
    phases: Mapping[str, tuple[str, tuple[str, ...]]]
    warnings: tuple[str, ...]
    area: float
    paths: Paths

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


def isolate(
    arrays: MeshArrays,
    materials: Mapping[str, Material],
    *,
    third: bool = False,
    mechanics: bool = True,
) -> Isolation:
    """Find and retag the cells that have no path to their electrode.

    Args:
        arrays: The mesh of the section.
        materials: Of each phase.
        third: Whether what is cut off hangs on the electrode behind the section.
        mechanics: Whether solids have to be held.

    Raises:
        GeometryError: no particle of an electrode is left, or the counter electrode touches no
            electrolyte.
    """
    paths = find_paths(arrays, materials, third=third, mechanics=mechanics)
    texts = sentences(arrays, paths)
    for electrode in paths.roads.hosts:
        _check_left(cells_of(arrays, electrode), paths.no_electrons, paths.dry, texts)
    lost = paths.lost()
    retagged, phases = _retag(arrays, materials, lost)
    outside = lost["lithium"] | lost["electronic"] | lost["ionic"]
    area = float(np.sum(cell_areas(arrays)[outside]))
    if area > 0.0:
        texts.append(
            f"{area:.4g} um^2 of {float(np.sum(cell_areas(arrays))):.4g} um^2 were taken out of "
            "the electrochemistry"
        )
    if not third:
        texts += suggestion(lost_shares(arrays, paths))
    return Isolation(arrays=retagged, phases=phases, warnings=tuple(texts), area=area, paths=paths)


def _check_left(host: BoolArray, no_electrons: BoolArray, dry: BoolArray, texts: list[str]) -> None:
    if not np.any(host):
        msg = "the section has no active material"
        raise GeometryError(msg)
    if not np.all(no_electrons[host] | dry[host]):
        return
    raise nothing_reached(electrons=not np.any(dry[host]), texts=texts)


def nothing_reached(*, electrons: bool, texts: list[str]) -> GeometryError:
    """Return why a section cannot run of which no particle takes part, and what to do.

    Args:
        electrons: Whether they are what is missing, else electrolyte.
        texts: What was found.
    """
    if electrons:
        what = "the collector"
        hint = (
            "what lies between particles and collector must conduct electrons "
            "(materials.carbon_binder.sigma, or a preset with carbon) and reach the collector: in "
            "a drawn section geometry.electrode.carbon_binder.kind: matrix, in an image or a mesh "
            "a conducting phase on the lower edge of the electrode"
        )
    else:
        what = "electrolyte"
        hint = (
            "give materials.carbon_binder a porosity and a macmullin number, or the section open "
            "pores that reach the separator (in an image a grey value for pore)"
        )
    hint += "; of a section that is a cut through a body, geometry.third_dimension: estimated"
    return GeometryError(
        f"no particle has a path to {what}: {'; '.join(texts)}. To fix this, {hint}"
    )


def _retag(
    arrays: MeshArrays, materials: Mapping[str, Material], lost: Mapping[str, BoolArray]
) -> tuple[MeshArrays, dict[str, tuple[str, tuple[str, ...]]]]:
    """Give the cells of each phase that lost the same groups a phase of their own.

    A phase that has lost all of its cells is none of the section any more.
    """
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
    tags = {name: tag for name, tag in tags.items() if np.any(cell_phase == tag)}
    return replace(arrays, cell_phase=cell_phase, phases=tags, particle=particle), phases


def _name(phase: str, groups: tuple[str, ...], material: Material) -> str:
    loose = "_loose" if _MECHANICAL in groups else ""
    lost = [group for group in groups if group != _MECHANICAL]
    if not lost:
        return f"{phase}{loose}"
    if all(getattr(material, group) is None or group in groups for group in _GROUPS):
        return f"{phase}{ISOLATED}{loose}"
    return f"{phase}_without_{'_'.join(lost)}{loose}"
