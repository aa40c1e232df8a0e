"""If these fail, a mesh of the user's own is misread, or a broken one reaches the solver."""

from __future__ import annotations

import meshio
import numpy as np
import pytest

from mesode.errors import GeometryError, InputError
from mesode.geometry.arrays import cell_areas
from mesode.geometry.gmsh_mesh import mesh_section
from mesode.geometry.own_mesh.load import OwnMeshRequest, load_own_mesh
from mesode.geometry.own_mesh.mesh_file import read_mesh_file
from mesode.geometry.own_mesh.mesh_section import section_of_mesh
from mesode.geometry.section import box, cell_boundaries, disc_polygon
from support.shapes import section_from_polygons

PHASES = {"grain": "active", "glue": "carbon_binder", "film": "separator"}
LINES = {"foil": "collector", "metal": "counter"}


def _box_with_discs():
    discs = [disc_polygon(1.0, 1.0, 0.5, 0.3), disc_polygon(2.8, 1.2, 0.6, 0.3)]
    around = box(0, 0, 4, 2)
    for disc in discs:
        around = around.difference(disc)
    bounds = cell_boundaries(4.0, 3.0)
    return section_from_polygons(
        {"grain": discs, "glue": [around], "film": [box(0, 2, 4, 3)]},
        {"foil": bounds["collector"], "metal": bounds["counter"], "edge": bounds["left"]},
        hosts=(),
    )


@pytest.fixture(scope="module")
def gmsh_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("own") / "mine.msh"
    mesh_section(_box_with_discs(), 0.6, 0.3, path)
    return path


def _request(path, **changes):
    return OwnMeshRequest(
        **{"file": path, "unit": "um", "phases": PHASES, "boundaries": LINES, **changes}
    )


def _square(**changes):
    """Two squares side by side in four triangles, group numbers 1 and 2, and two lines."""
    points = np.array([[0, 0], [2, 0], [4, 0], [0, 3], [2, 3], [4, 3]], dtype=float)
    values = {
        "points": points,
        "triangles": np.array([[0, 1, 4], [0, 4, 3], [1, 2, 5], [1, 5, 4]]),
        "lines": np.array([[0, 1], [1, 2], [3, 4], [4, 5]]),
        "triangle_number": np.array([1, 1, 2, 2]),
        "line_number": np.array([7, 7, 8, 8]),
        **changes,
    }
    return meshio.Mesh(
        values["points"],
        [("triangle", values["triangles"]), ("line", values["lines"])],
        cell_data={"phase": [values["triangle_number"], values["line_number"]]},
    )


NUMBERS = {"phases": {"1": "active", "2": "pore"}, "boundaries": {"7": "collector", "8": "counter"}}


def _load(tmp_path, mesh, **changes):
    path = tmp_path / "own.vtu"
    mesh.write(path)
    return load_own_mesh(_request(path, **{**NUMBERS, **changes}))


def _message(tmp_path, mesh, **changes):
    with pytest.raises((InputError, GeometryError)) as caught:
        _load(tmp_path, mesh, **changes)
    return str(caught.value)


def test_gmsh_groups_become_phases_boundaries_and_particles(gmsh_file):
    own = load_own_mesh(_request(gmsh_file))
    mesh = own.mesh
    areas = {n: cell_areas(mesh)[mesh.cell_phase == t].sum() for n, t in mesh.phases.items()}
    grains = np.pi * (0.5**2 + 0.6**2)
    expected = {"active": grains, "carbon_binder": 8 - grains, "separator": 4.0}
    assert areas == pytest.approx(expected, rel=1e-9)
    first, second = (cell_areas(mesh)[mesh.particle == k].sum() for k in (0, 1))
    assert sorted((first, second)) == pytest.approx([np.pi * 0.25, np.pi * 0.36])
    assert mesh.particle.max() == 1
    assert set(mesh.boundaries) == {"collector", "counter", "left", "right", "top"}
    top = mesh.points[mesh.facets[mesh.facet_tag == mesh.boundaries["top"]]]
    assert np.allclose(top[..., 1], 2.0)
    assert np.abs(np.diff(top[..., 0], axis=1)).sum() == pytest.approx(4.0)


