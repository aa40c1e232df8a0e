"""If one fails, ParaView crashes on a field file, or shows a field at the wrong time."""

import errno
import os
import xml.etree.ElementTree as ET

import h5py
import numpy as np
import pytest

from mesode.analysis.xdmf import open_series
from mesode.output.xdmf_series import FieldShape, Frame, Layout, add_frames, write_series

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


def series(tmp_path, frames):
    path = tmp_path / "active.xdmf"
    write_series(path, LAYOUT, frames)
    return path


def times(path):
    grids = ET.parse(path).findall("Domain/Grid/Grid")
    return [float(grid.find("Time").get("Value")) for grid in grids]


def test_frames_that_are_added_are_as_if_written_at_once(tmp_path):
    at_once = series(tmp_path, FRAMES).read_text()
    path = series(tmp_path, FRAMES[:1])
    add_frames(path, LAYOUT, FRAMES[1:2])
    add_frames(path, LAYOUT, FRAMES[2:])
    assert path.read_text() == at_once


def test_a_series_without_space_for_more_keeps_what_it_had(tmp_path, monkeypatch):
    path = series(tmp_path, FRAMES[:2])
    before, fsync = path.read_bytes(), os.fsync
    calls = []

    def full(number):
        calls.append(path.stat().st_size)
        if len(calls) == 1:
            raise OSError(errno.ENOSPC, "no space")
        fsync(number)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        add_frames(path, LAYOUT, FRAMES[2:])
    assert calls[0] > len(before)
    assert path.read_bytes() == before


def test_frames_before_one_that_was_cut_off_can_be_read(tmp_path):
    with h5py.File(tmp_path / "mesh.h5", "w") as mesh:
        mesh["/active/points"], mesh["/active/triangles"] = np.zeros((5, 2)), np.zeros((4, 3), int)
    ends = [series(tmp_path, FRAMES[:k]).stat().st_size for k in (1, 2, 3)]
    path = tmp_path / "active.xdmf"
    whole = path.read_bytes()
    ends = [end - len(whole) + whole.rindex(b"\n    </Grid>") for end in ends]
    for length in range(ends[0], len(whole), 37):
        path.write_bytes(whole[:length])
        complete = sum(end <= length for end in ends)
        assert open_series(path).times == tuple(frame.t for frame in FRAMES[:complete])


def test_a_series_that_was_altered_is_told(tmp_path):
    path = series(tmp_path, FRAMES[:1])
    path.write_text(path.read_text() + "<!-- mine -->")
    with pytest.raises(ValueError, match="does not end as it was written"):
        add_frames(path, LAYOUT, FRAMES[1:])


def test_each_frame_names_mesh_and_all_fields(tmp_path):
    grids = ET.parse(series(tmp_path, FRAMES)).findall("Domain/Grid/Grid")
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
