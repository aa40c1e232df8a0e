"""If these fail, physics takes part in a cell that has none of it, or is missing in one."""

from __future__ import annotations

import pytest

from mesode.model.processes.host_contact import HostContact
from mesode.model.processes.lithium_metal import LithiumMetal
from mesode.model.processes.mechanics import Mechanics, MechanicsOptions
from mesode.model.processes.table import TABLE
from mesode.model.processes.thermal import Thermal, ThermalOptions
from support.small_cell import full_cell, small_cell, split_arrays


def kinds(cell):
    return {type(process) for process in cell.processes}


def test_a_half_cell_has_lithium_metal_and_a_full_section_has_none():
    assert LithiumMetal in kinds(small_cell(n=2))
    assert LithiumMetal not in kinds(full_cell(n=2))


def test_hosts_that_touch_exchange_lithium():
    assert HostContact not in kinds(small_cell(n=2))
    assert HostContact in kinds(small_cell(n=2, arrays=split_arrays(2)))


def test_mechanics_and_heat_take_part_where_they_are_asked_for():
    assert not {Mechanics, Thermal} & kinds(small_cell(n=2))
    options = {"thermal": ThermalOptions(convection=1.0, ambient=300.0, heat_capacity=5.0)}
    both = small_cell(n=2, mechanics=MechanicsOptions(degree=1), setup=options)
    assert {Mechanics, Thermal} <= kinds(both)


def test_no_two_processes_bring_the_same_unknown():
    cell = small_cell(n=2, mechanics=MechanicsOptions(degree=1), arrays=split_arrays(2))
    keys = [unknown.key for process in cell.processes for unknown in process.unknowns]
    assert len(keys) == len(set(keys))
    assert len(cell.processes) <= len(TABLE)


@pytest.mark.parametrize("two_way", [False, True])
def test_one_way_mechanics_is_not_integrated_in_time(two_way):
    cell = small_cell(n=2, mechanics=MechanicsOptions(degree=1, two_way=two_way))
    assert ("u" in [unknown.key for unknown in cell.unknowns]) is two_way
