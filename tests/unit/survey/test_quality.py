"""If these fail, quality.json tells something else than the mesh is."""

from __future__ import annotations

import json

import numpy as np
import pytest
from matplotlib.figure import Figure
from shapely.geometry import LineString

from mesode.geometry.arrays import MeshArrays
from mesode.geometry.assembly import ElectrodeRequest
from mesode.geometry.gmsh_mesh import mesh_section
from mesode.geometry.particles.grains import GrainRequest, Population
from mesode.geometry.particles.sizes import LogNormal, Mono
from mesode.geometry.section import SectionRequest, box, build_section, cell_boundaries
from mesode.survey.charts import draw_sizes, table_rows
from mesode.survey.measures import minimum_angle, radius_ratio
from mesode.survey.picture import draw_geometry
from mesode.survey.quality import quality_report
from support.shapes import rectangle, section_from_polygons, single_disc

pytestmark = pytest.mark.serial  # writes files


def _mesh_of(corners):
    return MeshArrays(
        points=np.array(corners, dtype=float),
        cells=np.array([[0, 1, 2]]),
        cell_phase=np.ones(1, dtype=np.int32),
        phases={"active": 1},
        particle=np.zeros(1, dtype=np.int32),
        facets=np.empty((0, 2), dtype=np.int64),
        facet_tag=np.empty(0, dtype=np.int32),
        boundaries={},
    )


def _section(fraction=0.5, sizes=None, width=20.0):
    population = Population(fraction=fraction, sizes=sizes or LogNormal(3.0, 0.2))
    return build_section(
        SectionRequest(
            width=width,
            electrode=ElectrodeRequest(
                thickness=10.0, grains=GrainRequest(populations=(population,), seed=7)
            ),
            separator_thickness=5.0,
            interface_size=0.2,
        )
    )


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    section = _section()
    mesh = mesh_section(section, 1.0, 0.2, tmp_path_factory.mktemp("a") / "a.msh")
    return section, mesh, quality_report(section, mesh)


@pytest.mark.parametrize(
    ("corners", "ratio", "angle"),
    [
        ([(0, 0), (1, 0), (0.5, np.sqrt(0.75))], 1.0, 60.0),
        ([(0, 0), (1, 0), (0, 1)], 2 * (np.sqrt(2) - 1), 45.0),
        ([(0, 0), (4, 0), (0, 3)], 0.8, np.degrees(np.arctan(0.75))),
    ],
)
def test_shape_numbers_of_known_triangles(corners, ratio, angle):
    mesh = _mesh_of(corners)
    assert radius_ratio(mesh)[0] == pytest.approx(ratio)
    assert minimum_angle(mesh)[0] == pytest.approx(angle)


def test_report_is_json_and_agrees_with_the_section(built):
    section, mesh, report = built
    assert json.loads(json.dumps(report, allow_nan=False)) == report
    assert report["seed"] == 7
    assert report["particles"]["number"] == len(section.particles)
    assert report["particles"]["achieved_fraction"] == pytest.approx(0.5, rel=5e-3)
    assert report["phases"]["separator"]["area"] == pytest.approx(100.0)
    assert sum(p["section_share"] for p in report["phases"].values()) == pytest.approx(1.0)
    assert sum(p["cells"] for p in report["phases"].values()) == len(mesh.cells)
    assert sum(report["mesh"]["radius_ratio_histogram"]["counts"]) == len(mesh.cells)
    assert report["gap"]["minimum"] >= 0.1
    assert report["gap"]["nearest_particle_mean"] > report["gap"]["nearest_particle_minimum"]


def test_interface_length_is_that_of_the_circles(built):
    section, _, report = built
    exact = np.pi * section.particles.diameter.sum()
    surface, line = report["interfaces"]
    assert surface["phases"] == ["active", "carbon_binder"]
    assert exact < surface["length"] < exact * 1.001  # a polygon of equal area is longer
    assert line["phases"] == ["carbon_binder", "separator"]
    assert line["length"] == pytest.approx(20.0)
    assert report["coverage"]["active"]["touches"] == {"carbon_binder": 1.0}


def test_sizes_and_gaps_of_the_mesh_are_those_of_the_packing(built):
    section, _, report = built
    discs = section.particles
    assert report["particles"]["diameters"] == pytest.approx(discs.diameter.tolist(), rel=1e-9)
    apart = np.hypot(discs.x[:, None] - discs.x, discs.y[:, None] - discs.y)
    apart -= (discs.diameter[:, None] + discs.diameter) / 2
    np.fill_diagonal(apart, np.inf)
    # chords stand back from the circle by 1.6 nm at most, vertices stand out by less
    assert report["gap"]["nearest_particle"] == pytest.approx(apart.min(axis=1).tolist(), abs=5e-3)


