"""Mesh a section with gmsh. Micrometres.

All lines of the section become straight gmsh lines, so the mesh conforms to every polygon. Lines
of particles are as long as the interface size already and are not divided again.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import gmsh
import numpy as np

from mesode.errors import GeometryError, MeshError
from mesode.geometry.arrays import MeshArrays, cell_areas, doubled_areas
from mesode.geometry.planar import PlanarGraph, planar_graph
from mesode.geometry.section import Section, check_clearance
from mesode.geometry.surface_layers import insert_layers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import numpy.typing as npt

    from mesode.geometry.surface_layers import Layers

    type FloatArray = npt.NDArray[np.float64]
    type IntArray = npt.NDArray[np.int64]

__all__ = ["MeshArrays", "mesh_section"]

_GROWTH = 0.3  # growth of the mesh size per length away from an interface
_OPTIONS = {
    "General.Terminal": 0,
    "General.NumThreads": 1,
    "Mesh.Algorithm": 6,  # frontal-Delaunay: the best triangles of gmsh's planar algorithms
    "Mesh.RandomSeed": 1,
    "Mesh.MeshSizeExtendFromBoundary": 0,
    "Mesh.MeshSizeFromPoints": 0,
    "Mesh.MeshSizeFromCurvature": 0,
    "Mesh.MshFileVersion": 4.1,
    "Mesh.Binary": 1,
}
_AREA_TOLERANCE = 1e-6  # relative; gmsh keeps the lines, so only missing triangles exceed it
PARTICLE_ATTRIBUTE = "SurfaceParticles"  # section of the file: surface and number of its particle
_LINE, _TRIANGLE = 1, 2  # element types of gmsh


@contextlib.contextmanager
def gmsh_session() -> Iterator[None]:
    """Open gmsh silently with our options and close it in any case."""
    gmsh.initialize(argv=["", "-v", "0"], readConfigFiles=False, interruptible=False)
    try:
        for name, value in _OPTIONS.items():
            gmsh.option.setNumber(name, value)
        yield
    finally:
        gmsh.finalize()


def mesh_section(
    section: Section,
    size: float,
    interface_size: float,
    path: Path,
    layers: Layers | None = None,
) -> MeshArrays:
    """Mesh a section and write it as MSH 4.1.

    Args:
        section: polygons and boundary lines [um].
        size: largest element size [um], away from interfaces.
        interface_size: element size [um] where phases meet.
        path: of the .msh file, overwritten; its physical groups are the phases and boundaries.
        layers: thinner triangles inside the hosts at their surface, None for none.

    Raises:
        GeometryError: sizes out of order, a gap too narrow for the interface size, or a
            boundary name without a line.
        MeshError: gmsh failed, or left a part of the section without triangles.
    """
    if not 0 < interface_size <= size:
        msg = (
            f"mesh: interface ({interface_size:g} um) must be positive and not above size "
            f"({size:g} um)"
        )
        raise GeometryError(msg)
    check_clearance(section.clearance, interface_size)
    graph = planar_graph(section)
    with gmsh_session():
        gmsh.model.add("section")
        try:
            _add_geometry(graph, interface_size)
            _name_particles(graph)
            _set_size_field(graph, size, interface_size)
            gmsh.model.mesh.generate(2)
            if layers is not None:
                _add_layers(layers, interface_size)
            gmsh.write(str(path))
        except Exception as error:  # gmsh raises bare Exception
            msg = f"gmsh could not mesh the section: {error}"
            raise MeshError(msg) from error
        mesh = extract_mesh()
    _check_areas(section, mesh)
    return mesh


def _add_geometry(graph: PlanarGraph, interface_size: float) -> None:
    """Enter points, lines, surfaces and physical groups; tags are indices plus one."""
    geo = gmsh.model.geo
    for tag, (x, y) in enumerate(graph.points.tolist(), start=1):
        geo.addPoint(x, y, 0.0, tag=tag)
    for tag, (start, end) in enumerate((graph.edges + 1).tolist(), start=1):
        geo.addLine(start, end, tag=tag)
    loop = 0
    for surface, rings in enumerate(graph.rings, start=1):
        for ring in rings:
            loop += 1
            geo.addCurveLoop(ring.tolist(), tag=loop)
        geo.addPlaneSurface(list(range(loop - len(rings) + 1, loop + 1)), tag=surface)
    geo.synchronize()
    for tag in (np.flatnonzero(graph.lengths() <= 1.5 * interface_size) + 1).tolist():
        gmsh.model.mesh.setTransfiniteCurve(tag, 2)
    for tag, name in enumerate(graph.phase_names, start=1):
        surfaces = np.flatnonzero(graph.phase == tag - 1) + 1
        gmsh.model.addPhysicalGroup(2, surfaces.tolist(), tag=tag, name=name)
    for tag, (name, lines) in enumerate(graph.boundaries.items(), start=1):
        gmsh.model.addPhysicalGroup(1, (lines + 1).tolist(), tag=tag, name=name)


def _name_particles(graph: PlanarGraph) -> None:
    """Write the particle of each surface into the model: an attribute, kept in the file."""
    surfaces = np.flatnonzero(graph.particle >= 0)
    pairs = zip((surfaces + 1).tolist(), graph.particle[surfaces].tolist(), strict=True)
    gmsh.model.setAttribute(
        PARTICLE_ATTRIBUTE, [f"{surface} {number}" for surface, number in pairs]
    )


def _set_size_field(graph: PlanarGraph, size: float, interface_size: float) -> None:
    """Let the size grow linearly from the interfaces up to ``size``."""
    # short lines must be followed by small triangles even on the rim of a lone disc
    lines = np.flatnonzero(graph.refined | (graph.lengths() <= 1.5 * interface_size))
    if len(lines) == 0:
        gmsh.option.setNumber("Mesh.MeshSizeMin", size)
        gmsh.option.setNumber("Mesh.MeshSizeMax", size)
        gmsh.model.mesh.field.add("MathEval", 1)
        gmsh.model.mesh.field.setString(1, "F", f"{size!r}")
        gmsh.model.mesh.field.setAsBackgroundMesh(1)
        return
    field = gmsh.model.mesh.field
    short = graph.lengths()[lines] <= 1.5 * interface_size
    field.add("Distance", 1)
    field.setNumbers(1, "PointsList", (np.unique(graph.edges[lines]) + 1).tolist())
    if not np.all(short):
        longest = float(graph.lengths()[lines].max())
        field.setNumbers(1, "CurvesList", (lines[~short] + 1).tolist())
        field.setNumber(1, "Sampling", int(np.ceil(longest / interface_size)) + 1)
    field.add("Threshold", 2)
    field.setNumber(2, "InField", 1)
    field.setNumber(2, "SizeMin", interface_size)
    field.setNumber(2, "SizeMax", size)
    field.setNumber(2, "DistMin", interface_size)
    field.setNumber(2, "DistMax", interface_size + max((size - interface_size) / _GROWTH, 1e-9))
    field.setAsBackgroundMesh(2)


def _add_layers(layers: Layers, interface_size: float) -> None:
    """Put layers at the surface of the hosts into the mesh of the open model."""
    tags, coordinates, _ = gmsh.model.mesh.getNodes()
    order = np.argsort(tags)
    cells, group, surface, names = _elements(2, _TRIANGLE, 3)
    role = np.zeros(len(cells), dtype=np.int64)
    for phases, value in ((layers.hosts, 1), (layers.pores, -1)):
        role[np.isin(group, [names[name] for name in phases if name in names])] = value
    points = coordinates.reshape(-1, 3)[order, :2]
    numbers = np.searchsorted(tags, cells, sorter=order).astype(np.int64)
    numbers = _counter_clockwise(points, numbers)
    layered = insert_layers(points, numbers, surface, role, layers.first, interface_size)
    new = np.arange(len(layered.points) - len(points), dtype=np.int64)
    tag_of = np.concatenate((tags[order], int(tags.max()) + 1 + new))
    where = surface[layered.source]
    owner = np.zeros(len(layered.points), dtype=np.int64)
    owner[layered.cells] = where[:, None]
    for part in np.unique(surface[role == 1]).tolist():
        own = len(points) + np.flatnonzero(owner[len(points) :] == part)
        where_to = np.column_stack((layered.points[own], np.zeros(len(own)))).ravel()
        gmsh.model.mesh.addNodes(2, part, tag_of[own], where_to)
        gmsh.model.mesh.removeElements(2, part)
        triangles = tag_of[layered.cells[where == part]].ravel()
        gmsh.model.mesh.addElementsByType(part, _TRIANGLE, [], triangles)


def _check_areas(section: Section, mesh: MeshArrays) -> None:
    """Compare the area of each phase in the mesh with its polygons."""
    areas = cell_areas(mesh)
    for name, polygons in section.phases.items():
        meshed = float(np.sum(areas[mesh.cell_phase == mesh.phases[name]]))
        expected = float(sum(p.area for p in polygons))
        if abs(meshed - expected) > _AREA_TOLERANCE * expected:
            msg = (
                f"phase {name!r}: the mesh covers {meshed:.6g} um^2 of {expected:.6g} um^2; the "
                "polygons overlap or leave slits narrower than the mesh"
            )
            raise MeshError(msg)


def extract_mesh() -> MeshArrays:
    """Copy the mesh of the open gmsh model into arrays, points in the order of gmsh's tags."""
    tags, coordinates, _ = gmsh.model.mesh.getNodes()
    cells, cell_phase, surface, phases = _elements(2, _TRIANGLE, 3)
    facets, facet_tag, _, boundaries = _elements(1, _LINE, 2)
    if len(cells) == 0:
        msg = "the mesh has no triangles in a named physical surface; name each phase in gmsh"
        raise MeshError(msg)
    used = np.unique(cells)
    order = np.argsort(tags)
    position = np.searchsorted(tags, used, sorter=order)
    points = coordinates.reshape(-1, 3)[order[position], :2].copy()
    return MeshArrays(
        points=points,
        cells=_counter_clockwise(points, np.searchsorted(used, cells).astype(np.int64)),
        cell_phase=cell_phase,
        phases=phases,
        particle=_particle_numbers(surface),
        facets=np.searchsorted(used, facets).astype(np.int64),
        facet_tag=facet_tag,
        boundaries=boundaries,
    )


