"""If these fail, a full section has phases in the wrong place, or loses particles or lines."""

from __future__ import annotations

import json

import numpy as np
import pytest
import shapely

from mesode.errors import GeometryError
from mesode.geometry.arrays import cell_areas
from mesode.geometry.assembly import ElectrodeRequest
from mesode.geometry.binder.place import Bridges, Film, Patches
from mesode.geometry.gmsh_mesh import mesh_section
from mesode.geometry.particles.coating import CoatingRequest
from mesode.geometry.particles.grains import GrainRequest, Population
from mesode.geometry.particles.inside import CoreShell, Hollow
from mesode.geometry.particles.sizes import Mono
from mesode.geometry.polygons import box
from mesode.geometry.section import SectionRequest, build_section
from mesode.survey.quality import minimum_angle
from support.gmsh_file import read_mesh

pytestmark = pytest.mark.serial  # each test writes its own file

SIZE = 0.2
HEIGHT = 2.0 + 8.0 + 3.0 + 6.0 + 1.5  # foil, anode, separator, cathode, foil


def electrode(thickness=8.0, seed=1, inside=None, phase="active", **changes):
    extra = {"inside": inside} if inside is not None else {}
    population = Population(fraction=0.4, sizes=Mono(2.5), phase=phase, **extra)
    grains = GrainRequest(populations=(population,), gap=0.2, seed=seed)
    return ElectrodeRequest(thickness=thickness, grains=grains, **changes)


def request(working, counter=None):
    return SectionRequest(
        width=10.0,
        electrode=working,
        separator_thickness=3.0,
        counter=counter,
        interface_size=SIZE,
    )


@pytest.fixture(scope="module")
def full():
    coating = CoatingRequest(integrity=0.7, defect=0.8, seed=1)
    working = electrode(binder=(Film(thickness=0.15),), foil=2.0, coating=coating)
    binder = (Bridges(fraction=0.1), Patches(coverage=0.2, thickness=0.2, length=1.0, phase="pvdf"))
    counter = electrode(6.0, 2, binder=binder, foil=1.5, coating=coating)
    return build_section(request(working, counter))


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("full") / "model.msh"


@pytest.fixture(scope="module")
def mesh(full, path):
    return mesh_section(full, 1.0, SIZE, path)


def test_phases_of_both_electrodes(full):
    working = {"active", "carbon_binder", "pore", "collector", "separator"}
    counter = {"active", "carbon_binder", "pvdf", "pore", "collector"}
    assert set(full.phases) == working | {f"counter_{name}" for name in counter}
    assert set(full.boundaries) == {
        *("collector", "counter", "left", "right", "top", "counter_top"),
        *("coating", "counter_coating"),
    }


def test_layers_lie_one_upon_another(full):
    assert full.height == pytest.approx(HEIGHT)
    assert (full.electrode_bottom, full.electrode_thickness) == (2.0, 8.0)
    assert full.counter_thickness == 6.0
    levels = {
        "collector": (0, 2),
        "separator": (10, 13),
        "counter_collector": (HEIGHT - 1.5, HEIGHT),
    }
    for name, (low, high) in levels.items():
        assert full.phases[name][0].equals(box(0, low, 10, high))
    y = np.concatenate(
        [shapely.bounds(list(full.phases[n]))[:, [1, 3]] for n in ("active", "pore")]
    )
    assert 2 <= y.min() < y.max() <= 10
    y = shapely.bounds(list(full.phases["counter_active"]))[:, [1, 3]]
    assert 13 < y.min() < y.max() < HEIGHT - 1.5


def test_counter_electrode_is_the_mirror_image_of_a_working_one(full):
    binder = (Bridges(fraction=0.1), Patches(coverage=0.2, thickness=0.2, length=1.0, phase="pvdf"))
    upright = build_section(request(electrode(6.0, 2, binder=binder)))
    number = len(upright.particles)
    assert full.particles.x[-number:] == pytest.approx(upright.particles.x)
    assert full.particles.y[-number:] == pytest.approx(HEIGHT - 1.5 - upright.particles.y)
    for name in ("active", "pvdf", "pore"):
        area = sum(p.area for p in upright.phases[name])
        assert sum(p.area for p in full.phases[f"counter_{name}"]) == pytest.approx(area)


def test_particles_are_numbered_on(full):
    first, second = full.particle_of["active"], full.particle_of["counter_active"]
    assert np.array_equal(np.concatenate((first, second)), np.arange(len(full.particles)))
    for name, numbers in full.particle_of.items():
        for polygon, number in zip(full.phases[name], numbers, strict=True):
            assert polygon.centroid.y == pytest.approx(full.particles.y[number])


def test_everything_is_covered_and_reported(full):
    parts = [p for group in full.phases.values() for p in group]
    assert sum(p.area for p in parts) == pytest.approx(10 * HEIGHT, rel=1e-12)
    report = json.loads(json.dumps(full.report))
    assert report["binder"]["shapes"][0]["thickness"] == 0.15
    assert report["counter"]["binder"]["shapes"][0]["kind"] == "bridges"
    assert report["coating"]["integrity"] == pytest.approx(0.7, abs=0.02)


def test_mesh_of_a_full_section(mesh, full, path):
    assert cell_areas(mesh).sum() == pytest.approx(10 * HEIGHT)
    assert minimum_angle(mesh).min() > 15
    inside = mesh.particle >= 0
    hosts = [mesh.phases["active"], mesh.phases["counter_active"]]
    assert np.array_equal(inside, np.isin(mesh.cell_phase, hosts))
    area = np.bincount(mesh.particle[inside], weights=cell_areas(mesh)[inside])
    assert area == pytest.approx(np.pi / 4 * full.particles.diameter**2)
    assert np.array_equal(read_mesh(path).particle, mesh.particle)


def test_coated_facets_are_on_the_particles_of_their_electrode(mesh, full):
    for name, below in (("coating", True), ("counter_coating", False)):
        ends = mesh.points[mesh.facets[mesh.facet_tag == mesh.boundaries[name]]]
        length = np.sum(np.hypot(*(ends[:, 1] - ends[:, 0]).T))
        host = full.phases["active" if below else "counter_active"]
        assert length == pytest.approx(0.7 * sum(p.length for p in host), rel=0.03)
        assert np.all((ends[..., 1] < 11.5) == below)


@pytest.mark.parametrize(
    ("inside", "hosts"),
    [
        (CoreShell(core=0.6, phase="crystalline"), {"active", "crystalline"}),
        (Hollow(void=0.3), {"active"}),
    ],
)
def test_particles_of_several_phases(inside, hosts, tmp_path):
    section = build_section(request(electrode(inside=inside, binder=(Bridges(radius=0.5),))))
    assert set(section.particle_of) == hosts
    mesh = mesh_section(section, 1.0, SIZE, tmp_path / "a.msh")
    numbered = mesh.particle >= 0
    assert np.array_equal(numbered, np.isin(mesh.cell_phase, [mesh.phases[h] for h in hosts]))
    centre = np.column_stack((section.particles.x, section.particles.y))[mesh.particle[numbered]]
    middle = mesh.points[mesh.cells[numbered]].mean(axis=1)
    assert np.hypot(*(middle - centre).T).max() < 1.3


def test_lengths_of_the_counter_electrode_are_checked():
    with pytest.raises(GeometryError, match="counter_electrode_thickness"):
        build_section(request(electrode(), electrode(0.0)))
    with pytest.raises(GeometryError, match="collector"):
        build_section(request(electrode(foil=-1.0)))
