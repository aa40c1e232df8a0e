"""How many triangles and unknowns a case will have, from its polygons or from its own mesh."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from mesode.case.prepare import phase_materials
from mesode.geometry.request import to_um
from mesode.geometry.section import TOLERANCE
from mesode.geometry.surface_layers import number_of_layers
from mesode.physics.radial_diffusion import COUNT
from mesode.section_names import SEPARATOR, is_counter

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from mesode.config.case import Case
    from mesode.config.resolve import Materials
    from mesode.geometry.arrays import MeshArrays
    from mesode.geometry.section import Section
    from mesode.geometry.surface_layers import Layers

    type FloatArray = npt.NDArray[np.float64]

_SAMPLES = 40_000  # points at most at which the mesh size is asked for,
_PER_EDGE = 4  # so many along the edge of a triangle: more change the number by less than 0.5 %
_GROWTH = 0.3  # of the mesh size per length away from an interface
_FINER = 1.12  # triangles over those of the size asked for: gmsh makes edges a little shorter


def cells_by_phase(
    section: Section, size: float, interface: float, layers: Layers | None = None
) -> dict[str, float]:
    """Estimate the number of triangles of each phase from the mesh size at sampled points [um].

    ``layers`` at the surface of hosts come on top.
    """
    lengths = np.array([section.width, section.height])
    apart = max(np.sqrt(lengths.prod() / _SAMPLES), interface / _PER_EDGE)
    numbers = np.ceil(lengths / apart).astype(int)
    x, y = ((np.arange(n) + 0.5) * length / n for n, length in zip(numbers, lengths, strict=True))
    points = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    distance, line = _nearest_interface(section, points)
    # a line shorter than asked for is one edge, and there are longer ones beside it
    finest = np.sqrt(interface * np.minimum(interface, line))
    edge = np.clip(finest + _GROWTH * (distance - finest), finest, size)
    triangles = _FINER * 4.0 / np.sqrt(3.0) / edge**2 * lengths.prod() / len(points)
    where = _phase_at(section, points)
    cells = {
        name: float(triangles[where == number].sum()) for number, name in enumerate(section.phases)
    }
    if layers is not None:
        rows = 2 * number_of_layers(layers.first, interface)
        for name in layers.hosts.intersection(section.phases):
            cells[name] += rows * _length(_interfaces(section, name)) / interface
    return cells


def counted_cells(mesh: MeshArrays) -> dict[str, float]:
    """Return the number of triangles of each phase of a mesh."""
    return {name: float(np.sum(mesh.cell_phase == tag)) for name, tag in mesh.phases.items()}


def estimate_dofs(
    case: Case,
    materials: Materials,
    section: Section,
    cells: Mapping[str, float],
    mesh: MeshArrays | None = None,
) -> int:
    """Estimate the number of unknowns that are solved together: what each phase has at its nodes.

    Mechanics that is solved on its own is not counted, but what pores that move have beside salt
    and potential is. The nodes of a ``mesh`` are counted.
    """
    total, two_way = 0.0, case.physics.stress_coupling == "two_way"
    together = case.physics.mechanics == "linear" and two_way
    of_pores = 5 if case.physics.mechanics == "finite" and two_way else 2
    edge = to_um(case.mesh.interface)
    for name, material in phase_materials(materials).items():
        per_node = (
            (material.lithium is not None)
            + (material.electronic is not None)
            + of_pores * (material.ionic is not None)
        )
        if material.layer is not None:  # what passes its particles, profiles in them, films
            per_node += 1 + COUNT * material.layer.resolved + 2 * (name in materials.sei)
        if together and material.mechanical is not None:
            per_node += 2 * (4 if case.numerics.displacement_degree == 2 else 1)
        # Euler: twice the nodes of a triangulation are its triangles and its boundary edges.
        rim = _length(_interfaces(section, name)) / edge if name in section.phases else 0.0
        nodes = 0.5 * (cells.get(name, 0.0) + rim)
        if mesh is not None:
            own = mesh.cells[mesh.cell_phase == mesh.phases.get(name, -1)]
            nodes = float(len(np.unique(own)))
        total += per_node * nodes
    return round(total)


def dofs_behind(cells: Mapping[str, float], shares: Mapping[str, Mapping[str, float]]) -> int:
    """Estimate the unknowns of the electrodes behind the section, from what is cut off.

    Each that has lost electrons has one field, each that has lost ions two.
    """
    total = 0.0
    for electrode, lost in shares.items():
        counter = electrode != "electrode"
        nodes = 0.5 * sum(
            number
            for name, number in cells.items()
            if name != SEPARATOR and is_counter(name) == counter
        )
        total += nodes * ((lost["electrons"] > 0.0) + 2 * (lost["ions"] > 0.0))
    return round(total)


def _interfaces(section: Section, phase: str) -> FloatArray:
    """Return the lines (k, 2, 2) of a phase at which the mesh is refined: not the outer ones."""
    rings = shapely.get_rings(np.array(section.phases[phase], dtype=object))
    points, ring = shapely.get_coordinates(rings, return_index=True)
    start = np.flatnonzero(ring[1:] == ring[:-1])
    found = np.stack((points[start], points[start + 1]), axis=1)
    tops = [section.boundaries[name] for name in section.unrefined if name in section.boundaries]
    levels = [0.0, section.height]
    levels += [shapely.get_coordinates(t)[0, 1] for t in tops if isinstance(t, shapely.Geometry)]
    outer = np.zeros(len(found), dtype=bool)
    for axis, places in ((0, (0.0, section.width)), (1, levels)):
        for place in places:
            outer |= (np.abs(found[:, :, axis] - place) < TOLERANCE).all(axis=1)
    return found[~outer]


def _lengths(lines: FloatArray) -> FloatArray:
    return np.asarray(np.hypot(*(lines[:, 1] - lines[:, 0]).T))


def _length(lines: FloatArray) -> float:
    return float(_lengths(lines).sum())


def _nearest_interface(section: Section, points: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return how far the nearest line of an interface is from each point, and how long it is."""
    lines = np.concatenate([_interfaces(section, name) for name in section.phases])
    if len(lines) == 0:
        return np.full(len(points), np.inf), np.full(len(points), np.inf)
    (_, nearest), found = shapely.STRtree(shapely.linestrings(lines)).query_nearest(
        shapely.points(points), all_matches=False, return_distance=True
    )
    return np.asarray(found), _lengths(lines)[nearest]


def _phase_at(section: Section, points: FloatArray) -> npt.NDArray[np.int64]:
    """Return the number of the phase at each point, -1 on a line."""
    polygons = [(number, p) for number, parts in enumerate(section.phases.values()) for p in parts]
    numbers = np.array([number for number, _ in polygons])
    # asked by polygon: shapely prepares what it asks for, and some have 1e5 corners
    polygon, point = shapely.STRtree(shapely.points(points)).query(
        [p for _, p in polygons], predicate="contains"
    )
    where = np.full(len(points), -1, dtype=np.int64)
    where[point] = numbers[polygon]
    return where
