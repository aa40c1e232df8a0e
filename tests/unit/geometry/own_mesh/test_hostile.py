"""If these fail, a mesh file from somebody else runs a program, opens other files, eats memory."""

from __future__ import annotations

import base64
import zlib
from pathlib import Path

import gmsh
import h5py
import meshio
import numpy as np
import pytest

from mesode.errors import GeometryError, InputError
from mesode.geometry.gmsh_mesh import gmsh_session
from mesode.geometry.own_mesh.mesh_file import read_mesh_file
from mesode.geometry.own_mesh.msh import read_msh

HEAD = "$MeshFormat\n4.1 0 8\n$EndMeshFormat\n"
SQUARE = meshio.Mesh(
    np.array([[0, 0, 0], [2, 0, 0], [2, 3, 0], [0, 3, 0]], dtype=float),
    [("triangle", np.array([[0, 1, 2], [0, 2, 3]]))],
    cell_data={"phase": [np.array([1, 2])]},
)


def _message(path):
    with pytest.raises((GeometryError, InputError)) as caught:
        read_mesh_file(path)
    return str(caught.value)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """Return a function that writes three squares, two of which overlap in groups."""
    folder = tmp_path_factory.mktemp("three")

    def write(version, binary, parametric=0):
        path = folder / f"{version}-{binary}-{parametric}.msh"
        with gmsh_session():
            for x in (0.0, 2.0, 4.0):
                gmsh.model.occ.addRectangle(x, 0, 0, 2, 3)
            gmsh.model.occ.fragment([(2, 1)], [(2, 2), (2, 3)])
            gmsh.model.occ.synchronize()
            gmsh.model.addPhysicalGroup(2, [1], name="left one")
            gmsh.model.addPhysicalGroup(2, [2, 3], 7)
            gmsh.model.addPhysicalGroup(1, [1], name="line")
            gmsh.model.mesh.generate(2)
            options = ("MshFileVersion", version), ("Binary", binary)
            for name, value in (*options, ("SaveParametric", parametric)):
                gmsh.option.setNumber(f"Mesh.{name}", value)
            gmsh.write(str(path))
        return path

    return write


@pytest.mark.parametrize("version", [2.2, 4.1])
@pytest.mark.parametrize("binary", [0, 1])
def test_every_kind_of_msh_is_read_alike(model, version, binary):
    file = read_mesh_file(model(version, binary))
    a, b, c = (file.points[file.triangles[:, k]] for k in range(3))
    areas = 0.5 * ((b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0])
    found = {name: abs(areas[n].sum()) for name, n in file.triangle_groups.items()}
    assert found == pytest.approx({"left one": 6.0, "7": 12.0})
    ends = file.points[file.lines[file.line_groups["line"]]]
    assert np.linalg.norm(ends[:, 1] - ends[:, 0], axis=1).sum() == pytest.approx(2.0)


def test_parametric_points_are_read_by_their_coordinates(model):
    plain, parametric = read_msh(model(4.1, 0)), read_msh(model(4.1, 0, 1))
    assert np.array_equal(plain.points, parametric.points)
    assert "parametric" in _message(model(2.2, 0, 1))


def _scripts(target):
    command = f'SystemCall "touch {target}";\n'
    return {
        "bare": command,
        "after": HEAD + command,
        "between": HEAD + "$Nodes\n0 0 0 0\n$EndNodes\n" + command + "$Elements\n$EndElements\n",
        "last": HEAD + "$Nodes\n0 0 0 0\n$EndNodes\n$Elements\n0 0 0 0\n$EndElements\n" + command,
        "commented": "// \n" + command + HEAD,
        "other": f'#!/bin/sh\nSystem "touch {target}";\n',
    }


@pytest.mark.parametrize("kind", _scripts(""))
def test_commands_in_a_mesh_are_not_carried_out(tmp_path, kind):
    target = tmp_path / "done"
    path = tmp_path / "mine.msh"
    path.write_text(_scripts(target)[kind])
    assert "not executed" in _message(path)
    assert not target.exists()


def test_options_beside_a_mesh_are_not_carried_out(tmp_path, model):
    """gmsh merges NAME.opt by itself: a script, whatever the mesh is."""
    path = tmp_path / "mine.msh"
    path.write_bytes(model(4.1, 1).read_bytes())
    Path(f"{path}.opt").write_text(f'SystemCall "touch {tmp_path / "done"}";\n')
    assert len(read_mesh_file(path).triangles) > 0
    assert not (tmp_path / "done").exists()


def test_gmsh_never_opens_a_file():
    for path in Path(read_mesh_file.__code__.co_filename).parents[2].rglob("*.py"):
        text = path.read_text("utf-8")
        assert not any(f"gmsh.{call}(" in text for call in ("open", "merge", "parser")), path


