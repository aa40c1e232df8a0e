"""Outlines of particles: discs, ellipses and rounded polygons, all convex. Micrometres.

An outline has exactly the area of the disc of the equivalent diameter, lies about its centre of
area and is given by vertices (m, 2), counter-clockwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from shapely.geometry import Polygon

from mesode.errors import GeometryError

if TYPE_CHECKING:
    import numpy.typing as npt

    type FloatArray = npt.NDArray[np.float64]

_MIN_VERTICES = 16
_FINE = 240  # vertices of a smooth outline before it is divided for the mesh
_LARGEST_ASPECT = 5.0  # beyond it the packing of random orientations jams below 0.5


@dataclass(frozen=True, slots=True)
class Disc:
    """A disc."""


@dataclass(frozen=True, slots=True)
class Ellipse:
    """An ellipse of random orientation, ``aspect`` = long over short axis."""

    aspect: float

    def __post_init__(self) -> None:
        if not 1 <= self.aspect <= _LARGEST_ASPECT:
            msg = (
                f"particles.shape.aspect: must lie between 1 and {_LARGEST_ASPECT:g}, got "
                f"{self.aspect:g}"
            )
            raise GeometryError(msg)


@dataclass(frozen=True, slots=True)
class RoundedPolygon:
    """A convex polygon with random corners, each particle another one.

    ``rounding``: radius of the corners over the radius of the largest disc inside, 0 to 1.
    """

    corners: int
    rounding: float

    def __post_init__(self) -> None:
        if not 3 <= self.corners <= 40:
            msg = f"particles.shape.corners: must lie between 3 and 40, got {self.corners}"
            raise GeometryError(msg)
        if not 0 <= self.rounding <= 1:
            msg = f"particles.shape.rounding: must lie between 0 and 1, got {self.rounding:g}"
            raise GeometryError(msg)


type Shape = Disc | Ellipse | RoundedPolygon


def unit_outline(shape: Shape, rng: np.random.Generator) -> FloatArray | None:
    """Return a fine outline of equivalent diameter 1 and random orientation, None for a disc."""
    if isinstance(shape, Disc):
        return None
    turn = rng.uniform(0, 2 * np.pi)
    outline = _ellipse(shape) if isinstance(shape, Ellipse) else _polygon(shape, rng)
    cosine, sine = np.cos(turn), np.sin(turn)
    return with_area(outline @ np.array([[cosine, sine], [-sine, cosine]]), np.pi / 4)


def disc_fine(radius: float) -> FloatArray:
    """Return a fine outline of a disc of ``radius`` [um]."""
    return with_area(_ellipse(Ellipse(1.0)), np.pi * radius**2)


def _ellipse(shape: Ellipse) -> FloatArray:
    angle = 2 * np.pi * np.arange(_FINE) / _FINE
    return np.column_stack((shape.aspect * np.cos(angle), np.sin(angle)))


def _polygon(shape: RoundedPolygon, rng: np.random.Generator) -> FloatArray:
    """Put the corners on a circle at uneven angles and round them."""
    jitter = rng.uniform(-0.3, 0.3, shape.corners)
    angle = 2 * np.pi * (np.arange(shape.corners) + jitter) / shape.corners
    sharp = Polygon(np.column_stack((np.cos(angle), np.sin(angle))))
    inner = float(sharp.exterior.distance(sharp.representative_point()))
    inner = max(inner, float(sharp.exterior.distance(sharp.centroid)))
    radius = 0.95 * shape.rounding * inner
    rounded = sharp.buffer(-radius, quad_segs=32, join_style="mitre").buffer(radius, quad_segs=32)
    return np.array(rounded.normalize().reverse().exterior.coords)[:-1]


def with_area(outline: FloatArray, area: float) -> FloatArray:
    """Return the outline moved to its centre of area and scaled to ``area`` [um^2]."""
    polygon = Polygon(outline)
    centre = np.asarray(polygon.centroid.coords[0])
    return np.asarray((outline - centre) * np.sqrt(area / polygon.area))


def divide(outline: FloatArray, interface_size: float) -> FloatArray:
    """Return an outline with edges of nearly equal length, at most ``interface_size`` [um].

    Corners that turn by more than 30 degrees stay; the area is that of the outline given.
    """
    edge = np.roll(outline, -1, axis=0) - outline
    before = np.roll(edge, 1, axis=0)
    cross = before[:, 0] * edge[:, 1] - before[:, 1] * edge[:, 0]
    turn = np.arctan2(cross, np.sum(before * edge, axis=1))
    fixed = np.flatnonzero(turn > np.radians(30))
    if len(fixed) == 0:
        fixed = np.array([0])
    return with_area_about(divide_between(outline, fixed, interface_size), Polygon(outline).area)


def divide_between(outline: FloatArray, fixed: npt.NDArray[np.intp], size: float) -> FloatArray:
    """Divide each stretch between two ``fixed`` vertices evenly into edges of at most ``size``."""
    turned = np.roll(outline, -fixed[0], axis=0)
    closed = np.vstack((turned, turned[:1]))
    bounds = [*(fixed - fixed[0]).tolist(), len(outline)]
    length = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(closed, axis=0).T))))
    finest = size if len(fixed) > 1 else min(size, length[-1] / _MIN_VERTICES)
    pieces = []
    for start, end in pairwise(bounds):
        number = max(1, int(np.ceil((length[end] - length[start]) / finest - 1e-9)))
        place = np.linspace(length[start], length[end], number + 1)[:-1]
        piece = np.column_stack([np.interp(place, length, closed[:, k]) for k in (0, 1)])
        piece[0] = closed[start]
        pieces.append(piece)
    return np.concatenate(pieces)


def with_area_about(outline: FloatArray, area: float) -> FloatArray:
    """Return the outline scaled about the origin to ``area`` [um^2]."""
    return np.asarray(outline * np.sqrt(area / Polygon(outline).area))
