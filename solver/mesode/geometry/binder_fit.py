"""Thickness or radius of a binder shape from its area share. All lengths in micrometres."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import shapely
from scipy.optimize import brentq

from mesode.errors import GeometryError
from mesode.geometry.tidy import FEATURE, Division, divide

if TYPE_CHECKING:
    from collections.abc import Callable

    from shapely.geometry import Polygon

    from mesode.geometry.binder_outlines import Site

_CLOSE = 0.01  # relative error of an area share that is good enough
_REFUSED = 0.25  # and that is refused
_CORRECTIONS = 5  # of the size for what the fit to the mesh takes away
_PRECISION = 1e-3  # relative, of the size before it is corrected
_THIN = 0.9  # new lines keep this share of the thickness from other lines
_SLOPE = 0.02  # relative step of the derivative of area by size


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


def fit_fraction(
    search: Search, fraction: float, site: Site, free: list[Polygon]
) -> tuple[float, Division]:
    """Find the length with which a shape takes an area share of the electrode.

    Returns:
        the length [um] and the divided free space.

    Raises:
        GeometryError: the share is out of reach; the message gives the best.
    """
    space = shapely.MultiPolygon(free)
    target = fraction * site.area

    def area(length: float) -> float:
        return float(shapely.intersection(space, search.outline(length)).area)

    high = _bracket(search, area, target, site)
    length = float(brentq(lambda r: area(r) - target if r else -target, 0.0, high, rtol=_PRECISION))
    best: tuple[float, float, Division] | None = None
    for _ in range(_CORRECTIONS):
        division = _divided(search, length, site, free)
        error = target - sum(p.area for p in division.inside)
        if best is None or abs(error) < abs(best[0]):
            best = (error, length, division)
        if abs(error) < _CLOSE * target:
            break
        step = _SLOPE * length
        slope = max(area(length + step) - area(length), 1e-3 * target) / step
        length = min(max(length + error / slope, 0.5 * length), 1.5 * length, search.limit)
    if best is None or abs(best[0]) > _REFUSED * target:
        raise GeometryError(_out_of_reach(search, fraction, best, site))
    return best[1], best[2]


def _bracket(search: Search, area: Callable[[float], float], target: float, site: Site) -> float:
    """Return a length with which the area is at least the target."""
    length = min(2 * site.size, search.limit)
    reached = area(length)
    while reached < target and length < search.limit:
        length = min(2 * length, search.limit)
        reached = area(length)
    if reached >= target:
        return length
    msg = (
        f"carbon_binder: {search.kind} of fraction {target / site.area:.4g} has no room: at the "
        f"largest {search.unknown}, {search.limit:.4g} um, it reaches {reached / site.area:.4g}. "
        f"Ask for at most {reached / site.area:.3g}, or leave more space between the particles"
    )
    raise GeometryError(msg)


def _divided(search: Search, length: float, site: Site, free: list[Polygon]) -> Division:
    outline = search.outline(length)
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
