"""Groups of several sizes that lie one after the other in one array."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import numpy.typing as npt
    from shapely.geometry import Polygon

    type IntArray = npt.NDArray[np.int64]
    type ObjectArray = npt.NDArray[Any]


def spread(count: IntArray) -> tuple[IntArray, IntArray]:
    """Return the group and the place within it, from 0, of each member (sum of count,).

    ``count`` (groups,): members of each group; none is allowed.
    """
    owner = np.repeat(np.arange(len(count)), count)
    first = np.cumsum(count) - count
    return owner, np.arange(len(owner)) - first[owner]


def flattened(groups: Collection[Sequence[Polygon]]) -> tuple[IntArray, ObjectArray]:
    """Return the group and the polygon itself, each (n,), of the polygons of all groups."""
    owner, _ = spread(np.array([len(polygons) for polygons in groups], dtype=np.int64))
    return owner, np.array([p for polygons in groups for p in polygons], dtype=object)
