"""Whether triangles are a sound, conforming mesh; if not, which group is to blame. Micrometres."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.spatial import cKDTree

from mesode.errors import Problem
from mesode.geometry.arrays import doubled_areas

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    type FloatArray = npt.NDArray[np.float64]
    type IntArray = npt.NDArray[np.int64]
    type BoolArray = npt.NDArray[np.bool_]

_SAME = 1e-7  # of the section's size: points nearer than this are one point
_FLAT = 1e-10  # of the longest side squared: an area below this is none
_WHERE = "geometry.mesh"


class MeshChecker:
    """Checks of triangles, each cell of a named group.

    ``points`` (n, 2) [um], ``cells`` (m, 3) counter-clockwise, ``group`` (m,) numbers into
    ``names``.
    """

    def __init__(
        self, points: FloatArray, cells: IntArray, group: IntArray, names: Sequence[str]
    ) -> None:
        self._points, self._cells, self._group, self._names = points, cells, group, names
        ends = cells[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2)
        self._edges, self._inverse, self._count = np.unique(
            np.sort(ends, axis=1), axis=0, return_inverse=True, return_counts=True
        )
        self._inverse = self._inverse.ravel()
        self._forward = ends[:, 0] < ends[:, 1]
        self._edge_cell = np.repeat(np.arange(len(cells)), 3)

    def problems(self) -> list[Problem]:
        """Return what is wrong; each check relies on the ones before it."""
        for check in (self._flat, self._repeated, self._folded, self._apart, self._overlapping):
            found = check()
            if found:
                return found
        return []

    def _flat(self) -> list[Problem]:
        corners = self._points[self._cells]
        longest = np.max(np.sum((corners - np.roll(corners, 1, axis=1)) ** 2, axis=2), axis=1)
        flat = doubled_areas(self._points, self._cells) <= _FLAT * longest
        hint = "Mesh the section again; optimise or refine where lines nearly touch"
        return self._cells_wrong(flat, "triangles without area", hint)

    def _repeated(self) -> list[Problem]:
        _, inverse, count = np.unique(
            np.sort(self._cells, axis=1), axis=0, return_inverse=True, return_counts=True
        )
        twice = count[inverse.ravel()] > 1
        hint = "Give each surface to one group only, and save it once"
        return self._cells_wrong(twice, "triangles that are there twice", hint)

    def _folded(self) -> list[Problem]:
        """Find sides with more than two triangles, or with both on the same side."""
        forward = np.bincount(self._inverse, weights=self._forward, minlength=len(self._edges))
        bad = (self._count > 2) | ((self._count == 2) & (forward != 1))
        cells = np.zeros(len(self._cells), dtype=bool)
        cells[self._edge_cell[bad[self._inverse]]] = True
        hint = "They are inverted, or two surfaces lie on each other; mesh the section again"
        return self._cells_wrong(cells, "triangles folded over their neighbours", hint)

    def _apart(self) -> list[Problem]:
        """Find points that coincide, and points in the middle of the side of a triangle."""
        used = np.unique(self._cells)
        places = self._points[used]
        near = _SAME * float(np.ptp(places, axis=0).max())
        pairs = cKDTree(places).query_pairs(near, output_type="ndarray")
        if len(pairs):
            return [self._not_joined(used[pairs], "pairs of points at the same place")]
        rim = self._edges[self._count == 1]
        lines = shapely.linestrings(self._points[rim])
        on_rim = np.unique(rim)
        point, line = shapely.STRtree(lines).query(
            shapely.points(self._points[on_rim]), predicate="dwithin", distance=near
        )
        point = on_rim[point]
        hanging = (point != rim[line, 0]) & (point != rim[line, 1])
        if np.any(hanging):
            found = np.column_stack((point[hanging], rim[line[hanging], 0]))
            return [self._not_joined(found, "points on the side of a triangle (hanging nodes)")]
        return []

    def _not_joined(self, pairs: IntArray, what: str) -> Problem:
        x, y = self._points[pairs[0, 0]]
        groups = self._groups_at(pairs)
        return Problem(
            path=_WHERE,
            value=f"{len(pairs)} {what}, the first at ({x:.4g}, {y:.4g}) um, of {groups}",
            expected="expected neighbouring groups to share the points of their common line",
            hint=(
                "The mesh does not conform there, nothing would flow across. In gmsh: fragment the "
                "surfaces (BooleanFragments) or use Coherence before meshing, Coherence Mesh after"
            ),
        )

    def _groups_at(self, points: IntArray) -> str:
        cells = np.isin(self._cells, points).any(axis=1)
        names = [self._names[k] for k in np.unique(self._group[cells]).tolist()]
        return " and ".join(map(repr, names))

    def _overlapping(self) -> list[Problem]:
        """Find outlines that cross each other or run through triangles of another surface."""
        rim = np.flatnonzero(self._count == 1)
        lines = shapely.linestrings(self._points[self._edges[rim]])
        owner = np.empty(len(self._edges), dtype=np.int64)
        owner[self._inverse] = self._edge_cell
        cell = owner[rim]
        first, second = shapely.STRtree(lines).query(lines, predicate="crosses")
        centres = shapely.line_interpolate_point(lines, 0.5, normalized=True)
        triangles = shapely.polygons(self._points[self._cells])
        line, other = shapely.STRtree(triangles).query(centres, predicate="within")
        strange = other != cell[line]  # by rounding the middle of a side is inside its own triangle
        line, other = line[strange], other[strange]
        pairs = np.concatenate(
            (
                np.column_stack((cell[first], cell[second])),
                np.column_stack((cell[line], other)),
            )
        )
        if len(pairs) == 0:
            return []
        names = [
            " and ".join(repr(self._names[k]) for k in sorted(set(pair)))
            for pair in np.unique(np.sort(self._group[pairs], axis=1), axis=0).tolist()
        ]
        x, y = self._points[self._cells[pairs[0, 0]]].mean(axis=0)
        return [
            Problem(
                path=_WHERE,
                value=f"overlap of {'; '.join(names)}, the first near ({x:.4g}, {y:.4g}) um",
                expected="expected surfaces side by side",
                hint="Cut them from each other (BooleanFragments in gmsh) and mesh again",
            )
        ]

    def _cells_wrong(self, wrong: BoolArray, what: str, hint: str) -> list[Problem]:
        """Return a problem for each group with such cells."""
        found = []
        for number in np.unique(self._group[wrong]).tolist():
            cells = np.flatnonzero(wrong & (self._group == number))
            x, y = self._points[self._cells[cells[0]]].mean(axis=0)
            value = f"{len(cells)} in {self._names[number]!r}, the first at ({x:.4g}, {y:.4g}) um"
            found.append(
                Problem(path=_WHERE, value=value, expected=f"expected no {what}", hint=hint)
            )
        return found
