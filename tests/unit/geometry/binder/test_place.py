"""If these fail, binder has another area, thickness or coverage than asked, or is cut wrongly."""

from __future__ import annotations

import json
from itertools import pairwise

import numpy as np
import pytest
import shapely

from mesode.errors import GeometryError
from mesode.geometry.binder.place import Bridges, Clusters, Film, Matrix, Patches, place_binder
from mesode.geometry.particles.grains import Grains
from mesode.geometry.polygons import box, disc_polygon
from mesode.section_names import PORE

SIZE = 0.1
WIDTH, THICKNESS = 12.0, 10.0


def grains(*discs, size=SIZE):
    """Particles of given x, y and radius."""
    x, y, radius = np.array(discs, dtype=float).reshape(-1, 3).T
    gaps = [y - radius, THICKNESS - y - radius, x - radius, WIDTH - x - radius]
    apart = [
        float(np.hypot(x[i] - x[j], y[i] - y[j]) - radius[i] - radius[j])
        for i in range(len(x))
        for j in range(i)
    ]
    return Grains(
        outlines=tuple(disc_polygon(*d, size) for d in discs),
        population=np.zeros(len(x), dtype=np.int64),
        x=x,
        y=y,
        diameter=2 * radius,
        clearance=float(min([*np.min(gaps, axis=1), *apart])),
        report={},
    )


def place(shapes, particles, size=SIZE, seed=1):
    return place_binder(shapes, particles, WIDTH, THICKNESS, size, seed)


def area(pores, phase="carbon_binder"):
    return sum(p.area for p in pores.phases.get(phase, []))


ONE = grains((6, 5, 2))
FOUR = grains((2, 3, 1.5), (5.2, 3, 1.5), (9, 3.2, 2), (5, 7, 2.2))


def test_matrix_fills_everything():
    pores = place([Matrix()], ONE)
    assert set(pores.phases) == {"carbon_binder"}
    assert area(pores) == pytest.approx(120 - 4 * np.pi)


def test_without_shapes_everything_is_pore():
    assert set(place([], ONE).phases) == {PORE}


@pytest.mark.parametrize("thickness", [0.05, 0.1, 0.3, 1.0])
def test_film_on_a_disc_is_an_annulus(thickness):
    """Plus the coat of the collector, which is as long as the section is wide."""
    pores = place([Film(thickness=thickness)], ONE)
    annulus = np.pi * ((2 + thickness) ** 2 - 2**2)
    assert area(pores) == pytest.approx(annulus + WIDTH * thickness, rel=2e-3)
    assert pores.report["coverage"]["carbon_binder"] == pytest.approx(1.0)


def test_film_error_falls_with_the_square_of_the_mesh_size():
    """The outline is a polygon of the right area; what is left is the corner of each chord."""
    exact = np.pi * (2.2**2 - 2**2) + WIDTH * 0.2
    errors = [
        abs(area(place([Film(thickness=0.2)], grains((6, 5, 2), size=h), size=h)) / exact - 1)
        for h in (0.4, 0.2, 0.1)
    ]
    assert all(fine < coarse / 2 for coarse, fine in pairwise(errors))


def meniscus_area(radius, gap, meniscus):
    """Area between two equal discs and two menisci of given radius that touch both.

    The four centres are the corners of a rhombus with sides radius + meniscus; the binder is the
    rhombus without the sectors of the discs and of the menisci.
    """
    side, half = radius + meniscus, radius + gap / 2
    height = np.sqrt(side**2 - half**2)
    at_disc = 2 * np.arccos(half / side)
    at_meniscus = np.pi - at_disc
    return 2 * half * height - radius**2 * at_disc - meniscus**2 * at_meniscus


@pytest.mark.parametrize(("gap", "meniscus"), [(0.2, 0.6), (0.4, 1.0), (0.2, 0.3)])
def test_bridge_between_two_discs_has_the_closed_form_area(gap, meniscus):
    two = grains((6 - 1.5 - gap / 2, 6, 1.5), (6 + 1.5 + gap / 2, 6, 1.5), size=0.04)
    pores = place([Bridges(radius=meniscus)], two, size=0.04)
    exact = meniscus_area(1.5, gap, meniscus)
    assert area(pores) == pytest.approx(exact, rel=0.03)  # the tips of the menisci are cut
    assert len(pores.phases["carbon_binder"]) == 1


def test_cut_tips_of_menisci_vanish_with_the_mesh_size():
    exact = meniscus_area(1.5, 0.4, 1.0)
    errors = []
    for size in (0.16, 0.08, 0.04):
        two = grains((4.3, 6, 1.5), (7.7, 6, 1.5), size=size)
        errors.append(abs(area(place([Bridges(radius=1.0)], two, size=size)) - exact) / exact)
    assert errors[2] < 0.5 * errors[0]
    assert errors[2] < 0.02


def test_bridges_reach_the_collector_and_the_mirror_image():
    low = place([Bridges(radius=1.0)], grains((6, 1.7, 1.5)))
    side = place([Bridges(radius=1.0)], grains((1.7, 5, 1.5)))
    for pores, at in ((low, (6, 0.1)), (side, (0.1, 5))):
        assert any(p.intersects(shapely.Point(at)) for p in pores.phases["carbon_binder"])
    # the wall cuts the bridge to the mirror image, of gap 0.4, into halves
    assert area(side) == pytest.approx(meniscus_area(1.5, 0.4, 1.0) / 2, rel=0.08)


