"""The fields that are drawn and written, by group, at the state that is loaded in a cell.

Primary unknowns are shown at the nodes, what is derived from their gradients cell by cell. Each
triangle carries the number of its phase and of its particle. Stress invariants are those of the
cell's mean stress, which for linear strain is the stress in its middle.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from dolfinx import fem

from mesode.fields import FIELDS, PARTICLE, PHASE, Group

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from mesode.mesh.domain import Subdomain
    from mesode.model.cell import Cell

    type FloatArray = npt.NDArray[np.float64]


class Means(Protocol):
    """What is known of each cell, such as ``CellMeans``."""

    def compute(self) -> FloatArray:
        """Return it at the loaded state, shape (cells with ghosts, numbers) (collective)."""


@dataclass(slots=True)
class FieldGroup:
    """Functions on one sub-mesh and how their values follow from the state.

    ``labels``: whole numbers of the local cells that do not change, by name.
    """

    group: Group
    domain: Subdomain
    labels: dict[str, npt.NDArray[Any]] = field(default_factory=dict)
    functions: list[fem.Function] = field(default_factory=list)
    _updates: list[Callable[[], None]] = field(default_factory=list)

    def update(self) -> None:
        """Compute all fields at the loaded state (collective)."""
        for update in self._updates:
            update()

    def at_nodes(self, key: str, values: Callable[[], FloatArray], size: int = 1) -> None:
        """Add a field with ``size`` values per node."""
        function = self._function(key, ("Lagrange", 1), size)

        def update() -> None:
            function.x.array[:] = values().ravel()

        self._updates.append(update)

    def on_cells(self, means: Means, **columns: Callable[[FloatArray], FloatArray]) -> None:
        """Add fields that follow from means over the cells."""
        functions = [
            self._function(key, ("DG", 0), 2 if FIELDS[key].vector else 1) for key in columns
        ]

        def update() -> None:
            values = means.compute()
            for function, column in zip(functions, columns.values(), strict=True):
                function.x.array[:] = column(values).ravel()

        self._updates.append(update)

    def _function(self, key: str, element: tuple[str, int], size: int) -> fem.Function:
        shape = () if size == 1 else (size,)
        space = fem.functionspace(self.domain.mesh, (*element, shape))
        function = fem.Function(space, name=FIELDS[key].key)
        self.functions.append(function)
        return function


def labelled(cell: Cell, group: Group, domain: Subdomain) -> FieldGroup:
    """Return a group without fields on a sub-mesh, with phase and particle of its triangles."""
    labels = {PHASE: cell.domain.cell_tag, PARTICLE: cell.domain.particle}
    own = {name: np.asarray(numbers[domain.cells]) for name, numbers in labels.items()}
    return FieldGroup(group, domain, own)


class FieldGroups:
    """The groups of a cell, filled by its processes (collective)."""

    def __init__(self, cell: Cell) -> None:
        self._cell = cell
        self._groups: dict[Group, FieldGroup] = {}
        for process in cell.processes:
            process.show(self)

    def of(self, group: Group, domain: Subdomain) -> FieldGroup:
        """Return a group, whose fields live on a sub-mesh."""
        if group not in self._groups:
            self._groups[group] = labelled(self._cell, group, domain)
        return self._groups[group]

    def all(self) -> list[FieldGroup]:
        """Return the groups that have fields, in the order of ``Group``."""
        return [self._groups[group] for group in Group if group in self._groups]