@pytest.fixture(scope="module")
def mixed(tmp_path_factory):
    """Squares: a hollow one, two that touch, one on the collector; a coated side; no circles."""
    hole = box(1.5, 1.5, 2.5, 2.5)
    hosts = {
        "silicon": [box(1, 1, 3, 3).difference(hole), box(5, 1, 7, 3)],
        "graphite": [box(7, 1, 9, 3), box(5, 5, 6, 6), box(1, 5, 3, 6)],
    }
    void, cap = [hole], [box(5, 6, 6, 7)]
    solid = [p for parts in (*hosts.values(), void, cap) for p in parts]
    pore = box(0, 0, 10, 8)
    for part in solid:
        pore = pore.difference(part)
    lines = cell_boundaries(10.0, 10.0, 8.0)
    lines["coating"] = LineString([(5, 3), (5, 1), (7, 1)])
    section = section_from_polygons(
        {**hosts, "void": void, "carbon_binder": cap, "pore": [pore],
         "separator": [box(0, 8, 10, 10)]},
        lines, ("top",), ("silicon", "graphite"),
    )  # fmt: skip
    mesh = mesh_section(section, 0.5, 0.25, tmp_path_factory.mktemp("a") / "a.msh")
    return section, mesh, quality_report(section, mesh)


def test_areas_of_an_electrode_of_any_shapes(mixed):
    report = mixed[2]
    share = {name: phase["electrode_share"] for name, phase in report["phases"].items()}
    assert share == {
        "silicon": pytest.approx(7 / 80), "graphite": pytest.approx(7 / 80),
        "void": pytest.approx(1 / 80), "carbon_binder": pytest.approx(1 / 80),
        "pore": pytest.approx(64 / 80), "separator": None,
    }  # fmt: skip
    assert report["phases"]["separator"]["section_share"] == pytest.approx(0.2)


def test_what_a_surface_touches(mixed):
    coverage = mixed[2]["coverage"]
    silicon, graphite = coverage["silicon"], coverage["graphite"]
    assert silicon["length"] == pytest.approx(8 + 4 + 8)
    assert silicon["touches"] == {
        "pore": pytest.approx(14 / 20), "void": pytest.approx(4 / 20),
        "graphite": pytest.approx(2 / 20),
    }  # fmt: skip
    assert graphite["length"] == pytest.approx(8 + 4 + 6)
    assert graphite["touches"]["carbon_binder"] == pytest.approx(1 / 18)
    assert silicon["coated"] == pytest.approx(4 / 20)
    assert graphite["coated"] == 0.0
    pair = next(r for r in mixed[2]["interfaces"] if r["phases"] == ["pore", "silicon"])
    assert pair["coated_length"] == pytest.approx(4.0)


def test_sizes_gaps_and_contacts_of_any_shapes(mixed):
    particles, gap = mixed[2]["particles"], mixed[2]["gap"]
    areas = [4.0, 4.0, 4.0, 1.0, 2.0]  # what a particle encloses belongs to it
    assert particles["diameters"] == pytest.approx(np.sqrt(4 * np.array(areas) / np.pi).tolist())
    assert particles["achieved_fraction"] == pytest.approx(15 / 80)
    assert particles["by_phase"]["silicon"]["number"] == 2
    assert particles["by_phase"]["graphite"]["fraction"] == pytest.approx(7 / 80)
    assert gap["nearest_particle"] == pytest.approx([2.0, 0.0, 0.0, 2.0, 2.0])
    assert (gap["contacts"], gap["contact_length"]) == (1, pytest.approx(2.0))
    assert particles["surface"] == pytest.approx(8 + 6 + 6 + 4 + 6)
    assert particles["coated"] == pytest.approx(4 / 30)


def test_size_statistics_follow_the_request(built):
    particles = built[2]["particles"]
    for name in ("mean", "median", "d10", "d90"):
        asked = particles["requested_diameter"][name]
        assert particles["achieved_diameter"][name] == pytest.approx(asked, rel=0.06)


def test_scaled_diameters_give_a_warning(tmp_path):
    section = _section(fraction=0.1, sizes=Mono(4.0), width=15.0)
    mesh = mesh_section(section, 1.0, 0.2, tmp_path / "a.msh")
    report = quality_report(section, mesh)
    assert len(report["warnings"]) == 1
    assert "scaled by 1.093" in report["warnings"][0]


