"""If these fail, a deformed section is drawn where it is not."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace

import numpy as np
import pytest

from mesode.analysis.deformed import DeformedSection
from mesode.fields import Group

CORNERS = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
RISEN = np.array([[0.0, 0.0], [0.0, 0.1], [0.2, 0.5]])


@dataclass
class Drawn:
    """A series of two frames; the section has moved in the second."""

    points: np.ndarray
    triangles: np.ndarray = field(default_factory=lambda: np.array([[0, 1, 2]]))
    u: np.ndarray = field(default_factory=lambda: RISEN)
    names: tuple[str, ...] = ("u", "volume_ratio")
    times: tuple[float, ...] = (0.0, 10.0)

    def read(self, name, frame):
        assert name == "u"
        return SimpleNamespace(data=np.column_stack([frame * self.u, np.zeros(len(self.u))]))


def run_with(mechanical):
    return SimpleNamespace(series=lambda group: mechanical if group is Group.MECHANICAL else None)


def test_points_move_with_the_displacement_of_their_time():
    section = DeformedSection(run_with(Drawn(CORNERS)))
    assert section.at(Drawn(CORNERS), 0.0).points == pytest.approx(CORNERS)
    assert section.at(Drawn(CORNERS), 10.0).points == pytest.approx(CORNERS + RISEN)


def test_points_of_another_group_move_where_they_are_the_same_and_stay_elsewhere():
    other = Drawn(np.array([[0.0, 1.0], [5.0, 5.0]]), np.empty((0, 3), dtype=int))
    moved = DeformedSection(run_with(Drawn(CORNERS))).at(other, 10.0)
    assert moved.points == pytest.approx(np.array([[0.2, 1.5], [5.0, 5.0]]))


@pytest.mark.parametrize("side", [0, 1])
def test_points_at_one_place_move_with_their_own_triangle(side):
    """Two triangles that have come apart at the side from (1, 0) to (0, 1)."""
    points = np.concatenate([CORNERS, [[1.0, 1.0], [0.0, 1.0], [1.0, 0.0]]])
    triangles = np.array([[0, 1, 2], [3, 4, 5]])
    u = np.repeat([[0.0, 0.0], [0.3, 0.4]], 3, axis=0)
    section = DeformedSection(run_with(Drawn(points, triangles, u)))
    own = points[triangles[side]][[1, 2, 0]]  # numbered another way
    assert section.at(Drawn(own), 10.0).points == pytest.approx(own + u[3 * side])


def test_the_picture_is_as_high_as_the_section_has_become():
    section = DeformedSection(run_with(Drawn(CORNERS)))
    assert section.extent(np.array([1.0, 1.2]), [0.0, 10.0]) == pytest.approx([1.0, 1.5])
    assert section.extent(np.array([1.0, 1.2]), [0.0]) == pytest.approx([1.0, 1.2])


@pytest.mark.parametrize("mechanical", [None, Drawn(CORNERS, names=("u", "von_mises"))])
def test_nothing_moves_without_finite_mechanics(mechanical):
    section, drawn = DeformedSection(run_with(mechanical)), Drawn(CORNERS)
    assert section.at(drawn, 10.0) is drawn
    assert section.extent(np.array([1.0, 1.0]), [10.0]) == pytest.approx([1.0, 1.0])
