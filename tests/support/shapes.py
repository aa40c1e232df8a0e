"""Sections from polygons, and simple ones with closed-form solutions. Lengths in micrometres.

Discs are regular polygons of exactly the disc's area. Boundary names: ``surface`` is the outer
rim, ``interface`` an internal line; rectangles carry the names of a half cell.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import shapely
from shapely.geometry import LineString, MultiLineString, Polygon

from mesode.geometry.section import Particles, Section, box, cell_boundaries, disc_polygon
from mesode.section_names import ACTIVE, CARBON_BINDER, TOP


def section_from_polygons(phases, boundaries, unrefined=(), hosts=(ACTIVE,)):
    """Build a section from any polygons that do not overlap.

    Args:
        phases: polygons [um] by phase name; neighbours share their lines (vertices on a line of
            the neighbour are found and inserted).
        boundaries: lines by name, outer or internal.
        unrefined: boundary names at which the mesh is not refined although phases change.
        hosts: phases of which each polygon is a particle, numbered on from phase to phase.
    """
    polygons = np.array([p for parts in phases.values() for p in parts], dtype=object)
    x0, y0, x1, y1 = shapely.total_bounds(polygons)
    return Section(
        width=float(x1 - x0),
        height=float(y1 - y0),
        phases={name: tuple(parts) for name, parts in phases.items()},
        boundaries=dict(boundaries),
        particle_of=_numbered({name: len(phases[name]) for name in hosts if name in phases}),
        unrefined=frozenset(unrefined),
    )


def _numbered(counts):
    """Return consecutive numbers for so many polygons of each phase."""
    ends = np.cumsum(list(counts.values()), dtype=np.int64)
    return {
        name: np.arange(end - counts[name], end) for name, end in zip(counts, ends, strict=True)
    }


def single_disc(radius, interface_size, phase=ACTIVE):
    """Return one disc around the origin; boundary ``surface``."""
    disc = disc_polygon(0.0, 0.0, radius, interface_size)
    section = section_from_polygons({phase: [disc]}, {"surface": disc.exterior})
    rim = frozenset({"surface"})
    return replace(section, particles=_one_disc(0.0, 0.0, radius), refined=rim)


def disc_in_disc(inner, outer, interface_size, phases=(ACTIVE, CARBON_BINDER)):
    """Return a disc of radius ``inner`` in an annulus up to ``outer`` around the origin.

    Boundaries: ``interface`` between the two, ``surface`` outside.
    """
    core = disc_polygon(0.0, 0.0, inner, interface_size)
    rim = disc_polygon(0.0, 0.0, outer, interface_size)
    section = section_from_polygons(
        {phases[0]: [core], phases[1]: [Polygon(rim.exterior, [core.exterior])]},
        {"interface": core.exterior, "surface": rim.exterior},
    )
    return replace(section, particles=_one_disc(0.0, 0.0, inner))


def rectangle(width, height, phase):
    """Return one phase; boundaries ``collector`` (y=0), ``counter``, ``left``, ``right``."""
    return stacked(width, [(phase, height)])


def stacked(width, layers):
    """Return layers (phase, thickness) from the collector up.

    Boundaries of :func:`rectangle` and, with several layers, ``top``: the lines between them.
    """
    levels = np.concatenate(([0.0], np.cumsum([thickness for _, thickness in layers])))
    phases = {}
    for (phase, _), low, high in zip(layers, levels[:-1], levels[1:], strict=True):
        phases.setdefault(phase, []).append(box(0.0, float(low), width, float(high)))
    boundaries = cell_boundaries(width, float(levels[-1]))
    if len(layers) > 1:
        lines = [LineString([(0.0, y), (width, y)]) for y in levels[1:-1]]
        boundaries[TOP] = MultiLineString(lines)
    return section_from_polygons(phases, boundaries)


def unit_cell(side, radius, interface_size, phases=(ACTIVE, CARBON_BINDER)):
    """Return a square [0, side]^2 with one centred disc.

    Boundaries: ``collector`` (y=0), ``counter`` (y=side), ``left``, ``right``, ``interface``.
    """
    centre = side / 2
    disc = disc_polygon(centre, centre, radius, interface_size)
    frame = Polygon(box(0.0, 0.0, side, side).exterior, [disc.exterior])
    boundaries = cell_boundaries(side, side)
    boundaries["interface"] = disc.exterior
    section = section_from_polygons({phases[0]: [disc], phases[1]: [frame]}, boundaries)
    clearance = centre - radius
    return replace(section, particles=_one_disc(centre, centre, radius), clearance=clearance)


def _one_disc(x, y, radius):
    return Particles(x=np.array([x]), y=np.array([y]), diameter=np.array([2 * radius]))
