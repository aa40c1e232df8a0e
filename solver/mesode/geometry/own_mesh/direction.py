"""Which way a section grows from its collector; a mesh may lie in any of four ways. Micrometres."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from mesode.errors import Problem
from mesode.geometry.arrays import cell_areas
from mesode.section_names import COLLECTOR, COUNTER, SEPARATOR, is_counter

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from mesode.geometry.arrays import MeshArrays

    type FloatArray = npt.NDArray[np.float64]
    type IntArray = npt.NDArray[np.int64]

# direction from the collector to the counter electrode in the file; quarter turns to the left
# that bring it to y
AXES: Final = ("y", "x", "-y", "-x")
_AXIS, _LINES = "geometry.mesh.axis", "geometry.mesh.boundaries"
_ENDS: Final = {COLLECTOR: -1.0, COUNTER: 1.0}


def turned(points: FloatArray, axis: str) -> FloatArray:
    """Return points (n, 2) turned such that the section grows along y."""
    x, y = points.T
    columns = {"y": (x, y), "x": (-y, x), "-y": (-x, -y), "-x": (y, -x)}[axis]
    return np.column_stack(columns)


def check_direction(mesh: MeshArrays, given: Mapping[str, IntArray], axis: str) -> list[Problem]:
    """Return what is wrong with the direction of a section.

    Args:
        mesh: without lines, as it was turned.
        given: points (k, 2) of the lines of each boundary, -1 for a point of no triangle.
        axis: the direction that the user gives.
    """
    layers = _of_layers(mesh)
    if layers is not None and _name(layers) != "y":
        what = "from the electrode to the separator"
        return [_wrong(layers, what, axis)]
    ways = _of_lines(mesh, given)
    names = {_name(way) for way in ways.values()}
    if names <= {"y"}:
        return []
    if layers is None and len(names) == 1:
        return [_wrong(next(iter(ways.values())), "from the collector to the counter", axis)]
    value = " and ".join(f"{name!r} at the {_place(name, way)}" for name, way in ways.items())
    expected = "expected the collector at the lowest y, the counter electrode at the highest"
    swapped = names == {"-y"}
    hint = "Swap the two names" if swapped else "Give these names to the lines that lie there"
    return [Problem(_LINES, value, expected, hint)]


def _of_layers(mesh: MeshArrays) -> FloatArray | None:
    """Return the way from the middle of the working electrode to that of the separator."""
    if SEPARATOR not in mesh.phases:
        return None
    areas, middles = cell_areas(mesh), mesh.points[mesh.cells].mean(axis=1)
    separator = mesh.cell_phase == mesh.phases[SEPARATOR]
    beyond = [tag for name, tag in mesh.phases.items() if is_counter(name)]
    counter = np.isin(mesh.cell_phase, beyond)
    electrode = ~separator & ~counter
    if not np.any(electrode):
        return None
    first, last = (
        np.average(middles[cells], axis=0, weights=areas[cells]) for cells in (electrode, separator)
    )
    return np.asarray(last - first)


def _of_lines(mesh: MeshArrays, given: Mapping[str, IntArray]) -> dict[str, FloatArray]:
    """Return the way that collector and counter tell: from the one, to the other."""
    low, high = mesh.points.min(axis=0), mesh.points.max(axis=0)
    ways = {}
    for name, sign in _ENDS.items():
        ends = given.get(name, np.empty((0, 2), dtype=np.int64))
        pairs = mesh.points[ends[np.all(ends >= 0, axis=1)]]
        if len(pairs):
            weights = np.linalg.norm(pairs[:, 1] - pairs[:, 0], axis=1)
            middle = np.average(pairs.mean(axis=1), axis=0, weights=weights)
            ways[name] = sign * (middle - 0.5 * (low + high)) / (high - low)
    return ways


def _place(name: str, way: FloatArray) -> str:
    at = _name(_ENDS[name] * way)
    return f"{'lowest' if at.startswith('-') else 'highest'} {at[-1]}"


def _name(way: FloatArray) -> str:
    x, y = way.tolist()
    if abs(x) > abs(y):
        return "x" if x > 0 else "-x"
    return "y" if y >= 0 else "-y"


def _wrong(way: FloatArray, what: str, axis: str) -> Problem:
    turns = AXES.index(axis) + AXES.index(_name(way))
    right = AXES[turns % len(AXES)]
    return Problem(
        path=_AXIS,
        value=f"{axis}, but in the file the section goes along {right} {what}",
        expected="expected the direction from the collector to the counter electrode",
        hint=f"Set geometry.mesh.axis: {right}",
    )
