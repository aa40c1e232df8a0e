"""Lines inside a convex outline, at an even distance from it. All lengths in micrometres."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import brentq
from shapely.geometry import Polygon

from mesode.errors import GeometryError
from mesode.geometry.particles.grain_shapes import divide

if TYPE_CHECKING:
    import numpy.typing as npt

    type FloatArray = npt.NDArray[np.float64]

#: Thinnest wall that the mesh can carry, of the interface size: one row of sound elements.
THINNEST = 0.5


def offset_inwards(outline: Polygon, distance: float) -> Polygon:
    """Return the line at ``distance`` [um] inside a convex outline; may be empty."""
    return outline.buffer(-distance, join_style="mitre")


def inner_outline(outline: Polygon, area: float, interface_size: float, wall: str) -> Polygon:
    """Return the inner line that encloses ``area`` [um^2] exactly.

    Args:
        outline: convex [um].
        area: to enclose, below that of the outline.
        interface_size: longest edge [um].
        wall: what to call the ring between, in messages.

    Raises:
        GeometryError: the ring, or what is inside, is too thin for the mesh.
    """
    widest = float(np.sqrt(outline.area / np.pi))  # no convex outline holds a larger disc

    def excess(distance: float) -> float:
        return float(offset_inwards(outline, distance).area - area)

    distance = float(brentq(excess, 0.0, widest, xtol=1e-12))
    check_thickness(wall, distance, interface_size)
    across = 2 * float(np.sqrt(area / np.pi))
    if across < interface_size:
        msg = (
            f"inside: a middle of {across:.3g} um is too small for mesh.interface "
            f"{interface_size:g} um; make it {interface_size:g} um or larger, or the mesh finer"
        )
        raise GeometryError(msg)
    inner = smooth_line(offset_inwards(outline, distance), area, interface_size)
    nearest = float(inner.exterior.distance(outline.exterior))
    check_thickness(wall, nearest, interface_size)
    return inner


def check_thickness(wall: str, thickness: float, interface_size: float) -> None:
    """Check that a wall carries a row of sound elements.

    Raises:
        GeometryError: it is thinner than half of the interface size.
    """
    if thickness >= THINNEST * interface_size:
        return
    msg = (
        f"inside: a {wall} of {thickness:.3g} um is too thin for mesh.interface "
        f"{interface_size:g} um; it must be {THINNEST * interface_size:.3g} um or thicker, or "
        f"mesh.interface {thickness / THINNEST:.3g} um or less"
    )
    raise GeometryError(msg)


def smooth_line(line: Polygon, area: float, interface_size: float) -> Polygon:
    """Return a convex line with edges of at most ``interface_size`` that encloses ``area``."""
    centre = np.array(line.centroid.coords[0])
    local = counter_clockwise(line) - centre
    ring = divide(local * np.sqrt(area / line.area), interface_size)
    return Polygon(ring + centre)


def counter_clockwise(polygon: Polygon) -> FloatArray:
    """Return the vertices (n, 2) [um] of the outer ring, counter-clockwise, not closed."""
    ring = np.asarray(polygon.exterior.coords)[:-1]
    return ring if polygon.exterior.is_ccw else ring[::-1]
