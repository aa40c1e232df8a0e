"""One temporal collection with all fields, from the XDMF that DOLFINx writes.

DOLFINx writes a collection for each field and lets its grids point to the mesh by XInclude, which
VTK's reader does not follow: it crashes. The merged file names mesh and fields in each grid, so
that ParaView shows one data set with all of them. The HDF5 file is the same for both.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from copy import deepcopy
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


class MergedSeries:
    """Turns a file into its merged form and back, for the next frames (rank 0 only)."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._raw: str | None = None

    def restore(self) -> None:
        """Give the file back the form that DOLFINx appends to."""
        if self._raw is not None:
            self.path.write_text(self._raw)

    def merge(self) -> None:
        """Write the merged form over the file."""
        self._raw = self.path.read_text()
        part = self.path.with_suffix(".part")
        part.write_text(merged(self._raw))
        part.replace(self.path)


def restore_all(series: Iterable[MergedSeries]) -> None:
    """Give several files back the form that DOLFINx appends to."""
    for one in series:
        one.restore()


def merge_all(series: Iterable[MergedSeries]) -> None:
    """Write the merged form over several files."""
    for one in series:
        one.merge()


def merged(text: str) -> str:
    """Return the merged form of an XDMF file with one mesh and a collection for each field."""
    domain = ET.fromstring(text).find("Domain")
    grids = [] if domain is None else list(domain)
    mesh = next(grid for grid in grids if grid.get("GridType") == "Uniform")
    frames: dict[str, list[ET.Element]] = {}
    for collection in grids:
        for grid in collection.findall("Grid"):
            time = grid.find("Time")
            if time is not None:
                frames.setdefault(time.get("Value", ""), []).extend(grid.findall("Attribute"))
    root = ET.Element("Xdmf", Version="3.0")
    series = ET.SubElement(
        ET.SubElement(root, "Domain"),
        "Grid",
        Name="series",
        GridType="Collection",
        CollectionType="Temporal",
    )
    for value in sorted(frames, key=float):
        grid = ET.SubElement(series, "Grid", Name="mesh", GridType="Uniform")
        ET.SubElement(grid, "Time", Value=value)
        grid.extend(deepcopy(part) for part in mesh if part.tag in ("Topology", "Geometry"))
        grid.extend(frames[value])
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"
