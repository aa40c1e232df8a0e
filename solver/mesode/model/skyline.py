"""The upper side of an electrode, as a profilometer sees it, and how far it rises.

Over each place x along the electrode lies an uppermost point of its solids. Their mean rise is the
change of the thickness. Where a hole reaches below the middle of the electrode there is no upper
side. In an electrode whose solids fill the space up to its top this is the mean rise of the top;
between films and bridges it is the outline of the uppermost particles. A counter electrode hangs
from its collector: it is looked at from below, and what sinks makes it thicker.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mpi4py import MPI

import numpy as np

from mesode.geometry.ragged import spread
from mesode.mesh.domain import bounding_box

if TYPE_CHECKING:
    import numpy.typing as npt
    from dolfinx.fem import FunctionSpace

    type FloatArray = npt.NDArray[np.float64]
    type IntArray = npt.NDArray[np.int64]
    type BoolArray = npt.NDArray[np.bool_]

_PLACES = 4096  # along the electrode
_OPPOSITE = np.array([[1, 2], [0, 2], [0, 1]])  # corners of a triangle at its sides


class Skyline:
    """Uppermost points of some cells of a mesh, or the lowest ones (collective).

    ``low`` and ``high`` are the lowest and highest place of these cells [m], of a mirrored section
    where it ``hangs``.

    Args:
        space: Of the displacement, Lagrange of degree 1 or 2 with two components.
        chosen: Cells (local, ghosts included) that belong to the electrode.
        hangs: See it from below.
    """

    def __init__(self, space: FunctionSpace, chosen: BoolArray, *, hangs: bool = False) -> None:
        mesh = space.mesh
        self.comm: Any = mesh.comm
        self._up = -1.0 if hangs else 1.0
        # corners of cells
        x = (1.0, self._up) * mesh.geometry.x[mesh.geometry.dofmaps[0].reshape(-1, 3)][..., :2]
        (left, self.low), (right, self.high) = bounding_box(self.comm, x[chosen].reshape(-1, 2))
        cells, sides = _outer_sides(mesh, chosen)
        corners = _OPPOSITE[sides]
        ends = np.take_along_axis(x[cells], corners[:, :, None], axis=1)
        dofs = space.dofmap.list[cells[:, None], _along_sides(space)[sides]].astype(np.int64)
        places = left + (right - left) * (np.arange(_PLACES) + 0.5) / _PLACES
        self._dofs, self._weights = self._uppermost(ends, dofs, places)

    def _uppermost(
        self, ends: FloatArray, dofs: IntArray, places: FloatArray
    ) -> tuple[IntArray, FloatArray]:
        """Return the unknowns that the mean depends on, and how, on this rank."""
        side, place, share = _crossings(ends, places)
        height = (1 - share) * ends[side, 0, 1] + share * ends[side, 1, 1]
        best = np.full(len(places), -np.inf)
        np.maximum.at(best, place, height)
        top = np.empty_like(best)
        self.comm.Allreduce(best, top, MPI.MAX)
        seen = top > 0.5 * (self.low + self.high)
        # of several sides through one point, on one rank or on several, one counts
        mine = np.flatnonzero((height == top[place]) & seen[place])
        mine = mine[np.unique(place[mine], return_index=True)[1]]
        owner = np.full(len(places), self.comm.size)
        owner[place[mine]] = self.comm.rank
        first = np.empty_like(owner)
        self.comm.Allreduce(owner, first, MPI.MIN)
        mine = mine[first[place[mine]] == self.comm.rank]
        visible: int = max(int(np.count_nonzero(seen)), 1)
        weights = _shapes(share[mine], dofs.shape[1]) / visible
        return dofs[side[mine]].ravel(), weights.ravel()

    def rise(self, u: FloatArray) -> float:
        """Return the mean rise for a displacement with ghosts, in its unit (collective).

        How far it sinks where the electrode hangs.
        """
        up = self._up * u.reshape(-1, 2)[self._dofs, 1]
        return float(self.comm.allreduce(float(self._weights @ up)))


def _along_sides(space: FunctionSpace) -> IntArray:
    """Return the unknowns of a cell along each of its sides: the two ends, then what is between."""
    layout = space.dofmap.dof_layout
    ends = [[layout.entity_dofs(0, k)[0] for k in pair] for pair in _OPPOSITE.tolist()]
    return np.array([[*ends[k], *layout.entity_dofs(1, k)] for k in range(3)], dtype=np.int64)


def _shapes(s: FloatArray, number: int) -> FloatArray:
    """Return the shape functions of ``_along_sides`` at the places s, 0 to 1, of a side."""
    if number == 2:
        return np.stack([1 - s, s], axis=1)
    return np.stack([(1 - s) * (1 - 2 * s), s * (2 * s - 1), 4 * s * (1 - s)], axis=1)


def _outer_sides(mesh: Any, chosen: BoolArray) -> tuple[IntArray, IntArray]:
    """Return owned cells (m,) and their sides (m,) beyond which there is no other chosen cell."""
    topology = mesh.topology
    topology.create_connectivity(2, 1)
    facets_of = topology.connectivity(2, 1).array.reshape(-1, 3)
    count = np.bincount(facets_of[chosen].ravel(), minlength=facets_of.max(initial=-1) + 1)
    owned = np.arange(len(chosen)) < topology.index_map(2).size_local
    outer = (count[facets_of] == 1) & (chosen & owned)[:, None]
    cells, sides = np.nonzero(outer)
    return cells, sides


def _crossings(ends: FloatArray, places: FloatArray) -> tuple[IntArray, IntArray, FloatArray]:
    """Return where sides (m, 2, 2) pass places: number of the side, of the place, share of it."""
    x = ends[:, :, 0]
    first = np.searchsorted(places, x.min(axis=1), side="left")
    stop = np.searchsorted(places, x.max(axis=1), side="left")
    side, offset = spread(stop - first)
    place = first[side] + offset
    share = (places[place] - x[side, 0]) / (x[side, 1] - x[side, 0])
    return side, place, share
