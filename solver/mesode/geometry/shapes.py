"""Simple sections with closed-form solutions, for verification. All lengths in micrometres.

Discs are regular polygons of exactly the disc's area. Boundary names: ``surface`` is the outer
rim, ``interface`` an internal line; rectangles carry the names of a half cell.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from shapely.geometry import LineString, MultiLineString, Polygon

from mesode.errors import GeometryError
from mesode.geometry.section import (
    Particles,
    Section,
    box,
    cell_boundaries,
    disc_polygon,
    section_from_polygons,
)
from mesode.section_names import ACTIVE, CARBON_BINDER, TOP

if TYPE_CHECKING:
    from collections.abc import Sequence


def single_disc(radius: float, interface_size: float, phase: str = ACTIVE) -> Section:
    """Return one disc around the origin; boundary ``surface``."""
    disc = disc_polygon(0.0, 0.0, radius, interface_size)
    section = section_from_polygons({phase: [disc]}, {"surface": disc.exterior})
    rim = frozenset({"surface"})
    return replace(section, particles=_one_disc(0.0, 0.0, radius), refined=rim)


def disc_in_disc(
    inner: float,
    outer: float,
    interface_size: float,
    phases: tuple[str, str] = (ACTIVE, CARBON_BINDER),
) -> Section:
    """Return a disc of radius ``inner`` in an annulus up to ``outer`` around the origin.

    Boundaries: ``interface`` between the two, ``surface`` outside.

    Raises:
        GeometryError: the radii are not 0 < inner < outer.
    """
    _check_ordered("disc_in_disc", inner, outer)
    core = disc_polygon(0.0, 0.0, inner, interface_size)
    rim = disc_polygon(0.0, 0.0, outer, interface_size)
    section = section_from_polygons(
        {phases[0]: [core], phases[1]: [Polygon(rim.exterior, [core.exterior])]},
        {"interface": core.exterior, "surface": rim.exterior},
    )
    return replace(section, particles=_one_disc(0.0, 0.0, inner))


def rectangle(width: float, height: float, phase: str) -> Section:
    """Return one phase; boundaries ``collector`` (y=0), ``counter``, ``left``, ``right``."""
    return stacked(width, [(phase, height)])


def stacked(width: float, layers: Sequence[tuple[str, float]]) -> Section:
    """Return layers (phase, thickness) from the collector up.

    Boundaries of :func:`rectangle` and, with several layers, ``top``: the lines between them.

    Raises:
        GeometryError: no layer, or a thickness that is not positive.
    """
    levels = np.concatenate(([0.0], np.cumsum([thickness for _, thickness in layers])))
    if len(layers) == 0 or np.any(np.diff(levels) <= 0) or width <= 0:
        msg = f"stacked: width and each thickness must be positive, got {width}, {list(layers)}"
        raise GeometryError(msg)
    phases: dict[str, list[Polygon]] = {}
    for (phase, _), low, high in zip(layers, levels[:-1], levels[1:], strict=True):
        phases.setdefault(phase, []).append(box(0.0, float(low), width, float(high)))
    boundaries = cell_boundaries(width, float(levels[-1]))
    if len(layers) > 1:
        lines = [LineString([(0.0, y), (width, y)]) for y in levels[1:-1]]
        boundaries[TOP] = MultiLineString(lines)
    return section_from_polygons(phases, boundaries)


def unit_cell(
    side: float,
    radius: float,
    interface_size: float,
    phases: tuple[str, str] = (ACTIVE, CARBON_BINDER),
) -> Section:
    """Return a square [0, side]^2 with one centred disc.

    Boundaries: ``collector`` (y=0), ``counter`` (y=side), ``left``, ``right``, ``interface``.

    Raises:
        GeometryError: the disc does not fit.
    """
    _check_ordered("unit_cell", radius, side / 2)
    centre = side / 2
    disc = disc_polygon(centre, centre, radius, interface_size)
    frame = Polygon(box(0.0, 0.0, side, side).exterior, [disc.exterior])
    boundaries = cell_boundaries(side, side)
    boundaries["interface"] = disc.exterior
    section = section_from_polygons({phases[0]: [disc], phases[1]: [frame]}, boundaries)
    clearance = centre - radius
    return replace(section, particles=_one_disc(centre, centre, radius), clearance=clearance)


def _one_disc(x: float, y: float, radius: float) -> Particles:
    return Particles(x=np.array([x]), y=np.array([y]), diameter=np.array([2 * radius]))


def _check_ordered(where: str, inner: float, outer: float) -> None:
    if not 0 < inner < outer:
        msg = f"{where}: the inner radius ({inner} um) must lie between 0 and {outer} um"
        raise GeometryError(msg)
