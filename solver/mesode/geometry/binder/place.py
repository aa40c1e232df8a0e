"""Carbon-binder between the particles: where it is, by shape. All lengths in micrometres.

Shapes are placed one after another; each takes of its outline what earlier ones left. Where only
an area share is given, thickness or radius follow by bisection, and are corrected for what the
fit to the mesh took away (:mod:`mesode.geometry.binder.tidy`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from shapely.geometry import Polygon

from mesode.errors import GeometryError
from mesode.geometry.binder.clusters import cluster_outlines
from mesode.geometry.binder.fit import Search, check_thickness, feature_of, fit_fraction
from mesode.geometry.binder.outlines import Site, bridges, film, patches
from mesode.geometry.binder.report import coverage_by_phase
from mesode.geometry.binder.shapes import BinderShape, Bridges, Clusters, Film, Matrix, Patches
from mesode.geometry.binder.tidy import Division, divide
from mesode.section_names import PORE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mesode.geometry.particles.grains import Grains

__all__ = [
    "BinderShape",
    "Bridges",
    "Clusters",
    "Film",
    "Matrix",
    "Patches",
    "PoreSpace",
    "place_binder",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class PoreSpace:
    """Binder phases and ``pore``: a partition of the electrode without its grains."""

    phases: Mapping[str, list[Polygon]]
    report: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Placed:
    """A division of the free space, and what the report says of it."""

    division: Division
    facts: dict[str, Any]


def place_binder(
    shapes: Sequence[BinderShape],
    grains: Grains,
    width: float,
    thickness: float,
    interface_size: float,
    seed: int,
) -> PoreSpace:
    """Fill the space between the grains in [0, width] x [0, thickness] [um].

    Args:
        shapes: later shapes take only what earlier ones left; the rest is ``pore``.
        grains: outlines of the particles.
        width: of the electrode [um].
        thickness: of the electrode [um].
        interface_size: mesh size [um] where phases meet.
        seed: of the shapes without a seed of their own.

    Raises:
        GeometryError: a shape is impossible; the message gives the best that was reached.
    """
    site = Site(outlines=grains.outlines, width=width, thickness=thickness, size=interface_size)
    free = _free_space(site)
    phases: dict[str, list[Polygon]] = {}
    facts = []
    for number, shape in enumerate(shapes):
        if not free:
            raise GeometryError(_no_space(shape))
        rng = np.random.default_rng([getattr(shape, "seed", None) or seed, number])
        placed = _place(shape, site, free, grains.clearance, rng)
        free = placed.division.outside
        area = sum(p.area for p in placed.division.inside)
        if area == 0:
            raise GeometryError(_vanished(shape, site))
        phases[shape.phase] = _joined(phases.get(shape.phase, []) + placed.division.inside)
        kind = type(shape).__name__.lower()
        share = {"achieved_fraction": area / site.area}
        facts.append({"kind": kind, "phase": shape.phase, **placed.facts, **share})
    if free:
        phases[PORE] = free
    report = {
        "shapes": facts,
        "fractions": {
            name: sum(p.area for p in parts) / site.area for name, parts in phases.items()
        },
        "coverage": coverage_by_phase(grains.outlines, phases),
    }
    return PoreSpace(phases=phases, report=report)


def _free_space(site: Site) -> list[Polygon]:
    """Return the electrode without particles; touching ones may enclose pores."""
    joined = shapely.get_parts(shapely.coverage_union_all(list(site.outlines)))
    solids = [p for p in joined if not p.is_empty]
    around = Polygon(site.frame().exterior, [s.exterior for s in solids])
    return [around, *(Polygon(hole) for s in solids for hole in s.interiors)]


def _joined(parts: list[Polygon]) -> list[Polygon]:
    """Return polygons of one phase without the lines between them."""
    return list(shapely.get_parts(shapely.coverage_union_all(parts)))


def _place(
    shape: BinderShape,
    site: Site,
    free: list[Polygon],
    clearance: float,
    rng: np.random.Generator,
) -> _Placed:
    match shape:
        case Matrix():
            return _Placed(division=Division(inside=free, outside=[]), facts={})
        case Film():
            return _place_film(shape, site, free, clearance)
        case Bridges():
            return _place_bridges(shape, site, free)
        case Patches():
            return _place_patches(shape, site, free, rng)
        case Clusters():
            return _place_clusters(shape, site, free, rng)


def _place_patches(
    shape: Patches, site: Site, free: list[Polygon], rng: np.random.Generator
) -> _Placed:
    check_thickness("patches", shape.thickness, site.size)
    outline = patches(site, shape, rng)
    division = divide(free, outline, site.size, feature_of(shape.thickness, site.size))
    facts = {
        "requested_coverage": shape.coverage,
        "thickness": shape.thickness,
        "length": shape.length,
    }
    return _Placed(division=division, facts=facts)


def _place_film(shape: Film, site: Site, free: list[Polygon], clearance: float) -> _Placed:
    def outline(thickness: float) -> shapely.Geometry:
        return film(site, thickness)

    thickness = shape.thickness
    if thickness is None:
        search = Search(kind="film", unknown="thickness", outline=outline, limit=clearance)
        thickness, division = fit_fraction(search, shape.fraction or 0.0, site, free)
        facts = {"requested_fraction": shape.fraction, "thickness": thickness}
        return _Placed(division=division, facts=facts)
    if thickness > clearance:
        msg = (
            f"carbon_binder: a film of {thickness:.4g} um is thicker than the smallest gap between "
            f"surfaces, {clearance:.4g} um, and has no room. Set its thickness to {clearance:.4g} "
            f"um or less, or the gap to {thickness:.4g} um or more"
        )
        raise GeometryError(msg)
    check_thickness("film", thickness, site.size)
    division = divide(free, outline(thickness), site.size, feature_of(thickness, site.size))
    return _Placed(division=division, facts={"thickness": thickness})


def _place_bridges(shape: Bridges, site: Site, free: list[Polygon]) -> _Placed:
    def outline(radius: float) -> shapely.Geometry:
        return bridges(site, radius)

    if shape.radius is not None:
        division = divide(free, outline(shape.radius), site.size)
        return _Placed(division=division, facts={"radius": shape.radius})
    limit = max(site.width, site.thickness)
    search = Search(kind="bridges", unknown="radius", outline=outline, limit=limit)
    radius, division = fit_fraction(search, shape.fraction or 0.0, site, free)
    facts = {"requested_fraction": shape.fraction, "radius": radius}
    return _Placed(division=division, facts=facts)


def _place_clusters(
    shape: Clusters, site: Site, free: list[Polygon], rng: np.random.Generator
) -> _Placed:
    if shape.diameter < 2 * site.size:
        msg = (
            f"carbon_binder: clusters of {shape.diameter:.4g} um are too small for mesh.interface "
            f"{site.size:.4g} um; set mesh.interface to {shape.diameter / 2:.4g} um or less"
        )
        raise GeometryError(msg)
    outline = cluster_outlines(free, shape.diameter, shape.fraction * site.area, rng)
    division = divide(free, outline, site.size)
    facts = {"requested_fraction": shape.fraction, "diameter": shape.diameter}
    return _Placed(division=division, facts=facts)


def _no_space(shape: BinderShape) -> str:
    return (
        f"carbon_binder: no space is left for the {type(shape).__name__.lower()}; the shapes "
        "before it fill the electrode. Put it first or leave it out"
    )


def _vanished(shape: BinderShape, site: Site) -> str:
    return (
        f"carbon_binder: nothing is left of the {type(shape).__name__.lower()} at mesh.interface "
        f"{site.size:.4g} um: smaller than an element, or no space was free. Ask for more, or set "
        "a smaller mesh.interface"
    )
