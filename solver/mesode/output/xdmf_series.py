"""The XDMF file of a series: for each frame where its mesh and its fields lie in HDF5 files.

Each frame names its mesh itself: VTK's reader does not follow references from one to another.
Frames are added where the last one ends, over the closing tags, which are written again behind
them: a frame costs the same however many there are.
"""

from __future__ import annotations

import os
import xml.etree.ElementTree as ET
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from mesode.whole_file import whole_file

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_VECTOR = 3  # components, as ParaView wants them
_HEAD = """\
<?xml version='1.0' encoding='utf-8'?>
<Xdmf Version="3.0">
  <Domain>
    <Grid Name="series" GridType="Collection" CollectionType="Temporal">
"""
_TAIL = """\
    </Grid>
  </Domain>
</Xdmf>
"""
_DEPTH = 3  # of a frame among the tags


@dataclass(frozen=True, slots=True)
class FieldShape:
    """Name of a field, whether it is a vector, whether its values belong to cells."""

    name: str
    vector: bool
    on_cells: bool


@dataclass(frozen=True, slots=True)
class Frame:
    """Time [s] of a frame, its HDF5 file, and its number in it."""

    t: float
    file: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What all frames of a series have in common.

    ``group`` is the name of the series in the HDF5 files, ``mesh`` the file of points and
    triangles, of which there are so many, and of the ``labels``: whole numbers of the triangles.
    """

    group: str
    mesh: str
    points: int
    triangles: int
    fields: tuple[FieldShape, ...]
    labels: tuple[str, ...] = ()


def dataset(group: str, number: int, name: str) -> str:
    """Return where the values of a field of a frame lie in their file."""
    return f"/{group}/{number}/{name}"


def write_series(path: Path, layout: Layout, frames: Sequence[Frame]) -> None:
    """Write an XDMF file in whole or not at all.

    Raises:
        OSError: no space or no permission; the file is what it was.
    """
    with whole_file(path) as stream:
        stream.write((_HEAD + _frames_text(layout, frames) + _TAIL).encode())


def add_frames(path: Path, layout: Layout, frames: Sequence[Frame]) -> None:
    """Add frames to an XDMF file.

    Raises:
        OSError: the file is not there, no space or no permission; it holds the same frames then.
        ValueError: it does not end as it was written.
    """
    tail = _TAIL.encode()
    with path.open("r+b", buffering=0) as stream:
        end = stream.seek(0, os.SEEK_END) - len(tail)
        stream.seek(max(end, 0))
        if stream.read() != tail:
            msg = f"{path} does not end as it was written"
            raise ValueError(msg)
        try:
            _put(stream, end, _frames_text(layout, frames).encode() + tail)
        except OSError:
            with suppress(OSError):
                _put(stream, end, tail)
            raise


def _put(stream: BinaryIO, place: int, content: bytes) -> None:
    """Write the rest of a file anew, at once."""
    stream.seek(place)
    rest = memoryview(content)
    while rest:
        rest = rest[stream.write(rest) :]
    stream.truncate()
    os.fsync(stream.fileno())


def _frames_text(layout: Layout, frames: Sequence[Frame]) -> str:
    return "".join(_frame_text(layout, frame) for frame in frames)


def _frame_text(layout: Layout, frame: Frame) -> str:
    grid = ET.Element("Grid", Name="mesh", GridType="Uniform")
    ET.SubElement(grid, "Time", Value=repr(frame.t))
    _mesh(grid, layout)
    for shape in layout.fields:
        _attribute(grid, layout, frame, shape)
    for label in layout.labels:
        _label(grid, layout, label)
    ET.indent(grid, level=_DEPTH)
    return "  " * _DEPTH + ET.tostring(grid, encoding="unicode") + "\n"


def _mesh(grid: ET.Element, layout: Layout) -> None:
    count = str(layout.triangles)
    topology = ET.SubElement(
        grid, "Topology", TopologyType="Triangle", NumberOfElements=count, NodesPerElement="3"
    )
    _item(topology, f"{count} 3", "Int", f"{layout.mesh}:/{layout.group}/triangles")
    geometry = ET.SubElement(grid, "Geometry", GeometryType="XY")
    _item(geometry, f"{layout.points} 2", "Float", f"{layout.mesh}:/{layout.group}/points")


def _attribute(grid: ET.Element, layout: Layout, frame: Frame, shape: FieldShape) -> None:
    kind = "Vector" if shape.vector else "Scalar"
    center = "Cell" if shape.on_cells else "Node"
    attribute = ET.SubElement(grid, "Attribute", Name=shape.name, AttributeType=kind, Center=center)
    rows = layout.triangles if shape.on_cells else layout.points
    where = f"{frame.file}:{dataset(layout.group, frame.number, shape.name)}"
    _item(attribute, f"{rows} {_VECTOR if shape.vector else 1}", "Float", where)


def _label(grid: ET.Element, layout: Layout, label: str) -> None:
    attribute = ET.SubElement(grid, "Attribute", Name=label, AttributeType="Scalar", Center="Cell")
    _item(attribute, f"{layout.triangles} 1", "Int", f"{layout.mesh}:/{layout.group}/{label}")


def _item(parent: ET.Element, dimensions: str, kind: str, where: str) -> None:
    item = ET.SubElement(
        parent,
        "DataItem",
        Dimensions=dimensions,
        NumberType=kind,
        Precision="8",
        Format="HDF",
    )
    item.text = where
