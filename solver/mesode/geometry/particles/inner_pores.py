"""Round pores inside a convex particle. All lengths in micrometres."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from mesode.errors import GeometryError
from mesode.geometry.particles.inner_lines import THINNEST, counter_clockwise
from mesode.geometry.polygons import disc_polygon

if TYPE_CHECKING:
    import numpy.typing as npt
    from shapely.geometry import Polygon

    type FloatArray = npt.NDArray[np.float64]

_MAX_STEPS = 1_000
_ATTEMPTS = 3
_BISECTIONS = 6  # to find the best fraction of an impossible request
_CORNER = float(np.sqrt(np.pi / 8 / np.sin(np.pi / 8)))  # vertices of 16 beyond the radius
_MARGIN = 5e-3  # pores are pushed this much too far, to get there in finitely many steps


def place_pores(
    outline: Polygon,
    fraction: float,
    diameter: float,
    rng: np.random.Generator,
    interface_size: float,
) -> list[Polygon]:
    """Place pores at random, apart from each other and from the surface.

    All diameters are scaled by one factor so that the fraction is met exactly; pores keep half
    of the interface size from each other and from the surface.

    Args:
        outline: convex [um].
        fraction: of its area.
        diameter: of the pores [um].
        rng: of the places.
        interface_size: longest edge [um].

    Raises:
        GeometryError: the pores do not fit; gives the best fraction reached.
    """
    if not diameter >= interface_size:
        msg = (
            f"inside.diameter: pores of {diameter:g} um are too small for mesh.interface "
            f"{interface_size:g} um; make them {interface_size:g} um or larger, or the mesh finer"
        )
        raise GeometryError(msg)
    area = fraction * outline.area
    number = max(1, round(area / (np.pi / 4 * diameter**2)))
    radius = float(np.sqrt(area / (np.pi * number)))
    wall = THINNEST * interface_size
    points = _attempt(outline, number, radius, wall, rng)
    if points is None:
        best = fraction * _best_share(outline, number, radius, wall, rng)
        msg = (
            f"inside.fraction: {number} pores of {2 * radius:.3g} um with walls of {wall:.3g} um "
            f"do not fit; best fraction reached: {best:.3f} of {fraction:g}. Use a smaller "
            "fraction, larger particles or a finer mesh.interface"
        )
        raise GeometryError(msg)
    return [disc_polygon(x, y, radius, interface_size) for x, y in points.tolist()]


def _attempt(
    outline: Polygon, number: int, radius: float, wall: float, rng: np.random.Generator
) -> FloatArray | None:
    """Return centres (n, 2) [um], or None."""
    reach = radius * _CORNER
    normals, levels = _sides(outline)
    for _ in range(_ATTEMPTS):
        points = _random_inside(outline, number, rng)
        found = _spread(points, 2 * reach + wall, normals, levels - reach - wall)
        if found is not None:
            return found
    return None


def _sides(outline: Polygon) -> tuple[FloatArray, FloatArray]:
    """Return outward unit normals (m, 2) and levels (m,) of the sides of a convex outline."""
    ring = counter_clockwise(outline)
    edge = np.roll(ring, -1, axis=0) - ring
    normal = np.column_stack((edge[:, 1], -edge[:, 0])) / np.hypot(*edge.T)[:, None]
    return normal, np.sum(normal * ring, axis=1)


def _random_inside(outline: Polygon, number: int, rng: np.random.Generator) -> FloatArray:
    low, high = np.array(outline.bounds).reshape(2, 2)
    found = np.empty((0, 2))
    while len(found) < number:
        trial = low + (high - low) * rng.random((4 * number, 2))
        found = np.vstack((found, trial[shapely.contains_xy(outline, *trial.T)]))
    return found[:number]


def _spread(
    points: FloatArray, apart: float, normals: FloatArray, levels: FloatArray
) -> FloatArray | None:
    """Move points until they are ``apart`` from each other and behind all sides, or give up."""
    first, second = np.triu_indices(len(points), 1)
    number, spare = len(points), _MARGIN * apart
    for _ in range(_MAX_STEPS):
        beyond = points @ normals.T - levels + spare
        side = np.argmax(beyond, axis=1)
        out = np.maximum(beyond[np.arange(number), side], 0.0)
        offset = points[first] - points[second]
        distance = np.maximum(np.hypot(*offset.T), 1e-9)
        if out.max() <= spare and np.min(distance, initial=np.inf) >= apart:
            return points
        push = offset * (0.5 * np.maximum(apart + spare - distance, 0.0) / distance)[:, None]
        step = np.column_stack(
            [np.bincount(first, p, number) - np.bincount(second, p, number) for p in push.T]
        )
        points = points + 0.7 * step - out[:, None] * normals[side]
    return None


def _best_share(
    outline: Polygon, number: int, radius: float, wall: float, rng: np.random.Generator
) -> float:
    """Return the largest share of their area at which the same pores were placed."""
    low, high, best = 0.0, 1.0, 0.0
    for _ in range(_BISECTIONS):
        middle = 0.5 * (low + high)
        if _attempt(outline, number, middle * radius, wall, rng) is None:
            high = middle
        else:
            low = best = middle
    return best**2
