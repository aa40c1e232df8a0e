"""If these fail, a field is drawn on another mesh, in another group, or at an old state."""

from __future__ import annotations

import numpy as np
import pytest

from mesode.fields import PARTICLE, PHASE, Group
from mesode.model.field_groups import FieldGroups
from mesode.model.processes.mechanics import MechanicsOptions
from support.small_cell import small_cell

pytestmark = pytest.mark.mpi


@pytest.fixture(scope="module")
def cell():
    return small_cell(n=2, mechanics=MechanicsOptions(two_way=False, degree=1))


@pytest.fixture(scope="module")
def groups(cell):
    return {found.group: found for found in FieldGroups(cell).all()}


def test_each_group_lives_where_its_property_exists(cell, groups):
    assert list(groups) == [Group.ACTIVE, Group.ELECTRONIC, Group.IONIC, Group.MECHANICAL]
    assert groups[Group.ACTIVE].domain is cell.host_domain
    assert groups[Group.IONIC].domain is cell.pore_domain


def test_fields_are_those_of_the_state_when_they_are_updated(cell, groups):
    group = groups[Group.ACTIVE]
    named = {function.name: function for function in group.functions}
    cell.sto["active"].set(0.3)
    group.update()
    cell.sto["active"].set(0.6)
    np.testing.assert_allclose(named["sto"].x.array, 0.3)
    np.testing.assert_allclose(named["c_s"].x.array, 0.3 * 8e4)


def test_each_triangle_carries_its_phase_and_its_particle(cell, groups):
    group = groups[Group.IONIC]
    tags = {cell.tag(phase) for phase in cell.pores}
    assert set(group.labels[PHASE].tolist()) <= tags
    assert len(group.labels[PHASE]) == len(group.domain.cells)
    assert np.all(group.labels[PARTICLE] == -1)
