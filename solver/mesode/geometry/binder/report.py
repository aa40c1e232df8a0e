"""How much of the particle surface each phase around it covers. All lengths in micrometres."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from mesode.geometry.polygons import TOLERANCE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import numpy.typing as npt
    from shapely.geometry import Polygon

    type FloatArray = npt.NDArray[np.float64]
    type IntArray = npt.NDArray[np.int64]


def coverage_by_phase(
    outlines: Sequence[Polygon], phases: Mapping[str, Sequence[Polygon]]
) -> dict[str, float]:
    """Return for each phase the share of the particles' surface that it touches.

    Where particles touch each other there is no surface.
    """
    length = {name: _common_length(outlines, parts) for name, parts in phases.items()}
    total = sum(length.values())
    return {name: value / total if total > 0 else 0.0 for name, value in length.items()}


def _common_length(first: Sequence[Polygon], second: Sequence[Polygon]) -> float:
    """Return the length [um] of the sides that polygons of both groups have."""
    keys, lengths = _sides(first)
    others, _ = _sides(second)
    both = np.concatenate((keys, others))
    _, number = np.unique(both, axis=0, return_inverse=True)
    number = number.ravel()
    shared = np.isin(number[: len(keys)], number[len(keys) :])
    return float(lengths[shared].sum())


def _sides(polygons: Iterable[Polygon]) -> tuple[IntArray, FloatArray]:
    """Return the sides as rounded, ordered coordinates (m, 4), and their lengths [um]."""
    rings = [ring for p in polygons for ring in (p.exterior, *p.interiors)]
    points, owner = shapely.get_coordinates(rings, return_index=True)
    inside = owner[1:] == owner[:-1]
    start, end = points[:-1][inside], points[1:][inside]
    keys = np.round(np.stack((start, end), axis=1) / TOLERANCE).astype(np.int64)
    swap = (keys[:, 0, 0] > keys[:, 1, 0]) | (
        (keys[:, 0, 0] == keys[:, 1, 0]) & (keys[:, 0, 1] > keys[:, 1, 1])
    )
    keys[swap] = keys[swap][:, ::-1]
    return keys.reshape(-1, 4), np.asarray(np.hypot(*(end - start).T))
