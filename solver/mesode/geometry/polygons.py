"""Polygons that everything else is made of: boxes and discs. All lengths in micrometres."""

from __future__ import annotations

import numpy as np
from shapely.geometry import Polygon

TOLERANCE = 1e-6  # [um]: points closer than this are one point
_MIN_VERTICES = 16


def disc_vertices(radius: float, interface_size: float) -> int:
    """Return how many vertices, a multiple of 4, give chords of at most ``interface_size``."""
    number = int(np.ceil(2 * np.pi * radius / interface_size - 1e-9))
    return max(_MIN_VERTICES, 4 * -(-number // 4))


def disc_polygon(x: float, y: float, radius: float, interface_size: float) -> Polygon:
    """Return the regular polygon with the *area* of the disc; its vertices lie just outside."""
    number = disc_vertices(radius, interface_size)
    angle = 2 * np.pi / number
    reach = radius * np.sqrt(angle / np.sin(angle))
    turn = angle * np.arange(number)
    return Polygon(np.column_stack((x + reach * np.cos(turn), y + reach * np.sin(turn))))


def box(x0: float, y0: float, x1: float, y1: float) -> Polygon:
    """Return a rectangle, counter-clockwise from its lower left corner."""
    return Polygon([(x0, y0), (x1, y0), (x1, y1), (x0, y1)])
