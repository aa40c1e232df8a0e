"""Read a mesh file of any common format: points, triangles, lines and named groups of them.

``.msh`` is read here, so that an element in two groups is seen, and meshio reads the rest. Nothing
in a file is carried out. Coordinates are as in the file.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from mesode.errors import GeometryError
from mesode.geometry.own_mesh.foreign import groups_of, open_foreign
from mesode.geometry.own_mesh.msh import read_msh
from mesode.inputs import unfit

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import numpy.typing as npt

    type FloatArray = npt.NDArray[np.float64]
    type IntArray = npt.NDArray[np.int64]

_FLAT = 1e-9  # height over width of a mesh in a plane


@dataclass(frozen=True, slots=True, kw_only=True)
class MeshFile:
    """What a file holds.

    ``points`` (n, 2); ``triangles`` (m, 3) and ``lines`` (k, 2) with ``triangle_groups`` and
    ``line_groups``: numbers of the elements of each group; ``others``: number of cells of each
    other kind.
    """

    points: FloatArray
    triangles: IntArray
    lines: IntArray
    triangle_groups: Mapping[str, IntArray]
    line_groups: Mapping[str, IntArray]
    others: Mapping[str, int] = field(default_factory=dict)


def read_mesh_file(path: Path) -> MeshFile:
    """Read a file.

    Raises:
        GeometryError: absent, of an unknown format, damaged, or not in the x-y plane.
    """
    reason = unfit(path)
    if reason:
        msg = f"{path}: {reason}; geometry.mesh.file is looked for beside the YAML file"
        raise GeometryError(msg)
    points, found = _read_gmsh(path) if path.suffix.lower() == ".msh" else _read_meshio(path)
    _check_numbers(path, points, found)
    height = float(np.ptp(points[:, 2])) if points.shape[1] > 2 and len(points) else 0.0
    if len(points) and height > _FLAT * max(float(np.ptp(points[:, :2])), 1e-300):
        msg = (
            f"{path}: not a mesh in the x-y plane: its z coordinates spread over {height:.4g}; "
            "export the section as a 2D mesh with x along the electrode and y through it"
        )
        raise GeometryError(msg)
    return MeshFile(
        points=np.ascontiguousarray(points[:, :2], dtype=np.float64),
        triangles=found.cells("triangle", 3),
        lines=found.cells("line", 2),
        triangle_groups=found.groups("triangle"),
        line_groups=found.groups("line"),
        others={k: n for k, n in found.count.items() if k not in ("triangle", "line", "vertex")},
    )


class _Found:
    """Cells by kind, and the numbers of those in each group, gathered block by block."""

    def __init__(self) -> None:
        self.count: Counter[str] = Counter()
        self._cells: dict[str, list[IntArray]] = {}
        self._groups: dict[str, dict[str, list[IntArray]]] = {}

    def add(self, kind: str, cells: IntArray) -> IntArray:
        """Add cells and return their numbers."""
        numbers = np.arange(self.count[kind], self.count[kind] + len(cells), dtype=np.int64)
        self.count[kind] += len(cells)
        self._cells.setdefault(kind, []).append(cells.astype(np.int64))
        return numbers

    def name(self, kind: str, group: str, numbers: IntArray) -> None:
        """Put cells into a group."""
        if len(numbers):
            self._groups.setdefault(kind, {}).setdefault(group, []).append(numbers)

    def cells(self, kind: str, width: int) -> IntArray:
        blocks = self._cells.get(kind)
        return np.concatenate(blocks) if blocks else np.empty((0, width), dtype=np.int64)

    def groups(self, kind: str) -> dict[str, IntArray]:
        found = self._groups.get(kind, {})
        return {name: np.unique(np.concatenate(parts)) for name, parts in found.items()}


def _read_gmsh(path: Path) -> tuple[FloatArray, _Found]:
    mesh, found = read_msh(path), _Found()
    for block in mesh.blocks:
        numbers = found.add(block.kind, block.nodes)
        for group in block.groups:
            found.name(block.kind, mesh.names.get((block.dim, group), str(group)), numbers)
    return mesh.points, found


def _read_meshio(path: Path) -> tuple[FloatArray, _Found]:
    mesh, found = open_foreign(path), _Found()
    numbers = [found.add(block.type, np.asarray(block.data)) for block in mesh.cells]
    for kind, group, cells in groups_of(path, mesh):
        found.name(mesh.cells[kind].type, group, numbers[kind][cells])
    points = np.asarray(mesh.points, dtype=np.float64)
    return points.reshape(len(points), -1), found


def _check_numbers(path: Path, points: FloatArray, found: _Found) -> None:
    """Check that elements have points that are there, and points have coordinates."""
    for kind, width in (("triangle", 3), ("line", 2)):
        cells = found.cells(kind, width)
        if np.any((cells < 0) | (cells >= len(points))):
            msg = f"{path}: some elements of kind {kind} have points that the file does not hold"
            raise GeometryError(msg)
    wrong = np.flatnonzero(~np.isfinite(points).all(axis=1))
    if len(wrong):
        msg = (
            f"{path}: {len(wrong)} points have coordinates that are not numbers (nan or inf), the "
            f"first is point {wrong[0] + 1}; mesh the section again"
        )
        raise GeometryError(msg)
