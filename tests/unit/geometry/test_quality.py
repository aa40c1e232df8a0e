"""If these fail, quality.json tells something else than the mesh is."""

from __future__ import annotations

import json

import numpy as np
import pytest

from mesode.geometry.arrays import MeshArrays
from mesode.geometry.gmsh_mesh import mesh_section
from mesode.geometry.grains import GrainRequest, Population
from mesode.geometry.picture import draw_geometry, table_rows
from mesode.geometry.quality import minimum_angle, quality_report, radius_ratio
from mesode.geometry.section import ElectrodeRequest, SectionRequest, build_section
from mesode.geometry.shapes import rectangle, single_disc
from mesode.geometry.sizes import LogNormal, Mono

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
    assert report["interface"]["circle_length"] == pytest.approx(exact)
    assert report["interface"]["length"] == pytest.approx(exact, rel=1e-3)
    assert report["interface"]["relative_error"] > 0  # a polygon of equal area is longer


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
    draw_geometry(section, mesh, report, tmp_path / "a.png")
    assert (tmp_path / "a.png").stat().st_size > 10_000


def test_picture_shows_requested_and_achieved(built, tmp_path):
    section, mesh, report = built
    draw_geometry(section, mesh, report, tmp_path / "a.png", title="A section")
    assert (tmp_path / "a.png").read_bytes()[:4] == b"\x89PNG"
    assert table_rows(report)[0] == ("area fraction", "0.5", "0.5")
