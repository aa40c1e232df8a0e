"""If these fail, phases do not share facets, have wrong areas, or boundaries lose their names."""

from __future__ import annotations

from dataclasses import replace

import meshio
import numpy as np
import pytest
from shapely.geometry import LineString

from mesode.errors import GeometryError
from mesode.geometry.arrays import cell_areas
from mesode.geometry.assembly import ElectrodeRequest
from mesode.geometry.gmsh_mesh import mesh_section
from mesode.geometry.particles.grains import GrainRequest, Population
from mesode.geometry.particles.sizes import Mono
from mesode.geometry.section import SectionRequest, box, build_section
from mesode.survey.measures import minimum_angle
from support.gmsh_file import read_mesh
from support.shapes import (
    disc_in_disc,
    rectangle,
    section_from_polygons,
    single_disc,
    stacked,
    unit_cell,
)

pytestmark = pytest.mark.serial  # each test writes its own file

ARRAYS = ("points", "cells", "cell_phase", "particle", "facets", "facet_tag")


@pytest.fixture(scope="module")
def cell():
    return build_section(
        SectionRequest(
            width=12.0,
            electrode=ElectrodeRequest(
                thickness=8.0,
                grains=GrainRequest(populations=(Population(fraction=0.5, sizes=Mono(3.0)),)),
            ),
            separator_thickness=4.0,
            interface_size=0.2,
        )
    )


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("mesh") / "model.msh"


@pytest.fixture(scope="module")
def mesh(cell, path):
    return mesh_section(cell, 1.0, 0.2, path)


