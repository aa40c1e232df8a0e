"""Points, unique edges and rings of a section: the polygons as one planar graph. Micrometres."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from mesode.errors import GeometryError
from mesode.geometry.ragged import flattened
from mesode.geometry.section import TOLERANCE, BoundaryRule, Section

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    type FloatArray = npt.NDArray[np.float64]
    type IntArray = npt.NDArray[np.int64]
    type BoolArray = npt.NDArray[np.bool_]


_LINE_STRING, _LINEAR_RING = 1, 2  # type numbers of shapely


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanarGraph:
    """A section as ``points`` (n, 2) [um] and unique ``edges`` (m, 2).

    ``rings``: for each polygon its closed rings (outer first), as edge numbers plus one with the
    sign of the direction; ``phase`` (p,) index into ``phase_names`` for each polygon;
    ``particle`` (p,) its particle, -1 for none; ``boundaries``: edge numbers by name;
    ``refined`` (m,): the mesh is fine there.
    """

    points: FloatArray
    edges: IntArray
    rings: list[list[IntArray]]
    phase: IntArray
    particle: IntArray
    phase_names: tuple[str, ...]
    boundaries: Mapping[str, IntArray]
    refined: BoolArray

    def lengths(self) -> FloatArray:
        """Return the length [um] of each edge."""
        start, end = self.points[self.edges].transpose(1, 0, 2)
        return np.asarray(np.hypot(*(end - start).T))


def planar_graph(section: Section) -> PlanarGraph:
    """Merge the common points and lines of all polygons.

    Raises:
        GeometryError: a boundary name of the section has no line.
    """
    names = tuple(section.phases)
    phase, polygons = flattened(section.phases.values())
    coordinates = [
        shapely.get_coordinates(ring)[:-1] for p in polygons for ring in (p.exterior, *p.interiors)
    ]
    ring_polygon = np.repeat(np.arange(len(polygons)), [1 + len(p.interiors) for p in polygons])
    points, chains = _merge_points(coordinates)
    chains = _insert_touching(points, chains)
    starts = np.concatenate(chains)
    ends = np.concatenate([np.roll(c, -1) for c in chains])
    pairs = np.sort(np.column_stack((starts, ends)), axis=1)
    edges, inverse = np.unique(pairs, axis=0, return_inverse=True)
    signed = (inverse.ravel() + 1) * np.where(starts == pairs[:, 0], 1, -1)
    lengths = np.array([len(c) for c in chains])
    rings: list[list[IntArray]] = [[] for _ in polygons]
    for owner, ring in zip(ring_polygon, np.split(signed, np.cumsum(lengths)[:-1]), strict=True):
        rings[owner].append(ring)
    boundaries = {
        name: _edges_on(name, rule, points, edges) for name, rule in section.boundaries.items()
    }
    edge_phase = np.repeat(phase[ring_polygon], lengths)
    refined = _phase_changes(inverse.ravel(), edge_phase, len(edges))
    for name in section.unrefined:
        refined[boundaries[name]] = False
    for name in section.refined:
        refined[boundaries[name]] = True
    return PlanarGraph(
        points=points,
        edges=edges,
        rings=rings,
        phase=phase,
        particle=_particle_numbers(section),
        phase_names=names,
        boundaries=boundaries,
        refined=refined,
    )


def _particle_numbers(section: Section) -> IntArray:
    """Return the particle of each polygon, -1 where it is of none; empty space is of none."""
    numbers = [
        section.particle_of.get(name, np.full(len(parts), -1))
        for name, parts in section.phases.items()
    ]
    return np.concatenate(numbers)


def _merge_points(coordinates: list[FloatArray]) -> tuple[FloatArray, list[IntArray]]:
    """Return the unique points and each ring as point numbers."""
    everything = np.concatenate(coordinates)
    keys = np.round(everything / TOLERANCE).astype(np.int64)
    _, first, inverse = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    splits = np.cumsum([len(c) for c in coordinates])[:-1]
    return everything[first], [np.asarray(c) for c in np.split(inverse.ravel(), splits)]


def _insert_touching(points: FloatArray, chains: list[IntArray]) -> list[IntArray]:
    """Split ring segments on which points of other rings lie (T-junctions)."""
    starts = np.concatenate(chains)
    ends = np.concatenate([np.roll(c, -1) for c in chains])
    segments = shapely.linestrings(np.stack((points[starts], points[ends]), axis=1))
    point, segment = shapely.STRtree(segments).query(
        shapely.points(points), predicate="dwithin", distance=TOLERANCE
    )
    inside = (point != starts[segment]) & (point != ends[segment])
    point, segment = point[inside], segment[inside]
    if len(point) == 0:
        return chains
    along = np.hypot(*(points[point] - points[starts[segment]]).T)
    order = np.lexsort((along, segment))
    point, segment = point[order], segment[order]
    full = np.insert(starts, segment + 1, point)
    added = np.bincount(segment, minlength=len(starts))
    owner = np.repeat(np.arange(len(chains)), [len(c) for c in chains])
    sizes = np.bincount(owner, weights=1 + added).astype(np.int64)
    return np.split(full, np.cumsum(sizes)[:-1])


def _phase_changes(edge: IntArray, phase: IntArray, number: int) -> BoolArray:
    """Tell for each edge whether the polygons on its two sides are of different phases."""
    lowest = np.full(number, np.iinfo(np.int64).max)
    highest = np.full(number, -1)
    np.minimum.at(lowest, edge, phase)
    np.maximum.at(highest, edge, phase)
    return np.asarray(lowest != highest)


def _edges_on(name: str, rule: BoundaryRule, points: FloatArray, edges: IntArray) -> IntArray:
    """Return the edges of which both ends and the middle lie on a boundary line."""
    start, end = points[edges].transpose(1, 0, 2)
    tree = shapely.STRtree(_pieces(rule)) if isinstance(rule, shapely.Geometry) else None
    on = np.ones(len(edges), dtype=bool)
    for place in (start, end, 0.5 * (start + end)):
        if tree is None:
            on &= rule(place[:, 0], place[:, 1])
            continue
        near = tree.query(shapely.points(place), predicate="dwithin", distance=TOLERANCE)[0]
        on &= np.isin(np.arange(len(place)), near)
    found = np.flatnonzero(on)
    if len(found) == 0:
        msg = f"boundary {name!r}: no line of the section lies on it"
        raise GeometryError(msg)
    return found


def _pieces(line: shapely.Geometry) -> npt.NDArray[np.object_]:
    """Return the straight segments of lines, and other geometries as they are."""
    parts = shapely.get_parts(line)
    curves = np.isin(shapely.get_type_id(parts), (_LINE_STRING, _LINEAR_RING))
    points, owner = shapely.get_coordinates(parts[curves], return_index=True)
    inside = owner[1:] == owner[:-1]
    ends = np.stack((points[:-1][inside], points[1:][inside]), axis=1)
    return np.concatenate((shapely.linestrings(ends), parts[~curves]))
