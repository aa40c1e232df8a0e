"""If these fail, a state is kept that no accepted step has left, or is not that of its point."""

from __future__ import annotations

import numpy as np
import pytest
import ufl
from dolfinx import fem

from mesode.model.point_states import PointState, points_in_triangles
from support.small_cell import small_cell

pytestmark = pytest.mark.mpi


@pytest.fixture(scope="module")
def cell():
    return small_cell(n=4)


def state_of(cell, new, start=0.0):
    """Return a state at the points of the triangles of the host."""
    space, dx = points_in_triangles(cell.host_domain.mesh), cell.dx(cell.tag("active"))
    return PointState("grown", space, new, dx, cell.entity_maps, start=start)


def test_the_new_value_is_the_law_at_each_point(cell):
    x = ufl.SpatialCoordinate(cell.domain.mesh)
    state = state_of(cell, lambda old, dt: old + dt * x[0] * x[0], start=2.0)
    state.update(0.0, 0.5)
    state.commit()
    points = fem.Function(state.space)
    place = ufl.SpatialCoordinate(cell.host_domain.mesh)[0]
    points.interpolate(fem.Expression(place, state.space.element.interpolation_points))
    np.testing.assert_allclose(state.value.x.array, 2.0 + 0.5 * points.x.array**2, rtol=1e-13)


def test_what_a_rejected_step_would_leave_is_forgotten(cell):
    state = state_of(cell, lambda old, dt: old + dt, start=1.0)
    state.update(0.0, 3.0)
    state.reject()
    state.commit()
    np.testing.assert_array_equal(state.value.x.array, 1.0)
    state.update(0.0, 0.25)
    np.testing.assert_array_equal(state.value.x.array, 1.0)  # the laws read the committed value
    state.commit()
    np.testing.assert_allclose(state.value.x.array, 1.25, rtol=1e-14)


def test_a_state_is_kept_and_restored(cell):
    state, other = (state_of(cell, lambda old, dt: old + dt) for _ in range(2))
    state.update(0.0, 0.7)
    state.commit()
    other.restore(state.arrays())
    np.testing.assert_array_equal(other.value.x.array, state.value.x.array)
    state.reset()
    np.testing.assert_array_equal(state.value.x.array, 0.0)


def test_a_law_may_read_what_is_on_trial_and_without_a_trial_the_committed_state():
    state = state_of(cell := small_cell(n=2), lambda old, dt: old + dt, start=1.0)
    follows = state_of(cell, lambda old, dt: old + state.new)
    values = []
    for end in (state.reject, state.commit, state.reset):
        state.update(0.0, 0.5)
        follows.update(0.0, 0.5)
        values.append(follows.new.x.array.mean())
        end()
        follows.update(0.0, 0.5)
        values.append(follows.new.x.array.mean())
    np.testing.assert_allclose(values, [1.5, 1.0, 1.5, 1.5, 2.0, 1.0], rtol=1e-13)
