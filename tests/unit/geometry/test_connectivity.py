"""If these fail, a particle without contact is not found and makes the matrix singular."""

from __future__ import annotations

import numpy as np
import pytest

from mesode.errors import MeshError
from mesode.geometry.arrays import cell_areas
from mesode.geometry.connectivity import components, describe, facet_neighbours
from mesode.geometry.gmsh_mesh import mesh_section
from mesode.geometry.section import box, cell_boundaries, disc_polygon
from support.shapes import section_from_polygons, stacked, unit_cell

pytestmark = pytest.mark.serial  # writes a mesh file


@pytest.fixture(scope="module")
def insulated(tmp_path_factory):
    """A disc in open electrolyte: no electron reaches it."""
    section = unit_cell(4.0, 1.0, 0.2, ("active", "pore"))
    return mesh_section(section, 0.5, 0.2, tmp_path_factory.mktemp("a") / "a.msh")


@pytest.fixture(scope="module")
def checkerboard(tmp_path_factory):
    """Two squares of active material that touch in one corner only; the lower at the collector."""
    section = section_from_polygons(
        {
            "active": [box(0, 0, 1, 1), box(1, 1, 2, 2)],
            "pore": [box(1, 0, 2, 1), box(0, 1, 1, 2)],
        },
        cell_boundaries(2.0, 2.0),
    )
    return mesh_section(section, 0.3, 0.3, tmp_path_factory.mktemp("a") / "a.msh")


def test_a_particle_in_an_insulator_is_isolated(insulated):
    found = components(insulated, ["active", "carbon_binder"], "collector")
    assert len(found.isolated) == 1
    assert found.isolated[0].particles == (0,)
    assert found.isolated_area == pytest.approx(np.pi)
    assert found.connected_area == 0.0
    assert np.array_equal(found.isolated_cells, insulated.particle == 0)
    assert describe(found) == [
        "particle 0 of 3.142 um^2, 100 % of what is active and carbon_binder, has no path through "
        "active and carbon_binder to collector"
    ]


def test_the_same_particle_in_a_conductor_is_connected(insulated):
    found = components(insulated, ["active", "pore"], "collector")
    assert found.isolated == ()
    assert found.connected_area == pytest.approx(16.0)
    assert describe(found) == []


def test_the_electrolyte_around_it_is_connected(insulated):
    found = components(insulated, ["pore"], "counter")
    assert found.isolated == ()
    assert set(found.label[insulated.particle == 0].tolist()) == {-1}


def test_contact_in_a_point_is_no_contact(checkerboard):
    found = components(checkerboard, ["active"], "collector")
    assert [c.particles for c in found.isolated] == [(1,)]
    assert found.connected_area == pytest.approx(1.0)


def test_isolated_parts_are_ordered_by_area(tmp_path):
    discs = [disc_polygon(2.0, 4.0, 0.5, 0.3), disc_polygon(5.0, 4.0, 1.0, 0.3)]
    frame = box(0, 0, 8, 8).difference(discs[0]).difference(discs[1])
    section = section_from_polygons({"active": discs, "pore": [frame]}, cell_boundaries(8.0, 8.0))
    mesh = mesh_section(section, 1.0, 0.3, tmp_path / "a.msh")
    found = components(mesh, ["active"], "collector")
    assert [c.particles for c in found.isolated] == [(1,), (0,)]
    assert [c.area for c in found.isolated] == pytest.approx([np.pi, np.pi / 4])
    assert describe(found) == [
        "2 parts of 3.927 um^2 in all, 100 % of what is active, have no path through active to "
        "collector; the largest is particle 1 of 3.142 um^2"
    ]
    for number, part in enumerate(found.isolated, start=1):
        assert np.array_equal(part.cells, np.flatnonzero(found.label == number))
        assert cell_areas(mesh)[part.cells].sum() == pytest.approx(part.area)


def test_an_internal_boundary_counts_from_both_sides(tmp_path):
    section = stacked(2.0, [("active", 1.0), ("separator", 1.0), ("active", 1.0)])
    mesh = mesh_section(section, 0.5, 0.5, tmp_path / "a.msh")
    assert components(mesh, ["active"], "top").isolated == ()
    lone = components(mesh, ["active"], "collector").isolated
    assert [c.particles for c in lone] == [(1,)]


def test_neighbours_are_all_interior_facets(checkerboard):
    pairs = facet_neighbours(checkerboard)
    sides = np.sort(checkerboard.cells[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1)
    _, counts = np.unique(sides, axis=0, return_counts=True)
    assert len(pairs) == np.sum(counts == 2)


def test_an_unknown_boundary_is_named(insulated):
    with pytest.raises(MeshError, match="'anode'"):
        components(insulated, ["active"], "anode")


def test_phases_that_are_absent_have_nothing_isolated(insulated):
    found = components(insulated, ["coating"], "collector")
    assert found.isolated == ()
    assert found.connected_area == 0.0
