"""The section that a mesh shows: polygons, lines and particles for reports and pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from mesode.geometry.image_section import equal_discs
from mesode.geometry.section import Section

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shapely.geometry import Polygon

    from mesode.geometry.arrays import MeshArrays


def section_of_mesh(mesh: MeshArrays, report: Mapping[str, Any]) -> Section:
    """Return the section [um] of a mesh whose lower left corner is at 0, 0.

    Args:
        mesh: the mesh.
        report: what is known of it, goes into ``Section.report``.
    """
    triangles = shapely.polygons(mesh.points[mesh.cells])
    phases: dict[str, tuple[Polygon, ...]] = {}
    particle_of: dict[str, Any] = {}
    for name, tag in mesh.phases.items():
        inside = mesh.cell_phase == tag
        polygons: list[Polygon] = []
        owners: list[int] = []
        for number in np.unique(mesh.particle[inside]).tolist():
            whole = shapely.coverage_union_all(triangles[inside & (mesh.particle == number)])
            parts = shapely.get_parts(whole).tolist()
            polygons += parts
            owners += [number] * len(parts)
        phases[name] = tuple(polygons)
        if any(owner >= 0 for owner in owners):
            particle_of[name] = np.array(owners, dtype=np.int64)
    width, height = np.ptp(mesh.points, axis=0).tolist()
    return Section(
        width=width,
        height=height,
        phases=phases,
        boundaries={
            name: shapely.multilinestrings(
                shapely.linestrings(mesh.points[mesh.facets[mesh.facet_tag == tag]])
            )
            for name, tag in mesh.boundaries.items()
        },
        electrode_thickness=_top(mesh),
        particles=equal_discs(_bodies(phases, particle_of)),
        particle_of=particle_of,
        report={"mesh": dict(report)},
    )


def _bodies(
    phases: Mapping[str, tuple[Polygon, ...]], particle_of: Mapping[str, Any]
) -> list[Polygon]:
    """Return the polygons of each particle together, in the order of their numbers."""
    parts: dict[int, list[Polygon]] = {}
    for name, numbers in particle_of.items():
        for polygon, number in zip(phases[name], numbers.tolist(), strict=True):
            parts.setdefault(number, []).append(polygon)
    return [shapely.union_all(parts[number]) for number in sorted(parts)]


def _top(mesh: MeshArrays) -> float:
    """Return the height [um] of the line between electrode and separator, NaN without one."""
    lines = mesh.facets[mesh.facet_tag == mesh.boundaries.get("top", -1)]
    return float(np.mean(mesh.points[lines, 1])) if len(lines) else float("nan")