@pytest.mark.parametrize("coverage", [0.1, 0.4, 0.75, 1.0])
def test_patches_cover_the_share_asked_for(coverage):
    pores = place([Patches(coverage=coverage, thickness=0.1, length=0.8)], FOUR)
    edge = SIZE / sum(o.length for o in FOUR.outlines)
    assert pores.report["coverage"]["carbon_binder"] == pytest.approx(coverage, abs=4 * edge)
    assert sum(pores.report["coverage"].values()) == pytest.approx(1.0)


def test_a_patch_has_its_length_and_thickness():
    pores = place([Patches(coverage=0.1, thickness=0.2, length=1.3)], ONE)
    (patch,) = pores.phases["carbon_binder"]
    assert patch.area == pytest.approx(0.1 * np.pi * (2.2**2 - 2**2), rel=0.05)


@pytest.mark.parametrize(
    "shape",
    [
        Film(fraction=0.05),
        Bridges(fraction=0.04),
        Bridges(fraction=0.15),
        Clusters(fraction=0.1, diameter=0.8),
        Clusters(fraction=0.02, diameter=2.0),
    ],
    ids=str,
)
def test_area_shares_are_met(shape):
    pores = place([shape], FOUR)
    assert area(pores) / 120 == pytest.approx(shape.fraction, rel=0.03)
    (facts,) = pores.report["shapes"]
    assert facts["achieved_fraction"] == pytest.approx(area(pores) / 120)
    assert facts["requested_fraction"] == shape.fraction


MIXTURE = (
    Film(thickness=0.1),
    Bridges(fraction=0.05, phase="glue"),
    Patches(coverage=0.3, thickness=0.3, length=1.0, phase="dots"),
    Clusters(fraction=0.05, diameter=0.7, phase="carbon"),
)


@pytest.mark.parametrize(
    "shapes", [MIXTURE[:1], MIXTURE[1:2], MIXTURE[2:3], MIXTURE[3:], MIXTURE[1::2]]
)
def test_phases_partition_the_space_between_the_particles(shapes):
    pores = place(shapes, FOUR)
    parts = [p for group in pores.phases.values() for p in group]
    everything = [*parts, *FOUR.outlines]
    assert sum(p.area for p in everything) == pytest.approx(120, rel=1e-12)
    assert shapely.union_all(everything).symmetric_difference(box(0, 0, 12, 10)).area < 1e-9
    assert all(p.is_valid for p in parts)


def test_later_shapes_take_what_earlier_ones_left():
    alone = place(MIXTURE[:1], FOUR)
    both = place(MIXTURE[:2], FOUR)
    film = shapely.union_all(alone.phases["carbon_binder"])
    assert shapely.equals(film, shapely.union_all(both.phases["carbon_binder"]))
    assert area(both, "glue") / 120 == pytest.approx(0.05, rel=0.03)
    json.dumps(dict(both.report))


def test_shapes_of_one_phase_become_one():
    shapes = (Film(thickness=0.1), Bridges(radius=0.5))
    pores = place(shapes, FOUR)
    joined = shapely.union_all(pores.phases["carbon_binder"])
    assert len(shapely.get_parts(joined)) == len(pores.phases["carbon_binder"])


def test_seeds_move_patches_and_clusters():
    for shape in (MIXTURE[2], MIXTURE[3]):
        first, again, other = (place([shape], FOUR, seed=s) for s in (1, 1, 2))
        outline = [[p.wkb for p in pores.phases[shape.phase]] for pores in (first, again, other)]
        assert outline[0] == outline[1]
        assert outline[0] != outline[2]


@pytest.mark.parametrize(
    ("shapes", "words"),
    [
        ([Film(thickness=0.5)], "thicker than the smallest gap between surfaces, 0.2 um"),
        ([Film(thickness=0.04)], "too thin for mesh.interface 0.1"),
        ([Film(fraction=0.3)], "has no room: at the largest thickness, 0.2 um, it reaches 0.0"),
        ([Film(fraction=0.01)], "too thin"),
        ([Bridges(fraction=0.9)], "has no room"),
        ([Bridges(radius=0.01)], "nothing is left of the bridges"),
        ([Clusters(fraction=0.9, diameter=1.0)], "have no room"),
        ([Clusters(fraction=0.1, diameter=0.1)], "too small for mesh.interface"),
        ([Patches(coverage=0.2, thickness=0.01, length=1.0)], "too thin"),
        ([Matrix(), Film(thickness=0.1)], "no space is left for the film"),
    ],
)
def test_impossible_shapes_are_refused_with_the_best_value(shapes, words):
    with pytest.raises(GeometryError, match=words):
        place(shapes, grains((3, 5, 2), (7.2, 5, 2)))


@pytest.mark.parametrize(
    "make",
    [
        lambda: Film(),
        lambda: Film(thickness=0.1, fraction=0.1),
        lambda: Bridges(fraction=1.5),
        lambda: Patches(coverage=0.0, thickness=0.1, length=1.0),
        lambda: Clusters(fraction=0.1, diameter=-1.0),
    ],
)
def test_values_out_of_range_are_refused(make):
    with pytest.raises(GeometryError, match="carbon_binder"):
        make()
