"""Field files, written by rank 0: a mesh file, a file for each step, an XDMF file for each group.

The file of a step gets its name when it is complete and is never opened for writing again, so a
run that is killed can damage nothing that was finished. Nodes and cells are in an order that
depends on the mesh alone: a run may go on with another number of ranks.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
from dolfinx import fem

from mesode.mesh.ordering import Order
from mesode.output.hdf5_file import new_hdf5
from mesode.output.ranks import only_on_rank_zero, writing
from mesode.output.snapshot import sync_folder
from mesode.output.xdmf_series import FieldShape, Frame, Layout, add_frames, dataset, write_series

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from mesode.mesh.ordering import IntArray
    from mesode.model.averages import FloatArray
    from mesode.model.field_groups import FieldGroup
    from mesode.output.hdf5_file import Hdf5File

MESH = "mesh.h5"
STEP_FILES = "step_*.h5*"
MICROMETRES = 1e6  # [um/m]


class GroupWriter:
    """Points, triangles and fields of a group as rank 0 writes them (collective)."""

    def __init__(self, group: FieldGroup, mesh: str = MESH) -> None:
        self.group, self.name, self._mesh = group, group.group.value, mesh
        nodes = fem.functionspace(group.domain.mesh, ("Lagrange", 1))
        self._nodes = Order(nodes)
        cells = fem.functionspace(group.domain.mesh, ("DG", 0))
        self._cells = Order(cells)
        self.labels = {
            name: self._cells.gather(_cell_dofs(cells, numbers))
            for name, numbers in group.labels.items()
        }
        owned = nodes.dofmap.index_map.size_local
        coordinates = nodes.tabulate_dof_coordinates()[:owned]
        columns = [self._nodes.gather(MICROMETRES * coordinates[:, k]) for k in (0, 1)]
        self.points = np.column_stack([c for c in columns if c is not None] or [np.empty(0)])
        self._orders = [
            (function, shape, Order(function.function_space))
            for function, shape in zip(group.functions, self._shapes(), strict=True)
        ]

    def _shapes(self) -> list[FieldShape]:
        return [
            FieldShape(
                name=function.name,
                vector=function.function_space.dofmap.index_map_bs > 1,
                on_cells=function.function_space.element.basix_element.discontinuous,
            )
            for function in self.group.functions
        ]

    @property
    def values(self) -> int:
        """Numbers in a frame."""
        return sum(order.size for _, _, order in self._orders)

    def triangles(self) -> Any:
        """Return the nodes of each triangle, counter-clockwise (rank 0)."""
        found = np.searchsorted(self._nodes.names[:, 0], self._cells.names[:, :3])
        a, b, c = (self.points[found[:, k]] for k in range(3))
        area = (b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0]
        return np.where(area[:, None] > 0.0, found, found[:, ::-1])

    def layout(self) -> Layout:
        """Return what the XDMF file says of the mesh and the fields."""
        return Layout(
            group=self.name,
            mesh=self._mesh,
            points=self._nodes.size,
            triangles=self._cells.size,
            fields=tuple(shape for _, shape, _ in self._orders),
            labels=tuple(self.labels),
        )

    def gather(self) -> dict[str, FloatArray]:
        """Return the values of each field at the loaded state, on rank 0 (collective)."""
        self.group.update()
        found = {}
        for function, shape, order in self._orders:
            values = order.gather(function.x.array[: _owned(function)])
            if values is not None:
                found[shape.name] = _padded(values) if shape.vector else values[:, None]
        return found

    def add(self, file: Hdf5File, number: int, fields: Mapping[str, FloatArray]) -> None:
        """Add a frame to its file (rank 0)."""
        for name, values in fields.items():
            file.add(dataset(self.name, number, name), values)


def step_file(number: int) -> str:
    """Return the name of the file of a step."""
    return f"step_{number:04d}.h5"


def _readable(path: Path) -> bool:
    try:
        with h5py.File(path, "r"):
            return True
    except OSError:
        return False


def _cell_dofs(space: Any, values: IntArray) -> IntArray:
    """Return what the owned unknowns of a space with one for each cell are."""
    dofs = space.dofmap.list[:, 0]
    found = np.empty_like(values)
    found[dofs] = values
    return found[: space.dofmap.index_map.size_local]


def _owned(function: Any) -> int:
    dofmap = function.function_space.dofmap
    return int(dofmap.index_map.size_local * dofmap.index_map_bs)


def _padded(values: FloatArray) -> FloatArray:
    """Return vectors in the plane as ParaView wants them: with a third component."""
    rows = values.reshape(-1, 2)
    return np.column_stack([rows, np.zeros(len(rows))])


class FieldFiles:
    """The files of some groups in a folder (collective).

    Args:
        folder: Where they lie.
        groups: Of fields.
        comm: Communicator of the run.
        mesh: Name of the file of points and triangles.
        steps: Pattern of the names of the files of frames.
    """

    def __init__(
        self,
        folder: Path,
        groups: Sequence[FieldGroup],
        comm: Any,
        mesh: str = MESH,
        steps: str = STEP_FILES,
    ) -> None:
        self._folder, self._comm, self._mesh, self._steps = folder, comm, mesh, steps
        self.writers = [GroupWriter(group, mesh) for group in groups]
        self.frames: list[Frame] = []
        only_on_rank_zero(comm, self._write_mesh)

    def _write_mesh(self) -> None:
        with new_hdf5(self._folder / self._mesh) as file:
            for writer in self.writers:
                parts = {"points": writer.points, "triangles": writer.triangles()}
                labels = {
                    label: np.asarray(numbers, dtype=np.int64)
                    for label, numbers in writer.labels.items()
                }
                for name, values in (parts | labels).items():
                    file.add(f"/{writer.name}/{name}", values)

    def write(self, name: str, times: Sequence[float], load: Callable[[float], None]) -> None:
        """Write the frames of a step into a file of its own and add them to the series.

        Raises:
            OutputError: they cannot be written; what was there before is untouched.
        """
        file: Hdf5File | None = None

        def begin() -> None:
            nonlocal file
            file = stack.enter_context(new_hdf5(self._folder / name))

        def end() -> None:
            stack.close()
            self._add_to_series(new)
            with writing(self._folder):
                sync_folder(self._folder)

        new = [Frame(t, name, number) for number, t in enumerate(times)]
        with ExitStack() as stack:
            only_on_rank_zero(self._comm, begin)
            for frame in new:
                load(frame.t)
                for writer in self.writers:
                    values = writer.gather()
                    if file is not None:
                        writer.add(file, frame.number, values)
            only_on_rank_zero(self._comm, end)
        self.frames += new

    def restore(self, frames: Sequence[Frame]) -> list[str]:
        """Keep these frames and no other (rank 0); return which files are lost."""
        names = dict.fromkeys(frame.file for frame in frames)
        lost = [name for name in names if not _readable(self._folder / name)]
        self.frames = [frame for frame in frames if frame.file not in lost]
        for path in self._folder.glob(self._steps):
            if path.name not in names or path.name in lost:
                path.unlink()
        self._write_series(self.frames)
        return lost

    def _write_series(self, frames: Sequence[Frame]) -> None:
        for writer in self.writers:
            path = self._folder / f"{writer.name}.xdmf"
            with writing(path):
                write_series(path, writer.layout(), frames)

    def _add_to_series(self, new: Sequence[Frame]) -> None:
        """Add frames; where somebody has removed or altered a file, all of it is written anew."""
        if not self.frames:
            self._write_series(new)
            return
        for writer in self.writers:
            path = self._folder / f"{writer.name}.xdmf"
            with writing(path):
                try:
                    add_frames(path, writer.layout(), new)
                except (FileNotFoundError, ValueError):
                    write_series(path, writer.layout(), [*self.frames, *new])
