"""If this fails, the report on a user's own mesh tells of other areas or particles than it has."""

from __future__ import annotations

import numpy as np
import pytest

from mesode.geometry.arrays import MeshArrays
from mesode.geometry.own_mesh.mesh_section import section_of_mesh


def mesh():
    """Return a strip of four squares: particle 0, binder, particle 1, separator."""
    points = np.array([(x, y) for y in range(5) for x in (0, 2)], dtype=float)
    cells, phase, particle = [], [], []
    for row, (tag, number) in enumerate([(1, 0), (2, -1), (1, 1), (3, -1)]):
        a = 2 * row
        cells += [(a, a + 1, a + 3), (a, a + 3, a + 2)]
        phase += [tag, tag]
        particle += [number, number]
    return MeshArrays(
        points=points,
        cells=np.array(cells),
        cell_phase=np.array(phase, dtype=np.int32),
        phases={"active": 1, "carbon_binder": 2, "separator": 3},
        particle=np.array(particle, dtype=np.int32),
        facets=np.array([(6, 7), (0, 1)]),
        facet_tag=np.array([1, 2], dtype=np.int32),
        boundaries={"top": 1, "collector": 2},
    )


def test_polygons_have_the_areas_of_the_triangles():
    section = section_of_mesh(mesh(), {"file": "a.msh"})
    areas = {name: [p.area for p in polygons] for name, polygons in section.phases.items()}
    assert areas == {"active": [2.0, 2.0], "carbon_binder": [2.0], "separator": [2.0]}
    assert (section.width, section.height, section.electrode_thickness) == (2.0, 4.0, 3.0)


def test_currents_are_per_length_of_the_collector():
    assert section_of_mesh(mesh(), {}).electrode_width == 2.0
    slanted = mesh()
    slanted.points[1, 1] = -1.5
    section = section_of_mesh(slanted, {})
    assert (section.width, section.electrode_width) == (2.0, 2.5)


def test_particles_keep_their_numbers_and_get_the_disc_of_equal_area():
    section = section_of_mesh(mesh(), {})
    assert section.particle_of["active"].tolist() == [0, 1]
    assert list(section.particle_of) == ["active"]
    assert section.particles.y.tolist() == [0.5, 2.5]
    assert section.particles.diameter == pytest.approx(np.sqrt(8 / np.pi))
