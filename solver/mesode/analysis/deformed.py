"""The deformed section of a run at finite strain, true to scale: where its points have moved to.

Small displacements of linear mechanics are not drawn: a section shows them by colours.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree

from mesode.fields import FIELDS, Group

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mesode.analysis.run_data import Run
    from mesode.analysis.xdmf import FloatArray, Series

FINITE = FIELDS["volume_ratio"].key  # a field that finite mechanics alone has
APART = 1e-4  # [um] between two points that are the same one


class DeformedSection:
    """Moves the points of any group of a run with its displacement.

    Args:
        run: The run; where it has no finite mechanics nothing moves.
    """

    def __init__(self, run: Run) -> None:
        series = run.series(Group.MECHANICAL)
        finite = series is not None and FINITE in series.names
        self._mechanical = series if finite else None

    def at(self, series: Series, t: float) -> Series:
        """Return a group with its points where they are at a time [s]."""
        mechanical, u = self._mechanical, self._displacement(t)
        if mechanical is None or u is None:
            return series
        return replace(series, points=series.points + _moved(series, mechanical, u))

    def extent(self, extent: FloatArray, times: Iterable[float]) -> FloatArray:
        """Return width and height [um] that hold the section at some times, too."""
        mechanical = self._mechanical
        if mechanical is None:
            return extent
        moved = [u for t in times if (u := self._displacement(t)) is not None]
        high = [float((mechanical.points[:, 1] + u[:, 1]).max()) for u in moved]
        return np.array([extent[0], max([extent[1], *high])])

    def _displacement(self, t: float) -> FloatArray | None:
        """Return the displacement of the points [um] at a time [s]; None where nothing moves."""
        mechanical = self._mechanical
        if mechanical is None or t not in mechanical.times:
            return None
        return mechanical.read("u", mechanical.times.index(t)).data[:, :2]


def _moved(series: Series, mechanical: Series, u: FloatArray) -> FloatArray:
    """Return the displacement of the points of a group [um], 0 beside the mechanical ones.

    Where bodies have come off each other several points were at one place: a point moves with a
    triangle that it is a corner of, where that is a mechanical one.
    """
    apart, nearest = cKDTree(mechanical.points).query(series.points)
    moved = np.where((apart < APART)[:, None], u[nearest], 0.0)
    corners, others = (s.points[s.triangles] for s in (series, mechanical))
    apart, same = cKDTree(others.mean(axis=1)).query(corners.mean(axis=1))
    there = np.flatnonzero(apart < APART)
    between = corners[there][:, :, None] - others[same[there]][:, None]  # any two corners of both
    nearest = np.argmin((between**2).sum(axis=-1), axis=-1)
    numbers = np.take_along_axis(mechanical.triangles[same[there]], nearest, axis=1)
    moved[series.triangles[there]] = u[numbers]
    return moved
