"""If these fail, a kind of microstructure that docs/yaml.md promises cannot be meshed or run.

Tiny sections through the command line; what each must have is read from the mesh. Those that run
lithiate for some minutes and must keep lithium, salt and charge.
"""

from __future__ import annotations

import json
from pathlib import Path

import meshio
import numpy as np
import pytest
import yaml
from PIL import Image
from shapely.geometry import LineString

from mesode.cli.main import main
from mesode.geometry.gmsh_mesh import mesh_section
from mesode.geometry.section import box, cell_boundaries, disc_polygon
from support.shapes import section_from_polygons

pytestmark = [pytest.mark.serial, pytest.mark.timeout(400)]

BALANCES = {"lithium": 1e-6, "salt": 1e-8, "charge": 1e-8}
SIO, BINDER = {"preset": "SiO_coated_low_defect"}, {"preset": "CMC_SBR_SuperP"}
DISC = {"fraction": 0.3, "diameter": "2 um"}
COATED_MATERIAL = {"coating": {"preset": "carbon_coating"}}


def case(electrode, *, geometry=None, **materials):
    """Return a case with one electrode, 6 um wide and thick."""
    return {
        "title": "tiny",
        "geometry": geometry
        or {
            "width": "6 um",
            "electrode": {"thickness": "6 um", **electrode},
            "separator": {"thickness": "3 um"},
        },
        "mesh": {"size": "1 um", "interface": "0.4 um"},
        "materials": {
            "active": SIO,
            "carbon_binder": BINDER,
            "electrolyte": {"preset": "LiPF6_EC_DMC"},
            "separator": {"preset": "Celgard_2500"},
            **materials,
        },
        "initial": {"lithiation": 0.1},
        "protocol": ["Lithiate at 1 C for 4 minutes", "Rest for 1 minute"],
        "output": {"fields": 2, "figures": False},
    }


def particles(gap="0.3 um", **other):
    return {"particles": {**DISC, "gap": gap, **other}}


def blend():
    """Two hosts of different size, with a binder around them."""
    several = [
        {"fraction": 0.1, "diameter": "1.5 um", "material": "silicon"},
        {"fraction": 0.2, "diameter": "2 um", "material": "graphite"},
    ]
    active = {name: {"preset": name} for name in ("silicon", "graphite")}
    return case({"particles": several, "packing": {"gap": "0.3 um", "seed": 2}}, active=active)


def core_shell():
    inside = {"kind": "core_shell", "core": 0.6, "material": "crystalline"}
    active = {"amorphous": {"preset": "silicon"}, "crystalline": {"preset": "silicon_average"}}
    return case(particles(inside=inside, material="amorphous"), active=active)


def yolk_shell():
    inside = {
        "kind": "yolk_shell", "shell": "0.25 um", "material": "carbon_shell", "void": 0.4,
        "contact": "0.6 um",
    }  # fmt: skip
    binders = {"matrix": BINDER, "carbon_shell": BINDER}
    return case(
        particles(inside=inside) | {"carbon_binder": {"kind": "matrix", "material": "matrix"}},
        carbon_binder=binders,
    )


def image():
    """A micrograph of two discs in a porous matrix, 60 x 60 pixels of 0.1 um."""
    y, x = np.mgrid[:60, :60] + 0.5
    grey = np.zeros((60, 60), dtype=np.uint8)
    for cx, cy in ((18, 20), (40, 42)):
        grey[np.hypot(x - cx, y - cy) < 10] = 255
    Image.fromarray(grey).save("sem.png")
    shown = {"file": "sem.png", "pixel": "0.1 um", "phases": {0: "carbon_binder", 255: "active"}}
    geometry = {"electrode": {"image": shown}, "separator": {"thickness": "3 um"}}
    return case({}, geometry=geometry)


def own_section():
    disc = disc_polygon(3.0, 3.0, 1.2, 0.4)
    phases = {
        "active": [disc],
        "carbon_binder": [box(0, 0, 6, 6).difference(disc)],
        "separator": [box(0, 6, 6, 9)],
    }
    lines = {**cell_boundaries(6.0, 9.0), "top": LineString([(0, 6), (6, 6)])}
    return section_from_polygons(phases, lines, (), ("active",))


def own_mesh(suffix):
    """A mesh that comes as a file: .msh as gmsh writes it, others by meshio, in metres."""
    mesh = mesh_section(own_section(), 1.0, 0.4, Path("own.msh"))
    groups = {"active": "active", "carbon_binder": "carbon_binder", "separator": "separator"}
    block = {"file": f"own{suffix}", "unit": "um", "phases": groups}
    if suffix == ".msh":
        block["boundaries"] = {"collector": "collector", "counter": "counter"}
    else:
        points = 1e-6 * np.column_stack((mesh.points, np.zeros(len(mesh.points))))
        meshio.Mesh(
            points, [("triangle", mesh.cells)], cell_data={"phase": [mesh.cell_phase]}
        ).write(f"own{suffix}")
        block |= {"unit": "m", "phases": {str(mesh.phases[name]): name for name in groups}}
    found = case({}, geometry={"mesh": block})
    return {key: value for key, value in found.items() if key != "mesh"}


