"""If these fail, some seed gives a mesh with slivers where particles touch, or in their inside."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mesode.geometry.arrays import cell_areas
from mesode.geometry.assembly import ElectrodeRequest
from mesode.geometry.binder.place import Matrix
from mesode.geometry.gmsh_mesh import mesh_section
from mesode.geometry.particles.coating import CoatingRequest
from mesode.geometry.particles.grain_shapes import Disc, Ellipse, RoundedPolygon
from mesode.geometry.particles.grains import GrainRequest, Population
from mesode.geometry.particles.inside import CoreShell, Hollow, Porous, Solid, YolkShell
from mesode.geometry.particles.sizes import LogNormal
from mesode.geometry.section import SectionRequest, build_section
from mesode.survey.quality import minimum_angle

pytestmark = pytest.mark.serial  # each test writes its own file

YOLK = YolkShell(shell=0.2, phase="shell", void=0.4, contact=0.3)
SHAPES = [Disc(), Ellipse(1.5), RoundedPolygon(6, 0.3), RoundedPolygon(5, 0.0)]


def _smallest_angle(path, shape, contact, inside, seed):
    sizes = LogNormal(3.0, 0.2, 2.0, 4.5)
    population = Population(fraction=0.5, sizes=sizes, shape=shape, inside=inside)
    grains = GrainRequest(populations=(population,), contact=contact, seed=seed)
    section = build_section(
        SectionRequest(
            width=14.0,
            electrode=ElectrodeRequest(thickness=10.0, grains=grains, binder=(Matrix(),)),
            separator_thickness=3.0,
            interface_size=0.15,
        )
    )
    return minimum_angle(mesh_section(section, 1.0, 0.15, path)).min()


@pytest.mark.parametrize("contact", [0.1, 0.3, 0.6])
@pytest.mark.parametrize("shape", SHAPES, ids=["disc", "ellipse", "polygon", "sharp"])
def test_no_slivers_beside_a_neck(tmp_path, shape, contact):
    assert _smallest_angle(tmp_path / "m.msh", shape, contact, Solid(), 1) > 8.0


@pytest.mark.parametrize("shape", SHAPES, ids=["disc", "ellipse", "polygon", "sharp"])
def test_no_slivers_in_the_void_around_a_yolk(tmp_path, shape):
    assert _smallest_angle(tmp_path / "m.msh", shape, None, YOLK, 1) > 8.0


# Every way in which particles are arranged and filled, on a small section.
KINDS = {
    "apart": {},
    "touching": {"contact": 0.3},
    "clustered": {"clustering": 0.6},
    "clusters that touch": {"contact": 0.3, "clustering": 0.6},
    "hollow": {"inside": Hollow(void=0.3)},
    "porous": {"inside": Porous(fraction=0.2, diameter=0.4)},
    "core and shell": {"inside": CoreShell(core=0.6, phase="core")},
    "yolk and shell": {"inside": YOLK},
    "coated": {"coating": CoatingRequest(integrity=0.7, defect=0.4)},
    "coated and touching": {"contact": 0.3, "coating": CoatingRequest(integrity=0.7, defect=0.4)},
}


def _check_seed(path, seed, *, inside=None, coating=None, **arrangement):
    population = Population(
        fraction=0.45,
        sizes=LogNormal(2.4, 0.2, 1.8, 3.2),
        shape=SHAPES[seed % len(SHAPES)],
        inside=inside or Solid(),
    )
    grains = GrainRequest(populations=(population,), seed=seed, **arrangement)
    request = SectionRequest(
        width=8.0,
        electrode=ElectrodeRequest(
            thickness=7.0, grains=grains, coating=coating and replace(coating, seed=seed)
        ),
        separator_thickness=1.0,
        interface_size=0.15,
    )
    mesh = mesh_section(build_section(request), 1.0, 0.15, path)
    assert minimum_angle(mesh).min() > 8.0, seed
    assert cell_areas(mesh).sum() == pytest.approx(64.0, rel=1e-9)


@pytest.mark.parametrize("kind", KINDS)
def test_a_small_section_of_some_seeds(tmp_path, kind):
    for seed in range(2):
        _check_seed(tmp_path / "m.msh", seed, **KINDS[kind])


@pytest.mark.slow
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("kind", KINDS)
def test_a_thousand_seeds(tmp_path, kind):
    for seed in range(1000):
        _check_seed(tmp_path / "m.msh", seed, **KINDS[kind])


@pytest.mark.parametrize(
    ("kind", "seed"), [("touching", 435), ("clustered", 27), ("clusters that touch", 863)]
)
def test_seeds_that_are_hard(tmp_path, kind, seed):
    # other places are tried; necks that take a large part of a particle
    _check_seed(tmp_path / "m.msh", seed, **KINDS[kind])
