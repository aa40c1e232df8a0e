"""The polygons between the arcs of a network, and the areas of the phases. Micrometres."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from mesode.errors import GeometryError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt
    from shapely.geometry import Polygon

    from mesode.geometry.micrograph.contour_network import Arc

    type FloatArray = npt.NDArray[np.float64]
    type Labels = npt.NDArray[np.uint8]


def polygon_faces(arcs: Sequence[Arc], size: FloatArray) -> list[tuple[Polygon, int]]:
    """Return the polygons between the lines and their phases."""
    left_of: dict[tuple[float, ...], int] = {}
    for arc in arcs:
        pieces = np.hstack((arc.points[:-1], arc.points[1:]))
        left_of.update(dict.fromkeys(map(tuple, pieces.tolist()), arc.left))
        left_of.update(dict.fromkeys(map(tuple, pieces[:, [2, 3, 0, 1]].tolist()), arc.right))
    lines = [shapely.linestrings(a.points) for a in arcs]
    faces = shapely.get_parts(shapely.polygonize([*lines, *_border(arcs, size)]))
    return [(face, _phase_of(shapely.orient_polygons(face), left_of)) for face in faces]


def _border(arcs: Sequence[Arc], size: FloatArray) -> list[shapely.LineString]:
    """Return the border, divided where arcs end on it."""
    ends = np.concatenate([a.points[[0, -1]] for a in arcs])
    corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1]]) * size
    pieces = []
    for k, corner in enumerate(corners):
        other = corners[(k + 1) % 4]
        axis = k % 2
        on = ends[ends[:, 1 - axis] == corner[1 - axis]]
        inner = on[(on[:, axis] > 0) & (on[:, axis] < size[axis])]
        order = (
            np.argsort(inner[:, axis])
            if other[axis] > corner[axis]
            else np.argsort(-inner[:, axis])
        )
        points = np.vstack((corner, inner[order], other))
        pieces += [shapely.linestrings(points[i : i + 2]) for i in range(len(points) - 1)]
    return pieces


def _phase_of(face: Polygon, left_of: Mapping[tuple[float, ...], int]) -> int:
    """Return the phase of a counter-clockwise face, which lies to the left of all its rings."""
    for ring in (face.exterior, *face.interiors):
        points = shapely.get_coordinates(ring)
        for piece in np.hstack((points[:-1], points[1:])).tolist():
            phase = left_of.get(tuple(piece))
            if phase is not None:
                return phase
    msg = "a part of the image has no line to another phase"
    raise GeometryError(msg)


def arc_areas(arcs: Sequence[Arc], size: FloatArray, labels: Labels) -> FloatArray:
    """Return the area inside the lines of each phase by Green's theorem.

    The integral of x dy around a phase; the lower, upper and left borders add nothing, the right
    one adds its width times the length of the phase on it.
    """
    areas = np.zeros(int(labels.max()) + 1)
    ends: list[tuple[float, int, int]] = []  # on the right border: y, phase below, phase above
    for arc in arcs:
        x, y = arc.points.T
        flux = float(np.sum(0.5 * (x[1:] + x[:-1]) * np.diff(y)))
        areas[arc.left] += flux
        areas[arc.right] -= flux
        if not arc.closed and x[-1] == size[0]:
            ends.append((float(y[-1]), arc.right, arc.left))
        if not arc.closed and x[0] == size[0]:
            ends.append((float(y[0]), arc.left, arc.right))
    start, phase = 0.0, int(labels[0, -1])
    for y_end, below, above in sorted(ends):
        areas[below] += size[0] * (y_end - start)
        start, phase = y_end, above
    areas[phase] += size[0] * (size[1] - start)
    return areas
