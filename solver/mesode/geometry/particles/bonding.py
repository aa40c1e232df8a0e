"""Bring chosen pairs of packed particles together and keep the others apart. Micrometres."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from mesode.geometry.particles.bodies import Bodies, surface_distance
from mesode.geometry.particles.dispersion import neighbour_pairs, spanning_pairs
from mesode.geometry.particles.relax import Bonds, Walls, bond_strain, near_pairs, relax

if TYPE_CHECKING:
    import numpy.typing as npt

    type FloatArray = npt.NDArray[np.float64]
    type IntArray = npt.NDArray[np.intp]

#: Particles nearer than this many gaps belong to one cluster.
NEAR = 1.5
_BONDED = (1.1, 1.3)  # gaps between bonded particles; with the tolerance 1 to 1.4
_APART = 1.65  # gaps between clusters of which the diameter is asked for
_TOLERANCE = 0.1  # of the gap: how exactly a bond is met
_CONTRACTION = 0.5  # of each cluster towards its middle, before overlaps are removed
_STAGES = (0.7, 0.9, 1.0)
_ROUNDS = 12  # of choosing bonds anew
_MAX_STEPS = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrangement:
    """Centres ``points`` (n, 2) [um] in the box and the pairs (m, 2) that are bonded."""

    points: FloatArray
    pairs: IntArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Spacing:
    """Smallest distances between particles.

    ``gap`` [um]; ``touch``: bonded pairs do; ``apart``: particles of different groups are kept
    farther apart than what counts as a cluster.
    """

    gap: float
    touch: bool = False
    apart: bool = False

    def bonds(self, pairs: IntArray, group: IntArray | None) -> Bonds:
        """Return the bonds for bodies that carry half a gap around them."""
        if self.touch:
            return Bonds(pairs=pairs, low=-self.gap, high=-self.gap)
        keep = (_APART - 1) * self.gap if self.apart else 0.0
        low, high = ((gaps - 1) * self.gap for gaps in _BONDED)
        return Bonds(pairs=pairs, low=low, high=high, group=group, apart=keep)


def join_groups(
    points: FloatArray, bodies: Bodies, walls: Walls, spacing: Spacing, group: IntArray
) -> Arrangement | None:
    """Move particles so that each group becomes one cluster, or return None.

    Args:
        points: start (n, 2) [um].
        bodies: with half a gap around them.
        walls: of the box.
        spacing: what is kept.
        group: number of the group of each particle (n,).
    """
    pairs = neighbour_pairs(points)
    tree = spanning_pairs(pairs, surface_distance(bodies, points, *pairs.T)[0], group)
    count = np.bincount(group)
    middle = np.column_stack([np.bincount(group, p) / count for p in points.T])[group]
    points = middle + (1 - _CONTRACTION) * (points - middle)
    tolerance = _TOLERANCE * spacing.gap
    for stage in _STAGES[:-1]:
        bonds = spacing.bonds(tree, group)
        points, _ = relax(points, bodies.scaled(stage), walls, _MAX_STEPS // 10, bonds, tolerance)
    for _ in range(_ROUNDS):
        bonds = spacing.bonds(tree, group)
        points, free = relax(points, bodies, walls, _MAX_STEPS, bonds, tolerance)
        if free:
            return Arrangement(points=points, pairs=tree)
        # a bond may be blocked by a particle in between: join what lies together by now
        first, second = near_pairs(points, bodies.radius, float(bodies.radius.max()))
        distance = surface_distance(bodies, points, first, second)[0]
        pairs = np.column_stack((first, second))
        tree = spanning_pairs(pairs, distance, group)
    return None


def touch_neighbours(
    points: FloatArray, bodies: Bodies, walls: Walls, spacing: Spacing
) -> Arrangement | None:
    """Let particles that lie a gap apart touch, as many as can, or return None."""
    first, second = near_pairs(points, bodies.radius, spacing.gap)
    distance = surface_distance(bodies, points, first, second)[0]
    pairs = np.column_stack((first, second))[distance < (NEAR - 1) * spacing.gap]
    return keep_bonds(points, bodies, walls, spacing, pairs)


def keep_bonds(
    points: FloatArray, bodies: Bodies, walls: Walls, spacing: Spacing, pairs: IntArray
) -> Arrangement | None:
    """Meet the bonds of ``pairs``; those that contradict others are given up, worst first."""
    spacing = replace(spacing, touch=True)
    tolerance = _TOLERANCE * spacing.gap
    for _ in range(2 * _ROUNDS):
        bonds = spacing.bonds(pairs, None)
        points, free = relax(points, bodies, walls, _MAX_STEPS, bonds, tolerance)
        if free:
            return Arrangement(points=points, pairs=pairs)
        if len(pairs) == 0:
            return None
        pairs = pairs[~_worst(pairs, bond_strain(points, bodies, bonds), len(points))]
    return None


def _worst(pairs: IntArray, strain: FloatArray, number: int) -> npt.NDArray[np.bool_]:
    """Tell which bonds are strained more than all others of their two particles."""
    largest = np.zeros(number)
    np.maximum.at(largest, pairs.ravel(), np.repeat(strain, 2))
    return np.asarray(strain >= np.maximum(largest[pairs[:, 0]], largest[pairs[:, 1]])) & (
        strain >= 0.3 * strain.max()
    )
