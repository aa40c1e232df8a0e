"""Requested against achieved: what quality.json says of a section and its mesh. Micrometres."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mesode.geometry.arrays import MeshArrays, cell_areas
from mesode.geometry.connectivity import facet_neighbours
from mesode.geometry.packing import neighbour_gaps
from mesode.geometry.section import ACTIVE, Section
from mesode.geometry.sizes import size_statistics

if TYPE_CHECKING:
    import numpy.typing as npt

    type FloatArray = npt.NDArray[np.float64]

_BINS = np.linspace(0.0, 1.0, 21)


def radius_ratio(mesh: MeshArrays) -> FloatArray:
    """Return for each cell 2 r_in / r_out: 1 for an equilateral triangle, 0 for a sliver."""
    a, b, c = _side_lengths(mesh)
    ratio: FloatArray = 16 * cell_areas(mesh) ** 2 / (a * b * c * (a + b + c))
    return np.minimum(ratio, 1.0)  # rounding of equilateral triangles


def minimum_angle(mesh: MeshArrays) -> FloatArray:
    """Return the smallest angle [degree] of each cell."""
    shortest, middle, longest = np.sort(_side_lengths(mesh), axis=0)
    # the sine from the area keeps small angles exact
    sine = 2 * cell_areas(mesh) / (middle * longest)
    cosine = (middle**2 + longest**2 - shortest**2) / (2 * middle * longest)
    return np.asarray(np.degrees(np.arctan2(sine, cosine)))


def quality_report(section: Section, mesh: MeshArrays) -> dict[str, Any]:
    """Return a JSON-able report; lengths in um, areas in um^2, angles in degrees."""
    report = {
        "unit": "um",
        "seed": section.report.get("seed"),
        "section": {
            "width": section.width,
            "height": section.height,
            "electrode_thickness": _number(section.electrode_thickness),
        },
        "particles": _particles(section),
        "gap": _gaps(section),
        "phases": _phase_areas(section, mesh),
        "interface": _interface(section, mesh),
        "mesh": _mesh_numbers(mesh),
    }
    report["warnings"] = _warnings(report)
    return report


def particle_gaps(section: Section) -> FloatArray:
    """Return the surface distance [um] of each particle to its nearest neighbouring particle."""
    if len(section.particles) < 2:
        return np.empty(0)
    discs = section.particles
    return neighbour_gaps(np.column_stack((discs.x, discs.y)), discs.diameter / 2)


def _side_lengths(mesh: MeshArrays) -> FloatArray:
    """Return the sides (3, m) [um] of each cell."""
    corners = mesh.points[mesh.cells]
    return np.asarray(np.hypot(*(corners - np.roll(corners, 1, axis=1)).transpose(2, 1, 0)))


def _number(value: float | None) -> float | None:
    """Return None for what JSON cannot say: NaN and infinity."""
    return float(value) if value is not None and np.isfinite(value) else None


def _particles(section: Section) -> dict[str, Any]:
    asked = section.report
    electrode = section.width * section.electrode_thickness
    area = float(sum(p.area for p in section.phases.get(ACTIVE, ())))
    achieved = {k: _number(v) for k, v in size_statistics(section.particles.diameter).items()}
    return {
        "number": len(section.particles),
        "requested_fraction": asked.get("requested_fraction"),
        "achieved_fraction": _number(area / electrode),
        "requested_diameter": asked.get("requested_diameter"),
        "achieved_diameter": achieved,
        "diameter_scale": asked.get("diameter_scale"),
    }


def _gaps(section: Section) -> dict[str, Any]:
    gaps = particle_gaps(section)
    return {
        "requested": section.report.get("requested_gap"),
        "minimum": _number(section.clearance),
        "nearest_particle_minimum": _number(np.min(gaps, initial=np.inf)),
        "nearest_particle_mean": float(np.mean(gaps)) if len(gaps) else None,
        "nearest_particle_d90": float(np.quantile(gaps, 0.9)) if len(gaps) else None,
    }


def _phase_areas(section: Section, mesh: MeshArrays) -> dict[str, Any]:
    areas, total = cell_areas(mesh), section.width * section.height
    report = {}
    for name, tag in mesh.phases.items():
        inside = mesh.cell_phase == tag
        area = float(np.sum(areas[inside]))
        report[name] = {
            "area": area,
            "polygon_area": float(sum(p.area for p in section.phases[name])),
            "section_share": area / total,
            "cells": int(np.sum(inside)),
        }
    return report


def _interface(section: Section, mesh: MeshArrays) -> dict[str, Any]:
    """Compare the meshed particle surface with the circles it stands for."""
    exact = float(np.pi * np.sum(section.particles.diameter))
    meshed = _surface_length(mesh)
    error = meshed / exact - 1 if exact > 0 and meshed > 0 else None
    return {"length": meshed, "circle_length": exact, "relative_error": error}


def _surface_length(mesh: MeshArrays) -> float:
    """Return the length [um] of all facets between the active and any other phase."""
    pairs = facet_neighbours(mesh)
    active = mesh.cell_phase == mesh.phases.get(ACTIVE, -1)
    pairs = pairs[active[pairs[:, 0]] != active[pairs[:, 1]]]
    first, second = mesh.cells[pairs[:, 0]], mesh.cells[pairs[:, 1]]
    shared = (first[:, :, None] == second[:, None, :]).any(axis=2)
    # the two shared corners of the first cell: all but the one corner that is not shared
    alone = np.argmin(shared, axis=1)
    row = np.arange(len(pairs))
    ends = [mesh.points[first[row, (alone + k) % 3]] for k in (1, 2)]
    return float(np.sum(np.hypot(*(ends[1] - ends[0]).T)))


def _mesh_numbers(mesh: MeshArrays) -> dict[str, Any]:
    ratio, angle = radius_ratio(mesh), minimum_angle(mesh)
    counts, _ = np.histogram(ratio, bins=_BINS)
    return {
        "cells": len(mesh.cells),
        "points": len(mesh.points),
        "radius_ratio": {"minimum": float(ratio.min()), "mean": float(ratio.mean())},
        "minimum_angle": {"minimum": float(angle.min()), "mean": float(angle.mean())},
        "radius_ratio_histogram": {"edges": _BINS.tolist(), "counts": counts.tolist()},
    }


def _warnings(report: dict[str, Any]) -> list[str]:
    """Return what a user should know before trusting the section."""
    found = []
    scale = report["particles"]["diameter_scale"]
    if scale is not None and abs(scale - 1) > 0.02:
        found.append(
            f"all diameters were scaled by {scale:.3f} to meet the fraction with a whole number "
            "of particles; a wider section needs less"
        )
    if report["mesh"]["minimum_angle"]["minimum"] < 10:
        found.append(
            f"smallest angle of the mesh {report['mesh']['minimum_angle']['minimum']:.1f} degrees; "
            "a larger gap or a smaller mesh.interface improves it"
        )
    return found
