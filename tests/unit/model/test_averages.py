"""If these fail, fields that are drawn per triangle are those of another one, or of no mean."""

from __future__ import annotations

from mpi4py.MPI import MAX

import numpy as np
import pytest
import ufl

from mesode.model.averages import CellMeans
from support.small_cell import small_cell

pytestmark = pytest.mark.mpi


@pytest.fixture(scope="module")
def cell():
    return small_cell(n=4)


def middles(domain):
    mesh = domain.mesh
    return mesh.geometry.x[mesh.geometry.dofmaps[0]].mean(axis=1)[:, :2]


def test_the_mean_of_a_linear_field_is_that_in_the_middle(cell):
    x = ufl.SpatialCoordinate(cell.domain.mesh)
    pores = [((x[0], 3.0 * x[1]), cell.dx(cell.tag(phase))) for phase in cell.pores]
    means = CellMeans(cell.pore_domain, pores, cell.entity_maps)
    np.testing.assert_allclose(means.compute(), middles(cell.pore_domain) * (1.0, 3.0), atol=1e-20)


def test_sizes_are_the_areas_of_the_triangles(cell):
    one = ufl.as_ufl(1.0)
    parts = [((one * cell.c_e.value,), cell.dx(cell.tag(phase))) for phase in cell.pores]
    sizes = CellMeans(cell.pore_domain, parts, cell.entity_maps).sizes
    owned = cell.pore_domain.mesh.topology.index_map(2).size_local
    area = cell.domain.comm.allreduce(sizes[:owned].sum())
    assert area == pytest.approx(5e-12, rel=1e-6, abs=0)


def test_on_an_interface_the_mean_is_over_its_length(cell):
    (surface,) = cell.surfaces
    y = ufl.SpatialCoordinate(cell.domain.mesh)[1]
    means = CellMeans(cell.host_domain, [((y("+"),), surface.dS)], cell.entity_maps, side="+")
    found, touching = means.compute()[:, 0], means.sizes > 0.0
    assert np.all(found[~touching] == 0.0)
    low, high = found[touching].min(initial=np.inf), found[touching].max(initial=-np.inf)
    comm = cell.domain.comm
    ends = -comm.allreduce(-low, op=MAX), comm.allreduce(high, op=MAX)
    assert ends == pytest.approx((0.5e-6, 1.5e-6))  # the lower and the upper side of the particle
    length = comm.allreduce(means.sizes[: owned_cells(cell)].sum())
    assert length == pytest.approx(4e-6)


def owned_cells(cell):
    return cell.host_domain.mesh.topology.index_map(2).size_local
