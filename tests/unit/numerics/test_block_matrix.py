"""If these fail, an entry of a Jacobian stands at the wrong place, twice or not at all."""

from __future__ import annotations

from mpi4py import MPI

import basix.ufl
import numpy as np
import pytest
import ufl
from dolfinx import fem
from dolfinx.fem import petsc as fem_petsc

from mesode.numerics.block_matrix import BlockMatrix
from support.grids import grid

pytestmark = pytest.mark.mpi


@pytest.fixture(scope="module")
def parts():
    """A number, a field on a part and a vector field that is held: blocks of all shapes."""
    domain = grid(5, (("active", 0.5), ("electrolyte", 0.5)))
    part = domain.subdomain(["active"])
    spaces = [
        fem.functionspace(part.mesh, ("Lagrange", 1)),
        fem.functionspace(domain.mesh, ("Lagrange", 2, (2,))),
        fem.functionspace(domain.mesh, basix.ufl.real_element("triangle", ())),
    ]
    c, u, q = (ufl.TrialFunction(V) for V in spaces)
    d, v, r = (ufl.TestFunction(V) for V in spaces)
    weight = fem.Function(spaces[0])
    weight.x.array[:] = 2.0
    within = domain.dx(domain.phases["active"])
    dx = domain.dx((domain.phases["active"], domain.phases["electrolyte"]))
    blocks = [
        [weight * c * d * within, weight * ufl.div(u) * d * within, q * d * within],
        [weight * c * ufl.div(v) * within, ufl.inner(ufl.grad(u), ufl.grad(v)) * dx, None],
        [None, u[1] * r * dx, 3.0 * q * r * dx],
    ]
    bottom = fem.locate_dofs_topological(spaces[1].sub(1), 1, np.arange(4, dtype=np.int32))
    held = fem.dirichletbc(0.0, bottom, spaces[1].sub(1))
    maps = [part.entity_map]
    forms = [[None if b is None else fem.form(b, entity_maps=maps) for b in row] for row in blocks]
    return forms, spaces, weight, [held]


def sizes(spaces):
    return [V.dofmap.index_map.size_local * V.dofmap.index_map_bs for V in spaces]


@pytest.mark.parametrize("conditions", [False, True])
def test_it_is_the_matrix_that_dolfinx_assembles(parts, conditions):
    forms, spaces, weight, held = parts
    bcs = held if conditions else []
    blocks = BlockMatrix(MPI.COMM_WORLD, forms, sizes(spaces), bcs)
    matrix = blocks.create()
    for filled, value in ((matrix.duplicate(), 2.0), (matrix, 3.0), (matrix, 4.0)):
        weight.x.array[:] = value
        expected = fem_petsc.assemble_matrix(forms, bcs=bcs)
        expected.assemble()
        blocks.assemble(filled)
        norm = expected.norm()
        expected.axpy(-1.0, filled)
        assert expected.norm() < 1e-14 * norm
    assert matrix.getSizes() == expected.getSizes()


@pytest.mark.parametrize("count", [9, 12])
def test_a_field_may_have_many_components(count):
    """The profiles in the particles of a layer have; DOLFINx's own matrix takes nine."""
    domain = grid(4)
    spaces = [
        fem.functionspace(domain.mesh, ("Lagrange", 1)),
        fem.functionspace(domain.mesh, ("Lagrange", 1, (count,))),
    ]
    c, w = (ufl.TrialFunction(V) for V in spaces)
    d, v = (ufl.TestFunction(V) for V in spaces)
    blocks = [
        [c * d * ufl.dx, sum(k * w[k] * d for k in range(count)) * ufl.dx],
        [
            sum(c * v[k] for k in range(count)) * ufl.dx,
            ufl.inner(ufl.grad(w), ufl.grad(v)) * ufl.dx,
        ],
    ]
    forms = [[fem.form(block) for block in row] for row in blocks]
    found = BlockMatrix(MPI.COMM_WORLD, forms, sizes(spaces))
    matrix = found.create()
    found.assemble(matrix)
    expected = fem_petsc.assemble_matrix(forms)
    expected.assemble()
    norm = expected.norm()
    expected.axpy(-1.0, matrix)
    assert expected.norm() < 1e-14 * norm
