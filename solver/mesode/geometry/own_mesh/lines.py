"""Boundary lines of a mesh that the user brings: given ones checked, missing ones found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mesode.errors import Problem
from mesode.geometry.facets import Facets, all_facets, facet_keys, outline_rings
from mesode.section_names import COLLECTOR, COUNTER, COUNTER_PREFIX, SEPARATOR, TOP, is_counter

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from mesode.geometry.arrays import MeshArrays

    type IntArray = npt.NDArray[np.int64]
    type BoolArray = npt.NDArray[np.bool_]

# outer line: axis across it, and whether it is at the upper end
_SIDES = {COLLECTOR: (1, False), COUNTER: (1, True), "left": (0, False), "right": (0, True)}
_WORDS = {COLLECTOR: "lowest y", COUNTER: "highest y", "left": "lowest x", "right": "highest x"}
_PATH = "geometry.mesh.boundaries"
_NEAR = 1e-6  # of the size of the section: points this near to a side lie on it


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """``facets`` (k, 2) by boundary; ``found``: how those that were not given were found."""

    facets: Mapping[str, IntArray]
    found: Mapping[str, str]
    warnings: tuple[str, ...]


def find_lines(mesh: MeshArrays, given: Mapping[str, IntArray]) -> tuple[Lines, list[Problem]]:
    """Check the given lines, find the others, and return what is wrong.

    Args:
        mesh: without lines, its lower left corner at 0, 0.
        given: points (k, 2) of the lines of each boundary, -1 for a point of no triangle.
    """
    facets = all_facets(mesh)
    outer = facets[facets.cells[:, 1] < 0]
    lines, found, problems = dict(given), dict[str, str](), list[Problem]()
    problems += _named_twice(mesh, given)
    for name, ends in given.items():
        problems += _check(mesh, name, ends, outer if name in _SIDES else facets)
    for name in _SIDES:
        if name not in given:
            lines[name], found[name] = _side(mesh, outer, name), f"the points at the {_WORDS[name]}"
            if len(lines[name]) == 0:
                expected = f"expected a straight line at the {_WORDS[name]}"
                problems.append(Problem(_PATH, "none", expected, f"Name the lines of {name!r}"))
    for name, pair, ends in _separator_lines(mesh, facets):
        if name not in given and len(ends):
            lines[name], found[name] = ends, f"the lines between {pair}"
    return Lines(facets=lines, found=found, warnings=_holes(mesh, outer)), problems


def _named_twice(mesh: MeshArrays, given: Mapping[str, IntArray]) -> list[Problem]:
    """Find lines that are in a boundary twice, or in two: they would count twice."""
    names = [name for name, ends in given.items() for _ in ends]
    ends = np.concatenate([np.empty((0, 2), dtype=np.int64), *given.values()])
    known = np.all(ends >= 0, axis=1)
    keys = facet_keys(mesh, ends[known])
    order = np.argsort(keys, kind="stable")
    again = np.flatnonzero(np.diff(keys[order]) == 0)
    if len(again) == 0:
        return []
    places = np.flatnonzero(known)[order[np.concatenate((again, again + 1))]].tolist()
    twice = sorted({names[k] for k in places})
    value = f"{len(again)} lines named twice, in {' and '.join(map(repr, twice))}"
    hint = "Take them out of one of the groups"
    return [Problem(_PATH, value, "expected each line in one boundary, once", hint)]


def _check(mesh: MeshArrays, name: str, ends: IntArray, allowed: Facets) -> list[Problem]:
    """Find lines of a boundary that are not sides of triangles where they should be."""
    known = np.all(ends >= 0, axis=1)
    known[known] &= np.isin(facet_keys(mesh, ends[known]), facet_keys(mesh, allowed.ends))
    if np.all(known):
        return []
    where = "the outline of the section" if name in _SIDES else "sides of triangles"
    value = f"{int(np.sum(~known))} of {len(ends)} lines of {name!r} elsewhere"
    hint = "Give the group of the lines that bound the surfaces, and save it with the same points"
    return [Problem(_PATH, value, f"expected lines on {where}", hint)]


def _side(mesh: MeshArrays, outer: Facets, name: str) -> IntArray:
    axis, upper = _SIDES[name]
    value = mesh.points[:, axis]
    limit = value.max() if upper else value.min()
    on = np.abs(value - limit) <= _NEAR * float(np.ptp(value))
    return np.asarray(outer.ends[np.all(on[outer.ends], axis=1)])


def _separator_lines(mesh: MeshArrays, facets: Facets) -> list[tuple[str, str, IntArray]]:
    """Return the lines between the separator and the electrodes on its two sides."""
    if SEPARATOR not in mesh.phases:
        return []
    inner = facets[facets.cells[:, 1] >= 0]
    phase = mesh.cell_phase[inner.cells]
    separator = phase == mesh.phases[SEPARATOR]
    counter = np.isin(phase, [t for n, t in mesh.phases.items() if is_counter(n)])
    between = separator.any(axis=1) & ~separator.all(axis=1)
    beyond = between & counter.any(axis=1)
    return [
        (TOP, "electrode and separator", inner.ends[between & ~beyond]),
        (COUNTER_PREFIX + TOP, "separator and counter electrode", inner.ends[beyond]),
    ]


def _holes(mesh: MeshArrays, outer: Facets) -> tuple[str, ...]:
    """Return a warning if the mesh has holes or falls into pieces."""
    rings = outline_rings(outer.ends)
    areas = [_ring_area(mesh.points[ring]) for ring in rings]
    holes = sum(area < 0 for area in areas)
    pieces = len(areas) - holes
    found = []
    if holes:
        area = -sum(a for a in areas if a < 0)
        found.append(
            f"the mesh has {holes} hole{'s' if holes > 1 else ''} of {area:.4g} um^2 in all: no "
            "property there, and nothing flows through their outlines"
        )
    if pieces > 1:
        found.append(f"the mesh is in {pieces} pieces that touch in no line")
    return tuple(found)


def _ring_area(points: npt.NDArray[np.float64]) -> float:
    x, y = points.T
    return float(0.5 * np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))
