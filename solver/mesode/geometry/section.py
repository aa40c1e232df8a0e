"""Sections: polygons of each phase and named boundary lines. All lengths in micrometres.

A section is a partition of a plane region into polygons. Neighbouring polygons share their
lines; the mesher makes the mesh conform to them. x runs along the electrode, y through the
thickness from the collector (y = 0) to the counter electrode.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import LineString, Polygon

from mesode.errors import GeometryError
from mesode.geometry.packing import Packing, PackingRequest, pack
from mesode.geometry.sizes import midpoint_quantiles, requested_statistics

type FloatArray = npt.NDArray[np.float64]
type BoolArray = npt.NDArray[np.bool_]
#: A boundary line: a shapely geometry, or a function of the arrays x, y [um] that tells whether
#: points lie on it.
type BoundaryRule = shapely.Geometry | Callable[[FloatArray, FloatArray], BoolArray]

TOLERANCE = 1e-6  # [um]: points closer than this are one point
ACTIVE = "active"
_MIN_VERTICES = 16
_QUANTILES = 200  # of the requested diameters, kept for pictures


@dataclass(frozen=True, slots=True, kw_only=True)
class Particles:
    """Table of discs: ``x``, ``y``, ``diameter``, arrays (n,) [um]."""

    x: FloatArray
    y: FloatArray
    diameter: FloatArray

    def __len__(self) -> int:
        return len(self.x)


def no_particles() -> Particles:
    """Return an empty table."""
    empty = np.empty(0)
    return Particles(x=empty, y=empty, diameter=empty)


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionRequest:
    """What to build, lengths in um.

    ``matrix``: porous carbon-binder fills the space between the particles; otherwise it is open
    electrolyte, the phase ``pore``. ``interface_size``: mesh size at the particle surfaces.
    """

    width: float
    electrode_thickness: float
    separator_thickness: float
    packing: PackingRequest
    interface_size: float
    matrix: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Polygons by phase, boundary lines by name.

    ``phases``: each polygon of ``active`` is one particle, in the order of ``particles``.
    ``unrefined``: boundary names at which the mesh is not refined although phases change;
    ``refined``: names at which it is although they do not.
    ``clearance``: smallest distance [um] between lines that do not touch, infinite if unknown.
    ``report``: requested against achieved, JSON-able.
    """

    width: float
    height: float
    phases: Mapping[str, tuple[Polygon, ...]]
    boundaries: Mapping[str, BoundaryRule]
    electrode_thickness: float = float("nan")
    particles: Particles = field(default_factory=no_particles)
    unrefined: frozenset[str] = frozenset()
    refined: frozenset[str] = frozenset()
    clearance: float = float("inf")
    report: Mapping[str, Any] = field(default_factory=dict)


