"""Extremes and quantiles of values that are spread over the ranks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mpi4py import MPI

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from mesode.model.unknowns import Unknown

    type FloatArray = npt.NDArray[np.float64]

_BINS = 1024
_ROUNDS = 3  # the last bins are 1e-9 of the range wide
# A share that falls between two values is decided by the values, not by the rounding of the sums.
_ROUNDING = 1e-9


def ends(comm: MPI.Intracomm, values: FloatArray) -> tuple[float, float]:
    """Return the smallest and the largest of the values of all ranks (collective)."""
    ((low, high),) = all_ends(comm, [values])
    return low, high


def all_ends(comm: MPI.Intracomm, parts: Sequence[FloatArray]) -> list[tuple[float, float]]:
    """Return the smallest and the largest of each of several arrays in one go (collective)."""
    found = np.array([[v.min(initial=np.inf), -v.max(initial=-np.inf)] for v in parts])
    comm.Allreduce(MPI.IN_PLACE, found, op=MPI.MIN)
    return [(low, -minus_high) for low, minus_high in found.tolist()]


def nodal_ends(comm: MPI.Intracomm, *unknowns: Unknown) -> tuple[float, float]:
    """Return the smallest and largest nodal value of fields, SI (collective)."""
    return ends(comm, np.concatenate([unknown.owned() for unknown in unknowns]))


def quantiles(
    comm: MPI.Intracomm, parts: Sequence[tuple[FloatArray, FloatArray]], share: float
) -> list[float]:
    """Return of each part the value that a share of its area does not exceed (collective).

    They are among the values, the same on any number of ranks; 0 of a part without area. All parts
    are searched at once: each round is one sum over the ranks, however many there are.

    Args:
        comm: Ranks that share the values.
        parts: Values of the cells that this rank owns, and their areas.
        share: From 0 to 1.
    """
    total = np.array([areas.sum() for _, areas in parts])
    comm.Allreduce(MPI.IN_PLACE, total, op=MPI.SUM)
    there = total > 0.0
    found = np.array(all_ends(comm, [values for values, _ in parts]))
    low, high = np.where(there[:, None], found, 0.0).T
    low = np.nextafter(low, -np.inf)  # bins are open below
    below, wanted = np.zeros_like(low), (share - _ROUNDING) * total  # area up to ``low``
    rows = np.arange(len(parts))
    for _ in range(_ROUNDS):
        edges = np.linspace(low, high, _BINS + 1, axis=1)
        count = np.stack([_in_bins(*part, e) for part, e in zip(parts, edges, strict=True)])
        comm.Allreduce(MPI.IN_PLACE, count, op=MPI.SUM)
        reached = np.column_stack([below, below[:, None] + np.cumsum(count, axis=1)])
        enough = reached[:, 1:] >= wanted[:, None]
        k = np.where(enough.any(axis=1), enough.argmax(axis=1), _BINS - 1)
        below, low, high = reached[rows, k], edges[rows, k], edges[rows, k + 1]
    above = [values[values > least] for (values, _), least in zip(parts, low, strict=True)]
    return [
        value if any_area else 0.0
        for (value, _), any_area in zip(all_ends(comm, above), there.tolist(), strict=True)
    ]


def _in_bins(values: FloatArray, areas: FloatArray, edges: FloatArray) -> FloatArray:
    """Return the area of the values in each bin (open below, closed above)."""
    inside = (values > edges[0]) & (values <= edges[-1])
    place = np.searchsorted(edges, values[inside], side="left").clip(1, _BINS) - 1
    return np.bincount(place, areas[inside], _BINS).astype(np.float64)


def quantiles_of_groups(
    comm: MPI.Intracomm,
    values: FloatArray,
    areas: FloatArray,
    groups: npt.NDArray[np.integer],
    number: int,
    share: float,
) -> FloatArray:
    """Return of each group the value that a share of its area does not exceed (collective).

    As ``quantiles``, of many small groups; 0 of a group without area.

    Args:
        comm: Ranks that share the values.
        values: Of the cells that this rank owns.
        areas: Their areas.
        groups: The group of each, from 0 to ``number`` - 1.
        number: Of groups.
        share: From 0 to 1.
    """
    value, area, group = (np.concatenate(comm.allgather(a)) for a in (values, areas, groups))
    order = np.lexsort((value, group))
    value, area, group = value[order], area[order], group[order]
    total, count = np.bincount(group, area, number), np.bincount(group, minlength=number)
    reached, last = np.cumsum(area), np.cumsum(count)
    before = np.cumsum(total) - total
    place = np.searchsorted(reached, before + (share - _ROUNDING) * total)
    there = count > 0
    found = np.zeros(number)
    found[there] = value[np.clip(place, last - count, last - 1)[there]]
    return found
