"""Sections: polygons of each phase and named boundary lines. All lengths in micrometres.

A section is a partition of a plane region into polygons. Neighbouring polygons share their
lines; the mesher makes the mesh conform to them. x runs along the electrode, y through the
thickness from the collector (y = 0) to the counter electrode.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import LineString, Polygon

from mesode.errors import GeometryError
from mesode.geometry.assembly import (
    ElectrodeRequest,
    LayerRequest,
    Part,
    build_electrode,
    check_clearance,
    phases_of,
    placed,
)
from mesode.geometry.polygons import TOLERANCE, box, disc_polygon, disc_vertices
from mesode.section_names import (
    COATING,
    COLLECTOR,
    COUNTER,
    COUNTER_PREFIX,
    FOIL,
    SEPARATOR,
    TOP,
)

__all__ = [
    "TOLERANCE",
    "BoundaryRule",
    "Particles",
    "Section",
    "SectionRequest",
    "box",
    "build_section",
    "cell_boundaries",
    "check_clearance",
    "disc_polygon",
    "disc_vertices",
    "no_particles",
]

type FloatArray = npt.NDArray[np.float64]
type IntArray = npt.NDArray[np.int64]
type BoolArray = npt.NDArray[np.bool_]
#: A boundary line: a shapely geometry, or a function of the arrays x, y [um] that tells whether
#: points lie on it.
type BoundaryRule = shapely.Geometry | Callable[[FloatArray, FloatArray], BoolArray]


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

    ``counter``: the second electrode of a full section, None for lithium metal, which is a line.
    ``interface_size``: mesh size where phases meet.
    """

    width: float
    electrode: ElectrodeRequest | LayerRequest
    separator_thickness: float
    counter: ElectrodeRequest | LayerRequest | None = None
    interface_size: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Polygons by phase, boundary lines by name.

    ``particle_of``: for each phase that is a part of particles the number of the particle of
    each of its polygons, a row of ``particles``; other phases are absent.
    ``unrefined``: boundary names at which the mesh is not refined although phases change;
    ``refined``: names at which it is although they do not.
    ``electrode_bottom``: y of the working electrode [um], the thickness of its foil;
    ``counter_thickness``: of a counter electrode without its foil [um], NaN for lithium metal.
    ``collector_length``: of the line that currents are per [um], NaN where it is the width.
    ``clearance``: smallest distance [um] between lines that do not touch, infinite if unknown.
    ``report``: requested against achieved, JSON-able.
    """

    width: float
    height: float
    phases: Mapping[str, tuple[Polygon, ...]]
    boundaries: Mapping[str, BoundaryRule]
    electrode_thickness: float = float("nan")
    electrode_bottom: float = 0.0
    counter_thickness: float = float("nan")
    particles: Particles = field(default_factory=no_particles)
    particle_of: Mapping[str, IntArray] = field(default_factory=dict)
    unrefined: frozenset[str] = frozenset()
    refined: frozenset[str] = frozenset()
    collector_length: float = float("nan")
    clearance: float = float("inf")
    report: Mapping[str, Any] = field(default_factory=dict)

    @property
    def electrode_width(self) -> float:
        """Return the area of the electrode per depth [um], which currents and loading are per."""
        return self.width if np.isnan(self.collector_length) else self.collector_length


def build_section(request: SectionRequest) -> Section:
    """Pack the particles and build the section collector | electrode | separator | counter.

    Raises:
        GeometryError: a length is not positive, the packing is impossible, or the gap between
            particles is too small for a mesh of ``interface_size``.
    """
    _check_lengths(request)
    width, size, asked = request.width, request.interface_size, request.electrode
    electrode = build_electrode(asked, width, size)
    parts, electrodes = list(electrode.parts), [electrode]
    top = asked.foil + asked.thickness
    high = top + request.separator_thickness
    height = high
    parts.append(Part(phase=SEPARATOR, polygon=box(0, top, width, high)))
    boundaries: dict[str, BoundaryRule] = {}
    if request.counter is not None:
        height = high + request.counter.thickness + request.counter.foil
        upright = build_electrode(request.counter, width, size)
        counter = placed(upright, _mirror(height), COUNTER_PREFIX, len(electrode.x))
        parts += counter.parts
        electrodes.append(counter)
        boundaries[COUNTER_PREFIX + TOP] = LineString([(0, high), (width, high)])
    for prefix, built in zip(("", COUNTER_PREFIX), electrodes, strict=False):
        if built.coated is not None and not built.coated.is_empty:
            boundaries[prefix + COATING] = built.coated
    phases, particle_of = phases_of(parts)
    x, y, diameter = (
        np.concatenate([getattr(e, name) for e in electrodes]) for name in ("x", "y", "diameter")
    )
    report = dict(electrode.report)
    if request.counter is not None:
        report["counter"] = electrodes[1].report
    return Section(
        width=width,
        height=height,
        electrode_thickness=asked.thickness,
        electrode_bottom=asked.foil,
        counter_thickness=request.counter.thickness if request.counter else float("nan"),
        phases=phases,
        boundaries={**cell_boundaries(width, height, top), **boundaries},
        particles=Particles(x=x, y=y, diameter=diameter),
        particle_of=particle_of,
        unrefined=frozenset({TOP, COUNTER_PREFIX + TOP} & {TOP, *boundaries}),
        clearance=min(e.clearance for e in electrodes),
        report=report,
    )


def _mirror(height: float) -> Callable[[FloatArray], FloatArray]:
    """Return the map that turns a section of this height upside down."""
    return lambda points: np.column_stack((points[:, 0], height - points[:, 1]))


def cell_boundaries(
    width: float, height: float, electrode_thickness: float | None = None
) -> dict[str, BoundaryRule]:
    """Return the lines of a half cell; ``top`` is the interface of electrode and separator."""
    lines: dict[str, BoundaryRule] = {
        COLLECTOR: LineString([(0, 0), (width, 0)]),
        COUNTER: LineString([(0, height), (width, height)]),
        "left": LineString([(0, 0), (0, height)]),
        "right": LineString([(width, 0), (width, height)]),
    }
    if electrode_thickness is not None:
        lines[TOP] = LineString([(0, electrode_thickness), (width, electrode_thickness)])
    return lines


def _check_lengths(request: SectionRequest) -> None:
    lengths = {
        "width": request.width,
        "electrode_thickness": request.electrode.thickness,
        "separator_thickness": request.separator_thickness,
        "interface_size": request.interface_size,
    }
    for prefix, electrode in (("", request.electrode), (COUNTER_PREFIX, request.counter)):
        if electrode is not None:
            lengths[prefix + "electrode_thickness"] = electrode.thickness
            if electrode.foil != 0:
                lengths[prefix + FOIL] = electrode.foil
    for name, value in lengths.items():
        if not (np.isfinite(value) and value > 0):
            msg = f"geometry: {name} must be a positive length, got {value} um"
            raise GeometryError(msg)
