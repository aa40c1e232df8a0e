"""If these fail, some seed or size of a binder shape gives slivers, gaps or no mesh at all."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from mesode.errors import GeometryError
from mesode.geometry.assembly import ElectrodeRequest
from mesode.geometry.binder.place import Bridges, Clusters, Film, Patches
from mesode.geometry.gmsh_mesh import mesh_section
from mesode.geometry.particles.grain_shapes import Disc, Ellipse, RoundedPolygon
from mesode.geometry.particles.grains import GrainRequest, Population
from mesode.geometry.particles.sizes import LogNormal
from mesode.geometry.section import SectionRequest, build_section
from mesode.survey.quality import minimum_angle, radius_ratio

pytestmark = pytest.mark.serial  # each example writes its own file

SMALLEST_ANGLE = 12.0  # [degree]; 1 000 examples of each kind stayed above it
SMALLEST_RATIO = 0.15  # radius ratio
# What a user may be told of a shape that comes after others.
NO_ROOM = ("nothing is left", "no space is left", "no room", "cannot be resolved")
SHORT = settings(
    max_examples=10,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
LONG = settings(SHORT, max_examples=1000)


def numbers(low, high):
    return st.floats(low, high, allow_nan=False).map(lambda x: round(x, 6))


@st.composite
def particles(draw, size):
    shape = draw(st.sampled_from([Disc(), Ellipse(1.6), RoundedPolygon(6, 0.4)]))
    population = Population(
        fraction=draw(numbers(0.15, 0.4)), sizes=LogNormal(1.6, 0.25), shape=shape
    )
    return GrainRequest(
        populations=(population,),
        gap=round(size * draw(numbers(0.55, 1.5)), 6),
        seed=draw(st.integers(0, 10_000)),
        contact=draw(st.sampled_from([None, None, round(3 * size, 6)])),
    )


@st.composite
def shape_of(draw, kind, size, gap):
    seed = draw(st.integers(0, 10_000))
    if kind == "film":
        return Film(thickness=min(gap, round(size * draw(numbers(0.51, 1.4)), 6)))
    if kind == "bridges":
        if draw(st.booleans()):
            return Bridges(radius=draw(numbers(0.5, 1.5)))
        return Bridges(fraction=draw(numbers(0.05, 0.2)))
    if kind == "patches":
        return Patches(
            coverage=draw(numbers(0.2, 1.0)),
            thickness=round(size * draw(numbers(0.55, 2.0)), 6),
            length=draw(numbers(0.8, 3.0)),
            seed=seed,
        )
    return Clusters(
        fraction=draw(numbers(0.03, 0.12)), diameter=size * draw(numbers(4, 9)), seed=seed
    )


@st.composite
def sections(draw, *kinds):
    size = draw(numbers(0.12, 0.25))
    grains = draw(particles(size))
    binder = tuple(
        replace(draw(shape_of(kind, size, grains.gap)), phase=f"binder_{number}")
        for number, kind in enumerate(kinds)
    )
    return SectionRequest(
        width=draw(numbers(4, 6)),
        electrode=ElectrodeRequest(thickness=draw(numbers(3.5, 5.5)), grains=grains, binder=binder),
        separator_thickness=0.5,
        interface_size=size,
    )


def built(request):
    """Build a section; refusals that are right say nothing of the rest."""
    binder = request.electrode.binder
    try:
        return build_section(request)
    except GeometryError as error:
        text = str(error)
        assume("particles" not in text)
        assume(len(binder) == 1 or not any(words in text for words in NO_ROOM))
        # few particles may be farther apart than menisci of this radius reach
        far_apart = isinstance(binder[0], Bridges) and binder[0].radius is not None
        assume(not (far_apart and "nothing is left" in text))
        raise


def check(request, path):
    section = built(request)
    parts = [p for group in section.phases.values() for p in group]
    area = section.width * section.height
    assert sum(p.area for p in parts) == pytest.approx(area, rel=1e-9)
    assert all(shapely.is_valid(parts))
    mesh = mesh_section(section, 1.0, request.interface_size, path)
    assert minimum_angle(mesh).min() > SMALLEST_ANGLE
    assert radius_ratio(mesh).min() > SMALLEST_RATIO


KINDS = ("film", "bridges", "patches", "clusters")
SINGLE = pytest.mark.parametrize("kind", KINDS)
MIXED = st.lists(st.sampled_from(KINDS), min_size=2, max_size=3).flatmap(lambda k: sections(*k))


@SINGLE
def test_one_shape(kind, tmp_path):
    @SHORT
    @given(request=sections(kind))
    def run(request):
        check(request, tmp_path / "a.msh")

    run()


def test_mixtures(tmp_path):
    @SHORT
    @given(request=MIXED)
    def run(request):
        check(request, tmp_path / "a.msh")

    run()


@pytest.mark.slow
@pytest.mark.timeout(3600)
@SINGLE
def test_one_shape_over_a_thousand_examples(kind, tmp_path):
    @LONG
    @given(request=sections(kind))
    def run(request):
        check(request, tmp_path / "a.msh")

    run()


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_mixtures_over_a_thousand_examples(tmp_path):
    @LONG
    @given(request=MIXED)
    def run(request):
        check(request, tmp_path / "a.msh")

    run()


def test_same_seed_same_mesh(tmp_path):
    """Polygons and meshes are equal to the last bit."""

    @settings(SHORT, max_examples=3)
    @given(request=sections("film", "clusters"))
    def run(request):
        first, again = built(request), built(request)
        for name, parts in first.phases.items():
            assert [p.wkb for p in parts] == [p.wkb for p in again.phases[name]]
        meshes = [
            mesh_section(s, 1.0, request.interface_size, tmp_path / "a.msh") for s in (first, again)
        ]
        assert np.array_equal(meshes[0].points, meshes[1].points)
        assert np.array_equal(meshes[0].cells, meshes[1].cells)

    run()
