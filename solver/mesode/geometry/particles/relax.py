"""Remove overlaps of bodies in a box by minimising an overlap energy (FIRE). Micrometres.

Energy: half the sum of the squared overlaps of all pairs and walls. Below the jamming density
(0.84 of the area for random discs) a minimum has zero energy, that is, no overlap. Bonds between
chosen pairs add half the square of how far their distance is out of the range asked for.
Source of the minimiser: Bitzek et al., Phys. Rev. Lett. 97, 170201 (2006).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree

from mesode.geometry.particles.bodies import Bodies, surface_distance

if TYPE_CHECKING:
    import numpy.typing as npt

    type FloatArray = npt.NDArray[np.float64]
    type IntArray = npt.NDArray[np.intp]

# Bodies are relaxed this much too large: the true ones are then free after finitely many steps.
_MARGIN = 2e-3
_SKIN = 0.3  # of the largest radius: reach of the neighbour list beyond contact
_TIME_STEP = 0.1  # for unit mass and unit stiffness; the fastest contact mode has period ~ 2.5
_MAX_TIME_STEP = 0.5
_CHECK_EVERY = 10


@dataclass(frozen=True, slots=True)
class Walls:
    """Box [0, width] x [0, height] that the bodies must not leave."""

    width: float
    height: float


def _no_pairs() -> IntArray:
    return np.empty((0, 2), dtype=np.intp)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bonds:
    """What holds between pairs beyond not overlapping; distances [um] between surfaces.

    ``pairs`` (m, 2), first < second: kept at a distance from ``low`` to ``high``;
    ``group`` (n,): bodies of different groups stay ``apart`` from each other.
    """

    pairs: IntArray = field(default_factory=_no_pairs)
    low: float = 0.0
    high: float = 0.0
    group: IntArray | None = None
    apart: float = 0.0

    def strain(self, distance: FloatArray) -> FloatArray:
        """Return how far distances of bonded pairs are out of range, negative: too near."""
        return distance - np.clip(distance, self.low, self.high)

    def spacing(self, first: IntArray, second: IntArray) -> FloatArray | float:
        """Return the distance that each pair without a bond must keep."""
        if self.group is None or self.apart == 0:
            return 0.0
        return np.where(self.group[first] == self.group[second], 0.0, self.apart)


FREE = Bonds()


class _Neighbours:
    """Pairs that may touch; rebuilt when a body has moved through half the skin."""

    def __init__(self, bodies: Bodies, bonds: Bonds) -> None:
        self._radii, self._bonds = bodies.radius, bonds
        self._skin = _SKIN * float(bodies.radius.max()) + bonds.apart
        self._origin: FloatArray | None = None
        self.first: IntArray = np.empty(0, dtype=np.intp)
        self.second: IntArray = np.empty(0, dtype=np.intp)
        self.spacing: FloatArray | float = 0.0

    def update(self, points: FloatArray) -> None:
        if self._origin is not None:
            moved = np.max(np.sum((points - self._origin) ** 2, axis=1))
            if moved < (0.5 * (self._skin - self._bonds.apart)) ** 2:
                return
        self.first, self.second = near_pairs(points, self._radii, self._skin, self._bonds.pairs)
        self.spacing = self._bonds.spacing(self.first, self.second)
        self._origin = points.copy()


def near_pairs(
    points: FloatArray, radii: FloatArray, skin: float, without: IntArray | None = None
) -> tuple[IntArray, IntArray]:
    """Return pairs of bodies, first < second, whose bounding discs are less than ``skin`` apart."""
    reach = 2 * float(radii.max()) + skin
    pairs = cKDTree(points).query_pairs(reach, output_type="ndarray")
    # the order of the pairs is the order of summation: fixed for a fixed result
    first, second = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))].T
    distance = np.hypot(*(points[first] - points[second]).T)
    near = distance < radii[first] + radii[second] + skin
    if without is not None and len(without):
        number = len(points)
        near &= ~np.isin(first * number + second, without[:, 0] * number + without[:, 1])
    return first[near], second[near]


def _force(
    points: FloatArray, bodies: Bodies, walls: Walls, near: _Neighbours
) -> tuple[FloatArray, float]:
    """Return the force on each body and the largest overlap relative to the radii."""
    i, j = near.first, near.second
    distance, offset, length = surface_distance(bodies, points, i, j)
    overlap = np.maximum(near.spacing - distance, 0.0)
    push = offset * (-overlap / length)[:, None]
    force = np.empty_like(points)
    number = len(points)
    for axis, size in enumerate((walls.width, walls.height)):
        low = np.maximum(bodies.low[:, axis] - points[:, axis], 0.0)
        high = np.maximum(points[:, axis] + bodies.high[:, axis] - size, 0.0)
        force[:, axis] = low - high
        force[:, axis] += np.bincount(i, push[:, axis], number)
        force[:, axis] -= np.bincount(j, push[:, axis], number)
    relative = overlap / (bodies.radius[i] + bodies.radius[j])
    return force, float(np.max(relative, initial=0.0))


def _bond_force(points: FloatArray, bodies: Bodies, bonds: Bonds) -> FloatArray | float:
    """Return the force of the bonds on each body."""
    if len(bonds.pairs) == 0:
        return 0.0
    i, j = bonds.pairs.T
    distance, offset, length = surface_distance(bodies, points, i, j)
    pull = offset * (bonds.strain(distance) / length)[:, None]
    number = len(points)
    return np.column_stack([np.bincount(i, p, number) - np.bincount(j, p, number) for p in pull.T])


def is_free(points: FloatArray, bodies: Bodies, walls: Walls, bonds: Bonds = FREE) -> bool:
    """Tell whether no body leaves the box or comes nearer to another than allowed."""
    box = np.array([walls.width, walls.height])
    if np.any(points < bodies.low) or np.any(points + bodies.high > box):
        return False
    if len(points) < 2:
        return True
    first, second = near_pairs(points, bodies.radius, bonds.apart + 1e-9, bonds.pairs)
    distance, _, _ = surface_distance(bodies, points, first, second)
    return bool(np.all(distance >= bonds.spacing(first, second)))


def bond_strain(points: FloatArray, bodies: Bodies, bonds: Bonds) -> FloatArray:
    """Return for each bond how far [um] it is out of its range."""
    distance, _, _ = surface_distance(bodies, points, *bonds.pairs.T)
    return np.abs(bonds.strain(distance))


def relax(
    points: FloatArray,
    bodies: Bodies,
    walls: Walls,
    max_steps: int,
    bonds: Bonds = FREE,
    tolerance: float = 0.0,
) -> tuple[FloatArray, bool]:
    """Move bodies from ``points`` (n, 2) until none overlaps and all bonds are met.

    Args:
        points: start (n, 2) [um].
        bodies: n bodies.
        walls: the box.
        max_steps: of the minimiser.
        bonds: bonded pairs and spacing of groups.
        tolerance: how far [um] a bond may be out of its range.

    Returns:
        Positions (n, 2) and whether they are free of overlap within the walls.
    """
    large = bodies.scaled(1 + _MARGIN)
    points, velocity = points.copy(), np.zeros_like(points)
    near = _Neighbours(large, bonds)
    step, mixing, downhill = _TIME_STEP, 0.1, 0
    for count in range(max_steps):
        near.update(points)
        force, overlap = _force(points, large, walls, near)
        force = force + _bond_force(points, bodies, bonds)
        settled = count % _CHECK_EVERY == 0 and overlap <= 2 * _MARGIN
        if settled and _done(points, bodies, walls, bonds, tolerance):
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
    return points, _done(points, bodies, walls, bonds, tolerance)


def _done(points: FloatArray, bodies: Bodies, walls: Walls, bonds: Bonds, tolerance: float) -> bool:
    strained = len(bonds.pairs) and np.any(bond_strain(points, bodies, bonds) > tolerance)
    return not strained and is_free(points, bodies, walls, bonds)
