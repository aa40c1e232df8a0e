"""Packing, polygons of the phases, gmsh meshes and their quality. Lengths in micrometres."""
