"""Yolk-shell particles: a shell, a yolk that touches it, and the void between. Micrometres.

The yolk is the space inside the shell made smaller about the point of contact. It shares an arc
of the shell over the contact width; beside the arc it is cut back, so that the void opens by an
angle that can be meshed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.optimize import brentq
from shapely.geometry import MultiPoint, Polygon

from mesode.errors import GeometryError
from mesode.geometry.particles.grain_shapes import divide_between, with_area_about
from mesode.geometry.particles.inner_lines import (
    THINNEST,
    check_thickness,
    counter_clockwise,
    offset_inwards,
)
from mesode.geometry.particles.necks import divide_open, free_scale, keep_behind

if TYPE_CHECKING:
    import numpy.typing as npt

    type FloatArray = npt.NDArray[np.float64]

_OPENING = np.radians(18.0)  # of the void at both ends of the contact
_TIP = 0.15  # width of the void over the distance from its tips: 9 degrees
_SLIT = 0.2  # width of the void farther on, of the interface size: triangles of 11 degrees
_WIDEST = 0.25  # contact over the circumference inside the shell
_SAME = 1e-7  # [um]: nearer to the line of the contact means on it
_CHORD = 6  # steps to an arc of which the chord is the contact
_SMALLEST = 0.02  # yolk before its size is fitted, of the space inside the shell


@dataclass(frozen=True, slots=True, kw_only=True)
class Yolk:
    """Thickness of the ``shell`` [um], ``void`` share inside it, ``contact`` width [um]."""

    shell: float
    void: float
    contact: float


def divide_yolk(
    outline: Polygon, yolk: Yolk, rng: np.random.Generator, interface_size: float
) -> tuple[Polygon, Polygon, Polygon]:
    """Return shell, yolk and void; they share their vertices and partition the outline.

    Args:
        outline: convex [um].
        yolk: what to put in.
        rng: of the direction of the contact.
        interface_size: longest edge [um].

    Raises:
        GeometryError: the shell or the contact cannot be meshed, or the void is too small for a
            contact of this width.
    """
    check_thickness("shell", yolk.shell, interface_size)
    space = offset_inwards(outline, yolk.shell)
    if space.is_empty or np.sqrt(space.area / np.pi) < interface_size:
        msg = f"inside.shell: a shell of {yolk.shell:g} um leaves no space inside; make it thinner"
        raise GeometryError(msg)
    _check_contact(yolk, space, interface_size)
    ring, last = _ring_from(space, rng.random(), yolk.contact, interface_size)
    check_thickness(
        "shell", float(Polygon(ring).exterior.distance(outline.exterior)), interface_size
    )
    inner = Polygon(ring)
    free = _free_side(ring, last, (1 - yolk.void) * inner.area, interface_size)
    _check_void(ring, last, free, yolk.void, interface_size)
    arc = ring[: last + 1]
    middle = Polygon(np.vstack((arc, free)))
    empty = Polygon(np.vstack((ring[last:], ring[:1], free[::-1])))
    return Polygon(outline.exterior, [inner.exterior]), middle, empty


def _check_contact(yolk: Yolk, space: Polygon, size: float) -> None:
    widest = _WIDEST * float(space.length)
    if THINNEST * size <= yolk.contact <= widest:
        return
    msg = (
        f"inside.contact: a yolk that touches its shell over {yolk.contact:g} um cannot be meshed; "
        f"the contact must be {THINNEST * size:.3g} um (half of mesh.interface) to {widest:.3g} um"
    )
    raise GeometryError(msg)


def _check_void(ring: FloatArray, last: int, free: FloatArray, void: float, size: float) -> None:
    """Check that the void is wide enough for the mesh everywhere but in its two tips."""
    outer = shapely.LineString(np.vstack((ring[last:], ring[:1])))
    points = shapely.points(free)
    width = shapely.distance(points, outer)
    to_tips = shapely.distance(points, shapely.MultiPoint(ring[[0, last]]))
    if np.all(width >= np.minimum(_SLIT * size, _TIP * to_tips)):
        return
    msg = (
        f"inside.void: {void:g} leaves a slit of {float(width.min()):.3g} um beside the yolk, too "
        f"thin for mesh.interface {size:g} um; use more void or a finer mesh.interface"
    )
    raise GeometryError(msg)


def _ring_from(space: Polygon, place: float, contact: float, size: float) -> tuple[FloatArray, int]:
    """Return the line of the space from the start of the contact, and where the contact ends.

    The contact is a straight chord; the area of the space is kept.

    ``place``: where the arc begins, as a share of the circumference.
    """
    line = shapely.LinearRing(counter_clockwise(space))
    length = float(line.length)
    arc = contact
    for _ in range(_CHORD):
        ends = np.array([place * length, (place * length + arc) % length])
        start, stop = (shapely.get_coordinates(line.interpolate(e))[0] for e in ends)
        arc *= contact / float(np.hypot(*(stop - start)))
    along = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(line.coords, axis=0).T))))[:-1]
    corners = _corners(np.asarray(line.coords)[:-1])
    after = (along - ends[0]) % length
    keep = (after > arc + THINNEST * size) & (after < length - THINNEST * size)
    order = np.argsort(after[keep])
    fine = np.asarray(line.coords)[:-1][keep][order]
    fine = np.vstack((start, stop, fine))
    fixed = np.concatenate(([0, 1], 2 + np.flatnonzero(corners[keep][order])))
    ring = divide_between(fine, fixed.astype(np.intp), size)
    last = max(1, int(np.ceil(float(np.hypot(*(stop - start))) / size - 1e-9)))
    centre = np.asarray(space.centroid.coords[0])
    return with_area_about(ring - centre, float(space.area)) + centre, last


def _corners(ring: FloatArray) -> npt.NDArray[np.bool_]:
    edge = np.roll(ring, -1, axis=0) - ring
    before = np.roll(edge, 1, axis=0)
    cross = before[:, 0] * edge[:, 1] - before[:, 1] * edge[:, 0]
    return np.asarray(np.arctan2(cross, np.sum(before * edge, axis=1)) > np.radians(30))


def _free_side(ring: FloatArray, last: int, area: float, size: float) -> FloatArray:
    """Return the vertices of the yolk beyond the arc, from its last to its first vertex."""
    arc = ring[: last + 1]

    def excess(share: float) -> float:
        return float(Polygon(_smaller(ring, last, share)).area - area)

    if excess(1.0) < 0:
        inner = float(Polygon(ring).area)
        least = -excess(1.0) / inner + (1 - area / inner)
        msg = (
            f"inside.void: {1 - area / inner:.3g} is too small for a contact with a void beside it "
            f"that can be meshed; this particle needs {least:.3f} or more"
        )
        raise GeometryError(msg)
    if excess(_SMALLEST) > 0:
        msg = f"inside.void: {1 - area / Polygon(ring).area:.3g} leaves no yolk; use less"
        raise GeometryError(msg)
    fine = _smaller(ring, last, float(brentq(excess, _SMALLEST, 1.0, xtol=1e-10)))
    start = int(np.flatnonzero(np.all(fine == arc[-1], axis=1))[0])
    stop = int(np.flatnonzero(np.all(fine == arc[0], axis=1))[0])
    index = (start + np.arange((stop - start) % len(fine) + 1)) % len(fine)
    free = divide_open(fine[index], _corners(fine)[index], size)
    body = np.vstack((arc, free))
    held = np.arange(len(body)) <= last
    centre = np.asarray(Polygon(body).centroid.coords[0])
    factor = free_scale(body, held, centre, area)
    return centre + factor * (free - centre)


def _smaller(ring: FloatArray, last: int, share: float) -> FloatArray:
    """Return the ring shrunk about the middle of its arc, cut back beside it, with the arc."""
    arc = ring[: last + 1]
    middle = 0.5 * (arc[0] + arc[-1])
    small = middle + share * (ring - middle)
    for point, along, turn in (
        (arc[-1], ring[last + 1] - arc[-1], _OPENING),
        (arc[0], arc[0] - ring[-1], -_OPENING),
    ):
        cosine, sine = np.cos(turn), np.sin(turn)
        line = np.array([[cosine, -sine], [sine, cosine]]) @ along
        small = keep_behind(small, point, np.array([line[1], -line[0]]) / np.hypot(*line))
    chord = arc[-1] - arc[0]
    outward = np.array([chord[1], -chord[0]]) / np.hypot(*chord)
    small = small[(small - arc[0]) @ outward < -_SAME]
    hull = MultiPoint(np.vstack((small, arc))).convex_hull
    return np.asarray(counter_clockwise(hull))
