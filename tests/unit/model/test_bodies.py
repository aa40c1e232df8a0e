"""If these fail, two particles are one body, or a body forgets its strain on another rank."""

from __future__ import annotations

from dataclasses import replace

from mpi4py import MPI

import numpy as np
import pytest
import ufl
from dolfinx import fem, la

from mesode.mesh.domain import build_domain
from mesode.mesh.ordering import BlockOrder
from mesode.model.bodies import BETWEEN, bodywise_space, find_bodies
from support.small_cell import numbered, small_arrays, split_arrays

pytestmark = pytest.mark.mpi

COMM = MPI.COMM_WORLD
ELASTIC, HOSTS = ("active", "second", "carbon_binder"), ("active", "second")


def section(arrays):
    return build_domain(COMM, arrays if COMM.rank == 0 else None)


def spaced():
    """Two particles of the numbers 3 and 7, and a binder that fills the second's lower half."""
    arrays = numbered(split_arrays(4))
    particle = np.select([arrays.particle == 0, arrays.particle == 1], [3, 7], -1)
    low = arrays.points[arrays.cells].mean(axis=1)[:, 1] < 1.0
    inner = (particle == 7) & low
    phase = np.where(inner, arrays.phases["carbon_binder"], arrays.cell_phase)
    return replace(arrays, particle=particle.astype(np.int32), cell_phase=phase.astype(np.int32))


def areas(domain, body, count):
    """Return the area of each body [um^2]."""
    space = bodywise_space(domain.mesh, body, count)
    found = fem.assemble_vector(fem.form(ufl.TestFunction(space) * ufl.dx(domain.mesh)))
    found.scatter_reverse(la.InsertMode.add)
    found.scatter_forward()
    return 1e12 * found.array


def test_a_body_is_a_particle_with_all_that_is_in_it():
    domain = section(spaced())
    body, count = find_bodies(domain, ELASTIC, HOSTS)
    assert count == 3
    assert areas(domain, body, count) == pytest.approx([5.0, 0.5, 0.5])


def test_active_material_without_a_number_is_a_body_too():
    domain = section(replace(split_arrays(4), particle=np.full(192, -1, dtype=np.int32)))
    body, count = find_bodies(domain, ELASTIC, HOSTS)
    assert areas(domain, body, count) == pytest.approx([5.0, 0.5, 0.5])


def test_what_is_not_elastic_belongs_to_no_particle():
    domain = section(small_arrays(4))
    body, count = find_bodies(domain, ("carbon_binder",), ())
    assert (count, set(body)) == (1, {BETWEEN})


def test_a_particle_that_bears_no_stress_is_no_body_whose_strain_nothing_would_determine():
    domain = section(split_arrays(4))
    body, count = find_bodies(domain, ("active", "carbon_binder"), HOSTS)
    assert count == 2
    assert areas(domain, body, count).min() > 0.0


def test_a_checkpoint_knows_each_body_on_any_rank():
    domain = section(spaced())
    space = bodywise_space(domain.mesh, *find_bodies(domain, ELASTIC, HOSTS))
    order = BlockOrder([space])
    values = np.array([0.5, -1.0, 2.0])
    owned = values if COMM.rank == 0 else values[:0]
    gathered = order.gather(owned)
    if COMM.rank == 0:
        assert gathered.tolist() == values.tolist()
    assert order.scatter(gathered).tolist() == owned.tolist()
