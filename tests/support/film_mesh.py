"""The section of ``configs/sethuraman2010_film.yaml``: a film on its collector, below a separator.

``python tests/support/film_mesh.py meshes/silicon_film.msh`` writes it.
"""

from __future__ import annotations

import sys

import gmsh

from mesode.geometry.gmsh_mesh import gmsh_session

WIDTH, FILM, SEPARATOR = 0.5, 0.25, 10.0  # [um]; all of it is the same along the width
EDGE, GROWTH = 0.0625, 0.2  # [um] of triangles in the film; per height above it


def write_film(path: str) -> None:
    """Mesh the film and what is above it, with a group of triangles for each."""
    with gmsh_session():
        occ = gmsh.model.occ
        film = occ.addRectangle(0.0, 0.0, 0.0, WIDTH, FILM)
        above = occ.addRectangle(0.0, FILM, 0.0, WIDTH, SEPARATOR)
        occ.fragment([(2, film)], [(2, above)])
        occ.synchronize()
        for tag, name in ((film, "film"), (above, "separator")):
            gmsh.model.addPhysicalGroup(2, [tag], name=name)
        gmsh.option.setNumber("Mesh.MeshSizeExtendFromBoundary", 0)
        gmsh.option.setNumber("Mesh.Binary", 0)  # text, for the repository
        gmsh.model.mesh.setSizeCallback(
            lambda dim, tag, x, y, z, size: EDGE + GROWTH * max(y - FILM, 0.0)
        )
        gmsh.model.mesh.generate(2)
        gmsh.write(path)


if __name__ == "__main__":
    write_film(sys.argv[1])
