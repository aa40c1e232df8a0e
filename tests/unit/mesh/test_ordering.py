"""If these fail, a run that goes on with another number of ranks gets its states mixed up."""

from __future__ import annotations

from mpi4py import MPI

import basix.ufl
import numpy as np
import pytest
import ufl
from dolfinx import fem
from dolfinx import mesh as dmesh

from mesode.errors import MeshError
from mesode.mesh.ordering import BlockOrder, dof_names
from support.grids import grid

pytestmark = pytest.mark.mpi

COMM = MPI.COMM_WORLD
POINTS = basix.ufl.quadrature_element
IN_CELLS = {
    "P1": ("Lagrange", 1),
    "P4": ("Lagrange", 4),  # three values on an edge, three inside
    "DG0": ("DG", 0),
    "DG1": ("DG", 1),
    "DG2 vector": ("DG", 2, (2,)),
    "one point": POINTS("triangle", degree=1),
    "tensor at points": POINTS("triangle", value_shape=(4,), degree=4),
}
ON_FACETS = {
    "P1": ("Lagrange", 1),
    "P3": ("Lagrange", 3),
    "DG0": ("DG", 0),
    "DG1": ("DG", 1),
    "numbers at points": POINTS("interval", degree=4),
    "vector at points": POINTS("interval", value_shape=(2,), degree=3),
}


def section(comm=COMM):
    """Return a mesh whose cells and facets lie every which way."""
    return grid(4, (("active", 1.0), ("separator", 0.5)), wave=0.1, comm=comm).mesh


def lines(comm=COMM):
    """Return a mesh of the facets near the middle, as an interface has them."""
    whole = section(comm)
    whole.topology.create_entities(1)
    near = dmesh.locate_entities(whole, 1, lambda x: np.abs(x[1] - 0.7e-6) < 0.4e-6)
    return dmesh.create_submesh(whole, 1, near)[0]


def known(space):
    """Return a field that tells places and components apart, as owned values."""
    function = fem.Function(space)
    size = space.dofmap.bs
    function.interpolate(
        lambda x: np.stack([1e6 * (x[0] + 7.0 * x[1]) * (k + 1.0) + k for k in range(size)])
    )
    owned = space.dofmap.index_map.size_local * space.dofmap.index_map_bs
    return function.x.array[:owned].copy()


def of_rank_zero(values):
    """Return what an order gathered, on all ranks."""
    return COMM.bcast(values)


@pytest.mark.parametrize(
    ("build", "element"),
    [
        *(pytest.param(section, e, id=f"cells {name}") for name, e in IN_CELLS.items()),
        *(pytest.param(lines, e, id=f"facets {name}") for name, e in ON_FACETS.items()),
    ],
)
def test_the_order_is_that_of_one_rank(build, element):
    space, alone = (fem.functionspace(build(comm), element) for comm in (COMM, MPI.COMM_SELF))
    owned, order = known(space), BlockOrder([space])
    values = of_rank_zero(order.gather(owned))
    expected = BlockOrder([alone]).gather(known(alone))
    # sums of two products each in another order: some last digits
    assert values == pytest.approx(expected, rel=1e-12, abs=1e-12)
    assert len(np.unique(np.round(values, 9))) > len(values) / 8  # the field tells them apart
    back = order.scatter(expected if COMM.rank == 0 else None)
    assert back == pytest.approx(owned, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("element", IN_CELLS.values(), ids=IN_CELLS)
def test_no_two_values_have_one_name(element):
    names = dof_names(fem.functionspace(section(), element))
    everywhere = np.concatenate(COMM.allgather(names))
    assert len(np.unique(everywhere, axis=0)) == len(everywhere)


@pytest.mark.parametrize("turned", [False, True])
def test_places_are_counted_from_the_lowest_vertex(turned):
    """Of two cells, with the corners given the one way round or the other."""
    element = basix.ufl.element("Lagrange", "triangle", 1, shape=(2,))
    cells = np.array([[0, 1, 2], [1, 3, 2]])
    corners = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.2]])
    if turned:
        cells = cells[:, ::-1].copy()
    mesh = dmesh.create_mesh(MPI.COMM_SELF, cells, ufl.Mesh(element), corners)
    space = fem.functionspace(mesh, POINTS("triangle", degree=4))
    values = BlockOrder([space]).gather(known(space))
    # by hand: the points of the triangle (0, 1, 2), sorted by their share in vertex 0, then 1
    shares = basix.make_quadrature(basix.CellType.triangle, 4)[0]
    shares = np.column_stack([1.0 - shares.sum(axis=1), shares])
    shares = shares[np.lexsort(np.round(shares, 9).T[::-1])]
    places = np.concatenate([shares @ corners[[0, 1, 2]], shares @ corners[[1, 2, 3]]])
    assert values == pytest.approx(1e6 * (places[:, 0] + 7.0 * places[:, 1]))


def test_states_of_several_kinds_follow_one_another():
    spaces = [
        fem.functionspace(section(), IN_CELLS["tensor at points"]),
        fem.functionspace(lines(), ON_FACETS["numbers at points"]),
        fem.functionspace(section(), basix.ufl.real_element("triangle", ())),
    ]
    parts = [known(space) for space in spaces]
    order = BlockOrder(spaces)
    values = order.gather(np.concatenate(parts))
    assert order.scatter(values) == pytest.approx(np.concatenate(parts), abs=0.0)
    sizes = [COMM.allreduce(len(part)) for part in parts]
    assert order.sizes == sizes
    if COMM.rank == 0:
        assert values[-1] == parts[-1][0]  # each kind stands where its space does


def test_what_is_no_value_at_a_point_is_refused():
    with pytest.raises(MeshError, match="not values at points"):
        dof_names(fem.functionspace(section(), ("RT", 1)))
