"""If these fail, `mesode mesh` says that something conducts where it does not, or how well."""

from __future__ import annotations

import numpy as np
import pytest
from shapely.geometry import LineString

from mesode.geometry.gmsh_mesh import mesh_section
from mesode.geometry.micrograph.label_polygons import LabelImage, label_polygons
from mesode.geometry.section import box, cell_boundaries, disc_polygon
from mesode.materials.law import constant
from mesode.materials.properties import Electronic, Ionic, Lithium, Material
from mesode.survey.charts import table_rows
from mesode.survey.mesh_text import report_lines
from mesode.survey.paths import find_paths, lost_shares
from mesode.survey.quality import quality_report
from mesode.survey.transport import isolated_mask, transport_report, transport_warnings
from support.shapes import section_from_polygons

pytestmark = pytest.mark.serial  # writes a mesh file

ONE = constant(1.0, "1")
HOST = Lithium(c_max=1.0, D_s=ONE, ocp=ONE, i_0=ONE)
SIGMA = {"active": 2.0, "carbon_binder": 8.0, "collector": 1e7, "counter_active": 5.0}


def material(sigma=None, lithium=None, ionic=None):
    electronic = None if sigma is None else Electronic(sigma=constant(sigma, "S/m"))
    return Material(
        name="m", description="", density=1.0, lithium=lithium, electronic=electronic, ionic=ionic
    )


MATERIALS = {
    "active": material(SIGMA["active"], HOST),
    "carbon_binder": material(SIGMA["carbon_binder"], ionic=Ionic(porosity=0.4, macmullin=5.0)),
    "pore": material(ionic=Ionic(porosity=1.0, macmullin=1.0)),
    "separator": material(ionic=Ionic(porosity=0.5, macmullin=4.0)),
    "collector": material(SIGMA["collector"]),
    "counter_active": material(SIGMA["counter_active"], HOST),
    "counter_pore": material(ionic=Ionic(porosity=1.0, macmullin=1.0)),
}


@pytest.fixture(scope="module")
def columns(tmp_path_factory):
    """Foil below; columns of host, binder, pore; a lone host in the pore; a counter electrode."""
    lone = box(6, 3, 7, 4)
    phases = {
        "collector": [box(0, 0, 8, 1)],
        "active": [box(0, 1, 2, 6), lone],
        "carbon_binder": [box(2, 1, 4, 6)],
        "pore": [box(4, 1, 8, 6).difference(lone)],
        "separator": [box(0, 6, 8, 8)],
        "counter_active": [box(0, 8, 4, 11)],
        "counter_pore": [box(4, 8, 8, 11)],
    }
    lines = cell_boundaries(8.0, 11.0, 6.0)
    lines["counter_top"] = LineString([(0, 8), (8, 8)])
    section = section_from_polygons(phases, lines, (), ("active", "counter_active"))
    return section, mesh_section(section, 0.5, 0.5, tmp_path_factory.mktemp("a") / "a.msh")


@pytest.fixture(scope="module")
def report(columns):
    return transport_report(columns[1], MATERIALS, SIGMA.__getitem__)


def test_columns_conduct_in_parallel(report):
    found = report["electrode"]["electrons"]["through_plane"]
    assert found["k_eff"] == pytest.approx((2 * 2.0 + 2 * 8.0) / 8)
    assert found["share"] == pytest.approx((10 + 1 + 10) / 40)
    assert found["k_0"] == pytest.approx((11 * 2.0 + 10 * 8.0) / 21)
    assert found["macmullin"] == pytest.approx(found["k_0"] / found["k_eff"])
    assert found["tortuosity"] == pytest.approx(found["share"] * found["macmullin"])
    assert found["tortuosity"] == pytest.approx(1.02)  # the lone host is of no use


def test_columns_do_not_conduct_across(report):
    for network in ("electrons", "ions"):
        found = report["electrode"][network]["in_plane"]
        assert found["k_eff"] is None
        assert "left and right" in found["reason"]


