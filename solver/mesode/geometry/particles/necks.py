"""Necks between touching particles: straight lines of a given width. All lengths in micrometres.

Two convex outlines that just touch get a common chord of the width asked for, in the plane
between them and around their point of contact. Each outline is drawn to the ends of the chord
and cut back so that the pore beside the chord opens by a wedge that can be meshed. The outline
keeps its area: what the neck adds or takes is made up for everywhere else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely.geometry import MultiPoint, Polygon

from mesode.errors import GeometryError
from mesode.geometry.particles.grain_shapes import divide_between

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    type FloatArray = npt.NDArray[np.float64]
    type IntArray = npt.NDArray[np.intp]

_OPENING = np.tan(np.radians(11.0))  # of the pore on each side of a neck: wedges of 20 degrees
_PASSES = 12  # to make up for the area; most need two or three
_STEEPEST = -0.05  # slope beyond which two passes tell nothing of the third
_SETTLED = 5e-4  # relative: small enough to leave the wedges as they are
_FINE = 0.25  # turns are sought to this share of a degree
_SHARP = np.radians(30)  # corners that turn by more stay vertices
_SHORTEST = 0.5  # edge between a corner and a neck, of the longest
_SAME = 1e-7  # [um]: nearer to the plane of the neck means on it


class NecksOverlap(GeometryError):
    """The necks of a particle leave no room for each other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Neck:
    """Chord of two particles: ``points`` (k, 2) [um] from end to end, ``normal`` to the second.

    Seen along the normal the points run from right to left.
    """

    first: int
    second: int
    points: FloatArray
    normal: FloatArray


def find_neck(
    pair: tuple[int, int],
    outlines: tuple[FloatArray, FloatArray],
    normal: FloatArray,
    width: float,
    interface_size: float,
) -> Neck:
    """Place the neck of two outlines (m, 2) [um] that touch or nearly touch.

    Args:
        pair: numbers of the two particles.
        outlines: their fine outlines, in place.
        normal: about the direction from the first to the second, of any length.
        width: of the neck [um].
        interface_size: longest edge [um].
    """
    one, other = outlines
    angle = np.arctan2(normal[1], normal[0]) + np.radians(np.arange(-6, 6 + _FINE, _FINE))
    units = np.column_stack((np.cos(angle), np.sin(angle)))
    reach = np.max(one @ units.T, axis=0)
    start = np.min(other @ units.T, axis=0)
    best = int(np.argmax(start - reach))
    unit = units[best]
    tangent = np.array([-unit[1], unit[0]])
    level = 0.5 * (reach[best] + start[best])
    middle = _touching_middle(one, other, unit, tangent)
    number = max(1, int(np.ceil(width / interface_size - 1e-9)))
    along = middle + width * (np.arange(number + 1) / number - 0.5)
    points = level * unit + along[:, None] * tangent
    return Neck(first=pair[0], second=pair[1], points=points, normal=unit)


def _touching_middle(
    one: FloatArray, other: FloatArray, unit: FloatArray, tangent: FloatArray
) -> float:
    """Return where along the tangent two outlines are nearest; flat sides touch over a range."""
    spans = []
    for outline, sign in ((one, 1.0), (other, -1.0)):
        height = sign * (outline @ unit)
        depth = height.max() - height
        size = float(np.ptp(height))
        # smooth outlines have several vertices this near to the tangent plane: weigh the nearest
        near = (outline @ tangent)[depth < 1e-4 * size]
        spans.append((near.min(), near.max()))
    (a0, a1), (b0, b1) = spans
    low, high = max(a0, b0), min(a1, b1)
    return float(0.5 * (low + high))


def outline_with_necks(
    outline: FloatArray,
    centre: FloatArray,
    necks: Sequence[tuple[Neck, int]],
    area: float,
    interface_size: float,
) -> tuple[Polygon, float]:
    """Return the outline with its necks, and the factor that the rest of it was scaled with.

    Args:
        outline: fine outline (m, 2) [um] about its centre.
        centre: of the particle [um].
        necks: of this particle, with +1 where it is the first of the two, -1 otherwise.
        area: to be kept [um^2].
        interface_size: longest edge [um].

    Raises:
        NecksOverlap: they leave no room for each other on the particle.
    """
    size, before = 0.0, None  # logarithm of the scale, and what the last pass found
    for _ in range(_PASSES):
        ring, fixed = _ring(np.exp(size) * outline + centre, necks, interface_size)
        factor = free_scale(ring, fixed, centre, area)
        missing = float(np.log(factor))
        if abs(factor - 1) < _SETTLED:
            ring = np.where(fixed[:, None], ring, centre + factor * (ring - centre))
            return Polygon(ring), float(np.exp(size + missing))
        step = missing
        if before is not None:  # the necks take away a part of what is added: secant
            slope = (missing - before[1]) / (size - before[0])
            step = -missing / slope if slope < _STEEPEST else missing
        size, before = size + step, (size, missing)
    raise _overlapping(necks[-1][0].points)


