"""If these fail, polygons that share a line are taken to be apart, or those of a corner joined.

Boolean union, which is slow, tells the same of whole images and packings.
"""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from scipy import ndimage
from shapely.geometry import Polygon

from mesode.geometry.assembly import ElectrodeRequest
from mesode.geometry.binder.place import Bridges
from mesode.geometry.contact_lines import contact_lines, length_at
from mesode.geometry.micrograph.label_polygons import LabelImage, label_polygons
from mesode.geometry.particles.grains import GrainRequest, Population
from mesode.geometry.particles.sizes import Mono
from mesode.geometry.polygons import TOLERANCE, box
from mesode.geometry.section import SectionRequest, build_section


def _contacts(*polygons):
    found = contact_lines(np.array(polygons, dtype=object))
    return dict(zip(zip(found.first, found.second, strict=True), found.length, strict=True))


def _image(grain, seed, interface=0.2):
    rng = np.random.default_rng(seed)
    fields = [ndimage.gaussian_filter(rng.standard_normal((90, 130)), grain) for _ in range(3)]
    labels = np.argmax(fields, axis=0).astype(np.uint8)
    image = LabelImage(labels=labels, names=("pore", "active", "binder"), pixel=0.1)
    phases = label_polygons(image, interface, smooth=0.3, area_error=0.1).phases
    polygons = np.array([p for parts in phases.values() for p in parts], dtype=object)
    return polygons, np.repeat(np.arange(3), [len(parts) for parts in phases.values()])


def test_a_common_side_is_a_contact_and_a_corner_is_none():
    assert _contacts(box(0, 0, 1, 1), box(1, 0, 2, 1), box(2, 1, 3, 2)) == {(0, 1): 1.0}


def test_a_side_along_parts_of_two_others_is_a_contact_with_both():
    found = _contacts(box(0, 0, 4, 1), box(-1, 1, 1.5, 2), box(1.5, 1, 7, 2))
    assert {tuple(sorted(pair)): length for pair, length in found.items()} == {
        (0, 1): pytest.approx(1.5),
        (0, 2): pytest.approx(2.5),
        (1, 2): pytest.approx(1.0),
    }


@pytest.mark.parametrize(("gap", "joined"), [(1e-12, True), (TOLERANCE, True), (1e-4, False)])
def test_lines_as_far_apart_as_rounding_are_one(gap, joined):
    for x in (0.4999995, 0.3):  # the first is between two places of the grid of points
        found = _contacts(box(0, 0, x, 1), box(x + gap, 0, 2, 1))
        assert found == ({(0, 1): pytest.approx(1.0)} if joined else {})


def test_lines_that_leave_a_common_point_at_a_small_angle_are_no_contact():
    above = Polygon([(0, 0), (5, 0.05), (0, 1)])
    below = Polygon([(0, 0), (7, -0.07), (0, -1)])
    assert _contacts(above, below) == {}


def test_a_body_in_a_hole_touches_all_around():
    body = box(1, 1, 2, 2)
    around = box(0, 0, 3, 3).difference(body)
    found = contact_lines(np.array([body, around], dtype=object))
    assert found.length.sum() == pytest.approx(4.0)
    assert found.along(np.array([False, True])) == pytest.approx([4.0, 0.0])


def test_the_line_at_a_height_is_that_of_the_outlines():
    polygons = np.array([box(0, 0, 2, 1), box(2, 0.5, 3, 1), box(3, -1, 5, 0)], dtype=object)
    assert length_at(polygons, 0.0) == pytest.approx([2.0, 0.0, 2.0])
    assert length_at(polygons, 1.0) == pytest.approx([2.0, 1.0, 0.0])


def _packing():
    """Discs that bridges of binder join in groups, in pores below a separator."""
    population = Population(fraction=0.3, sizes=Mono(1.5))
    electrode = ElectrodeRequest(
        thickness=9.0,
        grains=GrainRequest(populations=(population,), gap=0.2, seed=2),
        binder=(Bridges(fraction=0.01),),
    )
    request = SectionRequest(
        width=12.0, electrode=electrode, separator_thickness=3.0, interface_size=0.2
    )
    phases = build_section(request).phases
    polygons = np.array([p for parts in phases.values() for p in parts], dtype=object)
    return polygons, np.repeat(list(phases), [len(parts) for parts in phases.values()])


def _assert_groups_of_a_union(polygons, among):
    group = contact_lines(polygons).groups(among)[among]
    area = np.bincount(group, shapely.area(polygons[among]))
    pieces = shapely.get_parts(shapely.union_all(polygons[among], grid_size=TOLERANCE))
    assert np.sort(area[area > 0]) == pytest.approx(np.sort(shapely.area(pieces)), abs=1e-3)
    assert len(pieces) > 3


def test_groups_of_a_packing_are_those_of_a_union():
    """Particles that bridges of binder join to groups, which end at pores."""
    polygons, phase = _packing()
    _assert_groups_of_a_union(polygons, np.isin(phase, ["active", "carbon_binder"]))


@pytest.mark.parametrize(("grain", "seed"), [(4.0, 1), (1.2, 2), (1.0, 3)])
def test_groups_are_those_of_a_union(grain, seed):
    """Two phases of an image together, grains of ten pixels and struts of one to three."""
    polygons, phase = _image(grain, seed)
    _assert_groups_of_a_union(polygons, phase != 1)


def test_lines_of_a_partition_are_all_its_inner_lines():
    polygons, _ = _image(1.2, 5)
    found = contact_lines(polygons)
    outer = 2 * (9.0 + 13.0)
    assert found.length.sum() == pytest.approx(0.5 * (shapely.length(polygons).sum() - outer))
    assert np.all(found.first != found.second)
