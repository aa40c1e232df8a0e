"""If these fail, lines of an image are joined wrongly, or change with what else is in the image.

All arcs are worked on at once; here each is followed piece by piece, or stands alone.
"""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from scipy import ndimage

from mesode.geometry.micrograph import arc_clearance, arc_spacing
from mesode.geometry.micrograph.arc_clearance import fit_spacing
from mesode.geometry.micrograph.arc_spacing import coarsen
from mesode.geometry.micrograph.contour_network import contour_arcs
from mesode.geometry.micrograph.phase_maps import smooth_maps


def _struts(shape=(80, 110), seed=4, grain=1.2):
    """Lines of a sponge with struts of one to three pixels of three phases."""
    rng = np.random.default_rng(seed)
    fields = [ndimage.gaussian_filter(rng.standard_normal(shape), grain) for _ in range(3)]
    return contour_arcs(smooth_maps(np.argmax(fields, axis=0).astype(np.uint8), 3, 1.0))


def _lines(arcs):
    return np.split(arcs.points, arcs.first[1:])


def test_arcs_end_where_three_meet_or_on_the_border_and_nowhere_else():
    arcs = _struts()
    assert len(arcs) > 500
    assert 0 < np.count_nonzero(arcs.closed) < 10
    ends = np.concatenate((arcs.points[arcs.first], arcs.points[arcs.last]))[
        np.tile(~arcs.closed, 2)
    ]
    places, met = np.unique(ends, axis=0, return_counts=True)
    border = np.any((places == 0) | (places == [110, 80]), axis=1)
    assert np.all(met == np.where(border, 1, 3))
    inner = np.ones(len(arcs.points), dtype=bool)
    inner[arcs.first] = inner[arcs.last] = False
    assert len(np.unique(arcs.points[inner], axis=0)) == np.count_nonzero(inner)
    assert arcs.steps().max() < 1.5  # a piece crosses half a pixel


def test_areas_and_lengths_are_those_of_the_lines():
    arcs = _struts()
    lines = _lines(arcs)
    lengths = arcs.sums(arcs.steps())
    for number in range(0, len(arcs), 5):
        assert lengths[number] == pytest.approx(shapely.LineString(lines[number]).length)
    for number in np.flatnonzero(arcs.closed).tolist():
        ring = shapely.LinearRing(lines[number])
        area = shapely.Polygon(ring).area * (1 if ring.is_ccw else -1)
        assert arcs.signed_areas()[number] == pytest.approx(area, rel=1e-9)


def test_an_arc_becomes_the_same_alone_and_among_others():
    arcs = _struts()
    spacing = np.random.default_rng(0).choice([0.0, 0.7, 1.0, 2.0, 4.0], len(arcs))
    together = _lines(coarsen(arcs, spacing))
    for number in range(0, len(arcs), 7):
        alone = coarsen(arcs.take(np.array([number])), spacing[[number]])
        assert alone.points == pytest.approx(together[number], abs=1e-9)


def test_vertices_are_means_of_the_line_about_them():
    arcs = _struts()
    number = np.maximum(arcs.count // 3, 2)
    found = _lines(arc_spacing._means(arcs, number))
    rings = np.flatnonzero(arcs.closed).tolist()
    for k in [*rings, *range(0, len(arcs) - len(rings), 25)]:
        line = shapely.LineString(_lines(arcs)[k])
        half = 0.5 * line.length / number[k]
        for place, vertex in enumerate(found[k][1:-1], 1):
            about = 2 * half * place + half * (np.arange(-399, 400, 2) / 400)
            mean = shapely.get_coordinates(shapely.line_interpolate_point(line, about)).mean(axis=0)
            assert vertex == pytest.approx(mean, abs=1e-3)
        ends = found[k][[0, -1]]
        if arcs.closed[k]:  # about its first point, from the end of the line into its beginning
            about = (half * (np.arange(-399, 400, 2) / 400)) % line.length
            mean = shapely.get_coordinates(shapely.line_interpolate_point(line, about)).mean(axis=0)
            assert ends == pytest.approx(np.stack((mean, mean)), abs=1e-3)
        else:
            assert np.array_equal(ends, _lines(arcs)[k][[0, -1]])


def test_coarse_arcs_enclose_what_the_fine_ones_did():
    arcs = _struts()
    coarse = coarsen(arcs, np.full(len(arcs), 2.0))
    missing = np.abs(coarse.signed_areas() - arcs.signed_areas())[coarse.count > 2]
    assert np.mean(missing < 1e-9) > 0.9  # the others may not be moved that far
    assert len(coarse.points) < 0.5 * len(arcs.points)


def test_lines_keep_the_distance_that_was_asked_for():
    """What is told of arcs that moved only is what a look at all pairs of lines tells."""
    arcs = _struts()
    size = np.array([110.0, 80.0])
    found = fit_spacing(arcs, size, 2.0)
    lines = shapely.linestrings(found.points, indices=found.owner)
    one, other = shapely.STRtree(lines).query(lines, predicate="intersects")
    pairs = one < other
    common = shapely.intersection(lines[one[pairs]], lines[other[pairs]])
    assert np.all(np.isin(shapely.get_type_id(common), (0, 4)))  # points, none longer
    ends = np.concatenate((found.points[found.first], found.points[found.last]))
    touched = shapely.get_coordinates(common)
    assert {tuple(p) for p in touched.tolist()} <= {tuple(p) for p in ends.tolist()}
    assert np.all(shapely.is_simple(lines))


def test_lines_are_compared_again_only_where_one_has_moved(monkeypatch):
    """Counts, no clock: rounds after the first look at a part of the pieces."""
    looked = []
    near = arc_clearance._near_pairs

    def counted(pieces, *args):
        looked.append((len(pieces.owner), int(pieces.moved.sum())))
        return near(pieces, *args)

    monkeypatch.setattr(arc_clearance, "_near_pairs", counted)
    arcs = _struts(shape=(200, 200))
    fit_spacing(arcs, np.array([200.0, 200.0]), 1.0)
    assert len(looked) > 4
    assert sum(moved for _, moved in looked) < 3.0 * looked[0][1]
    assert sum(pieces for pieces, _ in looked) < 5.0 * looked[0][0]
