"""Effective conductivity of an electrode: div(k grad phi) = 0 between two opposite sides.

The same operators as in the model (Ohm's law, linear elements, the direct solver), on
the cells of those connected groups that reach both sides; potentials 0 and 1 there, insulated
elsewhere. The mirror sides are natural for transport through the plane. With the heat
P = int k |grad phi|^2 dx of a unit drop over the length L and the cross-section W (per depth),

    k_eff = P L / W,

an upper bound that falls to the exact value like h^2 as the mesh is refined.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mpi4py import MPI

import numpy as np
import ufl
from dolfinx import fem

from mesode.errors import SolverError
from mesode.geometry.parts import Axis, Part, cut_out, percolating
from mesode.mesh.domain import MICROMETRE, Domain, build_domain
from mesode.numerics.jit import compile_form
from mesode.numerics.linear import configure_direct, factor
from mesode.numerics.system import BlockSystem
from mesode.physics import conduction

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mesode.geometry.arrays import MeshArrays

_CLOSE = 1e-6  # of the part's size: dofs this near to a side are held


@dataclass(frozen=True, slots=True, kw_only=True)
class Transport:
    """Effective transport of a network in one direction.

    ``k_eff``: effective conductivity, of the whole cross-section; ``k_0``: of the conducting
    phases themselves, mean by area; ``share``: conducting area over area of the electrode.
    """

    k_eff: float
    k_0: float
    share: float

    @property
    def macmullin(self) -> float:
        """N_M = k_0 / k_eff."""
        return self.k_0 / self.k_eff

    @property
    def tortuosity(self) -> float:
        """Tortuosity factor share k_0 / k_eff: 1 for straight channels, never less."""
        return self.share * self.macmullin


def effective_conductivity(
    comm: MPI.Intracomm,
    arrays: MeshArrays | None,
    part: Part | None,
    conductivity: Mapping[str, float],
    axis: Axis,
) -> float | None:
    """Return k_eff of an electrode, in the unit of ``conductivity`` (collective).

    Args:
        comm: Communicator.
        arrays: The mesh of the section on rank 0, None on the others.
        part: The electrode, from :func:`mesode.geometry.parts.electrode_parts`; likewise.
        conductivity: k > 0 by phase; phases that are not named insulate.
        axis: Direction of the current.

    Returns:
        None where no connected group of the phases reaches both sides.

    Raises:
        SolverError: the linear solver failed.
    """
    cut, box = None, None
    if arrays is not None and part is not None:
        cells = percolating(arrays, part, conductivity, axis)
        if np.any(cells):
            cut, box = cut_out(arrays, cells), (part.low, part.high)
    box = comm.bcast(box)
    if box is None:
        return None
    low, high = MICROMETRE * np.array(box[0]), MICROMETRE * np.array(box[1])
    heat = _heat(build_domain(comm, cut), conductivity, axis, low, high)
    length, section = high[axis] - low[axis], high[1 - axis] - low[1 - axis]
    return float(heat * length / section)


def _heat(
    domain: Domain, conductivity: Mapping[str, float], axis: Axis, low: Any, high: Any
) -> float:
    """Return int k |grad phi|^2 dx per squared drop (collective)."""
    k = _by_cell(domain, conductivity)
    space = fem.functionspace(domain.mesh, ("Lagrange", 1))
    phi, held, v = fem.Function(space), fem.Function(space), ufl.TestFunction(space)
    rise = lambda x: (x[axis] - low[axis]) / (high[axis] - low[axis])  # noqa: E731
    phi.interpolate(rise)
    held.interpolate(rise)
    near = _CLOSE * float(np.max(high - low))
    ends = fem.locate_dofs_geometrical(
        space,
        lambda x: np.minimum(np.abs(x[axis] - low[axis]), np.abs(x[axis] - high[axis])) <= near,
    )
    i = conduction.electronic_current(phi, k)
    row = conduction.divergence_free(i, v, ufl.dx)
    _solve(BlockSystem(domain.mesh, [row], [phi], bcs=[fem.dirichletbc(held, ends)]))
    heat = fem.assemble_scalar(compile_form(-ufl.inner(i, ufl.grad(phi)) * ufl.dx))
    return float(domain.comm.allreduce(heat, op=MPI.SUM))


def _by_cell(domain: Domain, conductivity: Mapping[str, float]) -> fem.Function:
    """Return k as one number for each cell, so that every section shares one compiled form."""
    k = fem.Function(fem.functionspace(domain.mesh, ("DG", 0)))
    values = np.zeros(max(domain.phases.values()) + 1)
    for name, value in conductivity.items():
        if name in domain.phases:
            values[domain.phases[name]] = value
    # one dof for each cell, ghosts included
    k.x.array[k.function_space.dofmap.list[:, 0]] = values[domain.cell_tag]
    return k


def _solve(system: BlockSystem) -> None:
    """Solve a linear system from a state that fulfils its boundary conditions (collective)."""
    system.store(system.unknowns, system.x)
    residual, step = system.x.duplicate(), system.x.duplicate()
    system.assemble_residual(residual)
    system.assemble_jacobian(system.A)
    ksp, problem = factor(None, system.A, configure_direct)
    try:
        if problem:
            msg = f"effective conductivity: {problem}"
            raise SolverError(msg)
        ksp.solve(residual, step)
        system.x.axpy(-1.0, step)
        system.load(system.x, system.unknowns)
    finally:
        for item in (ksp, residual, step, system.A):
            if item is not None:
                item.destroy()
