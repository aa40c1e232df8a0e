"""Seeded packing of discs into an electrode box. All lengths in micrometres.

Every disc lies wholly inside the box, at least ``gap`` from its neighbours, from the collector
(y = 0), from the separator (y = height) and from the mirror walls at the sides, so that it also
keeps the gap to its mirror image. The number of discs follows from the request; all diameters
are then scaled by one factor near 1 so that the area fraction is met exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree

from mesode.errors import GeometryError
from mesode.geometry.particles.bodies import Bodies, discs
from mesode.geometry.particles.relax import Walls, relax
from mesode.geometry.particles.sizes import SizeDistribution, mean_disc_area, midpoint_quantiles

if TYPE_CHECKING:
    import numpy.typing as npt

    type FloatArray = npt.NDArray[np.float64]

_CANDIDATES = 8  # random places tried for each disc of a start; the freest is taken
_ATTEMPTS = 4  # random starts before a request is called impossible
_MAX_STEPS = 4_000  # of the minimiser per stage; 0.65 takes some hundred
_STAGES = (0.7, 0.9, 1.0)  # growth of the radii from a random start
_BISECTIONS = 6  # to find the best fraction of an impossible request: about 1 %


@dataclass(frozen=True, slots=True, kw_only=True)
class PackingRequest:
    """What to pack: area ``fraction`` of the box, sizes, minimum surface ``gap`` [um], seed."""

    fraction: float
    sizes: SizeDistribution
    gap: float = 0.1
    seed: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Packing:
    """Discs in a box of ``width`` x ``height`` [um].

    ``x``, ``y``, ``diameter``: arrays (n,) [um]; ``diameter_scale``: the common factor that all
    drawn diameters were multiplied with to meet the fraction.
    """

    x: FloatArray
    y: FloatArray
    diameter: FloatArray
    width: float
    height: float
    diameter_scale: float

    @property
    def fraction(self) -> float:
        """Area of the discs over the area of the box."""
        return float(np.pi / 4 * np.sum(self.diameter**2)) / (self.width * self.height)

    def gaps(self) -> FloatArray:
        """Return for each disc the distance [um] from its surface to the nearest other surface.

        Other discs, the collector, the separator, and its own mirror images count.
        """
        radius = self.diameter / 2
        nearest = np.min(
            [
                2 * (self.x - radius),  # to the mirror image
                2 * (self.width - self.x - radius),
                self.y - radius,
                self.height - self.y - radius,
            ],
            axis=0,
        )
        return np.minimum(nearest, neighbour_gaps(np.column_stack((self.x, self.y)), radius))

    def clearance(self) -> float:
        """Return the smallest distance [um] between any two lines to be meshed."""
        radius = self.diameter / 2
        sides = np.minimum(self.x, self.width - self.x) - radius
        return float(min(np.min(sides, initial=np.inf), np.min(self.gaps(), initial=np.inf)))


def neighbour_gaps(points: FloatArray, radius: FloatArray) -> FloatArray:
    """Return the surface distance [um] to the nearest other disc, infinite for a single disc."""
    gaps = np.full(len(points), np.inf)
    if len(points) < 2:
        return gaps
    tree, order = cKDTree(points), np.argsort(radius)
    # the nearest centre bounds the gap; any closer surface lies within that bound plus r_max
    distance, index = tree.query(points, k=2)
    bound = distance[:, 1] - radius - radius[index[:, 1]]
    reach = radius + np.maximum(bound, 0.0) + radius[order[-1]] + 1e-9
    for i, near in enumerate(tree.query_ball_point(points, reach)):
        others = np.array([j for j in near if j != i])
        offset = points[others] - points[i]
        gaps[i] = np.min(np.hypot(offset[:, 0], offset[:, 1]) - radius[others]) - radius[i]
    return gaps


def pack(request: PackingRequest, width: float, height: float) -> Packing:
    """Pack discs into a box of ``width`` x ``height`` [um].

    Args:
        request: fraction, sizes [um], gap [um] and seed.
        width: along the electrode [um].
        height: thickness of the electrode [um].

    Raises:
        GeometryError: the request is out of range or cannot be reached; the message gives the
            best fraction reached and what to change.
    """
    radii, scale = _radii(request, width, height)
    rng = np.random.default_rng(request.seed)
    rng.shuffle(radii)
    # Half a gap is added to each disc; the box loses half a gap on each side.
    border = 0.5 * request.gap
    walls = Walls(width - request.gap, height - request.gap)
    points = place(discs(radii).grown(border), walls, rng)
    if points is None:
        best = request.fraction * best_share(discs(radii), border, walls, rng)
        raise GeometryError(_unreachable(request, best, width, height))
    return Packing(
        x=points[:, 0] + border,
        y=points[:, 1] + border,
        diameter=2 * radii,
        width=width,
        height=height,
        diameter_scale=scale,
    )


def _radii(request: PackingRequest, width: float, height: float) -> tuple[FloatArray, float]:
    """Return the radii [um] that meet the fraction and the factor they were scaled with."""
    if not 0 < request.fraction < 1:
        msg = f"particles.fraction: must lie between 0 and 1, got {request.fraction:g}"
        raise GeometryError(msg)
    if request.gap < 0:
        msg = f"particles.gap: must not be negative, got {request.gap:g} um"
        raise GeometryError(msg)
    target = request.fraction * width * height
    number = max(1, round(target / mean_disc_area(request.sizes)))
    diameters = midpoint_quantiles(request.sizes, number)
    scale = float(np.sqrt(target / (np.pi / 4 * np.sum(diameters**2))))
    diameters = diameters * scale
    room = max(min(width, height) - 2 * request.gap, 0.0)
    if diameters[-1] > room:
        largest = np.pi / 4 * room**2 / (width * height)
        msg = (
            f"particles: a disc of {diameters[-1]:.4g} um does not fit into the box of "
            f"{width:g} x {height:g} um with a gap of {request.gap:g} um on each side; "
            f"requested fraction {request.fraction:g}, a single disc that just fits reaches "
            f"{largest:.3f}. Use smaller particles or gap, or a larger electrode"
        )
        raise GeometryError(msg)
    return diameters / 2, scale


def check_room(bodies: Bodies, gap: float, box: Walls, fraction: float) -> None:
    """Check that each body alone fits into the box.

    Raises:
        GeometryError: one does not.
    """
    room = np.array([box.width, box.height]) - 2 * gap
    wide = (bodies.low + bodies.high - room).max(axis=1)
    worst = int(np.argmax(wide))
    if wide[worst] <= 0:
        return
    smaller = max(0.0, float(np.min(room / (bodies.low + bodies.high)[worst])))
    largest = np.pi * (smaller * bodies.size[worst]) ** 2 / (box.width * box.height)
    msg = (
        f"particles: a particle of {2 * bodies.size[worst]:.4g} um does not fit into the box of "
        f"{box.width:g} x {box.height:g} um with a gap of {gap:g} um on each side; requested "
        f"fraction {fraction:g}, a single particle that just fits reaches {largest:.3f}. Use "
        "smaller particles or gap, or a larger electrode"
    )
    raise GeometryError(msg)


def _even_start(radii: FloatArray, walls: Walls, rng: np.random.Generator) -> FloatArray:
    """Return random positions (n, 2) that fill the box evenly, overlaps allowed.

    Discs come one after another, large ones first, each at the freest of a few random places
    (best-candidate sampling): independent places would leave lumps and voids of several
    particles, which a coated electrode does not have.
    """
    box = np.array([walls.width, walls.height])
    points = np.empty((len(radii), 2))
    order = np.argsort(-radii, kind="stable")
    for count, disc in enumerate(order):
        trial = radii[disc] + rng.random((_CANDIDATES, 2)) * (box - 2 * radii[disc])
        earlier = order[:count]
        offset = trial[:, None, :] - points[earlier][None, :, :]
        free = np.hypot(offset[..., 0], offset[..., 1]) - radii[earlier] - radii[disc]
        walled = 2 * (np.minimum(trial, box - trial) - radii[disc])  # to its mirror images
        free = np.column_stack((free, walled))
        points[disc] = trial[np.argmax(free.min(axis=1))]
    return points


def place(bodies: Bodies, walls: Walls, rng: np.random.Generator) -> FloatArray | None:
    """Return centres (n, 2) [um] of bodies that fill the box evenly without overlap, or None."""
    for _ in range(_ATTEMPTS):
        points = _even_start(bodies.size, walls, rng)
        for stage in _STAGES:
            points, free = relax(points, bodies.scaled(stage), walls, _MAX_STEPS)
            if not free:
                break
        if free:
            return points
    return None


def best_share(bodies: Bodies, border: float, walls: Walls, rng: np.random.Generator) -> float:
    """Return the largest share of their area at which the same bodies were placed."""
    low, high = 0.3, 1.0
    points = _even_start(bodies.size + border, walls, rng)
    best = 0.0
    for _ in range(_BISECTIONS):
        middle = 0.5 * (low + high)
        trial, free = relax(points, bodies.scaled(middle).grown(border), walls, _MAX_STEPS)
        if free:
            low, points, best = middle, trial, middle
        else:
            high = middle
    return best**2


def _unreachable(request: PackingRequest, best: float, width: float, height: float) -> str:
    return (
        f"particles.fraction: {request.fraction:g} was not reached in a box of {width:g} x "
        f"{height:g} um with a gap of {request.gap:g} um (seed {request.seed}); best fraction "
        f"reached: {best:.3f}. Ask for at most {best:.2f}, or use a smaller gap, a wider spread "
        "of diameters, or a wider electrode"
    )