def disc_vertices(radius: float, interface_size: float) -> int:
    """Return how many vertices, a multiple of 4, give chords of at most ``interface_size``."""
    number = int(np.ceil(2 * np.pi * radius / interface_size - 1e-9))
    return max(_MIN_VERTICES, 4 * -(-number // 4))


def disc_polygon(x: float, y: float, radius: float, interface_size: float) -> Polygon:
    """Return the regular polygon with the *area* of the disc; its vertices lie just outside."""
    number = disc_vertices(radius, interface_size)
    angle = 2 * np.pi / number
    reach = radius * np.sqrt(angle / np.sin(angle))
    turn = angle * np.arange(number)
    return Polygon(np.column_stack((x + reach * np.cos(turn), y + reach * np.sin(turn))))


def box(x0: float, y0: float, x1: float, y1: float) -> Polygon:
    """Return a rectangle, counter-clockwise from its lower left corner."""
    return Polygon([(x0, y0), (x1, y0), (x1, y1), (x0, y1)])


def build_section(request: SectionRequest) -> Section:
    """Pack the particles and build the section collector | electrode | separator | counter.

    Raises:
        GeometryError: a length is not positive, the packing is impossible, or the gap between
            particles is too small for a mesh of ``interface_size``.
    """
    _check_lengths(request)
    packing = pack(request.packing, request.width, request.electrode_thickness)
    check_clearance(packing.clearance(), request.interface_size)
    discs = tuple(
        disc_polygon(x, y, d / 2, request.interface_size)
        for x, y, d in zip(packing.x, packing.y, packing.diameter, strict=True)
    )
    width, thickness = request.width, request.electrode_thickness
    height = thickness + request.separator_thickness
    electrode = Polygon(box(0, 0, width, thickness).exterior, [d.exterior for d in discs])
    return Section(
        width=width,
        height=height,
        electrode_thickness=thickness,
        phases={
            ACTIVE: discs,
            "carbon_binder" if request.matrix else "pore": (electrode,),
            "separator": (box(0, thickness, width, height),),
        },
        boundaries=cell_boundaries(width, height, thickness),
        particles=Particles(x=packing.x, y=packing.y, diameter=packing.diameter),
        unrefined=frozenset({"top"}),
        clearance=packing.clearance(),
        report=packing_report(request, packing),
    )


def cell_boundaries(
    width: float, height: float, electrode_thickness: float | None = None
) -> dict[str, BoundaryRule]:
    """Return the lines of a half cell; ``top`` is the interface of electrode and separator."""
    lines: dict[str, BoundaryRule] = {
        "collector": LineString([(0, 0), (width, 0)]),
        "counter": LineString([(0, height), (width, height)]),
        "left": LineString([(0, 0), (0, height)]),
        "right": LineString([(width, 0), (width, height)]),
    }
    if electrode_thickness is not None:
        lines["top"] = LineString([(0, electrode_thickness), (width, electrode_thickness)])
    return lines


def check_clearance(clearance: float, interface_size: float) -> None:
    """Check that a gap is wide enough for one row of elements of sound shape.

    Raises:
        GeometryError: the clearance is below half the mesh size at the interface.
    """
    if clearance >= 0.5 * interface_size:
        return
    msg = (
        f"particles.gap: the smallest gap is {clearance:.4g} um, too narrow for mesh.interface "
        f"{interface_size:.4g} um: a gap carries at least one row of elements and must be half of "
        f"mesh.interface or more. Set the gap to {0.5 * interface_size:.4g} um or more, or "
        f"mesh.interface to {2 * max(clearance, 0.0):.4g} um or less"
    )
    raise GeometryError(msg)


def packing_report(request: SectionRequest, packing: Packing) -> dict[str, Any]:
    """Return what was asked of the packing and what came out, JSON-able, lengths in um."""
    asked = request.packing
    return {
        "seed": asked.seed,
        "requested_fraction": asked.fraction,
        "achieved_fraction": packing.fraction,
        "requested_gap": asked.gap,
        "achieved_gap": packing.clearance(),
        "requested_diameter": requested_statistics(asked.sizes),
        "requested_quantiles": midpoint_quantiles(asked.sizes, _QUANTILES).tolist(),
        "diameter_scale": packing.diameter_scale,
        "interface_size": request.interface_size,
    }


def section_from_polygons(
    phases: Mapping[str, Sequence[Polygon]],
    boundaries: Mapping[str, BoundaryRule],
    unrefined: Sequence[str] = (),
) -> Section:
    """Build a section from any polygons that do not overlap.

    Args:
        phases: polygons [um] by phase name; neighbours share their lines (vertices on a line of
            the neighbour are found and inserted).
        boundaries: lines by name, outer or internal.
        unrefined: boundary names at which the mesh is not refined although phases change.

    Raises:
        GeometryError: a polygon is invalid or polygons overlap.
    """
    polygons = np.array([p for parts in phases.values() for p in parts], dtype=object)
    _check_polygons(phases, polygons)
    x0, y0, x1, y1 = shapely.total_bounds(polygons)
    return Section(
        width=float(x1 - x0),
        height=float(y1 - y0),
        phases={name: tuple(parts) for name, parts in phases.items()},
        boundaries=dict(boundaries),
        unrefined=frozenset(unrefined),
    )


def _check_polygons(phases: Mapping[str, Sequence[Polygon]], polygons: npt.NDArray[Any]) -> None:
    for name, parts in phases.items():
        for number, part in enumerate(parts):
            if part.is_empty or not part.is_valid:
                reason = shapely.is_valid_reason(part)
                msg = f"phase {name!r}, polygon {number}: not a valid polygon ({reason})"
                raise GeometryError(msg)
    if len(polygons) == 0:
        msg = "a section needs at least one polygon"
        raise GeometryError(msg)
    first, second = shapely.STRtree(polygons).query(polygons, predicate="intersects")
    pairs = first < second
    area = shapely.area(shapely.intersection(polygons[first[pairs]], polygons[second[pairs]]))
    if np.any(area > TOLERANCE):
        msg = f"polygons overlap by {float(area.max()):.3g} um^2 at most; cut them first"
        raise GeometryError(msg)


def _check_lengths(request: SectionRequest) -> None:
    for name in ("width", "electrode_thickness", "separator_thickness", "interface_size"):
        value = getattr(request, name)
        if not (np.isfinite(value) and value > 0):
            msg = f"geometry: {name} must be a positive length, got {value} um"
            raise GeometryError(msg)
