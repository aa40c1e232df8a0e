"""Particles of an electrode: outlines in a box, from one or more populations. Micrometres."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from mesode.errors import GeometryError
from mesode.geometry.particles.bodies import Bodies, convex_bodies, surface_distance
from mesode.geometry.particles.bonding import (
    NEAR,
    Arrangement,
    Spacing,
    join_groups,
    touch_neighbours,
)
from mesode.geometry.particles.contacts import (
    NoRoomError,
    check_contact,
    pair_gap,
    place_outline,
    touching_outlines,
    wall_gap,
)
from mesode.geometry.particles.dispersion import (
    centres_for,
    check_mean,
    cluster_report,
    connected_groups,
    group_count,
    grow_groups,
    is_mean,
)
from mesode.geometry.particles.grain_shapes import Disc, Shape
from mesode.geometry.particles.inside import Inside, Solid
from mesode.geometry.particles.packing import best_share, check_room, neighbour_gaps, place
from mesode.geometry.particles.relax import Walls, near_pairs
from mesode.geometry.particles.sampling import Sample, draw_sample
from mesode.geometry.particles.sizes import SizeDistribution, requested_statistics, size_statistics
from mesode.section_names import ACTIVE

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt
    from shapely.geometry import Polygon

    type FloatArray = npt.NDArray[np.float64]
    type IntArray = npt.NDArray[np.int64]

_ATTEMPTS = 6  # to join particles, and to meet a mean cluster diameter
_QUANTILES = 200  # of the requested diameters, kept for pictures


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """Particles of one material: area ``fraction`` of the electrode, sizes, shape, inside."""

    fraction: float
    sizes: SizeDistribution
    shape: Shape = field(default_factory=Disc)
    inside: Inside = field(default_factory=Solid)
    phase: str = ACTIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class GrainRequest:
    """What to pack: populations, smallest ``gap`` [um], seed.

    ``contact``: width [um] of the neck of touching particles, instead of a gap between them;
    ``clustering``: 0 even to 1 clustered; ``cluster_diameter``: mean equivalent diameter [um]
    that the clustering is fitted to.
    """

    populations: tuple[Population, ...]
    gap: float = 0.1
    seed: int = 1
    contact: float | None = None
    clustering: float = 0.0
    cluster_diameter: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Grains:
    """Outlines of all particles; touching ones share their line exactly, others are disjoint.

    ``population`` (n,) index of each; ``x``, ``y``, ``diameter`` (n,) [um], the diameter of the
    disc of equal area; ``clearance`` [um] smallest distance of lines that do not touch.
    """

    outlines: tuple[Polygon, ...]
    population: IntArray
    x: FloatArray
    y: FloatArray
    diameter: FloatArray
    clearance: float
    report: Mapping[str, Any]


def make_grains(
    request: GrainRequest, width: float, height: float, interface_size: float
) -> Grains:
    """Pack the particles into the box [0, width] x [0, height] [um].

    Args:
        request: what to pack [um].
        width: along the electrode [um].
        height: thickness of the electrode [um].
        interface_size: longest edge of an outline [um].

    Raises:
        GeometryError: the request is out of range or cannot be met; the message gives the best
            that was reached and what to change.
    """
    _check_request(request)
    rng = np.random.default_rng(request.seed)
    sample = draw_sample(request.populations, width * height, request.seed, rng)
    if request.contact is not None:
        check_contact(sample, request.contact, interface_size)
    bodies = _bodies(sample, interface_size, final=request.contact is None)
    box = Walls(width, height)
    for attempt in range(_ATTEMPTS):
        try:
            placed, joined = _arrange(request, sample, bodies, box, rng)
            polygons, placed = _outlines(request, sample, placed, box, interface_size)
        except NoRoomError:
            if attempt == _ATTEMPTS - 1:
                raise
            continue
        clusters = _clusters(request, sample, bodies, placed)
        # necks that were given up may have split a cluster: other centres meet the mean
        if is_mean(request.cluster_diameter, clusters["mean_diameter"]):
            break
    check_mean(request.cluster_diameter, clusters["mean_diameter"])
    clearance = _clearance(request, bodies, polygons, placed, box)
    return Grains(
        outlines=tuple(polygons),
        population=sample.population,
        x=placed.points[:, 0],
        y=placed.points[:, 1],
        diameter=sample.diameter,
        clearance=clearance,
        report={
            **packing_report(request, sample, box, interface_size),
            "achieved_gap": clearance,
            "clustering": joined,
            "clusters": clusters,
        },
    )


def _check_request(request: GrainRequest) -> None:
    if request.gap < 0:
        msg = f"particles.gap: must not be negative, got {request.gap:g} um"
        raise GeometryError(msg)
    if not 0 <= request.clustering <= 1:
        msg = f"packing.clustering: must lie between 0 and 1, got {request.clustering:g}"
        raise GeometryError(msg)
    joins = request.clustering > 0 or request.cluster_diameter is not None
    if request.gap == 0 and (joins or request.contact is not None):
        msg = "particles.gap: clusters and contacts need a gap above 0, which tells them apart"
        raise GeometryError(msg)


def _bodies(sample: Sample, interface_size: float, *, final: bool) -> Bodies:
    """Return what is packed: the outlines of the mesh if they are ``final``, else the fine ones.

    Discs among other shapes are packed as the polygons they become; discs alone as discs.
    """
    outlines = sample.outlines
    if final and any(outline is not None for outline in outlines):
        origin = np.zeros(2)
        outlines = tuple(
            np.asarray(place_outline(sample, k, origin, interface_size).exterior.coords)[:-1]
            for k in range(len(outlines))
        )
    return convex_bodies(outlines, sample.diameter / 2)


def _outlines(
    request: GrainRequest, sample: Sample, placed: Arrangement, box: Walls, interface_size: float
) -> tuple[list[Polygon], Arrangement]:
    """Return the outlines in place, and where they are once necks have been drawn."""
    if request.contact is not None:
        widths = (request.contact, request.gap, interface_size)
        return touching_outlines(sample, placed, box, widths)
    points = enumerate(placed.points)
    return [place_outline(sample, k, point, interface_size) for k, point in points], placed


def _arrange(
    request: GrainRequest, sample: Sample, bodies: Bodies, box: Walls, rng: np.random.Generator
) -> tuple[Arrangement, float]:
    """Return where the particles are, which are bonded, and the share that is joined."""
    check_room(bodies, request.gap, box, sum(p.fraction for p in request.populations))
    border = 0.5 * request.gap
    # Half a gap is added to each body; the box loses half a gap on each side.
    inner = Walls(box.width - request.gap, box.height - request.gap)
    grown = bodies.grown(border)
    points = place(grown, inner, rng)
    if points is None:
        raise GeometryError(_unreachable(request, bodies, inner, rng, box))
    placed: Arrangement | None = Arrangement(points=points, pairs=np.empty((0, 2), dtype=np.intp))
    spacing = Spacing(
        gap=request.gap,
        touch=request.contact is not None,
        apart=request.cluster_diameter is not None,
    )
    joined = 0.0
    if request.clustering > 0 or request.cluster_diameter is not None:
        centres = _centres(request, sample, points, rng)
        joined = 1 - len(centres) / len(points)
        placed = join_groups(points, grown, inner, spacing, grow_groups(points, centres))
    elif request.contact is not None:
        placed = touch_neighbours(points, grown, inner, spacing)
    if placed is None:
        raise NoRoomError(_not_joined(request, joined))
    return replace(placed, points=placed.points + border), joined


def _centres(
    request: GrainRequest, sample: Sample, points: FloatArray, rng: np.random.Generator
) -> npt.NDArray[np.intp]:
    """Return the particles around which clusters grow."""
    if request.cluster_diameter is not None:
        areas = np.pi / 4 * sample.diameter**2
        return centres_for(points, areas, rng, request.cluster_diameter)
    return rng.permutation(len(points))[: group_count(len(points), request.clustering)]


def _clearance(
    request: GrainRequest,
    bodies: Bodies,
    polygons: list[Polygon],
    placed: Arrangement,
    box: Walls,
) -> float:
    """Return the smallest distance [um] of lines that do not touch; between discs, not chords."""
    if request.contact is not None or not np.all(bodies.disc):
        reach = 2 * request.gap + float(bodies.radius.max())
        return min(wall_gap(polygons, box), pair_gap(polygons, placed.pairs, reach))
    low = placed.points - bodies.low
    high = np.array([box.width, box.height]) - placed.points - bodies.high
    gaps = neighbour_gaps(placed.points, bodies.radius)
    return float(min(low.min(), high.min(), gaps.min()))


def _clusters(
    request: GrainRequest, sample: Sample, bodies: Bodies, placed: Arrangement
) -> dict[str, Any]:
    """Return the statistics of particles connected by contacts, or by less than 1.5 gaps."""
    threshold = 0.0 if request.contact is not None else NEAR * request.gap
    pairs = placed.pairs
    if request.contact is None:
        first, second = near_pairs(placed.points, bodies.radius, threshold + 1e-9)
        distance = surface_distance(bodies, placed.points, first, second)[0]
        pairs = np.column_stack((first, second))[distance < threshold]
    areas = np.pi / 4 * sample.diameter**2
    return cluster_report(areas, connected_groups(pairs, len(areas)), threshold)


def _unreachable(
    request: GrainRequest, bodies: Bodies, inner: Walls, rng: np.random.Generator, box: Walls
) -> str:
    fraction = sum(p.fraction for p in request.populations)
    best = fraction * best_share(bodies, 0.5 * request.gap, inner, rng)
    return (
        f"particles.fraction: {fraction:g} was not reached in a box of {box.width:g} x "
        f"{box.height:g} um with a gap of {request.gap:g} um (seed {request.seed}); best fraction "
        f"reached: {best:.3f}. Ask for at most {best:.2f}, or use a smaller gap, a wider spread "
        "of diameters, or a wider electrode"
    )


def _not_joined(request: GrainRequest, joined: float) -> str:
    if joined == 0:
        return (
            f"packing.contact: particles that touch over {request.contact:g} um do not fit; use a "
            "smaller fraction or gap"
        )
    return (
        f"packing.clustering: joining {joined:.0%} of the particles to clusters does not fit with "
        f"a gap of {request.gap:g} um at this fraction; use a smaller fraction, gap or clustering"
    )


def packing_report(
    request: GrainRequest, sample: Sample, box: Walls, interface_size: float
) -> dict[str, Any]:
    """Return what was asked of the packing and what came out, JSON-able, lengths in um."""
    area = box.width * box.height
    parts = []
    for number, population in enumerate(request.populations):
        diameter = sample.diameter[sample.population == number]
        parts.append(
            {
                "phase": population.phase,
                "number": len(diameter),
                "requested_fraction": population.fraction,
                "achieved_fraction": float(np.pi / 4 * np.sum(diameter**2)) / area,
                "requested_diameter": requested_statistics(population.sizes),
                "diameter_scale": sample.scale[number],
            }
        )
    drawn = sample.diameter / np.array(sample.scale)[sample.population]
    one = request.populations[0].sizes if len(parts) == 1 else None
    quantiles = (np.arange(_QUANTILES) + 0.5) / _QUANTILES
    return {
        "seed": request.seed,
        "requested_fraction": sum(p.fraction for p in request.populations),
        "achieved_fraction": sum(part["achieved_fraction"] for part in parts),
        "requested_gap": request.gap,
        "requested_diameter": requested_statistics(one) if one else size_statistics(drawn),
        "requested_quantiles": (
            one.quantile(quantiles) if one else np.quantile(drawn, quantiles)
        ).tolist(),
        "diameter_scale": max(sample.scale, key=lambda s: abs(s - 1)),
        "interface_size": interface_size,
        "populations": parts,
    }