def test_ions_move_in_binder_and_pore(report):
    found = report["electrode"]["ions"]
    assert found["phases"] == ["carbon_binder", "pore"]
    through = found["through_plane"]
    assert through["share"] == pytest.approx((10 * 0.4 + 19) / 40)
    assert through["k_0"] == 1.0
    # bounds: tubes that no current leaves, layers of even potential
    open_layer, blocked_layer = (2 / 5 + 4) / 8, (2 / 5 + 3) / 8
    layers = 1 / (0.8 / open_layer + 0.2 / blocked_layer)
    assert (2 / 5 + 3) / 8 < through["k_eff"] < layers
    assert through["tortuosity"] > 1


def test_connected_groups(report, columns):
    electrons, hosts = (report["electrode"][name] for name in ("electrons", "hosts"))
    assert electrons["components"] == 2
    assert electrons["percolates"] == {"through_plane": True, "in_plane": False}
    assert electrons["percolating_share"] == pytest.approx(20 / 21)
    assert electrons["isolated"] == {
        "root": "collector", "number": 1, "area": pytest.approx(1.0),
        "share": pytest.approx(1 / 21),
    }  # fmt: skip
    assert (hosts["components"], hosts["isolated"]) == (2, None)
    assert hosts["largest_share"] == pytest.approx(10 / 11)
    mesh = columns[1]
    assert set(mesh.particle[isolated_mask(mesh, MATERIALS)].tolist()) == {1}


def test_the_counter_electrode_has_networks_of_its_own(report):
    found = report["counter electrode"]
    assert found["electrons"]["phases"] == ["counter_active"]
    assert found["electrons"]["isolated"]["root"] == "counter"
    assert found["electrons"]["isolated"]["number"] == 0
    assert found["electrons"]["through_plane"]["k_eff"] == pytest.approx(2.5)
    assert found["ions"]["through_plane"]["macmullin"] == pytest.approx(2.0)
    assert found["ions"]["through_plane"]["tortuosity"] == pytest.approx(1.0)
    assert found["ions"]["isolated"]["number"] == 0


def test_the_text_has_all_groups_in_columns(report, columns):
    lost = lost_shares(columns[1], find_paths(columns[1], MATERIALS, third=False))
    lines = report_lines({**quality_report(*columns), "lost": lost, "transport": report})
    assert lines[:2] == [
        "electrode: 4.76 % of electron conductors, 0 % of ion conductors, 9.09 % of active "
        "material are cut off",
        "counter electrode: 0 % of electron conductors, 0 % of ion conductors, 0 % of active "
        "material are cut off",
    ]
    text = "\n".join(lines)
    for title in ("particles  ", "phases  ", "interfaces  ", "networks  ", "transport  ", "mesh  "):
        assert any(line.startswith(title) for line in lines), title
    assert "particles of the counter electrode" in text
    assert "2.5 S/m" in text
    assert "no path" in text
    assert max(len(line) for line in lines[2:]) <= 100, text


@pytest.fixture(scope="module")
def below_the_top(tmp_path_factory):
    """Strips that end 1 um below the top of 10 um; in the counter electrode 3 um below."""
    discs = [disc_polygon(5.0, y, 0.5, 0.2) for y in (3.0, 17.0)]
    strips = [box(0, 0, 2, 9), box(0, 15, 2, 22)]
    pores = [box(0, 0, 6, 10), box(0, 12, 6, 22)]
    phases = {
        "active": [discs[0]],
        "counter_active": [discs[1]],
        "carbon_binder": [strips[0]],
        "counter_carbon_binder": [strips[1]],
        "pore": [pores[0].difference(strips[0]).difference(discs[0])],
        "separator": [box(0, 10, 6, 12)],
        "counter_pore": [pores[1].difference(strips[1]).difference(discs[1])],
    }
    lines = cell_boundaries(6.0, 22.0, 10.0)
    lines["counter_top"] = LineString([(0, 12), (6, 12)])
    section = section_from_polygons(phases, lines, (), ("active", "counter_active"))
    mesh = mesh_section(section, 0.7, 0.5, tmp_path_factory.mktemp("a") / "a.msh")
    materials = {**MATERIALS, "counter_carbon_binder": material(8.0)}
    sigma = {**SIGMA, "counter_carbon_binder": 8.0}
    report = transport_report(mesh, materials, sigma.__getitem__)
    return {**quality_report(section, mesh), "transport": report}


