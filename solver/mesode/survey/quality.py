"""Requested against achieved: what quality.json says of a section and its mesh. Micrometres.

Everything that was achieved is measured on the mesh, so packed sections, micrographs and own
meshes are treated alike; what was requested comes from ``section.report``, where there is any. The
keys are explained in docs/microstructure.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mesode.geometry.arrays import cell_areas
from mesode.geometry.particles.sizes import size_statistics
from mesode.geometry.parts import electrode_parts
from mesode.section_names import VOID, is_foil
from mesode.survey.measures import (
    coverage,
    interface_lengths,
    largest_angle,
    minimum_angle,
    radius_ratio,
    surfaces,
)
from mesode.survey.particles import MeshParticles, particles_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from mesode.geometry.arrays import MeshArrays
    from mesode.geometry.parts import Part
    from mesode.geometry.section import Section

    type FloatArray = npt.NDArray[np.float64]

_BINS = np.linspace(0.0, 1.0, 21)
# [degree]: a mesh is warned of a smaller angle in a triangle that has a blunt one, too. The others
# are thin layers along a surface, and do no harm: what counts is the largest angle (Babuska and
# Aziz, SIAM J. Numer. Anal. 13 (1976) 214).
_SHARP, _BLUNT = 10.0, 130.0
_RESCALED = 0.02


def quality_report(
    section: Section | None, mesh: MeshArrays, hosts: Sequence[str] | None = None
) -> dict[str, Any]:
    """Return a JSON-able report; lengths in um, areas in um^2, angles in degrees.

    Args:
        section: as requested and built; None of a mesh that came as a file.
        mesh: of the section.
        hosts: phases whose surface is reported on; by default all that belong to particles.
    """
    working, *others = electrode_parts(mesh)
    asked: Mapping[str, Any] = section.report if section is not None else {}
    clearance = section.clearance if section is not None else np.inf
    found = surfaces(mesh)
    measured = [name for name in (hosts or particle_phases(mesh)) if name in mesh.phases]
    report: dict[str, Any] = {
        "unit": "um",
        "seed": asked.get("seed"),
        "section": {
            "width": float(np.ptp(mesh.points[:, 0])),
            "height": float(np.ptp(mesh.points[:, 1])),
            "electrode_thickness": working.high[1] - working.low[1],
        },
        **_electrode(asked, mesh, working, clearance),
        "phases": _phase_areas(section, mesh),
        "interfaces": interface_lengths(mesh, found),
        "coverage": coverage(mesh, found, measured),
        "mesh": _mesh_numbers(mesh),
        "requested": _requested(asked),
    }
    if others:
        report["counter_electrode"] = {
            "thickness": others[0].high[1] - others[0].low[1],
            **_electrode(asked.get("counter") or {}, mesh, others[0], np.inf),
        }
    report["warnings"] = _warnings(report, _smallest_in_blunt(mesh))
    return report


def particle_phases(mesh: MeshArrays) -> list[str]:
    """Return the phases that are parts of particles."""
    tags = np.unique(mesh.cell_phase[mesh.particle >= 0])
    return [name for name, tag in mesh.phases.items() if tag in tags and name != VOID]


def _electrode(
    asked: Mapping[str, Any], mesh: MeshArrays, part: Part, clearance: float
) -> dict[str, Any]:
    """Return what is told of the particles of one electrode."""
    particles = particles_of(mesh, part.cells)
    return {
        "particles": _particles(asked, particles, part),
        "gap": _gaps(asked, particles, clearance),
        "clusters": asked.get("clusters"),
    }


def _number(value: float | None) -> float | None:
    """Return None for what JSON cannot say: NaN and infinity."""
    return float(value) if value is not None and np.isfinite(value) else None


def _particles(asked: Mapping[str, Any], particles: MeshParticles, part: Part) -> dict[str, Any]:
    kinds = np.array(particles.phase, dtype=object)
    report = {
        "number": len(particles),
        "requested_fraction": asked.get("requested_fraction"),
        "achieved_fraction": float(particles.area.sum()) / part.area,
        "requested_diameter": asked.get("requested_diameter"),
        "requested_quantiles": asked.get("requested_quantiles"),
        "achieved_diameter": _statistics(particles.diameter),
        "diameter_scale": asked.get("diameter_scale"),
        "surface": particles.surface,
        "requested_coated": (asked.get("coating") or {}).get("requested_integrity"),
        "coated": particles.coated_length / particles.surface if particles.surface else None,
        "diameters": particles.diameter.tolist(),
        "main_phase": list(particles.phase),
    }
    if len(set(particles.phase)) > 1:
        report["by_phase"] = {
            name: {
                "number": int(np.sum(kinds == name)),
                "requested_fraction": _requested_fraction(asked, name.removeprefix(part.prefix)),
                "fraction": float(particles.area[kinds == name].sum()) / part.area,
                "diameter": _statistics(particles.diameter[kinds == name]),
            }
            for name in sorted(set(particles.phase))
        }
    return report


def _requested_fraction(asked: Mapping[str, Any], phase: str) -> float | None:
    """Return the area share that was asked of all populations of a phase."""
    parts = [p["requested_fraction"] for p in asked.get("populations", ()) if p["phase"] == phase]
    return float(sum(parts)) if parts else None


def _statistics(diameters: FloatArray) -> dict[str, float | None]:
    return {key: _number(value) for key, value in size_statistics(diameters).items()}


def _gaps(asked: Mapping[str, Any], particles: MeshParticles, clearance: float) -> dict[str, Any]:
    gaps = particles.gap[np.isfinite(particles.gap)]
    return {
        "requested": asked.get("requested_gap"),
        "minimum": _number(min(clearance, float(np.min(gaps, initial=np.inf)))),
        "nearest_particle_minimum": _number(float(np.min(gaps, initial=np.inf))),
        "nearest_particle_mean": float(np.mean(gaps)) if len(gaps) else None,
        "nearest_particle_median": float(np.median(gaps)) if len(gaps) else None,
        "nearest_particle_d90": float(np.quantile(gaps, 0.9)) if len(gaps) else None,
        "contacts": particles.contacts,
        "contact_length": particles.contact_length,
        "nearest_particle": gaps.tolist(),
    }


def _binder_share(asked: Mapping[str, Any], homes: Sequence[Part], name: str) -> float | None:
    """Return the area share of its electrode that was asked of a phase of carbon-binder."""
    if not homes:
        return None
    own = asked.get("counter") or {} if homes[0].prefix else asked
    phase = name.removeprefix(homes[0].prefix)
    shapes = [s for s in (own.get("binder") or {}).get("shapes", ()) if s["phase"] == phase]
    parts = [s.get("requested_fraction") for s in shapes]
    return float(sum(parts)) if parts and None not in parts else None


def _phase_areas(section: Section | None, mesh: MeshArrays) -> dict[str, Any]:
    """Return area and shares of each phase; separator and foil are not part of an electrode."""
    asked = section.report if section is not None else {}
    drawn = section.phases if section is not None else {}
    areas, parts = cell_areas(mesh), electrode_parts(mesh)
    total, report = float(areas.sum()), {}
    for name, tag in mesh.phases.items():
        inside = mesh.cell_phase == tag
        area = float(np.sum(areas[inside]))
        polygons = drawn.get(name)
        homes = [p for p in parts if np.any(p.cells & inside)]
        report[name] = {
            "area": area,
            "polygon_area": float(sum(p.area for p in polygons)) if polygons else None,
            "section_share": area / total,
            "requested_share": _binder_share(asked, homes, name),
            "electrode_share": _electrode_share(areas, inside, homes, name),
            "cells": int(np.sum(inside)),
        }
    return report


def _electrode_share(
    areas: FloatArray, inside: npt.NDArray[np.bool_], homes: Sequence[Part], name: str
) -> float | None:
    if not homes or is_foil(name):
        return None
    return float(np.sum(areas[inside & homes[0].cells])) / homes[0].area


def _requested(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return all else that the request has told, without what is repeated elsewhere."""
    long = ("requested_quantiles", "counter")
    return {key: value for key, value in asked.items() if key not in long}


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


def _smallest_in_blunt(mesh: MeshArrays) -> float:
    """Return the smallest angle [degree] of the triangles that have a blunt one."""
    blunt = largest_angle(mesh) > _BLUNT
    return float(minimum_angle(mesh)[blunt].min(initial=np.inf))


def _warnings(report: dict[str, Any], angle: float) -> list[str]:
    """Return what a user should know before trusting the section."""
    found = list((report["requested"].get("image") or {}).get("warnings", ()))
    scale = report["particles"]["diameter_scale"]
    if scale is not None and abs(scale - 1) > _RESCALED:
        found.append(
            f"all diameters were scaled by {scale:.3f} to meet the fraction with a whole number "
            "of particles; a wider section needs less"
        )
    if angle < _SHARP:
        found.append(
            f"smallest angle of the mesh {angle:.1f} degrees; a larger gap or a smaller "
            "mesh.interface improves it"
        )
    return found