@pytest.mark.parametrize("section", [single_disc(2.0, 0.3), rectangle(4.0, 2.0, "separator")])
def test_sections_without_packing_have_a_report_and_a_picture(section, tmp_path):
    mesh = mesh_section(section, 0.5, 0.3, tmp_path / "a.msh")
    report = quality_report(section, mesh)
    json.dumps(report, allow_nan=False)
    assert report["warnings"] == []
    draw_geometry(mesh, report, tmp_path / "a.png")
    assert (tmp_path / "a.png").stat().st_size > 10_000


def test_the_picture_shows_a_section_of_any_shapes(mixed, tmp_path):
    _, mesh, report = mixed
    isolated = mesh.particle == 3
    draw_geometry(mesh, report, tmp_path / "a.png", "A section", isolated)
    assert (tmp_path / "a.png").read_bytes()[:4] == b"\x89PNG"
    draw_geometry(mesh, report, tmp_path / "b.png", "A section")
    assert (tmp_path / "a.png").read_bytes() != (tmp_path / "b.png").read_bytes()


@pytest.mark.parametrize("title", ["硅电极", "$\\frac$", "\U0001f50b", "long " * 2000])
def test_any_title_is_drawn_without_a_warning(built, tmp_path, title):
    draw_geometry(*built[1:], tmp_path / "a.png", title)
    assert (tmp_path / "a.png").stat().st_size > 10_000


def test_no_bar_of_a_size_begins_below_zero():
    axes = Figure().subplots()
    sizes = {"diameters": [0.1, 6.0, 27.0], "requested_quantiles": None, "main_phase": ["a"] * 3}
    draw_sizes(axes, {"particles": sizes}, {"a": "black"})
    assert min(bar.get_x() for bar in axes.patches) == pytest.approx(0.0, abs=1e-12)
    assert sum(bar.get_height() for bar in axes.patches) == 3


def test_the_table_beside_it_compares_with_the_request(built):
    rows = table_rows(built[2])
    assert rows[1] == ("particles", "0.5", "0.5", "")
    assert ("carbon-binder", "", "0.5", "") in rows


def test_a_foil_is_no_part_of_the_electrode_and_a_counter_electrode_is_one(tmp_path):
    heights = {"collector": (0, 1), "active": (1, 3), "pore": (3, 5), "separator": (5, 6),
               "counter_active": (6, 9), "counter_collector": (9, 10)}  # fmt: skip
    lines = cell_boundaries(4.0, 10.0, 5.0)
    lines["counter_top"] = cell_boundaries(4.0, 6.0)["counter"]
    section = section_from_polygons(
        {name: [box(0, low, 4, high)] for name, (low, high) in heights.items()},
        lines, hosts=("active", "counter_active"),
    )  # fmt: skip
    mesh = mesh_section(section, 0.5, 0.5, tmp_path / "a.msh")
    report = quality_report(section, mesh)
    assert report["section"]["electrode_thickness"] == pytest.approx(4.0)
    assert report["counter_electrode"]["thickness"] == pytest.approx(3.0)
    assert report["particles"]["diameters"] == [pytest.approx(np.sqrt(32 / np.pi))]
    assert report["counter_electrode"]["particles"]["number"] == 1
    share = {name: phase["electrode_share"] for name, phase in report["phases"].items()}
    assert share["active"] == pytest.approx(0.5)
    assert share["counter_active"] == pytest.approx(1.0)
    assert report["coverage"]["counter_active"]["touches"] == {
        "counter_collector": 0.5, "separator": 0.5,
    }  # fmt: skip
    assert [share[n] for n in ("collector", "separator", "counter_collector")] == [None] * 3


def test_the_outer_line_of_an_electrode_without_foil_is_touched_but_not_its_sides(tmp_path):
    section = rectangle(4.0, 2.0, "active")
    mesh = mesh_section(section, 0.5, 0.5, tmp_path / "a.msh")
    assert quality_report(section, mesh)["coverage"]["active"] == {
        "length": pytest.approx(8.0), "touches": {"collector": 0.5, "counter": 0.5}, "coated": 0.0,
    }  # fmt: skip


def test_a_mesh_without_a_section_is_told_of_as_well(mixed):
    _, mesh, report = mixed
    alone = quality_report(None, mesh)
    differing = {key for key, value in alone.items() if value != report[key]}
    assert differing <= {"phases", "gap"}  # the areas of the polygons, the clearance asked for
    assert alone["gap"]["minimum"] == 0.0
