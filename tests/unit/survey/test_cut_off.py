"""If this fails, `mesode check` says that something is cut off which is not, or the other way."""

from __future__ import annotations

import numpy as np
import pytest
from shapely.geometry import LineString

from mesode.errors import GeometryError
from mesode.geometry.gmsh_mesh import mesh_section
from mesode.geometry.micrograph.label_polygons import LabelImage, label_polygons
from mesode.geometry.section import box, cell_boundaries
from mesode.materials.law import constant
from mesode.materials.properties import Electronic, Ionic, Lithium, Material
from mesode.survey.cut_off import check_reached, cut_off_shares, electrode_paths
from mesode.survey.isolation import isolate
from mesode.survey.paths import find_paths, lost_shares
from support.shapes import section_from_polygons

pytestmark = pytest.mark.serial  # writes a mesh file

ONE = constant(1.0, "1")
HOST = Lithium(c_max=1.0, D_s=ONE, ocp=ONE, i_0=ONE)
SOLID = Material(
    name="m", description="", density=1.0, lithium=HOST, electronic=Electronic(sigma=ONE)
)
WET = Material(name="w", description="", density=1.0, ionic=Ionic(porosity=0.5, macmullin=3.0))
MATERIALS = {
    "active": SOLID,
    "collector": SOLID,
    "counter_active": SOLID,
    "pore": WET,
    "separator": WET,
    "counter_pore": WET,
}


def full_section():
    """A foil, a wall that closes a pore, a lone square; above, a host that ends below the top."""
    hole, lone = box(4, 1, 5, 2), box(2, 4, 3, 5)
    phases = {
        "collector": [box(0, 0, 8, 1)],
        "active": [box(3, 1, 6, 3).difference(hole), lone],
        "pore": [box(0, 1, 8, 6).difference(box(3, 1, 6, 3)).difference(lone), hole],
        "separator": [box(0, 6, 8, 8)],
        "counter_active": [box(0, 8, 3, 11), box(4, 8, 8, 10)],
        "counter_pore": [box(3, 8, 4, 11), box(4, 10, 8, 11)],
    }
    lines = cell_boundaries(8.0, 11.0, 6.0)
    lines["counter_top"] = LineString([(0, 8), (8, 8)])
    return section_from_polygons(phases, lines, (), ("active", "counter_active"))


def test_what_is_cut_off_is_that_of_the_mesh(tmp_path):
    section = full_section()
    found = cut_off_shares(electrode_paths(section, MATERIALS, full=True))
    assert found["electrode"]["electrons"] == pytest.approx(1 / 6)
    assert found["electrode"]["ions"] == pytest.approx(1 / 34)
    assert found["counter electrode"] == pytest.approx({"electrons": 8 / 17, "ions": 0.0})
    mesh = mesh_section(section, 1.0, 1.0, tmp_path / "a.msh")
    of_mesh = lost_shares(mesh, find_paths(mesh, MATERIALS, third=False))
    for name, shares in found.items():
        for carrier, share in shares.items():
            assert of_mesh[name][carrier] == pytest.approx(share), (name, carrier)


def layers(bottom, top):
    """One host between two layers, below a separator."""
    phases = {
        bottom: [box(0, 0, 8, 1)],
        "active": [box(0, 1, 8, 3)],
        top: [box(0, 3, 8, 4)],
        "separator": [box(0, 4, 8, 6)],
    }
    return section_from_polygons(phases, cell_boundaries(8.0, 6.0, 4.0))


@pytest.mark.parametrize(
    ("bottom", "top", "third", "lack"),
    [
        ("collector", "pore", False, None),
        ("pore", "collector", False, "electrons"),
        ("pore", "collector", True, None),
        ("collector", "void", False, "ions"),
        ("collector", "void", True, "ions"),
    ],
)
def test_a_section_without_a_path_is_refused_as_by_a_run(bottom, top, third, lack, tmp_path):
    materials = {**MATERIALS, "void": Material(name="v", description="", density=1.0)}
    section = layers(bottom, top)
    paths = electrode_paths(section, materials, full=False)
    mesh = mesh_section(section, 1.0, 1.0, tmp_path / "a.msh")
    if lack is None:
        check_reached(paths, third=third)
        isolate(mesh, materials, third=third)
        return
    with pytest.raises(GeometryError, match=f"no particle has a path .* for {lack} to") as caught:
        check_reached(paths, third=third)
    assert "in an image" in str(caught.value)
    with pytest.raises(GeometryError, match="no particle has a path") as by_run:
        isolate(mesh, materials, third=third)
    assert str(by_run.value).split(": ")[-1] == str(caught.value).split(": ")[-1]


@pytest.mark.parametrize("rows", [19, 28, 34])
def test_rounding_of_the_height_cuts_nothing_off(rows):
    """An image of 19 rows of 0.05 um is 0.9500000000000001 um high."""
    labels = np.zeros((rows, 24), dtype=np.uint8)
    labels[:, 8:15] = 1
    image = LabelImage(labels=labels, names=("pore", "active"), pixel=0.05)
    width, height = image.width, image.height
    phases = {
        **label_polygons(image, 0.1).phases,
        "separator": [box(0, height, width, height + 20)],
    }
    section = section_from_polygons(phases, cell_boundaries(width, height + 20, height))
    paths = electrode_paths(section, MATERIALS, full=False)
    assert cut_off_shares(paths)["electrode"] == {"electrons": 0.0, "ions": 0.0}
    check_reached(paths, third=False)