NODES = "$Nodes\n1 3 1 3\n2 1 0 3\n1\n2\n3\n0 0 0\n1 0 0\n0 1 0\n$EndNodes\n"
CELLS = "$Elements\n1 1 1 1\n2 1 2 1\n1 1 2 3\n$EndElements\n"


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "it is empty"),
        (HEAD.replace("4.1", "4"), "version 4 "),
        (HEAD.replace(" 8", " 4"), "words of 4 bytes"),
        (HEAD + NODES.replace("1 3 1 3", "1 999999999999 1 3", 1) + CELLS, ""),
        (HEAD + NODES.replace("2 1 0 3", "2 1 0 999999999999") + CELLS, "cut off"),
        (HEAD + NODES.replace("1\n2\n3\n", "1\n2\n2\n") + CELLS, "there twice"),
        (HEAD + NODES + CELLS.replace("2 1 2 1", "2 1 2 99999999999"), "cut off"),
        (HEAD + NODES + CELLS.replace("2 1 2 1", "2 1 999 1"), "elements of type 999"),
        (HEAD + NODES + CELLS.replace("1 1 2 3", "1 1 2 77"), "does not hold"),
        (HEAD + NODES + CELLS.replace("1 1 2 3", "1 1 2 x"), "where a number is expected"),
        (HEAD + NODES + CELLS.replace("1 1 2 3", "9" * 1000), "where a number is expected"),
        (HEAD + NODES.replace("1 0 0", "1 nan 0") + CELLS, "not numbers"),
        (HEAD + NODES + CELLS.removesuffix("$EndElements\n"), "has no end"),
        (HEAD + NODES.replace("2 1 0 3", "2 1 0 -3") + CELLS, "cut off"),
    ],
)
def test_damaged_meshes_are_told(tmp_path, text, word):
    path = tmp_path / "mine.msh"
    path.write_text(text)
    if word:
        assert word in _message(path)
    else:  # the total is a number for the reader's comfort
        assert len(read_mesh_file(path).triangles) == 1


def _linked(path, kind):
    """Write a file of MED or XDMF whose data lie in another HDF5 file."""
    with h5py.File(path.with_name("secret.h5"), "w") as file:
        file["numbers"] = np.arange(12.0)
    with h5py.File(path, "w") as file:
        if kind == "link":
            file["numbers"] = h5py.ExternalLink("secret.h5", "/numbers")
        elif kind == "virtual":
            layout = h5py.VirtualLayout(shape=(12,), dtype="f8")
            layout[:] = h5py.VirtualSource("secret.h5", "numbers", shape=(12,))
            file.create_virtual_dataset("numbers", layout)
        elif kind == "raw":
            outside = [(str(path.with_name("secret.h5")), 0, 96)]
            file.create_dataset("deep/numbers", (12,), "f8", external=outside)
        else:
            file.create_dataset("numbers", (10**11,), "f8", chunks=(10**6,), compression=1)


@pytest.mark.parametrize("kind", ["link", "virtual", "raw", "bomb"])
@pytest.mark.parametrize("suffix", ["med", "xdmf"])
def test_hdf5_stays_in_its_file(tmp_path, kind, suffix):
    path = tmp_path / f"mine.{suffix}"
    if suffix == "xdmf":
        SQUARE.write(path)
        assert len(read_mesh_file(path).triangles) == 2
        path = tmp_path / "mine.h5"
        path.unlink()
    _linked(path, kind)
    word = "would unpack" if kind == "bomb" else "points into another file"
    message = _message(tmp_path / f"mine.{suffix}")
    assert word in message
    assert "numbers" in message


def test_xdmf_names_only_files_beside_it(tmp_path):
    SQUARE.write(tmp_path / "there.xdmf")
    inner = tmp_path / "inner"
    inner.mkdir()
    text = (tmp_path / "there.xdmf").read_text()
    for name in ("../there.h5", str(tmp_path / "there.h5")):
        (inner / "mine.xdmf").write_text(text.replace("there.h5", name))
        assert "expected one beside it" in _message(inner / "mine.xdmf")
    (inner / "mine.xdmf").write_text(text.replace("HDF", "Binary").replace("there.h5:", "/etc/"))
    assert "expected data in the file itself" in _message(inner / "mine.xdmf")


LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">'
    '<!ENTITY d SYSTEM "file:///etc/hostname">]><VTKFile>&c;&d;</VTKFile>'
)


@pytest.mark.parametrize("suffix", ["vtu", "xdmf"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_xml_defines_no_words(tmp_path, suffix, encoding):
    path = tmp_path / f"mine.{suffix}"
    path.write_bytes(LAUGHS.encode(encoding))
    assert "ENTITY" in _message(path)


def test_abaqus_includes_no_file(tmp_path):
    path = tmp_path / "mine.inp"
    path.write_text("*NODE\n1, 0, 0\n * include , INPUT=/etc/hostname\n")
    assert "*INCLUDE" in _message(path)


def test_a_bomb_in_a_vtu_is_refused(tmp_path):
    """One megabyte that unpacks to a gigabyte."""
    path = tmp_path / "mine.vtu"
    meshio.write(path, SQUARE, compression="zlib")
    text = path.read_text()
    block = 1_000_000_000
    packer, piece = zlib.compressobj(9), bytes(10**6)
    pieces = [packer.compress(piece) + packer.flush(zlib.Z_FULL_FLUSH) for _ in range(2)]
    packed = pieces[0] + pieces[1] * 999 + packer.flush()
    head = np.array([1, block, block, len(packed)], dtype=np.uint32).tobytes()
    data = (base64.b64encode(head) + base64.b64encode(packed)).decode()
    begin = text.index("\n", text.index("<DataArray", text.index("<Points"))) + 1
    end = text.index("</DataArray>", begin)
    path.write_text(f"{text[:begin]}{data}\n{text[end:]}")
    assert "unpack" in _message(path)


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null"])
def test_devices_are_no_meshes(tmp_path, device):
    for suffix in ("msh", "vtu"):
        path = tmp_path / f"mine.{suffix}"
        path.symlink_to(device)
        assert "this is a device" in _message(path)