def test_report_says_which_boundaries_were_found_and_what_is_unused(gmsh_file):
    report = load_own_mesh(_request(gmsh_file)).report
    assert report["found_boundaries"] == ["left", "right", "top"]
    notes = " ".join(report["notes"])
    assert "'left' was found by its place" in notes
    assert "not used: edge" in notes
    assert report["particles"] == 2
    assert report["warnings"] == []


@pytest.mark.parametrize("file_format", ["gmsh22", "vtk", "vtu", "xdmf", "abaqus", "med"])
def test_other_formats_hold_the_same_mesh(tmp_path, gmsh_file, file_format):
    """Meshes are written by meshio with what each format has: sets, numbers or tags."""
    there = read_mesh_file(gmsh_file)
    kinds = [("triangle", there.triangles), ("line", there.lines)]
    suffix = {"gmsh22": "msh", "abaqus": "inp"}.get(file_format, file_format)
    path = tmp_path / f"own.{suffix}"
    numbers = [np.zeros(len(c), dtype=np.int64) for _, c in kinds]
    names = {}
    for block, groups in enumerate((there.triangle_groups, there.line_groups)):
        for name, cells in groups.items():
            names[name] = (len(names) + 1, 2 - block)
            numbers[block][cells] = names[name][0]
    mesh = meshio.Mesh(np.column_stack((there.points, np.zeros(len(there.points)))), kinds)
    table = {name: str(number) for name, (number, _) in names.items()}
    if file_format == "abaqus":
        mesh.cell_sets = {
            n: [np.flatnonzero(numbers[0] == v), np.flatnonzero(numbers[1] == v)]
            for n, (v, _) in names.items()
        }
        table = {name: name for name in names}
    elif file_format == "gmsh22":
        mesh.cell_data = {"gmsh:physical": numbers, "gmsh:geometrical": numbers}
        mesh.field_data = {n: np.array(v) for n, v in names.items()}
        table = {name: name for name in names}
    elif file_format == "med":
        mesh.cell_data = {"cell_tags": [-n for n in numbers]}
        mesh.cell_tags = {-v: [n] for n, (v, _) in names.items()}
        table = {name: name for name in names}
    else:
        mesh.cell_data = {"phase": numbers}
    meshio.write(path, mesh, file_format=file_format)
    own = load_own_mesh(
        _request(
            path,
            phases={table[g]: p for g, p in PHASES.items()},
            boundaries={table[g]: b for g, b in LINES.items()},
        )
    )
    expected = load_own_mesh(_request(gmsh_file)).mesh
    for name, tag in expected.phases.items():
        area = cell_areas(own.mesh)[own.mesh.cell_phase == own.mesh.phases[name]].sum()
        assert area == pytest.approx(cell_areas(expected)[expected.cell_phase == tag].sum())
    assert own.mesh.particle.max() == 1
    assert set(own.mesh.boundaries) == set(expected.boundaries)


def test_section_of_mesh_has_its_polygons(gmsh_file):
    own = load_own_mesh(_request(gmsh_file))
    section = section_of_mesh(own.mesh, own.report)
    assert (section.width, section.height) == pytest.approx((4.0, 3.0))
    assert section.electrode_thickness == pytest.approx(2.0)
    assert len(section.phases["active"]) == len(section.particles) == 2
    assert sorted(section.particles.diameter) == pytest.approx([1.0, 1.2])
    assert sum(p.area for p in section.phases["separator"]) == pytest.approx(4.0)


def test_unit_and_place_are_taken_off(tmp_path):
    mesh = _square()
    mesh.points = mesh.points * 1e-3 + 5.0
    own = _load(tmp_path, mesh, unit="mm")
    assert own.mesh.points.min(axis=0) == pytest.approx([0, 0], abs=1e-9)
    assert own.mesh.points.max(axis=0) == pytest.approx([4.0, 3.0])


