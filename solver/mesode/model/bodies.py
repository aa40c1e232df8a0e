"""Bodies of the section, and unknowns that are one number for each body.

A body is a particle, with whatever elastic phase lies inside of it. What is between the particles,
binder and foils, is body 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import basix.ufl
import numpy as np
from dolfinx import common, cpp, fem, graph

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt
    from dolfinx.mesh import Mesh

    from mesode.mesh.domain import Domain

    type IntArray = npt.NDArray[np.int32]

BETWEEN = 0  # the body of all that belongs to no particle


def find_bodies(
    domain: Domain, elastic: Iterable[str], swelling: Iterable[str]
) -> tuple[IntArray, int]:
    """Return the body of each local cell and the number of bodies (collective).

    Args:
        domain: The section.
        elastic: Phases that bear stress; others belong to no particle.
        swelling: Those whose cells are of a particle even where they carry no number of one: all
            unnumbered cells of such a phase are one body.
    """
    is_elastic = np.isin(domain.cell_tag, domain.tags(elastic))
    label = np.where(is_elastic, domain.particle, -1).astype(np.int64)
    beyond = 1 + max(domain.comm.allgather(int(domain.particle.max(initial=-1))))
    unnumbered = is_elastic & np.isin(domain.cell_tag, domain.tags(swelling)) & (label < 0)
    label[unnumbered] = beyond + domain.cell_tag[unnumbered]
    parts = domain.comm.allgather(np.unique(label[label >= 0]))
    known = np.unique(np.concatenate(parts))
    body = np.where(label < 0, BETWEEN, 1 + np.searchsorted(known, label))
    return body.astype(np.int32), 1 + len(known)


def bodywise_space(mesh: Mesh, body: IntArray, count: int) -> fem.FunctionSpace:
    """Return a space of functions with one value in each body (collective).

    Rank 0 owns all values and each rank has all of them, in the order of the bodies: there are
    few, as for a number of the whole section.

    Args:
        mesh: Of triangles.
        body: Number of the body of each local cell, ghosts included, from 0.
        count: How many bodies there are.
    """
    element = basix.ufl.element("DG", "triangle", 0)
    cellwise = fem.functionspace(mesh, element)
    owned, ghosts = (count, 0) if mesh.comm.rank == 0 else (0, count)
    index_map = common.IndexMap(
        mesh.comm,
        owned,
        np.arange(ghosts, dtype=np.int64),
        np.zeros(ghosts, dtype=np.int32),
        tag=1,
    )
    dofs = graph.adjacencylist(np.asarray(body, dtype=np.int32).reshape(-1, 1))
    layout = cellwise.dofmap.dof_layout
    dofmap = cpp.fem.DofMap(layout, index_map, 1, dofs._cpp_object, 1)
    space = cpp.fem.FunctionSpace_float64(mesh._cpp_object, cellwise.element._cpp_object, dofmap)
    return fem.FunctionSpace(mesh, element, space)
