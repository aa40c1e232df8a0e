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
    sides = [
        np.column_stack((region[:, :-1].ravel(), region[:, 1:].ravel())),
        np.column_stack((region[:-1].ravel(), region[1:].ravel())),
    ]
    pairs = np.concatenate([*sides, *(s[:, ::-1] for s in sides)]).astype(np.int64)
    pairs = pairs[small[pairs[:, 0]] & (pairs[:, 0] != pairs[:, 1])]
    # of two specks side by side the smaller goes first
    own, other = area[pairs[:, 0]], area[pairs[:, 1]]
    pairs = pairs[(own < other) | ((own == other) & (pairs[:, 0] > pairs[:, 1]))]
    heir = np.full(len(area), -1)
    unique, common = np.unique(pairs, axis=0, return_counts=True)
    order = np.argsort(common, kind="stable")
    heir[unique[order, 0]] = unique[order, 1]  # the last one written has most in common
    return heir
