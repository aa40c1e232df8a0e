"""Small regions of a label image go to their neighbours: less than some pixels are noise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    type Labels = npt.NDArray[np.uint8]

_ROUNDS = 8  # a speck within a speck needs another round


def despeckle(labels: Labels, smallest: float) -> tuple[Labels, int]:
    """Give regions below ``smallest`` [pixels] to the neighbour with most common boundary.

    Returns:
        The labels and the number of regions that changed. Regions are connected by sides.
    """
    from skimage.measure import label as connected_regions

    labels, changed = labels.copy(), 0
    for _ in range(_ROUNDS):
        region = connected_regions(labels, background=-1, connectivity=1) - 1
        area = np.bincount(region.ravel())
        small = area < smallest
        if not np.any(small) or np.all(small):
            break
        phase = np.empty(len(area), dtype=np.uint8)
        phase[region.ravel()] = labels.ravel()
        heir = _heirs(region, area, small)
        changed += int(np.sum(small & (heir >= 0)))
        phase = np.where(small & (heir >= 0), phase[heir], phase)
        labels = phase[region].astype(np.uint8)
    return labels, changed


def _heirs(region: npt.NDArray[Any], area: npt.NDArray[Any], small: npt.NDArray[Any]) -> Any:
    """Return for each small region the larger neighbour with most common boundary, else -1."""
    pairs = np.concatenate([_apart(region[:, :-1], region[:, 1:]), _apart(region[:-1], region[1:])])
    pairs = np.concatenate((pairs, pairs[:, ::-1]))
    pairs = pairs[small[pairs[:, 0]]]
    # of two specks side by side the smaller goes first
    own, other = area[pairs[:, 0]], area[pairs[:, 1]]
    pairs = pairs[(own < other) | ((own == other) & (pairs[:, 0] > pairs[:, 1]))]
    heir = np.full(len(area), -1)
    key, common = np.unique(pairs @ [len(area), 1], return_counts=True)  # sorted faster than pairs
    speck, other = np.divmod(key[np.argsort(common, kind="stable")], len(area))
    heir[speck] = other  # the last one written has most in common
    return heir


def _apart(one: npt.NDArray[Any], other: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """Return the pairs (n, 2) of different numbers that lie side by side."""
    different = one != other
    return np.column_stack((one[different], other[different])).astype(np.int64)
