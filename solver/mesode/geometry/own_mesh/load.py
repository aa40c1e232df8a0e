"""A mesh that the user brings: groups mapped to phases and boundaries, checked. Micrometres.

Nothing is repaired in silence: a mesh that does not conform, overlaps or leaves triangles without
a phase is refused, and the message names the group. Only the direction of triangles, which gmsh
takes from the surface, is made the same; and the section is moved so that its lower left corner
is at 0, 0.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from mesode.errors import GeometryError, InputError, Problem
from mesode.geometry.arrays import MeshArrays, doubled_areas
from mesode.geometry.connectivity import label_groups
from mesode.geometry.own_mesh.checks import MeshChecker
from mesode.geometry.own_mesh.direction import check_direction, turned
from mesode.geometry.own_mesh.lines import Lines, find_lines
from mesode.geometry.own_mesh.mesh_file import MeshFile, read_mesh_file
from mesode.section_names import ACTIVE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import numpy.typing as npt

    type FloatArray = npt.NDArray[np.float64]
    type IntArray = npt.NDArray[np.int64]

UNITS = {"nm": 1e-3, "um": 1.0, "mm": 1e3, "cm": 1e4, "m": 1e6}  # [um]
WIDEST = 1e3  # [um] a wider section is doubted, as a drawn one is
THINNEST = 0.5  # [um] a thinner one as well
_TRIANGLES = "expected a mesh of triangles"
_MESH_IT = "In gmsh: mesh in 2D (Mesh > 2D), then export"
_GROUPS, _UNIT, _LINES = "geometry.mesh.phases", "geometry.mesh.unit", "geometry.mesh.boundaries"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnMeshRequest:
    """A mesh file and what its groups are.

    ``unit`` of its coordinates, a key of ``UNITS``; ``axis``: direction in the file from the
    collector to the counter electrode; ``phases`` and ``boundaries``: name by group,
    a group without name goes by its number; ``hosts``: phases that hold lithium, each connected
    region of them is a particle.
    """

    file: Path
    unit: str
    phases: Mapping[str, str]
    boundaries: Mapping[str, str] = field(default_factory=dict)
    hosts: tuple[str, ...] = (ACTIVE,)
    axis: str = "y"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnMesh:
    """The mesh [um] and a JSON-able report with ``warnings`` and ``notes``."""

    mesh: MeshArrays
    report: Mapping[str, Any]


def load_own_mesh(request: OwnMeshRequest) -> OwnMesh:
    """Read, check and name a mesh.

    Raises:
        GeometryError: the file cannot be read or is not flat.
        InputError: everything that is wrong with groups, elements or size.
    """
    if request.unit not in UNITS:
        msg = f"{_UNIT}: expected one of {', '.join(UNITS)}, got {request.unit!r}"
        raise GeometryError(msg)
    file = read_mesh_file(request.file)
    _stop(request, _kinds(file))
    _stop(request, _groups(request, file))
    points, cells, group, names = _triangles(request, file)
    _stop(request, _size(request, points) + MeshChecker(points, cells, group, names).problems())
    shift = points.min(axis=0)
    mesh = _named(
        request, points - shift, cells, np.array([request.phases[n] for n in names])[group]
    )
    given = _mapped_lines(request, file)
    _stop(request, check_direction(mesh, given, request.axis))
    lines, problems = find_lines(mesh, given)
    _stop(request, problems)
    mesh = _with_lines(mesh, lines)
    return OwnMesh(mesh=mesh, report=_report(request, file, mesh, lines, shift))


def _stop(request: OwnMeshRequest, problems: Sequence[Problem]) -> None:
    if problems:
        raise InputError(list(problems), source=str(request.file))


def _kinds(file: MeshFile) -> list[Problem]:
    """Refuse what is not a mesh of triangles with straight sides, in one sentence that is true."""
    if not file.others and len(file.triangles):
        return []
    path = "geometry.mesh.file"
    if file.others:
        found = ", ".join(
            f"{number} of kind {kind}" for kind, number in sorted(file.others.items())
        )
        curved = any("order" in kind or kind[-1].isdigit() for kind in file.others)
        flat = any(kind.startswith("quad") for kind in file.others)
        mend = [f"Mesh.{name}" for name, is_due in (
            ("ElementOrder = 1", curved), ("RecombineAll = 0", flat)) if is_due]  # fmt: skip
        hint = f"In gmsh: {', '.join(mend)}, mesh in 2D and export again" if mend else _MESH_IT
        return [Problem(path, found, "expected triangles of three points, and lines of two", hint)]
    if len(file.lines) or file.line_groups:
        hint = "In gmsh: put the surfaces into physical groups, mesh in 2D and export again"
        return [Problem(path, f"{len(file.lines)} lines and no triangle", _TRIANGLES, hint)]
    return [Problem(path, "no element: it was saved before meshing", _TRIANGLES, _MESH_IT)]


def _groups(request: OwnMeshRequest, file: MeshFile) -> list[Problem]:
    """Check that groups and table fit, and that each triangle is in one of them."""
    found = [
        *_absent(request.phases, file.triangle_groups, _GROUPS, "triangles"),
        *_absent(request.boundaries, file.line_groups, _LINES, "lines"),
    ]
    for name, numbers in file.triangle_groups.items():
        if name not in request.phases:
            expected = f"expected a phase for the group {name!r} of {len(numbers)} triangles"
            found.append(Problem(_GROUPS, "", expected, f"Add {name}: PHASE"))
    return found or _owners(file)


def _absent(
    table: Mapping[str, str], groups: Mapping[str, IntArray], path: str, what: str
) -> list[Problem]:
    found = []
    for name in table:
        if name in groups:
            continue
        near = difflib.get_close_matches(name, groups, n=1)
        hint = f"Did you mean {near[0]!r}? " if near else ""
        known = ", ".join(map(repr, groups)) or "none at all"
        expected = f"expected the name of a group of {what}"
        found.append(Problem(path, repr(name), expected, f"{hint}The file has {known}"))
    return found


def _owners(file: MeshFile) -> list[Problem]:
    """Find triangles in no group, and in two."""
    count = np.zeros(len(file.triangles), dtype=np.int64)
    for numbers in file.triangle_groups.values():
        count[numbers] += 1
    found = []
    alone = np.flatnonzero(count == 0)
    if len(alone):
        x, y = file.points[file.triangles[alone[0]]].mean(axis=0)
        value = f"{len(alone)} in none, the first at ({x:.4g}, {y:.4g}) in units of the file"
        hint = "Put each surface into a named physical group (in gmsh: Physical Surface)"
        found.append(Problem(_GROUPS, value, "expected each triangle in a group", hint))
    if np.any(count > 1):
        twice = count > 1
        names = [n for n, numbers in file.triangle_groups.items() if np.any(twice[numbers])]
        value = f"{int(twice.sum())} triangles in {' and '.join(map(repr, names))} at once"
        hint = "Take the surface out of one of them"
        found.append(Problem(_GROUPS, value, "expected each triangle in one group", hint))
    return found


def _triangles(
    request: OwnMeshRequest, file: MeshFile
) -> tuple[FloatArray, IntArray, IntArray, list[str]]:
    """Return used points [um], counter-clockwise cells, their group, the names of the groups."""
    names = list(file.triangle_groups)
    group = np.zeros(len(file.triangles), dtype=np.int64)
    for number, name in enumerate(names):
        group[file.triangle_groups[name]] = number
    used, inverse = np.unique(file.triangles, return_inverse=True)
    points = turned(file.points[used], request.axis) * UNITS[request.unit]
    cells = inverse.reshape(-1, 3).astype(np.int64)
    clockwise = doubled_areas(points, cells) < 0
    cells[clockwise] = cells[clockwise][:, [0, 2, 1]]
    return points, cells, group, names


def _size(request: OwnMeshRequest, points: FloatArray) -> list[Problem]:
    """Doubt the unit of a section of unlikely size."""
    width, height = np.ptp(points, axis=0).tolist()
    if _likely(width) and _likely(height):
        return []
    raw = UNITS[request.unit]
    others = [u for u, f in UNITS.items() if _likely(width / raw * f) and _likely(height / raw * f)]
    order = [u for u in ("um", "mm", "nm", "m", "cm") if u in others]
    hint = f"Did you mean unit: {order[0]}?" if order else "Check the unit of the coordinates"
    return [
        Problem(
            path=_UNIT,
            value=f"{width:.4g} um x {height:.4g} um with unit: {request.unit}",
            expected=f"expected a section between {THINNEST:g} um and {WIDEST / 1e3:g} mm each way",
            hint=hint,
        )
    ]


def _likely(length: float) -> bool:
    return THINNEST <= length <= WIDEST


def _named(
    request: OwnMeshRequest, points: FloatArray, cells: IntArray, phase: npt.NDArray[Any]
) -> MeshArrays:
    """Return the mesh without lines; connected regions of each host are particles."""
    names = list(dict.fromkeys(request.phases.values()))
    tag = np.array([names.index(p) + 1 for p in phase.tolist()], dtype=np.int32)
    none = np.empty(0, dtype=np.int32)
    mesh = MeshArrays(
        points=points,
        cells=cells,
        cell_phase=tag,
        phases={name: number for number, name in enumerate(names, start=1)},
        particle=np.full(len(cells), -1, dtype=np.int32),
        facets=np.empty((0, 2), dtype=np.int64),
        facet_tag=none,
        boundaries={},
    )
    count = 0
    for name in (n for n in names if n in request.hosts):
        inside = tag == mesh.phases[name]
        _, region = label_groups(mesh, inside)
        _, number = np.unique(region[inside], return_inverse=True)
        mesh.particle[inside] = count + number.ravel()
        count += int(number.max(initial=-1)) + 1
    return mesh


def _mapped_lines(request: OwnMeshRequest, file: MeshFile) -> dict[str, IntArray]:
    """Return the points, in the numbers of the mesh, of the lines of each boundary."""
    used = np.unique(file.triangles)
    row = np.full(len(file.points), -1, dtype=np.int64)
    row[used] = np.arange(len(used))
    found: dict[str, list[IntArray]] = {}
    for group, name in request.boundaries.items():
        found.setdefault(name, []).append(row[file.lines[file.line_groups[group]]])
    return {name: np.concatenate(parts) for name, parts in found.items()}


def _with_lines(mesh: MeshArrays, lines: Lines) -> MeshArrays:
    tags = {name: number for number, name in enumerate(lines.facets, start=1)}
    return MeshArrays(
        points=mesh.points,
        cells=mesh.cells,
        cell_phase=mesh.cell_phase,
        phases=mesh.phases,
        particle=mesh.particle,
        facets=np.concatenate(list(lines.facets.values())),
        facet_tag=np.repeat(
            np.array(list(tags.values()), dtype=np.int32), [len(f) for f in lines.facets.values()]
        ),
        boundaries=tags,
    )


def _report(
    request: OwnMeshRequest, file: MeshFile, mesh: MeshArrays, lines: Lines, shift: FloatArray
) -> dict[str, Any]:
    unused = sorted(set(file.line_groups) - set(request.boundaries))
    notes = [
        f"boundary {name!r} was found by its place: {how}" for name, how in lines.found.items()
    ]
    if unused:
        notes.append(f"groups of lines that are not used: {', '.join(unused)}")
    return {
        "file": request.file.name,
        "unit": request.unit,
        "axis": request.axis,
        "cells": len(mesh.cells),
        "particles": int(mesh.particle.max(initial=-1)) + 1,
        "shift": [-float(v) for v in shift],
        "phases": dict(request.phases),
        "boundaries": dict(request.boundaries),
        "found_boundaries": sorted(lines.found),
        "notes": notes,
        "warnings": list(lines.warnings),
    }
