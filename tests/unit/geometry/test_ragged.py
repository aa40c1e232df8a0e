"""If these fail, members of a group are taken for those of another."""

from __future__ import annotations

import numpy as np
import shapely

from mesode.geometry.ragged import flattened, spread


def test_each_member_knows_its_group_and_its_place():
    owner, place = spread(np.array([2, 0, 3, 1]))
    assert owner.tolist() == [0, 0, 2, 2, 2, 3]
    assert place.tolist() == [0, 1, 0, 1, 2, 0]


def test_no_groups_and_empty_ones_have_no_members():
    for count in ([], [0, 0]):
        owner, place = spread(np.array(count, dtype=np.int64))
        assert len(owner) == len(place) == 0


def test_polygons_of_all_groups_in_one_array():
    small, large = shapely.box(0, 0, 1, 1), shapely.box(0, 0, 2, 2)
    group, polygons = flattened([[small], [], [large, small]])
    assert group.tolist() == [0, 2, 2]
    assert [p.area for p in polygons] == [1.0, 4.0, 1.0]
