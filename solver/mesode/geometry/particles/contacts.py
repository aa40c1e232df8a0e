"""Outlines of particles of which some touch. All lengths in micrometres."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely.geometry import Polygon

from mesode.errors import GeometryError
from mesode.geometry.particles.bodies import convex_bodies
from mesode.geometry.particles.bonding import Arrangement, Spacing, keep_bonds
from mesode.geometry.particles.grain_shapes import disc_fine, divide
from mesode.geometry.particles.necks import Neck, NecksOverlap, find_neck, outline_with_necks
from mesode.geometry.particles.relax import Walls
from mesode.geometry.polygons import disc_polygon

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from mesode.geometry.particles.sampling import Sample

    type FloatArray = npt.NDArray[np.float64]
    type IntArray = npt.NDArray[np.intp]

_EXACT = 1e-9  # [um]
_NOTHING = 1e-9  # [um^2]
_SPARE = 0.02  # of the gap, so that few rounds are needed
_STEP = 0.1  # of the gap: what the gap asked for grows by in a round, at most
_PATIENCE = 1  # rounds, after which necks that stand in the way are given up
_ROUNDS = 16  # of moving the particles apart by what their necks took from the gaps
_WIDEST = 0.5  # of the smallest width of a particle


class NoRoomError(GeometryError):
    """Particles cannot be joined where they are; at other places they may."""


def place_outline(sample: Sample, number: int, centre: FloatArray, size: float) -> Polygon:
    """Return the polygon of one particle without necks, edges of at most ``size`` [um]."""
    outline = sample.outlines[number]
    if outline is None:
        x, y = centre.tolist()
        return disc_polygon(x, y, float(sample.diameter[number]) / 2, size)
    return Polygon(divide(outline, size) + centre)


def touching_outlines(
    sample: Sample, start: Arrangement, box: Walls, widths: tuple[float, float, float]
) -> tuple[list[Polygon], Arrangement]:
    """Return the outlines of all particles, necks included, and where they are.

    Args:
        sample: the particles.
        start: where they are and which pairs touch.
        box: the electrode.
        widths: of the neck, of the gap, and of the longest edge [um].

    Raises:
        NoRoomError: the necks do not fit where the particles are.
    """
    neck, gap, size = widths
    fine = [
        disc_fine(d / 2) if outline is None else outline
        for outline, d in zip(sample.outlines, sample.diameter, strict=True)
    ]
    bodies = convex_bodies(sample.outlines, sample.diameter / 2)
    wanted, arrangement = gap, start
    for number in range(_ROUNDS):
        outlines, factors, crowded = _outlines(sample, fine, arrangement, neck, size)
        short = gap - _smallest_gap(outlines, arrangement, box, gap)
        clean = _without_overlaps(outlines, arrangement)
        if short <= _EXACT and not crowded and len(clean.pairs) == len(arrangement.pairs):
            return outlines, arrangement
        arrangement = _without_last(clean, crowded)
        if number >= _PATIENCE:
            arrangement = _without_crowded(outlines, arrangement, gap)
        wanted += min(short, _STEP * gap) + _SPARE * gap
        grown = bodies.scaled(np.maximum(factors, 1.0)).grown(0.5 * wanted)
        inner = Walls(box.width - wanted, box.height - wanted)
        spacing = Spacing(gap=wanted, touch=True)
        points = arrangement.points - 0.5 * wanted
        moved = keep_bonds(points, grown, inner, spacing, arrangement.pairs)
        if moved is None:
            wanted, arrangement = gap, _without_crowded(outlines, arrangement, gap)
        else:
            arrangement = replace(moved, points=moved.points + 0.5 * wanted)
    msg = (
        f"packing.contact: necks of {neck:g} um leave less than the gap of {gap:g} um to other "
        "particles; use a smaller contact, gap or fraction"
    )
    raise NoRoomError(msg)


def _without_last(arrangement: Arrangement, crowded: Sequence[int]) -> Arrangement:
    """Give up the last neck of each particle on which necks overlap."""
    keep = np.ones(len(arrangement.pairs), dtype=bool)
    for particle in crowded:
        own = np.flatnonzero(keep & np.any(arrangement.pairs == particle, axis=1))
        keep[own[-1:]] = False
    return replace(arrangement, pairs=arrangement.pairs[keep])


def _without_overlaps(outlines: Sequence[Polygon], arrangement: Arrangement) -> Arrangement:
    """Give up the necks of pairs that share more than a line."""
    first, second = np.array(outlines)[arrangement.pairs.T]
    shared = shapely.area(shapely.intersection(first, second))
    return replace(arrangement, pairs=arrangement.pairs[shared < _NOTHING])


def _without_crowded(
    outlines: Sequence[Polygon], arrangement: Arrangement, gap: float
) -> Arrangement:
    """Give up one neck of each pair that is too near because of it.

    That is one to a particle which both touch, if there is one.
    """
    keep = np.ones(len(arrangement.pairs), dtype=bool)
    for a, b in _near_misses(outlines, arrangement.pairs, gap - _EXACT).tolist():
        own = np.flatnonzero(keep & np.isin(arrangement.pairs, (a, b)).any(axis=1))
        if len(own) == 0:
            continue
        others = arrangement.pairs[own]
        partner = np.where(np.isin(others[:, 0], (a, b)), others[:, 1], others[:, 0])
        shared = np.array([np.count_nonzero(partner == p) for p in partner])
        keep[own[int(np.argmax(shared))]] = False
    return replace(arrangement, pairs=arrangement.pairs[keep])


def check_contact(sample: Sample, neck: float, size: float) -> None:
    """Check that necks are wide enough for the mesh and narrow enough for the particles.

    Raises:
        GeometryError: one of the two does not hold.
    """
    if not neck >= 0.5 * size:
        msg = (
            f"packing.contact: a neck of {neck:g} um is too narrow for mesh.interface {size:g} um; "
            f"make it {0.5 * size:g} um or wider, or mesh.interface {2 * max(neck, 0):g} um or less"
        )
        raise GeometryError(msg)
    bodies = convex_bodies(sample.outlines, sample.diameter / 2)
    support = bodies.support
    half = bodies.size if support is None else 0.5 * (support + np.roll(support, 36, axis=1)).min(1)
    narrowest = 2 * float(half.min())
    if neck > _WIDEST * narrowest:
        msg = (
            f"packing.contact: a neck of {neck:g} um is too wide for particles that are "
            f"{narrowest:.4g} um at their narrowest; make it {_WIDEST * narrowest:.3g} um or less"
        )
        raise GeometryError(msg)


def _outlines(
    sample: Sample,
    fine: Sequence[FloatArray],
    arrangement: Arrangement,
    neck: float,
    size: float,
) -> tuple[list[Polygon], FloatArray, list[int]]:
    """Return the outlines, factors that keep their areas, and on which the necks overlap."""
    points = arrangement.points
    necks: list[list[tuple[Neck, int]]] = [[] for _ in fine]
    for i, j in arrangement.pairs.tolist():
        both = (fine[i] + points[i], fine[j] + points[j])
        found = find_neck((i, j), both, points[j] - points[i], neck, size)
        necks[i].append((found, 1))
        necks[j].append((found, -1))
    outlines, factors, crowded = [], np.ones(len(fine)), []
    for k, own in enumerate(necks):
        outline = place_outline(sample, k, points[k], size)
        if own:
            area = np.pi / 4 * float(sample.diameter[k]) ** 2
            try:
                outline, factors[k] = outline_with_necks(fine[k], points[k], own, area, size)
            except NecksOverlap:
                crowded.append(k)
        outlines.append(outline)
    return outlines, factors, crowded


def _smallest_gap(
    outlines: Sequence[Polygon], arrangement: Arrangement, box: Walls, gap: float
) -> float:
    """Return the smallest distance [um] of outlines that do not touch, or to the walls."""
    return min(wall_gap(outlines, box), pair_gap(outlines, arrangement.pairs, 2 * gap))


def wall_gap(outlines: Sequence[Polygon], box: Walls) -> float:
    """Return the smallest distance [um] of any outline to the walls."""
    bounds = shapely.bounds(np.array(outlines))
    far = np.array([box.width, box.height])
    return float(min(bounds[:, :2].min(), (far - bounds[:, 2:]).min()))


def pair_gap(outlines: Sequence[Polygon], touching: IntArray, reach: float) -> float:
    """Return the smallest distance [um] of outlines that are not ``touching`` pairs.

    Infinite if none are nearer than ``reach``.
    """
    shapes = np.array(outlines)
    first, second = _near_misses(outlines, touching, reach).T
    return float(np.min(shapely.distance(shapes[first], shapes[second]), initial=np.inf))


def _near_misses(outlines: Sequence[Polygon], touching: IntArray, reach: float) -> IntArray:
    """Return the pairs (m, 2) nearer than ``reach`` [um] that are not ``touching``."""
    shapes = np.array(outlines)
    first, second = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=reach)
    number = len(shapes)
    apart = first < second
    apart &= ~np.isin(first * number + second, touching[:, 0] * number + touching[:, 1])
    return np.asarray(np.column_stack((first, second))[apart])