CASES = {
    "matrix": lambda: case(particles()),
    "film and bridges": lambda: case(
        particles(gap="0.3 um", fraction=0.4)
        | {"carbon_binder": [{"kind": "film", "thickness": "0.2 um"},
                             {"kind": "bridges", "radius": "0.6 um"}]}
    ),
    "patches and clusters": lambda: case(
        particles()
        | {"carbon_binder": [
            {"kind": "patches", "coverage": 0.4, "thickness": "0.2 um", "length": "1 um"},
            {"kind": "clusters", "fraction": 0.05, "diameter": "0.8 um"}]}
    ),
    "blend": blend,
    "core and shell": core_shell,
    "yolk and shell": yolk_shell,
    "hollow": lambda: case(particles(inside={"kind": "hollow", "void": 0.2})),
    "porous": lambda: case(
        particles(inside={"kind": "porous", "fraction": 0.15, "diameter": "0.4 um"})
    ),
    "touching": lambda: case(
        {"particles": {**DISC, "fraction": 0.5},
         "packing": {"gap": "0.2 um", "contact": "0.5 um", "clustering": 0.5}}
    ),
    "coating": lambda: case(
        particles() | {"coating": {"integrity": 0.8, "defect": "0.5 um"}}, **COATED_MATERIAL
    ),
    "foil": lambda: case(particles() | {"collector": "2 um"}, foil={"preset": "copper"}),
    "image": image,
    "own .msh": lambda: own_mesh(".msh"),
    "own .vtk": lambda: own_mesh(".vtk"),
    "own .xdmf": lambda: own_mesh(".xdmf"),
}  # fmt: skip
PHASES = {
    "film and bridges": {"carbon_binder", "pore"},
    "patches and clusters": {"carbon_binder", "pore"},
    "blend": {"silicon", "graphite"},
    "core and shell": {"amorphous", "crystalline"},
    "yolk and shell": {"active", "carbon_shell", "void", "matrix"},
    "hollow": {"void"},
    "foil": {"collector"},
}
#: Not run: a part of its particles touches nothing.
LOOSE = {"patches and clusters"}
#: The others compile forms of their own at first, some ten seconds each.
QUICK = {"own .msh"}
RUN = [
    name if name in QUICK else pytest.param(name, marks=pytest.mark.slow)
    for name in CASES
    if name not in LOOSE
]


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def command(word, data):
    Path("case.yaml").write_text(yaml.safe_dump(data, sort_keys=False))
    return main([word, "case.yaml"])


@pytest.mark.parametrize("name", CASES)
def test_every_kind_is_meshed_and_reported(name, capsys):
    data = CASES[name]()
    assert command("mesh", data) == 0, capsys.readouterr().err
    folder = Path("runs/case-mesh/mesh")
    report = json.loads((folder / "quality.json").read_text())
    shares = {phase: found["electrode_share"] for phase, found in report["phases"].items()}
    assert PHASES.get(name, {"active"}) <= set(shares)
    assert sum(share for share in shares.values() if share) == pytest.approx(1.0, abs=1e-9)
    assert report["particles"]["number"] > 0
    assert report["mesh"]["minimum_angle"]["minimum"] > 10
    assert (report["gap"]["contacts"] > 0) == (name == "touching")
    coated = pytest.approx(0.8, abs=0.05) if name == "coating" else 0.0
    assert report["particles"]["coated"] == coated
    ions = report["transport"]["electrode"]["ions"]
    assert ions["through_plane"]["tortuosity"] >= 1
    assert (folder / "geometry.png").stat().st_size > 10_000


@pytest.mark.parametrize("name", RUN)
def test_every_kind_runs_and_keeps_lithium_salt_and_charge(name, capsys):
    data = CASES[name]()
    assert command("run", data) == 0, capsys.readouterr().err
    manifest = json.loads(Path("runs/case/manifest.json").read_text())
    assert manifest["status"] == "completed"
    for key, limit in BALANCES.items():
        assert manifest["balances"][key] < limit, key
    # 4 minutes at 1 C put a fifteenth into the hosts, wherever they are
    end = manifest["steps"][-1]["end"]["Mean Lithiation / 1"]
    assert end - 0.1 == pytest.approx(4 / 60, rel=5e-3)


def test_an_own_mesh_is_the_same_cell_from_any_file(capsys):
    """The check counts its triangles; the report of all three files is the same."""
    reports = []
    for suffix in (".msh", ".vtk", ".xdmf"):
        data = own_mesh(suffix)
        assert command("check", data) == 0, capsys.readouterr().err
        assert main(["mesh", "case.yaml", "--out", suffix[1:]]) == 0, capsys.readouterr().err
        reports.append(json.loads(Path(suffix[1:], "mesh/quality.json").read_text()))
    for report in reports[1:]:
        assert report["mesh"]["cells"] == reports[0]["mesh"]["cells"]
        for key in ("number", "achieved_fraction", "surface"):
            assert report["particles"][key] == pytest.approx(reports[0]["particles"][key])
        assert report["section"] == pytest.approx(reports[0]["section"])
        through = [
            r["transport"]["electrode"]["ions"]["through_plane"]["k_eff"]
            for r in (report, reports[0])
        ]
        assert through[0] == pytest.approx(through[1])
