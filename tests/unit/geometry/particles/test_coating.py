"""If these fail, another share of the surface is coated than asked, or the mesh would change."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from mesode.errors import GeometryError
from mesode.geometry.particles.coating import CoatingRequest, coat
from mesode.geometry.particles.grains import GrainRequest, Population, make_grains
from mesode.geometry.particles.sizes import LogNormal
from support.grain_checks import shared_edges

SIZE = 0.15


@pytest.fixture(scope="module", params=[None, 0.3], ids=["gap", "contact"])
def outlines(request):
    population = Population(fraction=0.5, sizes=LogNormal(3.0, 0.2, 2.0, 4.5))
    asked = GrainRequest(populations=(population,), contact=request.param)
    return make_grains(asked, 25.0, 15.0, SIZE).outlines


def _surface(outlines):
    shared = [e for pair in shared_edges(outlines).values() for e in pair]
    inner = sum(float(np.hypot(*(e[1] - e[0]))) for e in shared)
    return sum(o.length for o in outlines) - 2 * inner


def _check(outlines, request):
    coated = coat(request, outlines, SIZE)
    surface = _surface(outlines)
    assert coated.coated.length == pytest.approx(coated.integrity * surface, abs=1e-9)
    assert abs(coated.integrity - request.integrity) * surface <= 0.5 * SIZE * 1.05
    return coated


@pytest.mark.parametrize("integrity", [0.05, 0.525, 0.783, 0.952, 0.999])
@pytest.mark.parametrize("defect", [0.15, 0.5, 2.0, 50.0])
def test_coated_share_is_met_to_half_an_edge(outlines, integrity, defect):
    _check(outlines, CoatingRequest(integrity=integrity, defect=defect))


@settings(max_examples=25)
@given(
    seed=st.integers(0, 2**32 - 1), integrity=st.floats(0.001, 0.999), defect=st.floats(0.15, 5.0)
)
def test_any_request(outlines, seed, integrity, defect):
    _check(outlines, CoatingRequest(integrity=integrity, defect=defect, seed=seed))


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_thousand_seeds(outlines):
    for seed in range(1000):
        _check(outlines, CoatingRequest(integrity=(seed % 99 + 1) / 100, defect=0.5, seed=seed))


def test_nothing_and_all_are_exact(outlines):
    bare = coat(CoatingRequest(integrity=0.0, defect=0.5), outlines, SIZE)
    whole = coat(CoatingRequest(integrity=1.0, defect=0.5), outlines, SIZE)
    assert (bare.integrity, whole.integrity) == (0.0, 1.0)
    assert bare.coated.is_empty
    assert whole.coated.length == pytest.approx(_surface(outlines), rel=1e-12)
    assert whole.report["defects"] == 0


def test_defects_have_their_length_and_number(outlines):
    coated = _check(outlines, CoatingRequest(integrity=0.9, defect=0.6))
    assert coated.report["mean_defect"] == pytest.approx(0.6, rel=0.1)
    expected = 0.1 * _surface(outlines) / 0.6
    assert coated.report["defects"] == pytest.approx(expected, rel=0.15)


def test_only_whole_edges_are_used(outlines):
    coated = coat(CoatingRequest(integrity=0.7, defect=0.5), outlines, SIZE)
    edges = {
        tuple(sorted(e))
        for o in outlines
        for e in zip(list(o.exterior.coords)[:-1], list(o.exterior.coords)[1:], strict=True)
    }
    used = {
        tuple(sorted(e))
        for line in coated.coated.geoms
        for e in zip(list(line.coords)[:-1], list(line.coords)[1:], strict=True)
    }
    assert used < edges


def test_contact_lines_are_not_coated(outlines):
    coated = coat(CoatingRequest(integrity=1.0, defect=0.5), outlines, SIZE)
    for pair in shared_edges(outlines).values():
        for edge in pair:
            middle = shapely.Point(edge.mean(axis=0))
            assert coated.coated.distance(middle) > 0.01


def test_defects_are_spread_over_the_particles(outlines):
    coated = coat(CoatingRequest(integrity=0.7, defect=0.3), outlines, SIZE)
    bare = [
        1 - o.exterior.intersection(coated.coated.buffer(1e-6)).length / o.length for o in outlines
    ]
    assert np.median(bare) == pytest.approx(0.3, abs=0.1)
    assert min(bare) > 0.05


@pytest.mark.parametrize("defect", [8.0, 50.0])
def test_a_defect_that_is_longer_than_a_particle_is_all_around_it(defect):
    turn = np.linspace(0.0, 2.0 * np.pi, 60, endpoint=False)
    at = (np.stack((4.0 * k + np.cos(turn), np.sin(turn)), axis=1) for k in range(10))
    discs = [shapely.Polygon(points) for points in at]
    coated = coat(CoatingRequest(integrity=0.5, defect=defect), discs, SIZE)
    film = coated.coated.buffer(1e-6)
    shares = [disc.exterior.intersection(film).length / disc.length for disc in discs]
    assert sorted(shares) == pytest.approx([0.0] * 5 + [1.0] * 5, abs=1e-6)
    assert coated.report["defects"] == 5


def test_same_seed_same_lines(outlines):
    first, again, other = (
        coat(CoatingRequest(integrity=0.7, defect=0.5, seed=s), outlines, SIZE) for s in (1, 1, 2)
    )
    assert first.coated.wkb == again.coated.wkb
    assert first.coated.wkb != other.coated.wkb


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (CoatingRequest(integrity=1.2, defect=0.5), "between 0 and 1"),
        (CoatingRequest(integrity=-0.1, defect=0.5), "between 0 and 1"),
        (CoatingRequest(integrity=0.5, defect=0.1), "shorter than an edge"),
    ],
)
def test_requests_out_of_range_are_refused(outlines, request_, words):
    with pytest.raises(GeometryError, match=words):
        coat(request_, outlines, SIZE)
