"""Read a mesh that mesode wrote with gmsh itself, as a user of gmsh would."""

from __future__ import annotations

import gmsh

from mesode.geometry.gmsh_mesh import extract_mesh, gmsh_session


def read_mesh(path):
    """Return the arrays of a ``model.msh``."""
    with gmsh_session():
        gmsh.open(str(path))
        return extract_mesh()
