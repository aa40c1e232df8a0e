"""Thickness or radius of a binder shape from its area share. All lengths in micrometres."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.optimize import brentq

from mesode.errors import GeometryError
from mesode.geometry.binder.tidy import FEATURE, Division, divide

if TYPE_CHECKING:
    from collections.abc import Callable

    from shapely.geometry import Polygon

    from mesode.geometry.binder.outlines import Site

_CLOSE = 0.01  # relative error of an area share that is good enough
_REFUSED = 0.25  # and that is refused
_CORRECTIONS = 5  # of the area aimed at for what the fit to the mesh takes away
_NEAR = 3e-3  # relative error of an area at which a search ends
_PRECISION = 1e-3  # relative, of a length at which the area jumps
_THIN = 0.9  # new lines keep this share of the thickness from other lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """A shape whose ``outline`` grows with one ``unknown`` length [um] up to ``limit`` [um]."""

    kind: str
    unknown: str
    outline: Callable[[float], shapely.Geometry]
    limit: float


def feature_of(thickness: float, size: float) -> float:
    """Return how near, in mesh sizes, lines may come to others so that a film keeps its own."""
    return min(FEATURE, _THIN * thickness / size)


def check_thickness(kind: str, thickness: float, size: float) -> None:
    """Check that a film carries a row of elements of sound shape.

    Raises:
        GeometryError: it is thinner than half the mesh size.
    """
    if thickness >= FEATURE * size * (1 - 1e-9):
        return
    msg = (
        f"carbon_binder: {kind} of {thickness:.4g} um too thin for mesh.interface {size:.4g} um: "
        "a film must be half of mesh.interface thick or more. Set mesh.interface to "
        f"{2 * thickness:.4g} um or less, or ask for more binder"
    )
    raise GeometryError(msg)


class _Growth:
    """Area that the outline of a search takes of the free space, by its length; remembered."""

    def __init__(self, search: Search, free: list[Polygon]) -> None:
        self.search = search
        self.space = shapely.MultiPolygon(free)
        self.known: dict[float, float] = {0.0: 0.0}
        self.outlines: dict[float, shapely.Geometry] = {0.0: shapely.Polygon()}

    def covered(self, outline: shapely.Geometry) -> float:
        """Return the area [um^2] of the free space inside an outline."""
        return float(shapely.intersection(self.space, outline).area)

    def area(self, length: float) -> float:
        """Return the area [um^2] for a length [um]."""
        if length not in self.known:
            self.outlines[length] = self.search.outline(length)
            self.known[length] = self.covered(self.outlines[length])
        return self.known[length]

    def bracket(self, target: float) -> tuple[float, float]:
        """Return a length with less and one with the target or more; the second is close.

        Close in area, or, where the area jumps, the two lengths are close to each other.
        """
        low = max(r for r, a in self.known.items() if a < target)
        high = min(r for r, a in self.known.items() if a >= target)
        while self.area(high) > (1 + _NEAR) * target and high - low > _PRECISION * high:
            share = (target - self.area(low)) / (self.area(high) - self.area(low))
            # regula falsi, kept away from the ends: the area may jump
            middle = low + min(max(share, 0.1), 0.9) * (high - low)
            if self.area(middle) < target:
                low = middle
            else:
                high = middle
        return low, high


def fit_fraction(
    search: Search, fraction: float, site: Site, free: list[Polygon]
) -> tuple[float, Division]:
    """Find the length with which a shape takes an area share of the electrode.

    Returns:
        the length [um] and the divided free space.

    Raises:
        GeometryError: the share is out of reach; the message gives the best.
    """
    growth = _Growth(search, free)
    target = fraction * site.area
    largest = _check_room(growth, target, site)
    aim = target
    best: tuple[float, float, Division] | None = None
    for _ in range(_CORRECTIONS):
        length, outline = _outline_of_area(growth, min(aim, largest))
        division = _divided(search, length, outline, site, free)
        error = target - sum(p.area for p in division.inside)
        if best is None or abs(error) < abs(best[0]):
            best = (error, length, division)
        if abs(error) < _CLOSE * target:
            break
        aim = max(aim + error, 0.1 * target)
    if best is None or abs(best[0]) > _REFUSED * target:
        raise GeometryError(_out_of_reach(search, fraction, best, site))
    return best[1], best[2]


def _outline_of_area(growth: _Growth, target: float) -> tuple[float, shapely.Geometry]:
    """Return the length and the outline with which an area is covered.

    Where a meniscus closes a pocket the area jumps; then the pockets that close at this length
    keep a bubble of the expected size.
    """
    low, high = growth.bracket(target)
    outline = growth.outlines[high]
    surplus = growth.area(high) - target
    if surplus < _CLOSE * target:
        return high, outline
    pockets = shapely.difference(outline, growth.outlines[low])
    pockets = shapely.intersection(pockets, growth.space)

    def excess(depth: float) -> float:
        return surplus - float(shapely.buffer(pockets, -depth).area)

    depth = brentq(excess, 0.0, 2 * np.sqrt(pockets.area), xtol=_PRECISION * high)
    return high, shapely.difference(outline, shapely.buffer(pockets, -depth))


def _check_room(growth: _Growth, target: float, site: Site) -> float:
    """Let the length grow until the target is reached; return the largest area that is known.

    Raises:
        GeometryError: the target is not reached at the largest length.
    """
    search = growth.search
    length = min(2 * site.size, search.limit)
    while growth.area(length) < target and length < search.limit:
        length = min(2 * length, search.limit)
    reached = growth.area(length)
    if reached >= target:
        return reached
    msg = (
        f"carbon_binder: {search.kind} of fraction {target / site.area:.4g} has no room: at the "
        f"largest {search.unknown}, {search.limit:.4g} um, it reaches {reached / site.area:.4g}. "
        f"Ask for at most {reached / site.area:.3g}, or leave more space between the particles"
    )
    raise GeometryError(msg)


def _divided(
    search: Search, length: float, outline: shapely.Geometry, site: Site, free: list[Polygon]
) -> Division:
    if search.unknown != "thickness":
        return divide(free, outline, site.size)
    check_thickness(search.kind, length, site.size)
    return divide(free, outline, site.size, feature_of(length, site.size))


def _out_of_reach(
    search: Search, fraction: float, best: tuple[float, float, Division] | None, site: Site
) -> str:
    reached = fraction - best[0] / site.area if best is not None else 0.0
    return (
        f"carbon_binder: {search.kind} of fraction {fraction:.4g} cannot be resolved at "
        f"mesh.interface {site.size:.4g} um; the nearest is {reached:.4g}. Set a smaller "
        "mesh.interface or another fraction"
    )
