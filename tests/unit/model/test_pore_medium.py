"""If these fail, what walls press on each other with is told as a stress of open pores."""

from __future__ import annotations

from mpi4py import MPI

import numpy as np
import pytest

from mesode.model.diagnostics import Diagnostics
from mesode.model.processes.finite_mechanics import FiniteOptions
from support.grids import grid_arrays
from support.small_cell import small_cell

pytestmark = pytest.mark.mpi

OPEN = "Mean von Mises Open Pores / Pa"
LAYERS = (("active", 1.0), ("pore", 1.0), ("separator", 1.0))


def section():
    cell = small_cell(
        arrays=grid_arrays(2, LAYERS, width=1.0), mechanics=FiniteOptions(two_way=False)
    )
    cell.reset()
    return cell


def heights(cell):
    """Return y [um] of the corners of the triangles of pore that this rank owns."""
    domain, parent = cell.mechanics.domain, cell.domain
    owned = domain.mesh.topology.index_map(2).size_local
    pores = np.isin(parent.cell_tag[domain.cells[:owned]], parent.tags(cell.mechanics.media))
    geometry = domain.mesh.geometry
    return 1e6 * geometry.x[geometry.dofmaps[0][:owned], 1][pores]


def test_a_triangle_that_is_pressed_in_part_counts_by_the_part_that_is_open():
    """Of F_yy = r = 1.1 - y/um/2 from 1 to 2 um: sigma_yy = g/2 E_b (r^2 - 1)/r, by hand."""
    cell = section()
    mechanics = cell.mechanics
    medium, E_b = mechanics.options.medium, mechanics.modulus
    mechanics.u.scaled.interpolate(lambda x: np.stack([0 * x[0], 1e5 * x[1] - 2.5e11 * x[1] ** 2]))
    rule = np.full((3, 3), 1 / 6) + np.eye(3) / 2  # three points, a third of the triangle each
    r = 1.1 - heights(cell) @ rule.T / 2
    is_open = r > medium.closed
    borne = medium.stiffness / 2 * E_b * (1 - r**2) / r
    mixed = is_open.any(axis=1) & ~is_open.all(axis=1)
    found = np.array([borne[is_open].sum(), is_open.sum(), mixed.sum()])
    total, points, in_part = MPI.COMM_WORLD.allreduce(found)
    assert in_part > 0
    assert Diagnostics(cell).row()[OPEN] == pytest.approx(total / points, rel=1e-9)
