"""If these fail, a field jumps where nothing is torn, or is held together where something is."""

from __future__ import annotations

from mpi4py import MPI

import numpy as np
import pytest
from dolfinx import fem

from mesode.mesh.domain import build_domain
from mesode.mesh.ordering import Order
from mesode.mesh.torn import torn_subdomain
from support.grids import grid, grid_arrays, retag
from support.solve import integral

pytestmark = pytest.mark.mpi

BLOCK = ("active", 0.5, 1.5, 0.5, 1.5)
LAYERS = (("binder", 2.0), ("separator", 1.0))
SOLIDS = ("active", "binder")


def between(domain, first, second):
    """Return the facets between two phases."""
    facets, pairs = domain.inner_facets
    tags = np.sort(domain.cell_tag[pairs], axis=1)
    wanted = sorted((domain.phases[first], domain.phases[second]))
    return facets[(tags == wanted).all(axis=1)]


def corners(part):
    return part.mesh.topology.index_map(0).size_global


def test_a_block_is_cut_out_with_corners_of_its_own():
    domain = grid(4, LAYERS, width=2.0, block=BLOCK)
    whole = domain.subdomain(SOLIDS)
    torn = torn_subdomain(domain, SOLIDS, between(domain, *SOLIDS))
    assert corners(torn) == corners(whole) + 16  # on its outline
    # its cells are those of the section, corner by corner
    x, y = (
        part.geometry.x[part.geometry.dofmaps[0][cells]]
        for part, cells in ((torn.mesh, np.arange(len(torn.cells))), (domain.mesh, torn.cells))
    )
    np.testing.assert_array_equal(x, y)


def test_a_field_jumps_where_it_is_torn_alone():
    domain = grid(4, LAYERS, width=2.0, block=BLOCK)
    torn = torn_subdomain(domain, SOLIDS, between(domain, *SOLIDS))
    field = fem.Function(fem.functionspace(torn.mesh, ("Lagrange", 2)))
    block = domain.cell_tag[torn.cells] == domain.phases["active"]
    field.interpolate(lambda x: 1.0 + 0 * x[0], cells0=np.flatnonzero(block).astype(np.int32))
    field.x.scatter_forward()
    maps = [torn.entity_map]
    dS = domain.dS(("active",), ("binder",), quadrature_degree=2)
    assert integral(field("+") * dS, maps) == pytest.approx(4e-6)
    assert integral(field("-") * dS, maps) == 0.0
    area = sum(integral(field * domain.dx(domain.phases[p]), maps) for p in SOLIDS)
    assert area == pytest.approx(1e-12, rel=1e-9, abs=0)  # of the block


def test_a_tear_that_ends_inside_has_one_corner_there():
    domain = grid(2, (("binder", 2.0), ("separator", 1.0)), width=2.0)
    facets, pairs = domain.inner_facets
    middle = domain.mesh.geometry.x[domain.mesh.geometry.dofmaps[0][pairs]].mean(axis=2)[..., 1]
    line = (middle < 1e-6).any(axis=1) & (middle > 1e-6).any(axis=1)
    x = domain.mesh.geometry.x[domain.mesh.geometry.dofmaps[0][pairs]].mean(axis=(1, 2))[:, 0]
    torn = torn_subdomain(domain, ("binder",), facets[line & (x < 1e-6)])
    # of three corners, at 0, 0.5 and 1 um, the last is the end
    assert corners(torn) == corners(domain.subdomain(("binder",))) + 2


def pores_beside(comm=MPI.COMM_WORLD):
    """A block that sticks to binder below, under pores that touch both."""
    layers = (("binder", 1.0), ("pore", 1.0), ("separator", 1.0))
    arrays = retag(grid_arrays(2, layers, width=2.0), "active", (0.5, 1.5, 1.0, 1.5), 0)
    return build_domain(comm, arrays if comm.rank == 0 else None)


def test_pores_keep_no_joint_closed():
    domain = pores_beside()
    phases, facets = ("active", "binder", "pore"), between(domain, *SOLIDS)
    tied = torn_subdomain(domain, phases, facets)
    free = torn_subdomain(domain, phases, facets, loose=("pore",))
    # of the three corners of the joint the pores hold the two at its ends
    assert corners(tied) == corners(domain.subdomain(phases)) + 1
    assert corners(free) == corners(domain.subdomain(phases)) + 3


def test_its_order_is_that_of_one_rank():
    names = []
    for comm in (MPI.COMM_WORLD, MPI.COMM_SELF):
        domain = pores_beside(comm)
        torn = torn_subdomain(
            domain, ("active", "binder", "pore"), between(domain, *SOLIDS), ("pore",)
        )
        names.append(Order(fem.functionspace(torn.mesh, ("Lagrange", 2))).names)
    if MPI.COMM_WORLD.rank == 0:
        np.testing.assert_array_equal(*names)
        assert len(np.unique(names[0], axis=0)) == len(names[0])
