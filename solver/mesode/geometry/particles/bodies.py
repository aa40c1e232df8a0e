"""Convex bodies of fixed orientation and the signed distance of pairs of them. Micrometres.

A body is known by its support function h(u): how far it reaches from its centre in direction u.
For two convex bodies the largest value over u of u . (c_j - c_i) - h_i(u) - h_j(-u) is their
distance, or minus the shortest way to separate them. With u from a finite set the value is never
too large, so that bodies found apart are apart. Pairs of discs are exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    type FloatArray = npt.NDArray[np.float64]
    type IntArray = npt.NDArray[np.intp]

_DIRECTIONS = 72  # the distance of two bodies is too small by at most 0.1 % of their diameter
_ANGLES = 2 * np.pi * np.arange(_DIRECTIONS) / _DIRECTIONS
_UNIT = np.column_stack((np.cos(_ANGLES), np.sin(_ANGLES)))
_CHUNK = 20_000  # pairs at a time: 12 MB of support values


@dataclass(frozen=True, slots=True, kw_only=True)
class Bodies:
    """Bodies about their centres, arrays of (n,) or (n, 2) [um].

    ``radius``: largest reach; ``size``: radius of the disc of the same area; ``low``, ``high``:
    reach to the left and below, to the right and above; ``support``: (n, directions), None if
    all are discs; ``disc``: which are discs.
    """

    radius: FloatArray
    size: FloatArray
    low: FloatArray
    high: FloatArray
    disc: npt.NDArray[np.bool_]
    support: FloatArray | None = None

    def __len__(self) -> int:
        return len(self.radius)

    def scaled(self, factor: float | FloatArray) -> Bodies:
        """Return the bodies grown by one factor, or by one each."""
        wide = np.broadcast_to(np.asarray(factor, dtype=float), self.radius.shape)
        return Bodies(
            radius=self.radius * wide,
            size=self.size * wide,
            low=self.low * wide[:, None],
            high=self.high * wide[:, None],
            disc=self.disc,
            support=None if self.support is None else self.support * wide[:, None],
        )

    def grown(self, border: float) -> Bodies:
        """Return the bodies with a border of the given width [um] around."""
        return Bodies(
            radius=self.radius + border,
            size=self.size + border,
            low=self.low + border,
            high=self.high + border,
            disc=self.disc,
            support=None if self.support is None else self.support + border,
        )


def discs(radii: FloatArray) -> Bodies:
    """Return discs of the given radii [um]."""
    both = np.column_stack((radii, radii))
    every = np.ones(len(radii), dtype=bool)
    return Bodies(radius=radii, size=radii, low=both, high=both, disc=every)


def convex_bodies(outlines: Sequence[FloatArray | None], sizes: FloatArray) -> Bodies:
    """Return bodies from outlines.

    Args:
        outlines: vertices (m, 2) [um] about the centre; None for a disc.
        sizes: radius [um] of the disc of the same area, (n,).
    """
    disc = np.array([outline is None for outline in outlines])
    if np.all(disc):
        return discs(sizes)
    support = np.repeat(sizes[:, None], _DIRECTIONS, axis=1)
    radius, low = sizes.copy(), np.column_stack((sizes, sizes))
    high = low.copy()
    for i, outline in enumerate(outlines):
        if outline is not None:
            support[i] = np.max(outline @ _UNIT.T, axis=0)
            radius[i] = np.hypot(*outline.T).max()
            low[i], high[i] = -outline.min(axis=0), outline.max(axis=0)
    return Bodies(radius=radius, size=sizes, low=low, high=high, disc=disc, support=support)


def surface_distance(
    bodies: Bodies, points: FloatArray, first: IntArray, second: IntArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the signed distance [um] of pairs, the vectors that separate them, their lengths.

    The vectors (m, 2) point from first to second; their lengths (m,) are not 1.

    Args:
        bodies: n bodies.
        points: their centres (n, 2).
        first: body numbers (m,).
        second: body numbers (m,).
    """
    offset = points[second] - points[first]
    length = np.maximum(np.hypot(offset[:, 0], offset[:, 1]), 1e-12)
    distance = length - (bodies.radius[first] + bodies.radius[second])
    if bodies.support is None:
        return distance, offset, length
    shaped = np.flatnonzero(~(bodies.disc[first] & bodies.disc[second]))
    half = _DIRECTIONS // 2
    for part in np.array_split(shaped, max(1, -(-len(shaped) // _CHUNK))):
        behind = np.roll(bodies.support, half, axis=1)[second[part]]
        along = offset[part] @ _UNIT.T - bodies.support[first[part]] - behind
        best = np.argmax(along, axis=1)
        distance[part] = along[np.arange(len(part)), best]
        offset[part], length[part] = _UNIT[best], 1.0
    return distance, offset, length
