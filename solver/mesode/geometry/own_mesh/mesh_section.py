"""The section that a mesh shows: its phases as polygons, its particles as discs. Micrometres."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from mesode.geometry.micrograph.image_section import equal_discs
from mesode.geometry.parts import electrode_parts
from mesode.geometry.section import Section
from mesode.section_names import COLLECTOR

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt
    from shapely.geometry import Polygon

    from mesode.geometry.arrays import MeshArrays


def section_of_mesh(mesh: MeshArrays, report: Mapping[str, Any]) -> Section:
    """Return the section of a mesh that was made elsewhere, for reports and pictures.

    It has no boundary lines: those of the mesh are its facets.
    """
    phases: dict[str, tuple[Polygon, ...]] = {}
    particle_of: dict[str, npt.NDArray[np.int64]] = {}
    bodies: dict[int, list[Polygon]] = {}
    for name, tag in mesh.phases.items():
        cells = mesh.cell_phase == tag
        found = [
            (number, polygon)
            for number in np.unique(mesh.particle[cells]).tolist()
            for polygon in _outlines(mesh, cells & (mesh.particle == number))
        ]
        phases[name] = tuple(polygon for _, polygon in found)
        if any(number >= 0 for number, _ in found):
            particle_of[name] = np.array([number for number, _ in found], dtype=np.int64)
            for number, polygon in found:
                bodies.setdefault(number, []).append(polygon)
    working = electrode_parts(mesh)[0]
    particles = [shapely.unary_union(bodies[number]) for number in sorted(bodies)]
    width, height = np.ptp(mesh.points, axis=0).tolist()
    return Section(
        width=width,
        height=height,
        electrode_thickness=working.high[1] - working.low[1],
        phases=phases,
        boundaries={},
        collector_length=_length(mesh, COLLECTOR),
        particles=equal_discs(particles),
        particle_of=particle_of,
        report={"mesh": dict(report)},
    )


def _length(mesh: MeshArrays, boundary: str) -> float:
    """Return the length of a boundary."""
    ends = mesh.points[mesh.facets[mesh.facet_tag == mesh.boundaries[boundary]]]
    return float(np.linalg.norm(ends[:, 1] - ends[:, 0], axis=1).sum())


def _outlines(mesh: MeshArrays, cells: npt.NDArray[np.bool_]) -> list[Polygon]:
    """Return the connected regions of some triangles."""
    corners = mesh.points[mesh.cells[cells]]
    triangles = shapely.polygons(np.concatenate([corners, corners[:, :1]], axis=1))
    return list(shapely.get_parts(shapely.coverage_union_all(triangles)))
