"""Blobs of binder in the pore space. All lengths in micrometres."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.optimize import brentq
from scipy.spatial import cKDTree
from shapely.geometry import Polygon

from mesode.errors import GeometryError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    type FloatArray = npt.NDArray[np.float64]

_CANDIDATES = 12  # random places tried for each blob; the freest is taken
_MAX_MISSES = 40  # blobs in a row without effect before the space counts as full
_USEFUL = 0.05  # share of a blob that must lie in free space
_WOBBLE = 0.12  # amplitude of the waves on the outline of a blob, of its radius
_WAVES = (2, 3)
_CORNERS = 48  # of a blob
_TOLERANCE = 1e-3  # of the area asked for


def cluster_outlines(
    free: Sequence[Polygon], diameter: float, target: float, rng: np.random.Generator
) -> shapely.Geometry:
    """Return blobs that cover an area of the free space.

    Args:
        free: polygons [um] of the free space.
        diameter: of a blob [um]; blobs are cut by what is there already.
        target: area [um^2].
        rng: of the places and the outlines.

    Raises:
        GeometryError: the free space is full before.
    """
    space = shapely.MultiPolygon(list(free))
    shapely.prepare(space)
    walls = shapely.segmentize(space.boundary, diameter / 8)
    tree = cKDTree(shapely.get_coordinates(walls))
    blobs: list[Polygon] = []
    centres = np.empty((0, 2))
    area, misses = 0.0, 0
    while area < (1 - _TOLERANCE) * target:
        centre = _freest(space, tree, centres, diameter, rng)
        turn = rng.uniform(0, 2 * np.pi, len(_WAVES))
        near = np.flatnonzero(np.hypot(*(centres - centre).T) < 1.5 * diameter)
        room = _room(space, centre, diameter, [blobs[k] for k in near])
        gain = room.intersection(_blob(centre, diameter, turn)).area
        misses = misses + 1 if gain < _USEFUL * diameter**2 else 0
        if misses > _MAX_MISSES:
            raise GeometryError(_full(target, area, space.area))
        if misses:
            continue
        if area + gain > target:
            diameter = _fitting(room, centre, diameter, turn, target - area)
            gain = target - area
        blobs.append(_blob(centre, diameter, turn))
        centres = np.vstack((centres, centre))
        area += gain
    return shapely.union_all(blobs)


def _freest(
    space: shapely.Geometry,
    walls: cKDTree,
    centres: FloatArray,
    diameter: float,
    rng: np.random.Generator,
) -> FloatArray:
    """Return the place, of a few random ones, with most room up to the size of a blob."""
    x0, y0, x1, y1 = space.bounds
    trial = np.array([x0, y0]) + rng.random((8 * _CANDIDATES, 2)) * np.array([x1 - x0, y1 - y0])
    inside = trial[shapely.contains_xy(space, *trial.T)][:_CANDIDATES]
    if len(inside) == 0:
        return np.asarray(trial[0])
    room = np.minimum(walls.query(inside)[0], 0.5 * diameter)
    if len(centres):
        room = np.minimum(room, 0.5 * cKDTree(centres).query(inside)[0])
    return np.asarray(inside[np.argmax(room)])


def _blob(centre: FloatArray, diameter: float, turn: FloatArray) -> Polygon:
    """Return a rounded outline of the area of a disc; ``turn``: phases of its waves."""
    angle = 2 * np.pi * np.arange(_CORNERS) / _CORNERS
    waves = sum(np.cos(k * angle + t) for k, t in zip(_WAVES, turn, strict=True))
    ray = 1 + _WOBBLE * waves
    outline = np.column_stack((ray * np.cos(angle), ray * np.sin(angle)))
    scale = 0.5 * diameter * np.sqrt(np.pi / Polygon(outline).area)
    return Polygon(centre + scale * outline)


def _room(
    space: shapely.Geometry, centre: FloatArray, diameter: float, blobs: list[Polygon]
) -> shapely.Geometry:
    """Return the free space around a place."""
    x, y = centre
    window = shapely.box(x - diameter, y - diameter, x + diameter, y + diameter)
    room = shapely.intersection(space, window)
    return shapely.difference(room, shapely.union_all(blobs)) if blobs else room


def _fitting(
    room: shapely.Geometry, centre: FloatArray, diameter: float, turn: FloatArray, area: float
) -> float:
    """Return the diameter [um] with which the last blob covers exactly what is missing."""

    def excess(trial: float) -> float:
        return float(room.intersection(_blob(centre, trial, turn)).area) - area

    return float(brentq(excess, 1e-3 * diameter, diameter, xtol=1e-6))


def _full(target: float, reached: float, space: float) -> str:
    return (
        f"carbon_binder: clusters of {target:.4g} um^2 have no room: {reached:.4g} um^2 of the "
        f"{space:.4g} um^2 of free space were reached. Ask for a smaller fraction or smaller "
        "clusters"
    )
