"""If these fail, dividing a region changes its lines, loses area, or leaves cusps and slits."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import shapely
from shapely.geometry import Point, Polygon

from mesode.errors import GeometryError
from mesode.geometry.binder.tidy import divide
from mesode.geometry.polygons import box, disc_polygon

SIZE = 0.1


def corner_angles(polygon):
    """Inner angles [degree] of all rings, as the polygon sees them."""
    angles = []
    for ring in (polygon.exterior, *polygon.interiors):
        corners = shapely.get_coordinates(ring)[:-1]
        if ring.is_ccw != (ring is polygon.exterior):
            corners = corners[::-1]
        back, ahead = np.roll(corners, 1, axis=0) - corners, np.roll(corners, -1, axis=0) - corners
        turn = np.arctan2(back[:, 1], back[:, 0]) - np.arctan2(ahead[:, 1], ahead[:, 0])
        angles.append(np.degrees(turn % (2 * np.pi)))
    return np.concatenate(angles)


def area(polygons):
    return sum(p.area for p in polygons)


def sides(polygons):
    found = set()
    for polygon in polygons:
        for ring in (polygon.exterior, *polygon.interiors):
            ends = list(ring.coords)
            found |= {frozenset(pair) for pair in pairwise(ends)}
    return found


DISCS = [disc_polygon(2.0, 2.0, 1.0, SIZE), disc_polygon(4.2, 2.0, 1.0, SIZE)]
REGION = [Polygon(box(0, 0, 6, 4).exterior, [d.exterior for d in DISCS])]
SHAPES = {
    "square": box(0.53, 3.2, 1.61, 3.81),
    "tangent disc": Point(2.0, 3.5).buffer(0.5),
    "sliver of a gap": Point(2.0, 3.53).buffer(0.5),
    "overlapping disc": Point(3.1, 2.0).buffer(0.7),
    "closing": shapely.union_all(DISCS).buffer(0.6).buffer(-0.6),
    "crossing band": box(-1, 1.4, 7, 2.6),
    "over the edge": box(5, 3, 9, 9),
    "slit in the shape": box(0.3, 0.2, 3.0, 0.8).difference(box(1.0, 0.3, 1.02, 0.9)),
}


@pytest.mark.parametrize("name", SHAPES)
def test_parts_cover_the_region_without_sharp_corners(name):
    shape = SHAPES[name]
    parts = divide(REGION, shape, SIZE)
    everything = [*parts.inside, *parts.outside]
    assert area(everything) == pytest.approx(REGION[0].area, rel=1e-12)
    wanted = shape.intersection(REGION[0])
    assert area(parts.inside) == pytest.approx(wanted.area, abs=0.2 * SIZE * wanted.length)
    assert min(corner_angles(p).min() for p in everything) > 25
    assert all(p.is_valid for p in everything)


@pytest.mark.parametrize("name", SHAPES)
def test_lines_of_the_region_are_kept(name):
    """Only the straight outer sides may have new vertices."""
    parts = divide(REGION, SHAPES[name], SIZE)
    assert sides(DISCS) <= sides([*parts.inside, *parts.outside])


@pytest.mark.parametrize("name", SHAPES)
def test_new_lines_keep_their_distance(name):
    """Vertices are nowhere closer to each other than about half the mesh size."""
    parts = divide(REGION, SHAPES[name], SIZE)
    points = np.unique(shapely.get_coordinates([*parts.inside, *parts.outside]), axis=0)
    distance = np.hypot(*(points[:, None] - points[None, :]).transpose(2, 0, 1))
    np.fill_diagonal(distance, np.inf)
    assert distance.min() > 0.4 * SIZE


def test_outline_keeps_area_and_length_of_a_disc():
    shape = Point(3.1, 3.3).buffer(0.5, quad_segs=64)
    (part,) = divide([box(0, 0, 6, 6)], shape, SIZE).inside
    assert part.area == pytest.approx(np.pi * 0.25, rel=1e-3)
    assert part.exterior.length == pytest.approx(np.pi, rel=0.01)


def test_narrow_slits_are_closed():
    shape = box(0.5, 0.5, 2.0, 2.0).union(box(2.02, 0.5, 3.5, 2.0))
    parts = divide([box(0, 0, 4, 3)], shape, SIZE)
    assert len(parts.inside) == 1
    assert area(parts.inside) == pytest.approx(4.5, rel=0.03)


def test_crumbs_are_dropped():
    shape = box(1, 1, 2, 2).union(Point(3, 1).buffer(0.03))
    parts = divide([box(0, 0, 4, 3)], shape, SIZE)
    assert len(parts.inside) == 1


def test_straight_lines_end_where_they_cross_the_side():
    parts = divide([box(0, 0, 4, 3)], box(-1, -1, 5, 0.137), SIZE)
    assert area(parts.inside) == pytest.approx(4 * 0.137, rel=1e-9)


def test_side_without_new_lines_gets_no_vertices():
    parts = divide(REGION, SHAPES["square"], SIZE)
    outer = shapely.get_coordinates(parts.outside[0].exterior)
    assert len(outer) - 1 == 4


def test_nothing_to_divide():
    far = box(10, 10, 11, 11)
    assert divide(REGION, far, SIZE).inside == []
    assert divide(REGION, Polygon(), SIZE).outside == REGION
    assert divide([], far, SIZE).outside == []
    everything = divide(REGION, box(-1, -1, 9, 9), SIZE)
    assert area(everything.inside) == pytest.approx(REGION[0].area)
    assert everything.outside == []


def test_regions_with_crossing_lines_are_refused():
    crossing = [box(0, 0, 2, 2), box(1, 1, 3, 3)]
    with pytest.raises(GeometryError, match="cross or nearly touch"):
        divide(crossing, box(0.5, 0.5, 1.5, 1.2), SIZE)
