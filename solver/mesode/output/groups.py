"""The fields of each group at the state that is loaded in a cell, ready for writing.

Primary unknowns are written at the nodes, what is derived from their gradients cell by cell. Each
triangle carries the number of its phase and of its particle.
Stress invariants are those of the cell's mean stress, which for linear strain is the stress in
its middle.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from dolfinx import fem

from mesode.fields import FIELDS, PARTICLE, PHASE, Group
from mesode.model import currents, stress
from mesode.model.averages import CellMeans
from mesode.section_names import is_counter

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from mesode.mesh.domain import Subdomain
    from mesode.mesh.ordering import IntArray
    from mesode.model.averages import FloatArray

MICROMETRES = 1e6  # [um/m]


@dataclass(slots=True)
class FieldGroup:
    """Functions on one sub-mesh and how their values follow from the state.

    ``labels``: whole numbers of the local cells that do not change, by name.
    """

    group: Group
    domain: Subdomain
    labels: dict[str, IntArray] = field(default_factory=dict)
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

    def on_cells(self, means: CellMeans, **columns: Callable[[FloatArray], FloatArray]) -> None:
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


def _group(cell: Any, group: Group, domain: Subdomain) -> FieldGroup:
    labels = {PHASE: cell.domain.cell_tag, PARTICLE: cell.domain.particle}
    own = {name: np.asarray(numbers[domain.cells]) for name, numbers in labels.items()}
    return FieldGroup(group, domain, own)


def build_groups(cell: Any) -> list[FieldGroup]:
    """Return the groups of fields that a cell has (collective)."""
    groups = [_active(cell), _electronic(cell), _ionic(cell)]
    return [*groups, _mechanical(cell)] if cell.mechanics is not None else groups


def _active(cell: Any) -> FieldGroup:
    group = _group(cell, Group.ACTIVE, cell.host_domain)
    nodes = _HostNodes(cell)
    parts = [((currents.i_n(cell, surface),), surface.dS) for surface in cell.surfaces]
    surface = CellMeans(cell.host_domain, parts, cell.entity_maps, side="+")
    group.at_nodes("sto", lambda: nodes.values(dict.fromkeys(cell.hosts, 1.0)))
    c_max = {host: cell.materials.lithium(host).c_max for host in cell.hosts}
    group.at_nodes("c_s", lambda: nodes.values(c_max))
    group.on_cells(surface, i_n=lambda v: v[:, 0])
    return group


def _electronic(cell: Any) -> FieldGroup:
    group = _group(cell, Group.ELECTRONIC, cell.conductor_domain)
    parts = [
        (_xy(currents.i_s(cell, phase)), cell.dx(cell.tag(phase))) for phase in cell.conductors
    ]
    current = CellMeans(cell.conductor_domain, parts, cell.entity_maps)
    of_counter = _at_nodes_of_counter(cell)
    group.at_nodes(
        "phi_s", lambda: _values(cell.phi_s) + np.where(of_counter, *reversed(cell.references()))
    )
    group.on_cells(current, i_s=lambda v: v)
    return group


def _at_nodes_of_counter(cell: Any) -> npt.NDArray[np.bool_]:
    """Tell for each node of the conductors whether it belongs to the counter electrode."""
    domain, dofmap = cell.conductor_domain, cell.phi_s.scaled.function_space.dofmap
    tags = cell.domain.tags([phase for phase in cell.conductors if is_counter(phase)])
    found = np.zeros(len(cell.phi_s.scaled.x.array), dtype=bool)
    found[dofmap.list[np.isin(cell.domain.cell_tag[domain.cells], tags)]] = True
    return found


def _ionic(cell: Any) -> FieldGroup:
    group = _group(cell, Group.IONIC, cell.pore_domain)
    parts = []
    for phase in cell.pores:
        i_e, N_e = currents.i_e(cell, phase), currents.N_e(cell, phase)
        parts.append(((*_xy(i_e), *_xy(N_e)), cell.dx(cell.tag(phase))))
    fluxes = CellMeans(cell.pore_domain, parts, cell.entity_maps)
    group.at_nodes("c_e", lambda: _values(cell.c_e))
    group.at_nodes("phi_e", lambda: _values(cell.phi_e) + cell.references()[1])
    group.on_cells(fluxes, i_e=lambda v: v[:, :2], N_e=lambda v: v[:, 2:])
    return group


def _mechanical(cell: Any) -> FieldGroup:
    mechanics = cell.mechanics
    group = _group(cell, Group.MECHANICAL, mechanics.domain)
    nodal = fem.Function(fem.functionspace(mechanics.domain.mesh, ("Lagrange", 1, (2,))))

    def displacement() -> FloatArray:
        nodal.interpolate(mechanics.u.scaled)
        return np.asarray(mechanics.u.scale * MICROMETRES * nodal.x.array)

    group.at_nodes("u", displacement, size=2)
    group.on_cells(
        mechanics.stress,
        von_mises=stress.von_mises,
        sigma_h=stress.hydrostatic,
        max_principal=stress.max_principal,
        sigma_xx=lambda s: s[:, 0],
        sigma_yy=lambda s: s[:, 1],
        sigma_zz=lambda s: s[:, 2],
        sigma_xy=lambda s: s[:, 3],
    )
    return group


def _xy(vector: Any) -> tuple[Any, Any]:
    return vector[0], vector[1]


def _values(unknown: Any) -> FloatArray:
    return np.asarray(unknown.scale * unknown.scaled.x.array)


class _HostNodes:
    """Brings the lithiation of each host to the nodes of all hosts.

    A node where hosts touch has a value in each of them; shown is their mean.
    """

    def __init__(self, cell: Any) -> None:
        space = fem.functionspace(cell.host_domain.mesh, ("Lagrange", 1))
        self._sto, self._nodes = cell.sto, {}
        self._count: FloatArray = np.zeros(len(fem.Function(space).x.array))
        row_of = {int(cell_): row for row, cell_ in enumerate(cell.host_domain.cells)}
        for host, domain in cell.host_domains.items():
            rows = np.array([row_of[int(c)] for c in domain.cells], dtype=np.int64)
            own = cell.sto[host].scaled.function_space.dofmap.list
            nodes = np.zeros(len(cell.sto[host].scaled.x.array), dtype=np.int64)
            nodes[own] = space.dofmap.list[rows]
            self._nodes[host] = nodes
            self._count[nodes] += 1.0

    def values(self, factors: dict[str, float]) -> FloatArray:
        """Return the lithiation times a factor of each host at the nodes, ghosts included."""
        total: FloatArray = np.zeros_like(self._count)
        for host, nodes in self._nodes.items():
            total[nodes] += factors[host] * _values(self._sto[host])
        return total / np.maximum(self._count, 1.0)