def _ring(
    outline: FloatArray, necks: Sequence[tuple[Neck, int]], interface_size: float
) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
    """Return vertices, counter-clockwise, and which of them belong to a neck."""
    chords = [neck.points if side > 0 else neck.points[::-1] for neck, side in necks]
    ends = np.concatenate([chord[[0, -1]] for chord in chords])
    ring = _hull(np.vstack((outline, ends)))
    for (neck, side), chord in zip(necks, chords, strict=True):
        ring = _cut_back(ring, side * neck.normal, chord[0], chord[-1])
    for (neck, side), chord in zip(necks, chords, strict=True):
        ring = ring[(ring - chord[0]) @ (side * neck.normal) < -_SAME]
    ring = _hull(np.vstack((ring, ends)))
    starts = [_find(ring, chord[0]) for chord in chords]
    for start, chord in zip(starts, chords, strict=True):
        if not np.array_equal(ring[(start + 1) % len(ring)], chord[-1]):
            raise _overlapping(chord)
    return _divide(ring, dict(zip(starts, chords, strict=True)), interface_size)


def _divide(
    ring: FloatArray, chords: dict[int, FloatArray], size: float
) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
    """Divide the ring between necks and corners; the necks bring their own points."""
    edge = np.roll(ring, -1, axis=0) - ring
    before = np.roll(edge, 1, axis=0)
    cross = before[:, 0] * edge[:, 1] - before[:, 1] * edge[:, 0]
    stays = np.arctan2(cross, np.sum(before * edge, axis=1)) > _SHARP
    starts = sorted(chords)
    pieces, of_neck = [], []
    for number, start in enumerate(starts):
        chord = chords[start]
        pieces.append(chord)
        of_neck.append(np.ones(len(chord), dtype=bool))
        stop = starts[(number + 1) % len(starts)]
        count = (stop - start - 1) % len(ring)
        index = (start + 1 + np.arange(count + 1)) % len(ring)
        free = divide_open(ring[index], stays[index], size)
        pieces.append(free)
        of_neck.append(np.zeros(len(free), dtype=bool))
    return np.concatenate(pieces), np.concatenate(of_neck)


def divide_open(line: FloatArray, stays: npt.NDArray[np.bool_], size: float) -> FloatArray:
    """Return the inner vertices of an open line divided into edges of at most ``size``.

    Corners too near to an end or to another are given up: they would leave an edge much too short.
    """
    along = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))))
    stays = stays & (np.minimum(along, along[-1] - along) > _SHORTEST * size)
    corners = np.flatnonzero(stays)
    apart = np.diff(along[corners], prepend=-np.inf) > _SHORTEST * size
    fixed = np.union1d([0, len(line) - 1], corners[apart])
    closed = divide_between(line, fixed.astype(np.intp), size)
    last = int(np.flatnonzero(np.all(closed == line[-1], axis=1))[-1])
    return closed[1:last]


def _hull(points: FloatArray) -> FloatArray:
    ring = shapely.orient_polygons(MultiPoint(points).convex_hull)
    return np.asarray(shapely.get_coordinates(ring)[:-1])


def _find(ring: FloatArray, point: FloatArray) -> int:
    found = np.flatnonzero(np.all(ring == point, axis=1))
    if len(found) != 1:
        raise _overlapping(point[None])
    return int(found[0])


def _overlapping(chord: FloatArray) -> NecksOverlap:
    x, y = chord.mean(axis=0)
    msg = (
        f"packing.contact: the necks of a particle overlap at ({x:.3g}, {y:.3g}) um; use a "
        "smaller contact, or larger particles"
    )
    return NecksOverlap(msg)


def _cut_back(
    ring: FloatArray, normal: FloatArray, right: FloatArray, left: FloatArray
) -> FloatArray:
    """Cut a convex ring behind the plane of a neck and along the wedges at its two ends."""
    tangent = np.array([-normal[1], normal[0]])
    for point, outward in (
        (right, normal),
        (left, normal + _OPENING * tangent),
        (right, normal - _OPENING * tangent),
    ):
        ring = keep_behind(ring, point, outward)
    return ring


def keep_behind(ring: FloatArray, point: FloatArray, outward: FloatArray) -> FloatArray:
    """Return the part of a convex ring on the inner side of a line."""
    height = (ring - point) @ outward
    if np.all(height <= 0):
        return ring
    behind = height <= 0
    leaves = np.flatnonzero(behind != np.roll(behind, -1))
    after = (leaves + 1) % len(ring)
    share = (height[leaves] / (height[leaves] - height[after]))[:, None]
    crossing = ring[leaves] + share * (ring[after] - ring[leaves])
    every = np.insert(ring, leaves + 1, crossing, axis=0)
    return every[np.insert(behind, leaves + 1, values=True)]


def free_scale(
    ring: FloatArray, fixed: npt.NDArray[np.bool_], centre: FloatArray, area: float
) -> float:
    """Return the factor for the free vertices, about the centre, that gives the area exactly."""
    local = ring - centre
    free, held = np.where(fixed[:, None], 0.0, local), np.where(fixed[:, None], local, 0.0)
    a, c = _cross(free, free), _cross(held, held) - area
    b = _cross(free, held) + _cross(held, free)
    return float((-b + np.sqrt(b * b - 4 * a * c)) / (2 * a))


def _cross(one: FloatArray, other: FloatArray) -> float:
    after = np.roll(other, -1, axis=0)
    return float(0.5 * np.sum(one[:, 0] * after[:, 1] - one[:, 1] * after[:, 0]))