def test_a_network_that_ends_below_the_top_is_measured_up_to_its_last_particles(below_the_top):
    networks = below_the_top["transport"]["electrode"]
    found = networks["electrons"]["through_plane"]
    assert found["reach"] == pytest.approx(9.0)
    assert (found["height"], found["thickness"]) == pytest.approx((8.5, 10.0))
    # a third of the width is the strip, straight to the line
    assert found["k_eff"] == pytest.approx(8.0 / 3, rel=1e-6)
    conducting = 2 * 8.5 * 8.0, np.pi / 4 * SIGMA["active"]
    assert found["k_0"] == pytest.approx(sum(conducting) / (17 + np.pi / 4), rel=1e-6)
    assert found["share"] == pytest.approx((17 + np.pi / 4) / 51, rel=1e-6)
    assert networks["electrons"]["percolates"]["through_plane"] is False
    assert "reach" not in networks["ions"]["through_plane"]


def test_a_network_that_ends_early_has_no_number_and_a_reason(below_the_top):
    found = below_the_top["transport"]["counter electrode"]["electrons"]["through_plane"]
    assert (found["k_eff"], found["height"]) == (None, None)
    assert found["reach"] == pytest.approx(7.0)
    assert found["reason"] == (
        "what touches the collector ends at 7 of 10 um, below 80% of the thickness"
    )


def test_the_text_tells_how_far_was_measured(below_the_top):
    text = report_lines(below_the_top)
    assert sum("through, to 8.5 of 10 um" in line for line in text) == 1
    assert max(map(len, text)) <= 100
    assert ("τ of electrons (to 8.5 µm)") in {row[0] for row in table_rows(below_the_top)}


def drawn(tmp_path, smooth):
    """Two hosts on a binder, one pixel of pore between them; what their mesh and pixels conduct."""
    labels = np.zeros((40, 60), dtype=np.uint8)
    labels[4:, 5:29] = labels[4:, 30:55] = 1
    labels[:4] = 2
    image = LabelImage(
        labels=labels, names=("pore", "active", "carbon_binder"), pixel=0.1, joined=("pore",)
    )
    phases = label_polygons(image, 0.2, smooth=smooth, area_error=0.005).phases
    phases = {**phases, "separator": [box(0, 4, 6, 6)]}
    section = section_from_polygons(phases, cell_boundaries(6.0, 6.0, 4.0), ("top",))
    mesh = mesh_section(section, 0.4, 0.2, tmp_path / "a.msh")
    return transport_report(mesh, MATERIALS, SIGMA.__getitem__, image)


def test_mesh_conducts_what_the_pixels_conduct(tmp_path):
    """Across the hosts there is the binder below and nothing else, unless the gap is closed."""
    found = drawn(tmp_path, 0.0)
    electrons = found["electrode"]["electrons"]
    low, high = electrons["in_plane"]["k_pixels"]
    assert low <= high < 1.2 * low
    assert abs(electrons["in_plane"]["change_to_pixels"]) < 0.05
    assert transport_warnings(found) == []


def test_mesh_that_joins_what_the_pixels_do_not_is_warned_of(tmp_path):
    found = drawn(tmp_path, 2.0)
    assert found["electrode"]["electrons"]["in_plane"]["change_to_pixels"] > 0.1
    (warning,) = [w for w in transport_warnings(found) if w.startswith("electrons in plane")]
    assert "on the pixels of the image" in warning
    assert "image.smooth" in warning
