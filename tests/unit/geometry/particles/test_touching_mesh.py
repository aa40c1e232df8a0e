"""If these fail, the mesh has slivers where particles touch or where a yolk meets its shell."""

from __future__ import annotations

import pytest

from mesode.geometry.binder.place import Matrix
from mesode.geometry.gmsh_mesh import mesh_section
from mesode.geometry.particles.grain_shapes import Disc, Ellipse, RoundedPolygon
from mesode.geometry.particles.grains import GrainRequest, Population
from mesode.geometry.particles.inside import Solid, YolkShell
from mesode.geometry.particles.sizes import LogNormal
from mesode.geometry.report.quality import minimum_angle
from mesode.geometry.section import ElectrodeRequest, SectionRequest, build_section

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


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("shape", SHAPES, ids=["disc", "ellipse", "polygon", "sharp"])
def test_no_slivers_for_many_seeds(tmp_path, shape):
    angles = [_smallest_angle(tmp_path / "m.msh", shape, 0.3, Solid(), s) for s in range(100)]
    assert min(angles) > 8.0
