"""Places for convex bodies in an electrode box, without overlap. All lengths in micrometres.

Every body lies wholly inside the box. Half the gap is added to each and taken from each side of the
box by the caller, so that all keep the gap to each other, to collector and separator, and to their
mirror images at the sides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree

from mesode.errors import GeometryError
from mesode.geometry.particles.relax import Walls, relax

if TYPE_CHECKING:
    import numpy.typing as npt

    from mesode.geometry.particles.bodies import Bodies

    type FloatArray = npt.NDArray[np.float64]

_CANDIDATES = 8  # random places tried for each disc of a start; the freest is taken
_ATTEMPTS = 4  # random starts before a request is called impossible
_MAX_STEPS = 4_000  # of the minimiser per stage; 0.65 takes some hundred
_STAGES = (0.7, 0.9, 1.0)  # growth of the radii from a random start
_BISECTIONS = 6  # to find the best fraction of an impossible request: about 1 %


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