def _facets(mesh):
    sides = np.sort(mesh.cells[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1)
    return np.unique(sides, axis=0, return_counts=True)


def _length(mesh, name):
    ends = mesh.points[mesh.facets[mesh.facet_tag == mesh.boundaries[name]]]
    return float(np.sum(np.hypot(*(ends[:, 1] - ends[:, 0]).T)))


def test_every_facet_has_two_cells_but_those_of_the_outer_rim(mesh):
    facets, counts = _facets(mesh)
    assert counts.max() == 2
    middle = mesh.points[facets[counts == 1]].mean(axis=1)
    off_x = np.minimum(np.abs(middle[:, 0]), np.abs(middle[:, 0] - 12.0))
    off_y = np.minimum(np.abs(middle[:, 1]), np.abs(middle[:, 1] - 12.0))
    assert np.minimum(off_x, off_y).max() < 1e-9


def test_areas_of_phases_and_particles(mesh, cell):
    areas = cell_areas(mesh)
    assert areas.min() > 0
    by_phase = {n: areas[mesh.cell_phase == tag].sum() for n, tag in mesh.phases.items()}
    assert by_phase == pytest.approx({"active": 48.0, "carbon_binder": 48.0, "separator": 48.0})
    inside = mesh.particle >= 0
    assert np.array_equal(inside, mesh.cell_phase == mesh.phases["active"])
    by_particle = np.bincount(mesh.particle[inside], weights=areas[inside])
    assert by_particle == pytest.approx(np.pi / 4 * cell.particles.diameter**2)


def test_particle_numbers_are_those_of_the_table(mesh, cell):
    for number in range(len(cell.particles)):
        middle = mesh.points[mesh.cells[mesh.particle == number]].reshape(-1, 2)
        centre = (middle.min(axis=0) + middle.max(axis=0)) / 2
        assert centre == pytest.approx([cell.particles.x[number], cell.particles.y[number]])


def test_boundary_lines_are_whole_and_in_place(mesh):
    lengths = {name: _length(mesh, name) for name in mesh.boundaries}
    assert lengths == pytest.approx(
        {"collector": 12.0, "counter": 12.0, "left": 12.0, "right": 12.0, "top": 12.0}
    )
    top = mesh.points[mesh.facets[mesh.facet_tag == mesh.boundaries["top"]]]
    assert np.all(top[..., 1] == 8.0)


def test_elements_are_sound_and_refined_at_the_particles(mesh):
    assert minimum_angle(mesh).min() > 20
    areas = cell_areas(mesh)
    far = areas[mesh.points[mesh.cells][..., 1].min(axis=1) > 10.5]
    assert np.median(far) > 8 * areas.min()


def test_same_section_same_mesh(mesh, cell, tmp_path):
    again = mesh_section(cell, 1.0, 0.2, tmp_path / "again.msh")
    assert all(np.array_equal(getattr(mesh, name), getattr(again, name)) for name in ARRAYS)


def test_file_reads_back_the_same(mesh, path):
    back = read_mesh(path)
    assert all(np.array_equal(getattr(mesh, name), getattr(back, name)) for name in ARRAYS)
    assert (dict(back.phases), dict(back.boundaries)) == (mesh.phases, mesh.boundaries)


def test_particles_of_several_pieces_keep_their_numbers(tmp_path):
    """Two boxes: particle 1 of two phases below, particle 0 above; nothing else has a number."""
    phases = {
        "core": [box(0, 0, 1, 1)],
        "pore": [box(3, 0, 4, 2)],
        "shell": [box(1, 0, 3, 1), box(0, 1, 3, 2)],
    }
    section = replace(
        section_from_polygons(phases, {}),
        particle_of={"core": np.array([1]), "shell": np.array([1, 0])},
    )
    mesh = mesh_section(section, 0.3, 0.3, tmp_path / "a.msh")
    x, y = mesh.points[mesh.cells].mean(axis=1).T
    assert np.array_equal(mesh.particle, np.where(x > 3, -1, np.where(y > 1, 0, 1)))
    assert np.array_equal(read_mesh(tmp_path / "a.msh").particle, mesh.particle)


def test_another_reader_finds_the_names(mesh, path):
    other = meshio.read(path)
    names = {name: int(tag) for name, (tag, _) in other.field_data.items()}
    assert set(names) == {*mesh.phases, *mesh.boundaries}
    assert sum(len(b.data) for b in other.cells if b.type == "triangle") == len(mesh.cells)


def test_gmsh_is_silent_and_closed(cell, tmp_path, capfd):
    import gmsh

    mesh_section(cell, 1.0, 0.2, tmp_path / "a.msh")
    assert capfd.readouterr() == ("", "")
    assert not gmsh.isInitialized()


@pytest.mark.parametrize(
    ("section", "area", "boundaries"),
    [
        (single_disc(2.0, 0.2), 4 * np.pi, {"surface"}),
        (disc_in_disc(1.0, 2.0, 0.2), 4 * np.pi, {"interface", "surface"}),
        (rectangle(4.0, 2.0, "separator"), 8.0, {"collector", "counter", "left", "right"}),
        (
            stacked(4.0, [("active", 2.0), ("separator", 1.0)]),
            12.0,
            {"collector", "counter", "left", "right", "top"},
        ),
        (unit_cell(4.0, 1.0, 0.2), 16.0, {"collector", "counter", "left", "right", "interface"}),
    ],
    ids=["disc", "annulus", "rectangle", "stacked", "unit_cell"],
)
def test_verification_sections(section, area, boundaries, tmp_path):
    mesh = mesh_section(section, 0.5, 0.2, tmp_path / "a.msh")
    assert cell_areas(mesh).sum() == pytest.approx(area, rel=1e-9)
    assert set(mesh.boundaries) == boundaries
    assert minimum_angle(mesh).min() > 20
    used = np.unique(mesh.facet_tag)
    assert used.tolist() == sorted(mesh.boundaries.values())


def test_disc_surface_converges_to_the_circle(tmp_path):
    """The polygon of n sides and equal area is longer than the circle, by a share ~ n^-2."""
    errors = []
    for size in (0.2, 0.1):
        mesh = mesh_section(single_disc(2.0, size), 1.0, size, tmp_path / "a.msh")
        errors.append(_length(mesh, "surface") / (4 * np.pi) - 1)
    assert errors[0] == pytest.approx(4 * errors[1], rel=0.05)
    assert errors[1] < 1e-3


def test_neighbours_with_unequal_vertices_conform(tmp_path):
    """One wide block on two narrow ones: the vertex in its side must be shared."""
    section = section_from_polygons(
        {"a": [box(0, 0, 1, 1), box(1, 0, 3, 1)], "b": [box(0, 1, 3, 2)]},
        {"between": LineString([(0, 1), (3, 1)]), "side": lambda x, y: x == 0.0 * y},
    )
    mesh = mesh_section(section, 0.3, 0.3, tmp_path / "a.msh")
    assert _facets(mesh)[1].max() == 2
    assert _length(mesh, "between") == pytest.approx(3.0)
    assert _length(mesh, "side") == pytest.approx(2.0)


def test_refined_boundary_is_fine(tmp_path):
    section = replace(rectangle(4.0, 4.0, "separator"), refined=frozenset({"collector"}))
    mesh = mesh_section(section, 0.5, 0.05, tmp_path / "a.msh")
    count = {n: int(np.sum(mesh.facet_tag == tag)) for n, tag in mesh.boundaries.items()}
    assert count["collector"] == 80
    assert count["counter"] == 8


@pytest.mark.parametrize(("size", "interface"), [(0.1, 0.2), (1.0, 0.0), (1.0, -0.1)])
def test_sizes_out_of_order_are_refused(size, interface, tmp_path):
    with pytest.raises(GeometryError, match="interface"):
        mesh_section(single_disc(1.0, 0.2), size, interface, tmp_path / "a.msh")


def test_gap_below_what_the_mesh_carries_is_refused(cell, tmp_path):
    with pytest.raises(GeometryError, match="smallest gap") as caught:
        mesh_section(cell, 1.0, 0.9, tmp_path / "a.msh")
    assert "0.45 um or more" in str(caught.value)


def test_a_boundary_that_is_nowhere_is_refused(tmp_path):
    section = section_from_polygons(
        {"a": [box(0, 0, 1, 1)]}, {"lost": LineString([(5, 0), (5, 1)])}
    )
    with pytest.raises(GeometryError, match="'lost'"):
        mesh_section(section, 0.5, 0.5, tmp_path / "a.msh")
