"""Small meshed sections for verification: a quarter of concentric rings, and any section."""

from __future__ import annotations

from mpi4py import MPI

import numpy as np
from shapely.geometry import LineString, Polygon

from mesode.geometry.gmsh_mesh import mesh_section
from mesode.geometry.section import Section, disc_vertices
from mesode.mesh.domain import Domain, build_domain
from support.shapes import section_from_polygons


def mesh_domain(section: Section, size: float, interface_size: float, folder) -> Domain:
    """Mesh a section on rank 0 and distribute it (collective); sizes in micrometres."""
    comm = MPI.COMM_WORLD
    path = folder / "section.msh"
    arrays = mesh_section(section, size, interface_size, path) if comm.rank == 0 else None
    return build_domain(comm, arrays)


def _arc(radius: float, interface_size: float) -> np.ndarray:
    """Points of a quarter of the regular polygon that has the disc's area."""
    number = disc_vertices(radius, interface_size)
    angle = 2 * np.pi / number
    reach = radius * np.sqrt(angle / np.sin(angle))
    turn = np.linspace(0.0, np.pi / 2, number // 4 + 1)
    points = reach * np.column_stack((np.cos(turn), np.sin(turn)))
    points[0, 1] = points[-1, 0] = 0.0
    return points


def quarter_rings(radii: list[float], phases: list[str | None], interface_size: float) -> Section:
    """Return a quarter of concentric rings around the origin, in micrometres.

    ``phases`` go from the inside out, None leaves a hole. Boundaries: ``x_axis`` and ``y_axis``,
    the planes of symmetry, and ``ring_0``, ``ring_1``, ... at the radii.
    """
    arcs = [_arc(radius, interface_size) for radius in radii]
    starts = [np.zeros((1, 2)), *(arc[::-1] for arc in arcs[:-1])]
    polygons = {
        phase: [Polygon(np.concatenate((start, arc)))]
        for phase, start, arc in zip(phases, starts, arcs, strict=True)
        if phase is not None
    }
    low = 0.0 if phases[0] is not None else arcs[0][0, 0]
    high = arcs[-1][0, 0]
    boundaries = {
        "x_axis": LineString([(low, 0.0), (high, 0.0)]),
        "y_axis": LineString([(0.0, low), (0.0, high)]),
    }
    boundaries |= {f"ring_{k}": LineString(arc) for k, arc in enumerate(arcs)}
    return section_from_polygons(polygons, boundaries)
