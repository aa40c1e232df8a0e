"""Divide a plane region by a shape so that both parts can be meshed. All lengths in micrometres.

Menisci meet particles under zero angle, films leave slits between them: lines that no mesh can
follow. Here the shape only *proposes* lines. Points are put on its outline, one mesh size apart,
where it keeps a distance from every line that is there already; these points and all vertices
that are there already are triangulated (Delaunay), and each triangle goes to the shape or to the
rest, whichever has more of it. Lines between the two follow edges of the triangulation: they end
at vertices, never cross, and no two vertices are closer than about half a mesh size, so cusps are
cut off and slits are closed. Sharp corners and crumbs that are left change sides.

The lines of the region itself are not changed; only its long straight sides get new vertices.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.spatial import Delaunay, cKDTree
from shapely.geometry import Polygon

from mesode.errors import GeometryError
from mesode.geometry.arrays import doubled_areas
from mesode.geometry.binder.outline_nodes import outline_nodes
from mesode.geometry.binder.triangle_labels import smooth_labels
from mesode.geometry.polygons import TOLERANCE
from mesode.geometry.ragged import spread

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    type FloatArray = npt.NDArray[np.float64]
    type IntArray = npt.NDArray[np.int64]
    type BoolArray = npt.NDArray[np.bool_]

FEATURE = 0.5  # smallest distance of lines that do not meet, in mesh sizes
_LONG = 1.5  # sides longer than this, in mesh sizes, may get new vertices
_RECOVERIES = 12  # rounds of halving the lines that the triangulation lost
_DIGITS = 9  # of new points [um]
_FLAT_ROUNDS = 4  # flat triangles may lie upon each other
_SAMPLES = np.array(  # places in a triangle that tell which part has more of it
    [
        [1 / 3, 1 / 3, 1 / 3],
        *([0.7 if i == k else 0.15 for i in range(3)] for k in range(3)),
        *([0.1 if i == k else 0.45 for i in range(3)] for k in range(3)),
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Division:
    """The part ``inside`` the shape and the part ``outside``, which share their lines."""

    inside: list[Polygon]
    outside: list[Polygon]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lines:
    """Vertices (n, 2) and edges (m, 2) of the region; vertices from ``added`` on are new."""

    points: FloatArray
    edges: IntArray
    added: int


def divide(
    region: Sequence[Polygon], shape: shapely.Geometry, size: float, feature: float = FEATURE
) -> Division:
    """Divide a region into what is inside a shape and what is not.

    Args:
        region: polygons [um] that share whole edges or nothing.
        shape: polygons [um]; parts outside the region do not matter.
        size: vertex spacing of the new lines [um].
        feature: smallest distance, in sizes, of new lines from lines they do not meet.

    Raises:
        GeometryError: lines of the region cross or are much closer than their vertices.
    """
    if len(region) == 0 or shape.is_empty:
        return Division(inside=[], outside=list(region))
    area = shapely.MultiPolygon(list(region))
    shapely.prepare(area)
    shapely.prepare(shape)
    lines = _subdivided(_lines_of(region), shape, size)
    nodes = outline_nodes(shape, area, _sampled(lines, size / 8), size, feature * size)
    nodes = np.round(nodes, _DIGITS)  # straight outlines stay straight
    if len(nodes) == 0:
        return _undivided(region, shape)
    points, lines, triangles = _triangulate(lines, nodes)
    label = np.where(_share(area, points, triangles.simplices, _SAMPLES[:1]) > 0.5, 0, -1)
    free = np.flatnonzero(label == 0)
    label[free] = _share(shape, points, triangles.simplices[free], _SAMPLES) > 0.5
    smooth_labels(points, triangles.simplices, triangles.neighbors, label, size)
    _absorb_flat(points, triangles, label)
    return _parts(points, triangles, label, lines.added)


def _undivided(region: Sequence[Polygon], shape: shapely.Geometry) -> Division:
    """Give whole polygons to one side: no line of the shape has room in the region."""
    inside: list[Polygon] = []
    outside: list[Polygon] = []
    for polygon in region:
        covered = shapely.intersection(polygon, shape).area > 0.5 * polygon.area
        (inside if covered else outside).append(polygon)
    return Division(inside=inside, outside=outside)


def _lines_of(region: Sequence[Polygon]) -> _Lines:
    rings = [ring for p in region for ring in (p.exterior, *p.interiors)]
    coordinates = [shapely.get_coordinates(ring) for ring in rings]
    points, number = np.unique(np.concatenate(coordinates), axis=0, return_inverse=True)
    ends = np.cumsum([len(c) for c in coordinates])
    pairs = np.delete(np.column_stack((number[:-1], number[1:])), ends[:-1] - 1, axis=0)
    edges = np.unique(np.sort(pairs, axis=1), axis=0)
    return _Lines(points=points, edges=edges, added=len(points))


def _subdivided(lines: _Lines, shape: shapely.Geometry, size: float) -> _Lines:
    """Put vertices on long straight sides, where new lines may end."""
    length = _lengths(lines)
    outline = shape.boundary
    points, edges = [lines.points], [lines.edges[length <= _LONG * size]]
    count = len(lines.points)
    for edge in np.flatnonzero(length > _LONG * size):
        start, end = lines.edges[edge]
        ends = lines.points[[start, end]]
        crossings = shapely.intersection(shapely.linestrings(ends), outline)
        share = _stations(ends, shapely.get_coordinates(crossings), size)[:, None]
        points.append(ends[0] + share * (ends[1] - ends[0]))
        chain = np.concatenate(([start], count + np.arange(len(share)), [end]))
        edges.append(np.column_stack((chain[:-1], chain[1:])))
        count += len(share)
    return _Lines(points=np.concatenate(points), edges=np.concatenate(edges), added=lines.added)


def _stations(ends: FloatArray, crossings: FloatArray, size: float) -> FloatArray:
    """Return places (0 to 1) along a side about ``size`` apart, with those of the crossings."""
    length = float(np.hypot(*(ends[1] - ends[0])))
    number = int(np.ceil(length / size))
    share = np.arange(1, number) / number
    margin = FEATURE * size / length
    exact = np.unique((crossings - ends[0]) @ (ends[1] - ends[0]) / length**2)
    exact = exact[(exact > margin) & (exact < 1 - margin)]
    exact = exact[np.append(True, np.diff(exact) > margin)] if len(exact) else exact
    if len(exact):
        nearest = np.min(np.abs(share[:, None] - exact[None, :]), axis=1)
        share = np.sort(np.concatenate((share[nearest > margin], exact)))
    return share


def _lengths(lines: _Lines) -> FloatArray:
    return np.asarray(np.hypot(*np.diff(lines.points[lines.edges], axis=1)[:, 0].T))


def _sampled(lines: _Lines, step: float) -> cKDTree:
    """Return the lines as points ``step`` [um] apart."""
    number = np.ceil(_lengths(lines) / step).astype(np.int64)
    edge, place = spread(number)
    start, end = lines.points[lines.edges[edge]].transpose(1, 0, 2)
    share = (place / number[edge])[:, None]
    return cKDTree(start + share * (end - start))


def _triangulate(lines: _Lines, nodes: FloatArray) -> tuple[FloatArray, _Lines, Delaunay]:
    """Return points (region first, then added ones, then nodes) and triangles with every line."""
    for _ in range(_RECOVERIES):
        points = np.concatenate((lines.points, nodes))
        triangles = Delaunay(points - points.mean(axis=0))
        lost = _lost(lines.edges, triangles.simplices, len(points))
        if not np.any(lost):
            return points, lines, triangles
        start, end = lines.edges[lost].T
        middle = 0.5 * (lines.points[start] + lines.points[end])
        new = len(lines.points) + np.arange(len(middle))
        edges = [lines.edges[~lost], np.column_stack((start, new)), np.column_stack((new, end))]
        lines = _Lines(
            points=np.concatenate((lines.points, middle)),
            edges=np.concatenate(edges),
            added=lines.added,
        )
    x, y = middle[0]
    msg = f"carbon_binder: lines cross or nearly touch at x = {x:.4g} um, y = {y:.4g} um"
    raise GeometryError(msg)


def _absorb_flat(points: FloatArray, triangles: Delaunay, label: IntArray) -> None:
    """Give triangles without height, of vertices on one line, to what lies across the long side."""
    corners = points[triangles.simplices]
    sides = np.hypot(
        *(np.roll(corners, -1, axis=1) - np.roll(corners, -2, axis=1)).transpose(2, 0, 1)
    )
    area = np.abs(doubled_areas(points, triangles.simplices.astype(np.int64)))
    flat = np.flatnonzero(area < TOLERANCE * sides.max(axis=1))
    across = triangles.neighbors[flat, np.argmax(sides[flat], axis=1)]
    for _ in range(_FLAT_ROUNDS):
        label[flat] = np.where(across < 0, -1, label[across])


def _lost(edges: IntArray, simplices: npt.NDArray[np.int32], count: int) -> BoolArray:
    """Tell which edges are not sides of triangles."""
    sides = np.sort(simplices[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1).astype(np.int64)
    edges = np.sort(edges, axis=1)
    return ~np.isin(edges[:, 0] * count + edges[:, 1], sides[:, 0] * count + sides[:, 1])


def _share(
    area: shapely.Geometry, points: FloatArray, triangles: npt.NDArray[np.int32], places: FloatArray
) -> FloatArray:
    """Return the share of the sample places of each triangle that lie in an area."""
    samples = np.einsum("pc,tcd->tpd", places, points[triangles])
    return np.asarray(shapely.contains_xy(area, samples[..., 0], samples[..., 1]).mean(axis=1))


def _parts(points: FloatArray, triangles: Delaunay, label: IntArray, added: int) -> Division:
    """Join the triangles of each part and drop the vertices on straight sides without use."""
    corners = shapely.polygons(points[triangles.simplices])
    beside = np.where(triangles.neighbors < 0, -1, label[triangles.neighbors])
    between = (label[:, None] == 0) & (beside == 1)
    triangle, opposite = np.nonzero(between)
    used = triangles.simplices[triangle[:, None], (opposite[:, None] + [1, 2]) % 3]
    idle = np.setdiff1d(np.arange(added, len(points)), used)
    idle_points = {(float(x), float(y)) for x, y in points[idle]}
    parts = []
    for side in (1, 0):
        joined = shapely.coverage_union_all(corners[label == side])
        whole = [p for p in shapely.get_parts(joined) if not p.is_empty]
        parts.append([_without(p, idle_points) for p in whole])
    return Division(inside=parts[0], outside=parts[1])


def _without(polygon: Polygon, points: set[tuple[float, float]]) -> Polygon:
    """Return a polygon without some of its vertices, all on straight sides."""
    rings = [
        [corner for corner in ring.coords[:-1] if corner not in points]
        for ring in (polygon.exterior, *polygon.interiors)
    ]
    return Polygon(rings[0], rings[1:])
