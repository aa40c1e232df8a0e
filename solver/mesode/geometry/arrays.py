"""A triangle mesh as plain arrays, without gmsh and DOLFINx. Micrometres."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    type FloatArray = npt.NDArray[np.float64]
    type IntArray = npt.NDArray[np.int64]


# Compared by identity, so that what is found of a mesh can be kept with it.
@dataclass(frozen=True, slots=True, kw_only=True, eq=False, weakref_slot=True)
class MeshArrays:
    """A triangle mesh; points and cells are not changed once it is made.

    ``points`` (n, 2) [um]; ``cells`` (m, 3), counter-clockwise; ``cell_phase`` (m,) tags named
    in ``phases``; ``particle`` (m,): number of the particle, -1 elsewhere; ``facets``
    (k, 2) on named boundary lines with ``facet_tag`` (k,) named in ``boundaries``.
    """

    points: FloatArray
    cells: IntArray
    cell_phase: npt.NDArray[np.int32]
    phases: Mapping[str, int]
    particle: npt.NDArray[np.int32]
    facets: IntArray
    facet_tag: npt.NDArray[np.int32]
    boundaries: Mapping[str, int]


def cell_areas(mesh: MeshArrays) -> FloatArray:
    """Return the area [um^2] of each cell."""
    return 0.5 * doubled_areas(mesh.points, mesh.cells)


def doubled_areas(points: FloatArray, cells: IntArray) -> FloatArray:
    """Return twice the signed area [um^2] of each cell."""
    a, b, c = (points[cells[:, i]] for i in range(3))
    first, second = b - a, c - a
    return np.asarray(first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0])
