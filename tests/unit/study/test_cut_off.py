"""If this fails, `mesode check` says that something is cut off which is not, or the other way."""

from __future__ import annotations

import pytest
from shapely.geometry import LineString

from mesode.geometry.gmsh_mesh import mesh_section
from mesode.geometry.section import box, cell_boundaries, section_from_polygons
from mesode.materials.law import constant
from mesode.materials.properties import Electronic, Ionic, Lithium, Material
from mesode.study.cut_off import cut_off_shares
from mesode.study.paths import find_paths, lost_shares
from mesode.study.sections import CaseSection

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
    found = cut_off_shares(CaseSection(section=section), MATERIALS, full=True)
    assert found["electrode"]["electrons"] == pytest.approx(1 / 6)
    assert found["electrode"]["ions"] == pytest.approx(1 / 34)
    assert found["counter electrode"] == pytest.approx({"electrons": 8 / 17, "ions": 0.0})
    mesh = mesh_section(section, 1.0, 1.0, tmp_path / "a.msh")
    of_mesh = lost_shares(mesh, find_paths(mesh, MATERIALS, third=False))
    for name, shares in found.items():
        for carrier, share in shares.items():
            assert of_mesh[name][carrier] == pytest.approx(share), (name, carrier)
    assert cut_off_shares(CaseSection(section=section, mesh=mesh), MATERIALS, full=True) == of_mesh
