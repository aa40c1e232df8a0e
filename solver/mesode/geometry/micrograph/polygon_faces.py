"""The polygons between the arcs of a network, and the areas of the phases. Micrometres."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from mesode.errors import GeometryError

if TYPE_CHECKING:
    import numpy.typing as npt

    from mesode.geometry.micrograph.arcs import Arcs

    type FloatArray = npt.NDArray[np.float64]
    type IntArray = npt.NDArray[np.int64]
    type BoolArray = npt.NDArray[np.bool_]
    type ObjectArray = npt.NDArray[Any]
    type Labels = npt.NDArray[np.uint8]


def polygon_faces(arcs: Arcs, size: FloatArray) -> tuple[ObjectArray, IntArray]:
    """Return the polygons between the lines (n,) and their phases (n,).

    Raises:
        GeometryError: no line between two phases is beside one of them.
    """
    lines = shapely.linestrings(arcs.points, indices=arcs.owner)
    faces = shapely.get_parts(shapely.polygonize([*lines, *_border(arcs, size)]))
    return faces, _phases_of(shapely.orient_polygons(faces), arcs)


def _border(arcs: Arcs, size: FloatArray) -> list[shapely.LineString]:
    """Return the border, divided where arcs end on it."""
    ends = arcs.points[np.concatenate((arcs.first, arcs.last))]
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


def _phases_of(faces: ObjectArray, arcs: Arcs) -> IntArray:
    """Return the phase of each counter-clockwise face, which lies to the left of all its rings."""
    rings, face = shapely.get_rings(faces, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    # the first edge of each arc, both ways: a ring has all of an arc or nothing
    at = _among(points, arcs.points[arcs.first])
    begin = np.flatnonzero((ring[1:] == ring[:-1]) & (at[1:] | at[:-1]))
    ends = np.hstack((arcs.points[arcs.first], arcs.points[arcs.first + 1]))
    known = np.concatenate((ends, ends[:, [2, 3, 0, 1]]))
    left_of = np.concatenate((arcs.left, arcs.right))
    edges = np.hstack((points[begin], points[begin + 1]))
    _, number = np.unique(np.concatenate((known, edges)), axis=0, return_inverse=True)
    number = number.ravel()
    phase = np.full(int(number.max()) + 1, -1)
    phase[number[: len(known)]] = left_of
    found = phase[number[len(known) :]]
    told = found >= 0
    phases = np.full(len(faces), -1)
    phases[face[ring[begin[told]]]] = found[told]
    if np.any(phases < 0):
        msg = "a part of the image has no line to another phase"
        raise GeometryError(msg)
    return phases


def _among(points: FloatArray, places: FloatArray) -> BoolArray:
    """Tell which points (n, 2) are one of some places (m, 2)."""
    of, known = points @ [1.0, 1j], np.unique(places @ [1.0, 1j])
    return np.asarray(known[np.minimum(np.searchsorted(known, of), len(known) - 1)] == of)


def arc_areas(arcs: Arcs, size: FloatArray, labels: Labels) -> FloatArray:
    """Return the area inside the lines of each phase by Green's theorem.

    The integral of x dy around a phase; the lower, upper and left borders add nothing, the right
    one adds its width times the length of the phase on it.
    """
    number = int(labels.max()) + 1
    (x0, y0), (x1, y1) = arcs.points[arcs.piece].T, arcs.points[arcs.piece + 1].T
    flux = arcs.sums(0.5 * (x1 + x0) * (y1 - y0))
    areas = np.bincount(arcs.left, flux, number) - np.bincount(arcs.right, flux, number)
    right = [arcs.points[end, 0] == size[0] for end in (arcs.last, arcs.first)]
    ends, begins = (here & ~arcs.closed for here in right)
    height = np.concatenate((arcs.points[arcs.last[ends], 1], arcs.points[arcs.first[begins], 1]))
    order = np.argsort(height)
    above = np.concatenate((arcs.left[ends], arcs.right[begins]))[order]
    phase = np.concatenate(([labels[0, -1]], above))
    length = np.diff(np.concatenate(([0.0], height[order], [size[1]])))
    return np.asarray(areas + size[0] * np.bincount(phase, length, number))
