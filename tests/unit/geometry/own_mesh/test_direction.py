"""If these fail, a mesh that lies on its side, upside down or in another unit is simulated."""

from __future__ import annotations

import meshio
import numpy as np
import pytest

from mesode.errors import InputError
from mesode.geometry.arrays import cell_areas
from mesode.geometry.own_mesh.load import OwnMeshRequest, load_own_mesh

AXES = ("y", "x", "-y", "-x")
PHASES = {"1": "active", "2": "separator"}
LINES = {"7": "collector", "8": "counter"}


def _turn(points, quarters):
    """Turn points to the right."""
    for _ in range(quarters):
        points = np.column_stack((points[:, 1], -points[:, 0]))
    return points


def _write(path, *, quarters=0, lines=None, scale=1.0):
    """Write an electrode of 4 um x 3 um below a separator of 2 um, turned to the right."""
    points = np.array([(x, y) for y in (0, 3, 5) for x in (0, 4)], dtype=float)
    triangles = np.array([[0, 1, 3], [0, 3, 2], [2, 3, 5], [2, 5, 4]])
    ends, numbers = lines or ([[0, 1], [4, 5]], [7, 8])
    meshio.Mesh(
        _turn(points * scale, quarters) + 0.5 * scale,
        [("triangle", triangles), ("line", np.array(ends))],
        cell_data={"phase": [np.array([1, 1, 2, 2]), np.array(numbers)]},
    ).write(path)
    return path


def _load(path, **changes):
    values = {"unit": "um", "phases": PHASES, "boundaries": LINES, **changes}
    return load_own_mesh(OwnMeshRequest(file=path, **values))


def _message(path, **changes):
    with pytest.raises(InputError) as caught:
        _load(path, **changes)
    assert len(caught.value.problems) == 1
    return str(caught.value)


@pytest.mark.parametrize("quarters", range(4))
def test_a_mesh_in_any_direction_is_the_same_section(tmp_path, quarters):
    own = _load(_write(tmp_path / "a.vtu", quarters=quarters), axis=AXES[quarters])
    mesh = own.mesh
    assert np.ptp(mesh.points, axis=0) == pytest.approx([4.0, 5.0])
    assert np.all(cell_areas(mesh) > 0)
    electrode = mesh.points[mesh.cells[mesh.cell_phase == mesh.phases["active"]]]
    assert electrode[..., 1].max() == pytest.approx(3.0)
    for name, y in (("collector", 0.0), ("counter", 5.0), ("top", 3.0)):
        ends = mesh.points[mesh.facets[mesh.facet_tag == mesh.boundaries[name]]]
        assert ends[..., 1] == pytest.approx(np.full_like(ends[..., 1], y))
    assert own.report["axis"] == AXES[quarters]


@pytest.mark.parametrize("quarters", range(4))
@pytest.mark.parametrize("axis", AXES)
@pytest.mark.parametrize("known", ["phases", "lines", "both"])
def test_another_direction_is_told_with_the_right_one(tmp_path, quarters, axis, known):
    path = _write(tmp_path / "a.vtu", quarters=quarters)
    changes = {
        "phases": {"phases": PHASES, "boundaries": {}},
        "lines": {"phases": {"1": "active", "2": "pore"}, "boundaries": LINES},
        "both": {},
    }[known]
    if axis == AXES[quarters]:
        _load(path, axis=axis, **changes)
        return
    message = _message(path, axis=axis, **changes)
    assert f"Set geometry.mesh.axis: {AXES[quarters]}" in message


def test_collector_and_counter_swapped(tmp_path):
    path = _write(tmp_path / "a.vtu")
    message = _message(path, boundaries={"8": "collector", "7": "counter"})
    assert "'collector' at the highest y and 'counter' at the lowest y" in message
    assert "Swap the two names" in message


def test_a_line_with_two_names_and_one_named_twice(tmp_path):
    two = [[0, 1], [4, 5], [1, 0]], [7, 8, 9]
    path = _write(tmp_path / "a.vtu", lines=two)
    message = _message(path, boundaries={**LINES, "9": "left"})
    assert "1 lines named twice, in 'collector' and 'left'" in message
    again = [[0, 1], [4, 5], [4, 5]], [7, 8, 8]
    message = _message(_write(tmp_path / "b.vtu", lines=again))
    assert "1 lines named twice, in 'counter'" in message


@pytest.mark.parametrize(("unit", "meant"), [("mm", "um"), ("cm", "um"), ("m", "um")])
def test_a_section_of_centimetres_is_doubted(tmp_path, unit, meant):
    """4 mm x 5 mm is not a section of an electrode, nor is 4 cm."""
    message = _message(_write(tmp_path / "a.vtu"), unit=unit)
    assert f"Did you mean unit: {meant}?" in message
    assert "0.5 um and 1 mm" in message


NODES = "$Nodes\n1 4 1 4\n2 1 0 4\n1\n2\n3\n4\n0 0 0\n4 0 0\n4 5 0\n0 5 0\n$EndNodes\n"


def _msh(path, kind=0, nodes="", count=1):
    head = "$MeshFormat\n4.1 0 8\n$EndMeshFormat\n"
    rows = f"1 {count} 1 {count}\n2 1 {kind} {count}\n{nodes}\n" if kind else "0 0 0 0\n"
    path.write_text(f"{head}{NODES}$Elements\n{rows}$EndElements\n")
    return path


@pytest.mark.parametrize(
    ("kind", "nodes", "words", "not_said"),
    [
        (0, "", ["saved before meshing", "mesh in 2D"], ["RecombineAll", "ElementOrder"]),
        (1, "1 1 2", ["1 lines and no triangle", "physical groups"], ["RecombineAll"]),
        (3, "1 1 2 3 4", ["1 of kind quad", "RecombineAll = 0"], ["ElementOrder"]),
        (9, "1 1 2 3 4 1 2", ["triangle of order 2", "ElementOrder = 1"], ["RecombineAll"]),
        (8, "1 1 2 3", ["line of order 2", "ElementOrder = 1"], ["RecombineAll"]),
    ],
)
def test_one_true_sentence_on_other_elements(tmp_path, kind, nodes, words, not_said):
    message = _message(_msh(tmp_path / "a.msh", kind, nodes))
    assert all(word in message for word in words)
    assert not any(word in message for word in not_said)


def test_a_file_without_anything_was_saved_before_meshing(tmp_path):
    path = tmp_path / "a.msh"
    path.write_text("$MeshFormat\n4.1 0 8\n$EndMeshFormat\n")
    assert "saved before meshing" in _message(path)