@pytest.mark.parametrize(("unit", "scale", "meant"), [("um", 1e-3, "mm"), ("m", 1.0, "um")])
def test_unlikely_size_asks_about_the_unit(tmp_path, unit, scale, meant):
    mesh = _square()
    mesh.points = mesh.points * scale
    assert f"Did you mean unit: {meant}?" in _message(tmp_path, mesh, unit=unit)


def test_clockwise_triangles_are_turned(tmp_path):
    own = _load(tmp_path, _square(triangles=np.array([[0, 4, 1], [0, 3, 4], [1, 2, 5], [1, 5, 4]])))
    assert np.all(cell_areas(own.mesh) > 0)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"triangles": np.array([[0, 1, 4], [0, 1, 3], [1, 2, 5], [1, 5, 4]])}, "folded|'1'"),
        ({"triangles": np.array([[0, 1, 2], [0, 4, 3], [1, 2, 5], [1, 5, 4]])}, "without area|'1'"),
        (
            {
                "triangles": np.array([[0, 1, 4], [0, 4, 3], [1, 2, 5], [1, 2, 5]]),
            },
            "there twice|'2'",
        ),
    ],
)
def test_bad_triangles_name_their_group(tmp_path, changes, words):
    message = _message(tmp_path, _square(**changes))
    for word in words.split("|"):
        assert word in message


def test_points_that_coincide_are_found(tmp_path):
    """Two squares meshed apart: the points of the common line are there twice."""
    points = np.array([[0, 0], [2, 0], [4, 0], [0, 3], [2, 3], [4, 3], [2, 0], [2, 3]], dtype=float)
    triangles = np.array([[0, 1, 4], [0, 4, 3], [6, 2, 5], [6, 5, 7]])
    message = _message(tmp_path, _square(points=points, triangles=triangles))
    assert "2 pairs of points at the same place" in message
    assert "'1' and '2'" in message
    assert "Coherence" in message


def test_hanging_nodes_are_found(tmp_path):
    points = np.array([[0, 0], [2, 0], [4, 0], [0, 3], [2, 3], [4, 3], [2, 1.5]], dtype=float)
    triangles = np.array([[0, 1, 4], [0, 4, 3], [1, 2, 6], [2, 5, 6], [6, 5, 4]])
    message = _message(
        tmp_path,
        _square(points=points, triangles=triangles, triangle_number=np.array([1, 1, 2, 2, 2])),
    )
    assert "hanging nodes" in message
    assert "(2, 1.5)" in message


def test_overlap_is_found(tmp_path):
    points = np.array([[0, 0], [2.5, 0], [0, 3], [2.5, 3], [2, 0.1], [4, 0.1], [2, 2], [4, 2]])
    triangles = np.array([[0, 1, 3], [0, 3, 2], [4, 5, 7], [4, 7, 6]])
    lines = np.array([[0, 1], [0, 1], [2, 3], [2, 3]])
    message = _message(tmp_path, _square(points=points, triangles=triangles, lines=lines))
    assert "overlap of" in message
    assert "'1' and '2'" in message


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"phases": {**PHASES, "grian": "active"}}, ["'grian'", "Did you mean 'grain'?"]),
        ({"phases": {"grain": "active", "film": "separator"}}, ["'glue'", "Add glue: PHASE"]),
        ({"boundaries": {"foli": "collector"}}, ["'foli'", "Did you mean 'foil'?"]),
        ({"unit": "inch"}, ["inch", "mm"]),
        ({"boundaries": {"edge": "counter"}}, ["'counter' at the lowest x", "highest"]),
    ],
)
def test_groups_that_do_not_fit_are_named(gmsh_file, changes, words):
    with pytest.raises((InputError, GeometryError)) as caught:
        load_own_mesh(_request(gmsh_file, **changes))
    for word in words:
        assert word in str(caught.value)


def test_all_problems_with_groups_come_together(gmsh_file):
    with pytest.raises(InputError) as caught:
        load_own_mesh(_request(gmsh_file, phases={"grian": "active"}, boundaries={"x": "counter"}))
    assert len(caught.value.problems) == 5  # two wrong names, three groups without a phase