def _elements(
    dim: int, kind: int, width: int
) -> tuple[IntArray, npt.NDArray[np.int32], IntArray, dict[str, int]]:
    """Return node tags (m, width), physical tag and entity of each element, and the names."""
    nodes, group_of, entity_of, names = [], [], [], {}
    for _, group in gmsh.model.getPhysicalGroups(dim):
        names[gmsh.model.getPhysicalName(dim, group) or f"group_{group}"] = int(group)
        for entity in gmsh.model.getEntitiesForPhysicalGroup(dim, group):
            found = gmsh.model.mesh.getElementsByType(kind, int(entity))[1]
            nodes.append(found.reshape(-1, width).astype(np.int64))
            group_of.append(np.full(len(found) // width, group, dtype=np.int32))
            entity_of.append(np.full(len(found) // width, entity, dtype=np.int64))
    if not nodes:
        none = np.empty(0, dtype=np.int32)
        return np.empty((0, width), dtype=np.int64), none, none.astype(np.int64), names
    return np.concatenate(nodes), np.concatenate(group_of), np.concatenate(entity_of), names


def _particle_numbers(surface: IntArray) -> npt.NDArray[np.int32]:
    """Return the particle of each cell, -1 outside."""
    particle = np.full(len(surface), -1, dtype=np.int32)
    if PARTICLE_ATTRIBUTE not in gmsh.model.getAttributeNames():
        return particle
    words = [pair.split() for pair in gmsh.model.getAttribute(PARTICLE_ATTRIBUTE)]
    table = np.array(words, dtype=np.int64).reshape(-1, 2)
    if len(table) == 0:
        return particle
    order = np.argsort(table[:, 0])
    tags, numbers = table[order].T
    place = np.minimum(np.searchsorted(tags, surface), len(tags) - 1)
    inside = tags[place] == surface
    particle[inside] = numbers[place[inside]]
    return particle


def _counter_clockwise(points: FloatArray, cells: IntArray) -> IntArray:
    turned = doubled_areas(points, cells) < 0
    cells[turned] = cells[turned][:, [0, 2, 1]]
    return cells
