"""If these fail, sound meshes of a user are refused, or such that overlap are taken."""

import numpy as np
import pytest

from mesode.geometry.own_mesh.checks import MeshChecker

COLUMNS = 40


def strip(shift=0.0):
    """Points and triangles of a strip whose lower and upper line are waves, like curved foils."""
    x = np.linspace(0.0, 1.0, COLUMNS + 1)
    wave = 0.15 * np.cos(np.pi * x) + shift
    points = np.column_stack((np.tile(x, 2), np.concatenate((wave, 1.0 - 0.7 * wave))))
    a = np.arange(COLUMNS)
    b = a + COLUMNS + 1
    cells = np.concatenate((np.column_stack((a, a + 1, b)), np.column_stack((a + 1, b + 1, b))))
    return points, cells


@pytest.mark.parametrize("angle", [0.0, 0.3, 1.0, 2.0])
def test_curved_outlines_overlap_nothing(angle):
    points, cells = strip()
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    group = np.zeros(len(cells), dtype=np.int64)
    assert MeshChecker(points @ turn, cells, group, ["a"]).problems() == []


def test_a_curved_strip_that_lies_on_another_is_found():
    (below, cells), (above, _) = strip(), strip(shift=0.05)
    both = np.concatenate((below, above + np.array([0.31, 0.503])))
    group = np.repeat([0, 1], len(cells))
    (problem,) = MeshChecker(
        both, np.concatenate((cells, cells + len(below))), group, ["a", "b"]
    ).problems()
    assert "overlap of 'a' and 'b'" in problem.value
