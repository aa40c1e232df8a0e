"""Write mesh arrays as the ``model.msh`` of a run folder: MSH 4.1, named groups. Micrometres."""

from __future__ import annotations

from typing import TYPE_CHECKING

import gmsh
import numpy as np

from mesode.errors import MeshError
from mesode.geometry.gmsh_mesh import PARTICLE_ATTRIBUTE, gmsh_session

if TYPE_CHECKING:
    from pathlib import Path

    from mesode.geometry.arrays import MeshArrays

_LINE, _TRIANGLE = 1, 2  # element types of gmsh


def write_mesh(mesh: MeshArrays, path: Path) -> None:
    """Write a mesh so that :func:`mesode.geometry.gmsh_mesh.read_mesh` gives it back.

    Raises:
        MeshError: gmsh could not write the file.
    """
    with gmsh_session():
        gmsh.model.add("section")
        try:
            _add_surfaces(mesh)
            _add_lines(mesh)
            gmsh.write(str(path))
        except Exception as error:  # gmsh raises bare Exception
            msg = f"{path}: gmsh could not write the mesh: {error}"
            raise MeshError(msg) from error


def _add_surfaces(mesh: MeshArrays) -> None:
    """Enter one surface for each particle of a phase and one for the rest of the phase."""
    kinds, surface = np.unique(
        np.column_stack((mesh.cell_phase, mesh.particle)), axis=0, return_inverse=True
    )
    surfaces = range(1, len(kinds) + 1)
    for tag in surfaces:
        gmsh.model.addDiscreteEntity(2, tag)
    space = np.column_stack((mesh.points, np.zeros(len(mesh.points))))
    gmsh.model.mesh.addNodes(2, 1, np.arange(1, len(space) + 1).tolist(), space.ravel().tolist())
    for tag in surfaces:
        cells = mesh.cells[surface.ravel() == tag - 1] + 1
        gmsh.model.mesh.addElementsByType(tag, _TRIANGLE, [], cells.ravel().tolist())
    for name, phase in mesh.phases.items():
        own = (np.flatnonzero(kinds[:, 0] == phase) + 1).tolist()
        gmsh.model.addPhysicalGroup(2, own, tag=int(phase), name=name)
    pairs = [f"{tag} {kinds[tag - 1, 1]}" for tag in surfaces if kinds[tag - 1, 1] >= 0]
    gmsh.model.setAttribute(PARTICLE_ATTRIBUTE, pairs)


def _add_lines(mesh: MeshArrays) -> None:
    for name, tag in mesh.boundaries.items():
        lines = mesh.facets[mesh.facet_tag == tag] + 1
        gmsh.model.addDiscreteEntity(1, int(tag))
        gmsh.model.mesh.addElementsByType(int(tag), _LINE, [], lines.ravel().tolist())
        gmsh.model.addPhysicalGroup(1, [int(tag)], tag=int(tag), name=name)
