"""If these fail, values land on wrong points, cells or times when results are read back."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

from mesode.analysis.triangle_sets import centroids
from mesode.analysis.xdmf import open_series
from mesode.errors import InputError
from support.run_folder import TIMES, WIDTH

pytestmark = pytest.mark.serial


@pytest.fixture
def ionic(run_folder):
    return open_series(run_folder / "fields" / "ionic.xdmf")


def test_mesh_times_and_names(ionic):
    assert ionic.times == TIMES
    assert ionic.names == ("c_e", "phi_e", "i_e", "phase", "particle")
    assert ionic.points.shape == (41 * 43, 2)
    assert ionic.triangles.shape == (2 * 40 * 42, 3)
    assert ionic.points[:, 0].max() == WIDTH


@pytest.mark.parametrize("frame", [0, 1, -1])
def test_point_values_belong_to_their_points_and_time(ionic, frame):
    values = ionic.read("c_e", frame)
    assert not values.on_cells
    expected = 1000 + ionic.times[frame] / 3 * (ionic.points[:, 1] / 42 - 0.5)
    np.testing.assert_allclose(values.data, expected, rtol=1e-13)


def test_cell_vectors_belong_to_their_cells(ionic):
    values = ionic.read("i_e")
    assert values.on_cells
    centre = centroids(ionic)
    np.testing.assert_allclose(values.data[:, 0], 5 * np.cos(centre[:, 0] / 3), rtol=1e-12)
    np.testing.assert_allclose(values.magnitude, np.linalg.norm(values.data[:, :2], axis=1))


def test_displacement_is_a_vector_at_points(run_folder):
    series = open_series(run_folder / "fields" / "mechanical.xdmf")
    u = series.read("u")
    assert not u.on_cells
    np.testing.assert_allclose(u.data[:, 1], 0.1 * series.points[:, 1], atol=1e-14)


def test_unknown_field_is_a_key_error(ionic):
    with pytest.raises(KeyError, match="c_x"):
        ionic.read("c_x")


def test_file_with_all_fields_in_one_collection(tmp_path):
    """Other writers repeat the mesh in each grid and put all fields side by side."""
    with h5py.File(tmp_path / "a.h5", "w") as store:
        store["x"] = np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0]])
        store["t"] = np.array([[0, 1, 2]])
        store["p1"], store["p2"], store["q1"] = np.arange(3.0), np.arange(3.0) + 5, [[7.0]]
    mesh = (
        '<Topology TopologyType="Triangle"><DataItem>a.h5:/t</DataItem></Topology>'
        '<Geometry GeometryType="XYZ"><DataItem>a.h5:/x</DataItem></Geometry>'
    )
    point = '<Attribute Name="p"><DataItem>a.h5:/p{}</DataItem></Attribute>'
    cell = '<Attribute Name="q" Center="Cell"><DataItem>a.h5:/q1</DataItem></Attribute>'
    grids = "".join(
        f'<Grid Name="g">{mesh}<Time Value="{t}"/>{point.format(t)}{cell}</Grid>' for t in (1, 2)
    )
    (tmp_path / "a.xdmf").write_text(
        f'<Xdmf><Domain><Grid GridType="Collection">{grids}</Grid></Domain></Xdmf>'
    )
    series = open_series(tmp_path / "a.xdmf")
    assert series.times == (1.0, 2.0)
    np.testing.assert_array_equal(series.read("p", 1).data, [5.0, 6.0, 7.0])
    np.testing.assert_array_equal(series.read("q", 0).data, [7.0])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "no such file"),
        ("<Xdmf><Domain>", "it is not XML"),
        (
            '<!DOCTYPE Xdmf SYSTEM "Xdmf.dtd" [<!ENTITY a SYSTEM "b.txt">]><Xdmf>&a;</Xdmf>',
            "defines the word 'a'",
        ),
        (
            '<Xdmf><Grid><Topology TopologyType="Triangle"><DataItem>../no.h5:/t</DataItem>'
            "</Topology><Geometry/></Grid></Xdmf>",
            "expected one beside it",
        ),
        ("<Xdmf><Domain/></Xdmf>", "expected a grid with topology and geometry"),
        (
            '<Xdmf><Grid><Topology TopologyType="Hexahedron"/><Geometry/></Grid></Xdmf>',
            "expected a mesh of triangles",
        ),
        (
            '<Xdmf><Grid><Topology TopologyType="Triangle"><DataItem>no.h5:/t</DataItem>'
            "</Topology><Geometry/></Grid></Xdmf>",
            "no.h5: no such file",
        ),
    ],
)
def test_unreadable_file_is_bad_input(tmp_path, text, message):
    path = tmp_path / "a.xdmf"
    if text is not None:
        path.write_text(text)
    with pytest.raises(InputError, match=message):
        open_series(path)
