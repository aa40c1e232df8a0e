"""Time series of fields in XDMF and HDF5, as DOLFINx and ParaView write them.

A file holds one mesh and, at each time, values of named fields. DOLFINx writes one temporal
collection for each field and lets its grids point to the mesh by XInclude; others write one
collection whose grids hold all fields. Both are read here. Values stay in the file until asked
for, so that a long series costs no memory.

Coordinates are micrometres, times seconds, values in SI units.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mesode.errors import InputError, Problem
from mesode.inputs import beside, open_hdf5, read_xml

if TYPE_CHECKING:
    import xml.etree.ElementTree as ET
    from pathlib import Path

type FloatArray = npt.NDArray[np.float64]
type IndexArray = npt.NDArray[np.int64]

_OPEN, _CLOSE, _REST = b"<Grid", b"</Grid>", b"</Domain></Xdmf>"


@dataclass(frozen=True, slots=True)
class _Item:
    """Where the values of one field at one time lie."""

    file: Path
    dataset: str
    on_cells: bool

    def read(self) -> npt.NDArray[Any]:
        try:
            with open_hdf5(self.file) as store:
                return np.asarray(store[self.dataset])
        except (OSError, KeyError, TypeError) as error:
            expected = f"data set {self.dataset} that can be read"
            raise _unreadable(self.file, expected, error) from None


@dataclass(frozen=True, slots=True)
class Values:
    """One field at one time: shape (n,) or (n, components), at points or in cells."""

    data: FloatArray
    on_cells: bool

    @property
    def magnitude(self) -> FloatArray:
        """The values of a scalar, the length of a vector."""
        return self.data if self.data.ndim == 1 else np.linalg.norm(self.data, axis=1)


@dataclass(frozen=True, slots=True)
class Series:
    """Fields on one mesh of triangles at several times."""

    path: Path
    points: FloatArray  # (n, 2) [um]
    triangles: IndexArray  # (m, 3)
    times: tuple[float, ...]  # [s], ascending
    _items: dict[tuple[str, float], _Item] = field(repr=False)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the fields, in the order of the file."""
        return tuple(dict.fromkeys(name for name, _ in self._items))

    def read(self, name: str, frame: int = -1) -> Values:
        """Read one field at one of ``times``.

        Raises:
            KeyError: the field is not in the file at that time.
        """
        item = self._items[name, self.times[frame]]
        data = np.asarray(item.read(), dtype=np.float64)
        if data.ndim == 2 and data.shape[1] == 1:
            data = data[:, 0]
        return Values(data, item.on_cells)


def open_series(path: Path) -> Series:
    """Read mesh, times and names of an XDMF file.

    Raises:
        InputError: the file is absent, broken, or holds no mesh of triangles.
    """
    root = read_xml(path, _whole_frames)
    grids = [g for g in root.iter("Grid") if g.get("GridType", "Uniform") == "Uniform"]
    points, triangles = _mesh(grids, path)
    items = _items(grids, path)
    times = tuple(sorted({time for _, time in items}))
    return Series(path, points, triangles, times, items)


def _whole_frames(content: bytes) -> bytes:
    """Return the frames that are complete: a run may have been killed while it added some."""
    whole, end, _ = content.rpartition(_CLOSE)
    whole += end
    return whole + (whole.count(_OPEN) - whole.count(_CLOSE)) * _CLOSE + _REST


def _mesh(grids: list[ET.Element], path: Path) -> tuple[FloatArray, IndexArray]:
    for grid in grids:
        topology, geometry = grid.find("Topology"), grid.find("Geometry")
        if topology is None or geometry is None:
            continue
        if topology.get("TopologyType", "").lower() != "triangle":
            raise _unreadable(path, "a mesh of triangles", topology.get("TopologyType"))
        cells = _item(topology, path, on_cells=True).read().reshape(-1, 3)
        points = _item(geometry, path, on_cells=False).read()[:, :2]
        return np.asarray(points, dtype=np.float64), np.asarray(cells, dtype=np.int64)
    raise _unreadable(path, "a grid with topology and geometry", "none")


def _items(grids: list[ET.Element], path: Path) -> dict[tuple[str, float], _Item]:
    found = {}
    for grid in grids:
        time = grid.find("Time")
        if time is None:
            continue
        at = float(time.get("Value", "nan"))
        for attribute in grid.findall("Attribute"):
            on_cells = attribute.get("Center", "Node") == "Cell"
            item = _item(attribute, path, on_cells=on_cells)
            found[attribute.get("Name", ""), at] = item
    return found


def _item(parent: ET.Element, path: Path, *, on_cells: bool) -> _Item:
    text = (parent.findtext("DataItem") or "").strip()
    file, colon, dataset = text.rpartition(":")
    if not colon:
        raise _unreadable(path, "data in HDF5 (FILE.h5:/data/set)", text[:40])
    return _Item(beside(path, file), dataset, on_cells)


def _unreadable(path: Path, expected: str, found: object) -> InputError:
    return InputError([Problem(str(path), str(found), f"expected {expected}")], "the run folder")
