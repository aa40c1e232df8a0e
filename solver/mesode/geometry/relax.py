"""Remove overlaps of discs in a box by minimising an overlap energy (FIRE). Micrometres.

Energy: half the sum of the squared overlaps of all pairs and walls. Below the jamming density
(0.84 of the area for random discs) a minimum has zero energy, that is, no overlap.
Source of the minimiser: Bitzek et al., Phys. Rev. Lett. 97, 170201 (2006).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree

if TYPE_CHECKING:
    import numpy.typing as npt

    type FloatArray = npt.NDArray[np.float64]
    type IntArray = npt.NDArray[np.intp]

# Discs are relaxed this much too large: the true discs are then free after finitely many steps.
_MARGIN = 2e-3
_SKIN = 0.3  # of the largest radius: reach of the neighbour list beyond contact
_TIME_STEP = 0.1  # for unit mass and unit stiffness; the fastest contact mode has period ~ 2.5
_MAX_TIME_STEP = 0.5
_CHECK_EVERY = 10


@dataclass(frozen=True, slots=True)
class Walls:
    """Box [0, width] x [0, height] that the discs must not leave."""

    width: float
    height: float


class _Neighbours:
    """Pairs that may touch; rebuilt when a disc has moved through half the skin."""

    def __init__(self, radii: FloatArray) -> None:
        self._radii = radii
        self._skin = _SKIN * float(radii.max())
        self._origin: FloatArray | None = None
        self.first: IntArray = np.empty(0, dtype=np.intp)
        self.second: IntArray = np.empty(0, dtype=np.intp)

    def update(self, points: FloatArray) -> None:
        if self._origin is not None:
            moved = np.max(np.sum((points - self._origin) ** 2, axis=1))
            if moved < (0.5 * self._skin) ** 2:
                return
        reach = 2 * float(self._radii.max()) + self._skin
        pairs = cKDTree(points).query_pairs(reach, output_type="ndarray")
        # the order of the pairs is the order of summation: fixed for a fixed result
        first, second = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))].T
        distance = np.hypot(*(points[first] - points[second]).T)
        near = distance < self._radii[first] + self._radii[second] + self._skin
        self.first, self.second = first[near], second[near]
        self._origin = points.copy()


def _force(
    points: FloatArray, radii: FloatArray, walls: Walls, near: _Neighbours
) -> tuple[FloatArray, float]:
    """Return the force on each disc and the largest overlap relative to the radii."""
    i, j = near.first, near.second
    offset = points[i] - points[j]
    distance = np.maximum(np.hypot(offset[:, 0], offset[:, 1]), 1e-12)
    reach = radii[i] + radii[j]
    overlap = np.maximum(reach - distance, 0.0)
    push = offset * (overlap / distance)[:, None]
    force = np.empty_like(points)
    number = len(points)
    for axis, size in enumerate((walls.width, walls.height)):
        low = np.maximum(radii - points[:, axis], 0.0)
        high = np.maximum(points[:, axis] + radii - size, 0.0)
        force[:, axis] = low - high
        force[:, axis] += np.bincount(i, push[:, axis], number)
        force[:, axis] -= np.bincount(j, push[:, axis], number)
    return force, float(np.max(overlap / reach, initial=0.0))


def fit_factor(points: FloatArray, radii: FloatArray, walls: Walls) -> float:
    """Return the factor by which all radii can grow (>= 1) or must shrink (< 1) to just touch."""
    box = np.array([walls.width, walls.height])
    factor = float(np.min(np.minimum(points, box - points) / radii[:, None]))
    if len(points) < 2:
        return factor
    pairs = cKDTree(points).query_pairs(2.02 * float(radii.max()), output_type="ndarray")
    if len(pairs) == 0:
        return factor
    distance = np.hypot(*(points[pairs[:, 0]] - points[pairs[:, 1]]).T)
    return min(factor, float(np.min(distance / (radii[pairs[:, 0]] + radii[pairs[:, 1]]))))


def relax(
    points: FloatArray, radii: FloatArray, walls: Walls, max_steps: int
) -> tuple[FloatArray, bool]:
    """Move discs of ``radii`` from ``points`` (n, 2) until none overlaps.

    Returns:
        Positions (n, 2) and whether they are free of overlap within the walls.
    """
    large = radii * (1 + _MARGIN)
    points, velocity = points.copy(), np.zeros_like(points)
    near = _Neighbours(large)
    step, mixing, downhill = _TIME_STEP, 0.1, 0
    for count in range(max_steps):
        near.update(points)
        force, overlap = _force(points, large, walls, near)
        settled = count % _CHECK_EVERY == 0 and overlap <= 2 * _MARGIN
        if settled and fit_factor(points, radii, walls) >= 1.0:
            return points, True
        power = float(np.sum(force * velocity))
        if power > 0:
            downhill += 1
            speed = np.sqrt(np.sum(velocity**2) / max(float(np.sum(force**2)), 1e-300))
            velocity = (1 - mixing) * velocity + mixing * speed * force
            if downhill > 5:
                step, mixing = min(1.1 * step, _MAX_TIME_STEP), 0.99 * mixing
        else:
            velocity[:] = 0.0
            step, mixing, downhill = 0.5 * step, 0.1, 0
            step = max(step, 0.1 * _TIME_STEP)
        velocity += step * force
        points += step * velocity
    return points, fit_factor(points, radii, walls) >= 1.0
