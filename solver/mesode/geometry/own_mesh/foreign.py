"""Read meshes of other programs with meshio, after a look at what they would have it open.

Only formats are read of which it is known how they name other files: XDMF names HDF5 files, which
must lie beside it, Abaqus includes others, which is refused, the rest stands for itself.
"""

from __future__ import annotations

import contextlib
import io
from typing import TYPE_CHECKING, Any

import numpy as np

from mesode.errors import GeometryError
from mesode.inputs import beside, check_xml, little_memory, open_hdf5, read_bytes, read_xml, refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import numpy.typing as npt

    type IntArray = npt.NDArray[np.int64]

# cell data that hold group numbers, by the names that programs give them; the first one counts
_NUMBERS = ("gmsh:physical", "cell_tags", "medit:ref", "CellEntityIds", "MaterialIds", "phase")


def open_foreign(path: Path) -> Any:
    """Return the mesh in a file as meshio gives it.

    Raises:
        GeometryError: of an unknown format, or damaged.
        InputError: it points to other files, or would unpack without measure.
    """
    import meshio

    check = _CHECKS.get(path.suffix.lower())
    if check is None:
        msg = f"{path}: cannot be read as a mesh; save it as .msh (gmsh), or as one of "
        raise GeometryError(msg + ", ".join(_CHECKS))
    check(path)
    said = io.StringIO()
    try:
        # meshio prints what it thinks of a file and leaves the process
        with (
            little_memory(path),
            contextlib.redirect_stdout(said),
            contextlib.redirect_stderr(said),
        ):
            return meshio.read(path)
    except GeometryError:
        raise
    except (Exception, SystemExit) as error:
        reason = " ".join(said.getvalue().split()) or str(error) or type(error).__name__
        msg = f"{path}: meshio cannot read it: {reason}"
        raise GeometryError(msg) from error


def _check_hdf5(path: Path) -> None:
    with open_hdf5(path):
        pass


def _check_xdmf(path: Path) -> None:
    for element in read_xml(path).iter():
        if "<!" in (element.text or ""):
            raise refused(path, "a text in it has markup of its own, which is not read")
        if element.tag != "DataItem" or element.get("Format", "XML") == "XML":
            continue
        if element.get("Format") != "HDF":
            raise refused(path, "expected data in the file itself or in HDF5", "Save it anew")
        _check_hdf5(beside(path, (element.text or "").strip().partition(":")[0]))


def _check_abaqus(path: Path) -> None:
    for line in read_bytes(path).splitlines():
        if line.lstrip().startswith(b"*") and line.strip(b" \t*").upper().startswith(b"INCLUDE"):
            hint = "Write what it includes into the file itself"
            raise refused(path, "it includes another file (*INCLUDE), which is not opened", hint)


def _check_plain(path: Path) -> None:
    read_bytes(path)


_CHECKS: dict[str, Callable[[Path], None]] = {
    ".vtu": check_xml,
    ".vtk": _check_plain,
    ".xdmf": _check_xdmf,
    ".xmf": _check_xdmf,
    ".med": _check_hdf5,
    ".inp": _check_abaqus,
    ".mesh": _check_plain,
    ".su2": _check_plain,
    ".bdf": _check_plain,
    ".nas": _check_plain,
}


def groups_of(path: Path, mesh: Any) -> Iterator[tuple[int, str, IntArray]]:
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
