"""Facets of a triangle mesh: which cells they join, where they lie, how long they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from mesode.geometry.arrays import MeshArrays

    type FloatArray = npt.NDArray[np.float64]
    type IntArray = npt.NDArray[np.int64]
    type BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facets:
    """Facets of a mesh.

    ``cells`` (k, 2): the cells on both sides, -1 outside the mesh; ``ends`` (k, 2): points, in
    the counter-clockwise order of the first cell; ``length`` (k,) [um].
    """

    cells: IntArray
    ends: IntArray
    length: FloatArray

    def __getitem__(self, chosen: BoolArray) -> Facets:
        """Return some of the facets."""
        return Facets(cells=self.cells[chosen], ends=self.ends[chosen], length=self.length[chosen])


#: Of the meshes that are in use: a report asks some twenty times.
_KNOWN: WeakKeyDictionary[MeshArrays, Facets] = WeakKeyDictionary()


def all_facets(mesh: MeshArrays) -> Facets:
    """Return every facet once, in an order that depends on the mesh alone; found once a mesh."""
    found = _KNOWN.get(mesh)
    if found is None:
        found = _KNOWN[mesh] = _find_facets(mesh)
    return found


def _find_facets(mesh: MeshArrays) -> Facets:
    ends = mesh.cells[:, [[1, 2], [2, 0], [0, 1]]].reshape(-1, 2)
    cell = np.repeat(np.arange(len(mesh.cells)), 3)
    key = facet_keys(mesh, ends)
    order = np.argsort(key, kind="stable")
    key, cell, ends = key[order], cell[order], ends[order]
    first = np.concatenate(([True], key[1:] != key[:-1])) if len(key) else np.empty(0, dtype=bool)
    shared = np.concatenate((key[1:] == key[:-1], [False])) if len(key) else first
    beyond = np.where(shared, np.roll(cell, -1), -1)
    ends = ends[first]
    return Facets(
        cells=np.column_stack((cell[first], beyond[first])),
        ends=ends,
        length=np.hypot(*(mesh.points[ends[:, 1]] - mesh.points[ends[:, 0]]).T),
    )


def interior_facets(mesh: MeshArrays) -> Facets:
    """Return the facets between two cells."""
    facets = all_facets(mesh)
    return facets[facets.cells[:, 1] >= 0]


def facet_keys(mesh: MeshArrays, ends: IntArray) -> IntArray:
    """Return one number for each pair of points, the same in either order."""
    low, high = np.minimum(ends[:, 0], ends[:, 1]), np.maximum(ends[:, 0], ends[:, 1])
    return np.asarray(low * len(mesh.points) + high)


def tagged(mesh: MeshArrays, facets: Facets, boundary: str) -> BoolArray:
    """Return which facets lie on a boundary line; none where the mesh has no such name."""
    lines = mesh.facets[mesh.facet_tag == mesh.boundaries.get(boundary, -1)]
    return np.isin(facet_keys(mesh, facets.ends), facet_keys(mesh, lines))


def outline_rings(ends: IntArray) -> list[IntArray]:
    """Chain directed edges (k, 2) into closed rings of points.

    Edges of a set of cells that run counter-clockwise about each cell give outer rings
    counter-clockwise and holes clockwise. Where rings meet in a point either way is right.
    """
    following: dict[int, list[int]] = {}
    for start, end in ends.tolist():
        following.setdefault(start, []).append(end)
    rings = []
    for start in list(following):
        while following[start]:
            ring, point = [start], following[start].pop()
            while point != start:
                ring.append(point)
                point = following[point].pop()
            rings.append(np.asarray(ring, dtype=np.int64))
    return rings