def test_triangles_without_group_and_in_two(tmp_path):
    import gmsh

    from mesode.geometry.gmsh_mesh import gmsh_session

    with gmsh_session():
        for x in (0.0, 2.0, 4.0):
            gmsh.model.occ.addRectangle(x, 0, 0, 2, 3)
        gmsh.model.occ.fragment([(2, 1)], [(2, 2), (2, 3)])
        gmsh.model.occ.synchronize()
        gmsh.model.addPhysicalGroup(2, [1, 2], name="a")
        gmsh.model.addPhysicalGroup(2, [2], name="b")
        gmsh.option.setNumber("Mesh.SaveAll", 1)
        gmsh.model.mesh.generate(2)
        gmsh.write(str(tmp_path / "three.msh"))
    with pytest.raises(InputError) as caught:
        load_own_mesh(
            _request(tmp_path / "three.msh", phases={"a": "active", "b": "pore"}, boundaries={})
        )
    assert "in none" in str(caught.value)
    assert "in 'a' and 'b' at once" in str(caught.value)


def test_lines_away_from_the_outline_are_refused(tmp_path):
    mesh = _square(lines=np.array([[0, 1], [1, 4], [3, 4], [4, 5]]))
    message = _message(tmp_path, mesh)
    assert "1 of 2 lines of 'collector'" in message
    assert "outline" in message


def test_cells_other_than_triangles_are_refused(tmp_path):
    points = np.array([[0, 0, 0], [2, 0, 0], [2, 3, 0], [0, 3, 0]], dtype=float)
    mesh = meshio.Mesh(points, [("quad", [[0, 1, 2, 3]])], cell_data={"phase": [np.array([1])]})
    message = _message(tmp_path, mesh)
    assert "1 of kind quad" in message
    assert "RecombineAll" in message


def test_second_order_triangles_are_refused(tmp_path):
    import gmsh

    from mesode.geometry.gmsh_mesh import gmsh_session

    with gmsh_session():
        gmsh.model.occ.addRectangle(0, 0, 0, 2, 3)
        gmsh.model.occ.synchronize()
        gmsh.model.addPhysicalGroup(2, [1], name="a")
        gmsh.model.mesh.generate(2)
        gmsh.model.mesh.setOrder(2)
        gmsh.write(str(tmp_path / "second.msh"))
    with pytest.raises(InputError, match="triangle of order 2"):
        load_own_mesh(_request(tmp_path / "second.msh", phases={"a": "active"}, boundaries={}))


def test_holes_are_told(tmp_path):
    points = np.array([[0, 0], [6, 0], [6, 6], [0, 6], [2, 2], [4, 2], [4, 4], [2, 4]], dtype=float)
    triangles = np.array(
        [[0, 1, 5], [0, 5, 4], [1, 2, 6], [1, 6, 5], [2, 3, 7], [2, 7, 6], [3, 0, 4], [3, 4, 7]]
    )
    mesh = _square(
        points=points,
        triangles=triangles,
        triangle_number=np.array([1, 1, 2, 2, 2, 2, 2, 2]),
        lines=np.array([[0, 1], [2, 3]]),
        line_number=np.array([7, 8]),
    )
    (warning,) = _load(tmp_path, mesh).report["warnings"]
    assert "1 hole of 4 um^2" in warning


def test_not_flat_absent_and_unreadable_files(tmp_path):
    mesh = _square()
    mesh.points = np.column_stack((mesh.points, [0, 0, 1.0, 0, 0, 0]))
    assert "x-y plane" in _message(tmp_path, mesh)
    with pytest.raises(GeometryError, match="no such file"):
        load_own_mesh(_request(tmp_path / "absent.msh"))
    for name in ("bad.msh", "bad.vtu", "bad.docx"):
        (tmp_path / name).write_text("nothing of that kind")
        with pytest.raises(GeometryError, match="cannot"):
            load_own_mesh(_request(tmp_path / name))
