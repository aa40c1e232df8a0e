"""Read a mesh file of any common format: points, triangles, lines and named groups of them.

gmsh reads ``.msh``, so that an element in two groups is seen; meshio reads the rest. Coordinates
are as in the file.
"""

from __future__ import annotations

import contextlib
import io
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import gmsh
import numpy as np

from mesode.errors import GeometryError
from mesode.geometry.gmsh_mesh import gmsh_session

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import numpy.typing as npt

    type FloatArray = npt.NDArray[np.float64]
    type IntArray = npt.NDArray[np.int64]

# cell data that hold group numbers, by the names that programs give them; the first one counts
_NUMBERS = ("gmsh:physical", "cell_tags", "medit:ref", "CellEntityIds", "MaterialIds", "phase")
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
    if not path.is_file():
        msg = f"{path}: no such mesh file; geometry.mesh.file is looked for beside the YAML file"
        raise GeometryError(msg)
    points, found = _read_gmsh(path) if path.suffix.lower() == ".msh" else _read_meshio(path)
    height = float(np.ptp(points[:, 2])) if points.shape[1] > 2 and len(points) else 0.0
    if height > _FLAT * max(float(np.ptp(points[:, :2])), 1e-300):
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

    with gmsh_session():
        try:
            gmsh.open(str(path))
        except Exception as error:  # gmsh raises bare Exception
            msg = f"{path}: gmsh cannot read it: {error}"
            raise GeometryError(msg) from error
        tags, coordinates, _ = gmsh.model.mesh.getNodes()
        row = np.full(int(tags.max(initial=0)) + 1, -1, dtype=np.int64)
        row[tags.astype(np.int64)] = np.arange(len(tags))
        found = _Found()
        for dim, entity in gmsh.model.getEntities():
            _add_entity(found, dim, entity, row)
    return np.asarray(coordinates).reshape(-1, 3), found


def _add_entity(found: _Found, dim: int, entity: int, row: IntArray) -> None:

    groups = [int(g) for g in gmsh.model.getPhysicalGroupsForEntity(dim, entity)]
    names = [gmsh.model.getPhysicalName(dim, g) or str(g) for g in groups]
    kinds, _, nodes = gmsh.model.mesh.getElements(dim, entity)
    for kind, flat in zip(kinds.tolist(), nodes, strict=True):
        title, _, order, width, _, _ = gmsh.model.mesh.getElementProperties(kind)
        name = _gmsh_kind(title, order, dim)
        numbers = found.add(name, row[flat.astype(np.int64)].reshape(-1, width))
        for group in names:
            found.name(name, group, numbers)


def _gmsh_kind(title: str, order: int, dim: int) -> str:
    if dim == 0:
        return "vertex"
    first = title.split()[0].lower()  # "Triangle 3", "Quadrilateral 4", "Line 2"
    return first if order == 1 else f"{first} of order {order}"


def _read_meshio(path: Path) -> tuple[FloatArray, _Found]:
    mesh = _open_meshio(path)
    found = _Found()
    numbers = [found.add(block.type, np.asarray(block.data)) for block in mesh.cells]
    for kind, group, cells in _meshio_groups(path, mesh):
        found.name(mesh.cells[kind].type, group, numbers[kind][cells])
    return np.asarray(mesh.points, dtype=np.float64), found


def _open_meshio(path: Path) -> Any:
    import meshio

    said = io.StringIO()
    try:
        # meshio prints what it thinks of a file and leaves the process
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            return meshio.read(path)
    except (Exception, SystemExit) as error:
        reason = " ".join(said.getvalue().split()) or str(error) or type(error).__name__
        msg = f"{path}: meshio cannot read it: {reason}"
        raise GeometryError(msg) from error


def _meshio_groups(path: Path, mesh: Any) -> Iterator[tuple[int, str, IntArray]]:
    """Yield block, group name and cells of the block, from sets of cells or from numbers."""
    sets = {name: cells for name, cells in mesh.cell_sets.items() if not name.startswith("gmsh:")}
    for name, blocks in sets.items():
        for block, cells in enumerate(blocks):
            if cells is not None and len(cells):
                yield block, name, np.asarray(cells, dtype=np.int64)
    key = _number_key(path, mesh) if not sets else None
    if key is None:
        return
    families = getattr(mesh, "cell_tags", {}) if key == "cell_tags" else {}
    for block, data in enumerate(mesh.cell_data[key]):
        dim = mesh.cells[block].dim
        names = {int(v[0]): n for n, v in mesh.field_data.items() if len(v) < 2 or v[1] == dim}
        for number in np.unique(data).tolist():
            cells = np.flatnonzero(np.asarray(data) == number)
            if key in ("cell_tags", "gmsh:physical") and number == 0:
                continue  # in no group
            for name in families.get(number, [names.get(number, str(number))]):
                yield block, name, cells


def _number_key(path: Path, mesh: Any) -> str | None:
    """Return the name of the cell data that number the groups, None without any."""
    whole = [k for k, v in mesh.cell_data.items() if all(_is_whole(part) for part in v)]
    known = [key for key in _NUMBERS if key in whole]
    others = [key for key in whole if not key.startswith(("gmsh:", "vtk"))]
    if known:
        return known[0]
    if len(others) > 1:
        msg = (
            f"{path}: several cell data hold whole numbers ({', '.join(others)}); keep only the "
            f"one that numbers the phases, or name it {_NUMBERS[-1]!r}"
        )
        raise GeometryError(msg)
    return others[0] if others else None


def _is_whole(values: Any) -> bool:
    array = np.asarray(values)
    return array.ndim == 1 and bool(
        np.issubdtype(array.dtype, np.integer)
        or (np.all(np.isfinite(array)) and np.all(array == np.round(array)))
    )
