"""If these fail, averages over a section are weighted wrongly or particles have no outline."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mesode.analysis import triangle_sets
from mesode.analysis.xdmf import Series, Values

pytestmark = pytest.mark.serial

SQUARE = np.array([[0.0, 0], [2, 0], [2, 1], [0, 1], [4, 0]])


def _series(triangles):
    return Series(Path("a"), SQUARE, np.array(triangles), (), {})


def test_areas_do_not_depend_on_orientation():
    np.testing.assert_allclose(triangle_sets.areas(_series([[0, 1, 2], [0, 3, 2], [1, 2, 4]])), 1.0)


def test_outline_leaves_out_inner_edges():
    edges, cells = triangle_sets.outline_edges(np.array([[0, 1, 2], [0, 2, 3]]))
    assert {tuple(e) for e in edges} == {(0, 1), (1, 2), (2, 3), (0, 3)}
    assert dict(zip(map(tuple, edges), cells, strict=True))[0, 3] == 1


def test_cell_values_of_points_are_means():
    values = Values(np.array([0.0, 3.0, 6.0, 0.0, 0.0]), on_cells=False)
    np.testing.assert_allclose(triangle_sets.cell_values(_series([[0, 1, 2]]), values), [3.0])
