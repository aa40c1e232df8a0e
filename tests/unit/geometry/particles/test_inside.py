"""If these fail, particles lose material to their inside, or pieces leave slits or overlap."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from mesode.errors import GeometryError
from mesode.geometry.particles.grain_shapes import Disc, Ellipse, RoundedPolygon
from mesode.geometry.particles.grains import GrainRequest, Population, make_grains
from mesode.geometry.particles.inside import (
    CoreShell,
    Hollow,
    Porous,
    Solid,
    YolkShell,
    divide_grain,
    fill_grains,
)
from mesode.geometry.particles.sizes import Mono
from mesode.geometry.polygons import disc_polygon
from mesode.section_names import VOID

SIZE = 0.15
SHAPES = [Disc(), Ellipse(1.5), RoundedPolygon(7, 0.3)]
YOLK = YolkShell(shell=0.2, phase="shell", void=0.4, contact=0.3)
INSIDES = [
    Solid(),
    Hollow(void=0.3),
    Porous(fraction=0.2, diameter=0.4),
    CoreShell(core=0.6, phase="core"),
    YOLK,
]


def _pieces(inside, shape=SHAPES[0], seed=1, contact=None):
    population = Population(fraction=0.45, sizes=Mono(3.2), shape=shape, inside=inside)
    request = GrainRequest(populations=(population,), seed=seed, contact=contact)
    grains = make_grains(request, 12.0, 9.0, SIZE)
    return grains, fill_grains(grains, (population,), seed, SIZE)


def _divide(inside, diameter=3.0, size=SIZE):
    outline = disc_polygon(0.0, 0.0, diameter / 2, size)
    parts = divide_grain(outline, inside, "active", np.random.default_rng(1), size)
    return outline, parts


def _share(parts, phase):
    return sum(p.area for name, p in parts if name == phase) / sum(p.area for _, p in parts)


def _check_partition(grains, pieces):
    """Pieces fill each outline, do not overlap, and share their lines bit for bit."""
    for number, outline in enumerate(grains.outlines):
        own = [p.polygon for p in pieces if p.grain == number]
        assert all(p.is_valid for p in own)
        assert sum(p.area for p in own) == pytest.approx(outline.area, rel=1e-12)
        assert shapely.union_all(own).symmetric_difference(outline).area < 1e-9
        rings = [r for p in own for r in (p.exterior, *p.interiors)]
        edges = [
            tuple(sorted(e))
            for r in rings
            for e in zip(list(r.coords)[:-1], list(r.coords)[1:], strict=True)
        ]
        _, counts = np.unique(np.array(edges).reshape(-1, 4), axis=0, return_counts=True)
        assert counts.max() <= 2
        assert np.sum(counts == 1) == len(outline.exterior.coords) - 1


@pytest.mark.parametrize("contact", [None, 0.3])
@pytest.mark.parametrize("shape", SHAPES, ids=["disc", "ellipse", "polygon"])
@pytest.mark.parametrize("inside", INSIDES, ids=lambda i: type(i).__name__)
def test_pieces_partition_every_particle(inside, shape, contact):
    _check_partition(*_pieces(inside, shape, contact=contact))


@pytest.mark.parametrize("inside", INSIDES, ids=lambda i: type(i).__name__)
@settings(max_examples=10)
@given(seed=st.integers(0, 2**32 - 1))
def test_any_seed(inside, seed):
    _check_partition(*_pieces(inside, SHAPES[seed % 3], seed))


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("inside", INSIDES, ids=lambda i: type(i).__name__)
def test_a_thousand_seeds(inside):
    for seed in range(1000):
        _check_partition(*_pieces(inside, SHAPES[seed % 3], seed))


def test_exact_shares():
    assert _share(_divide(Hollow(void=0.3))[1], VOID) == pytest.approx(0.3, rel=1e-12)
    assert _share(_divide(Porous(fraction=0.25, diameter=0.4))[1], VOID) == pytest.approx(0.25)
    core = _share(_divide(CoreShell(core=0.6, phase="core"))[1], "core")
    assert core == pytest.approx(0.36, rel=1e-12)


def test_yolk_shell_has_its_shell_void_and_contact():
    outline, parts = _divide(YOLK)
    by_phase = dict(parts)
    void, yolk, shell = by_phase[VOID], by_phase["active"], by_phase["shell"]
    assert void.area / (void.area + yolk.area) == pytest.approx(0.4, rel=1e-9)
    inner = shell.interiors[0]
    assert shell.area == pytest.approx(np.pi * (1.5**2 - 1.3**2), rel=0.01)
    assert outline.exterior.distance(inner) == pytest.approx(0.2, rel=0.05)
    assert yolk.exterior.intersection(inner).length == pytest.approx(0.3, rel=0.05)
    assert yolk.distance(outline.exterior) == pytest.approx(0.2, rel=0.1)


def test_walls_are_evenly_thick_whatever_the_shape():
    grains, pieces = _pieces(Hollow(void=0.4), Ellipse(1.5))
    for piece in pieces:
        if piece.phase == VOID:
            rim = grains.outlines[piece.grain].exterior
            gaps = shapely.distance(shapely.points(piece.polygon.exterior.coords), rim)
            assert gaps.max() < 1.06 * gaps.min()


def test_pores_keep_apart_from_each_other_and_the_surface():
    outline, parts = _divide(Porous(fraction=0.3, diameter=0.4))
    pores = np.array([p for name, p in parts if name == VOID])
    first, second = np.triu_indices(len(pores), 1)
    assert shapely.distance(pores[first], pores[second]).min() >= 0.5 * SIZE
    assert shapely.distance(pores, outline.exterior).min() >= 0.5 * SIZE
    diameters = 2 * np.sqrt(shapely.area(pores) / np.pi)
    assert diameters == pytest.approx(0.4, rel=0.05)


def test_same_seed_same_pieces():
    first, again, other = (_pieces(YOLK, seed=s)[1] for s in (1, 1, 2))
    assert [p.polygon.wkb for p in first] == [p.polygon.wkb for p in again]
    assert [p.polygon.wkb for p in first] != [p.polygon.wkb for p in other]


@pytest.mark.parametrize(
    ("inside", "words"),
    [
        (Hollow(void=0.95), "too thin for mesh.interface"),
        (Hollow(void=1.2), "between 0 and 1"),
        (CoreShell(core=0.99, phase="core"), "too thin"),
        (CoreShell(core=0.03, phase="core"), "too small for mesh.interface"),
        (Porous(fraction=0.75, diameter=0.4), "best fraction reached"),
        (Porous(fraction=0.2, diameter=0.05), "too small for mesh.interface"),
        (YolkShell(shell=0.03, phase="s", void=0.4, contact=0.3), "shell of 0.03 um is too thin"),
        (YolkShell(shell=1.6, phase="s", void=0.4, contact=0.3), "no space"),
        (YolkShell(shell=0.2, phase="s", void=0.02, contact=0.3), "void"),
        (YolkShell(shell=0.2, phase="s", void=0.4, contact=4.0), "contact"),
        (YolkShell(shell=0.2, phase="s", void=0.4, contact=0.01), "contact"),
    ],
)
def test_insides_that_cannot_be_built_are_refused(inside, words):
    with pytest.raises(GeometryError, match=words):
        _divide(inside)


def test_the_particle_is_named():
    with pytest.raises(GeometryError, match=r"particle 0 at \(.*\) um, 3\.\d* um across"):
        _pieces(Hollow(void=0.95))
