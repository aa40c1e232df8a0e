"""Sets of triangles: outlines, areas, values of cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from mesode.analysis.xdmf import FloatArray, IndexArray, Series, Values

type Mask = npt.NDArray[np.bool_]


def centroids(series: Series) -> FloatArray:
    """Return the centre of each triangle, (m, 2) [um]."""
    return np.asarray(series.points[series.triangles].mean(axis=1))


def areas(series: Series) -> FloatArray:
    """Return the area of each triangle, (m,) [um^2]."""
    a, b, c = (series.points[series.triangles[:, k]] for k in range(3))
    ab, ac = b - a, c - a
    return np.asarray(0.5 * np.abs(ab[:, 0] * ac[:, 1] - ab[:, 1] * ac[:, 0]))


def cell_values(series: Series, values: Values) -> FloatArray:
    """Return the mean of a scalar over each triangle; exact for linear fields."""
    if values.on_cells:
        return values.magnitude
    return np.asarray(values.magnitude[series.triangles].mean(axis=1))


def outline_edges(triangles: IndexArray) -> tuple[IndexArray, IndexArray]:
    """Return the edges that bound a set of triangles, (k, 2), and the triangle at each, (k,)."""
    edges = np.sort(triangles[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1)
    unique, first, count = np.unique(edges, axis=0, return_index=True, return_counts=True)
    once = count == 1
    return unique[once], first[once] // 3


def labels(series: Series, name: str) -> IndexArray:
    """Return a whole number of each triangle."""
    return series.read(name).data.astype(np.int64)
