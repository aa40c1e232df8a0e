"""If these fail, some damaged or senseless input ends in a traceback instead of a sentence.

Few seeds in CI, many on demand (slow). A seed that fails once becomes a test of its own.
"""

from __future__ import annotations

import contextlib
import random
import shutil

import pytest

from mesode.cli.main import main
from mesode.errors import GeometryError, InputError
from mesode.geometry.gmsh_mesh import mesh_section
from mesode.geometry.own_mesh.load import OwnMeshRequest, load_own_mesh
from mesode.geometry.section import box
from support.fuzz import mutated_bytes, mutated_text
from support.plain_case import plain_text
from support.run_folder import write_run
from support.shapes import section_from_polygons
from support.tiny_case import TINY

pytestmark = pytest.mark.serial

STUDY = """\
title: s
base: base.yaml
vary:
  mesh.size: [1 um, 1.2 um]
  materials.active.D_s: {logrange: [1e-14 m^2/s, 1e-13 m^2/s, 2]}
repeat: {seeds: 2}
collect: {a: {column: "Voltage / V"}}
"""
LINE = 1000  # characters of a message


def seeds(few, many):
    """Return a few seeds, and the rest as a slow test; each draws ten inputs."""
    return [*range(few), *(pytest.param(k, marks=pytest.mark.slow) for k in range(few, many))]


def told(capsys, *command):
    """Run a command; check that it did its work or said in a sentence why not."""
    code = main([str(word) for word in command])
    said = capsys.readouterr().err
    assert code in (0, 2), said
    assert "Traceback" not in said
    assert "internal error of mesode" not in said
    assert max(map(len, said.split("\n"))) < LINE


@pytest.mark.parametrize("seed", seeds(3, 100))
@pytest.mark.parametrize("text", [TINY, plain_text("test")], ids=["tiny", "starter"])
def test_a_mutated_case(tmp_path, capsys, text, seed):
    rng, path = random.Random(seed), tmp_path / "case.yaml"
    for _ in range(10):
        path.write_text(mutated_text(text, rng), errors="surrogatepass")
        told(capsys, "check", path)


@pytest.mark.parametrize("seed", seeds(2, 50))
def test_a_mutated_study(tmp_path, capsys, seed):
    rng, path = random.Random(seed), tmp_path / "study.yaml"
    (tmp_path / "base.yaml").write_text(TINY)
    for _ in range(10):
        path.write_text(mutated_text(STUDY, rng), errors="surrogatepass")
        told(capsys, "study", path, "--dry-run")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return write_run(tmp_path_factory.mktemp("run") / "run", cells=(8, 8))


FILES = (
    *["manifest.json"] * 4, "config.yaml", "timeseries.bdf.csv", "fields/active.xdmf",
    "fields/active.h5",
)  # fmt: skip


@pytest.mark.parametrize("seed", seeds(2, 50))
def test_a_damaged_run_folder(tmp_path, capsys, run, seed):
    rng = random.Random(seed)
    for number in range(10):
        folder = tmp_path / f"{number}"
        shutil.copytree(run, folder)
        path = folder / rng.choice(FILES)
        path.write_bytes(mutated_bytes(path.read_bytes(), rng))
        told(capsys, "report", folder)


@pytest.fixture(scope="module")
def meshes(tmp_path_factory):
    import gmsh
    import meshio

    from mesode.geometry.gmsh_mesh import gmsh_session

    folder = tmp_path_factory.mktemp("mesh")
    section = section_from_polygons({"a": [box(0, 0, 4, 2)], "b": [box(0, 2, 4, 3)]}, {}, hosts=())
    mesh_section(section, 1.0, 1.0, folder / "binary.msh")
    with gmsh_session():
        gmsh.open(str(folder / "binary.msh"))
        gmsh.option.setNumber("Mesh.Binary", 0)
        gmsh.write(str(folder / "text.msh"))
        gmsh.option.setNumber("Mesh.MshFileVersion", 2.2)
        gmsh.write(str(folder / "old.msh"))
    with contextlib.redirect_stdout(None):
        read = meshio.read(folder / "old.msh")
        for suffix in ("vtu", "vtk", "med"):
            meshio.write(folder / f"a.{suffix}", read)
    return sorted(folder.iterdir())


@pytest.mark.parametrize("seed", seeds(6, 200))
def test_a_damaged_mesh(tmp_path, meshes, seed):
    rng = random.Random(seed)
    for _ in range(10):
        source = rng.choice(meshes)
        path = tmp_path / source.name
        path.write_bytes(mutated_bytes(source.read_bytes(), rng))
        request = OwnMeshRequest(file=path, unit="um", phases={"a": "active", "b": "separator"})
        with contextlib.suppress(GeometryError, InputError):
            load_own_mesh(request)
