"""If one fails, ParaView crashes on a field file, or shows a field at the wrong time."""

import xml.etree.ElementTree as ET

import pytest

from mesode.output.xdmf_series import MergedSeries, merged

pytestmark = pytest.mark.serial

FRAME = """<Grid Name="{name}" GridType="Uniform"><Time Value="{t}" />
<Attribute Name="{name}" Center="Node"><DataItem>a.h5:/Function/{name}/{t}</DataItem></Attribute>
</Grid>"""
RAW = (
    '<Xdmf Version="3.0"><Domain><Grid Name="mesh" GridType="Uniform"><Topology /><Geometry />'
    "</Grid>"
    + "".join(
        '<Grid GridType="Collection">'
        + "".join(FRAME.format(name=name, t=t) for t in ("0", "10.5", "9"))
        + "</Grid>"
        for name in ("sto", "c_s")
    )
    + "</Domain></Xdmf>"
)


def test_each_time_has_mesh_and_all_fields_in_order_of_time():
    grids = ET.fromstring(merged(RAW)).findall("Domain/Grid/Grid")
    assert [grid.find("Time").get("Value") for grid in grids] == ["0", "9", "10.5"]
    for grid in grids:
        assert grid.find("Topology") is not None
        assert grid.find("Geometry") is not None
        assert [a.get("Name") for a in grid.findall("Attribute")] == ["sto", "c_s"]
    assert grids[1].findtext("Attribute/DataItem") == "a.h5:/Function/sto/9"


def test_the_form_to_append_to_comes_back(tmp_path):
    path = tmp_path / "a.xdmf"
    path.write_text(RAW)
    series = MergedSeries(path)
    series.restore()
    assert path.read_text() == RAW
    series.merge()
    assert path.read_text() == merged(RAW)
    series.restore()
    assert path.read_text() == RAW
