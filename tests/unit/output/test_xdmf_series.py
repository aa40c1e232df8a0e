"""If one fails, ParaView crashes on a field file, or shows a field at the wrong time."""

import xml.etree.ElementTree as ET

import pytest

from mesode.output.xdmf_series import FieldShape, Frame, Layout, series_text

pytestmark = pytest.mark.serial

LAYOUT = Layout(
    group="active",
    mesh="mesh.h5",
    points=5,
    triangles=4,
    fields=(FieldShape("sto", vector=False, on_cells=False), FieldShape("N", True, True)),
    labels=("phase",),
)
FRAMES = [Frame(0.0, "step_0001.h5", 0), Frame(10.5, "step_0001.h5", 1), Frame(9e5, "b.h5", 0)]


def test_each_frame_names_mesh_and_all_fields():
    grids = ET.fromstring(series_text(LAYOUT, FRAMES)).findall("Domain/Grid/Grid")
    assert [float(grid.find("Time").get("Value")) for grid in grids] == [0.0, 10.5, 9e5]
    for grid in grids:
        assert grid.findtext("Topology/DataItem") == "mesh.h5:/active/triangles"
        assert grid.findtext("Geometry/DataItem") == "mesh.h5:/active/points"
    sto, N, phase = grids[1].findall("Attribute")
    assert (sto.get("Name"), sto.get("AttributeType"), sto.get("Center")) == (
        "sto", "Scalar", "Node",
    )  # fmt: skip
    assert sto.findtext("DataItem") == "step_0001.h5:/active/1/sto"
    assert sto.find("DataItem").get("Dimensions") == "5 1"
    assert (N.get("AttributeType"), N.get("Center")) == ("Vector", "Cell")
    assert N.find("DataItem").get("Dimensions") == "4 3"
    assert phase.get("Center") == "Cell"
    assert phase.findtext("DataItem") == "mesh.h5:/active/phase"
    assert phase.find("DataItem").get("NumberType") == "Int"
