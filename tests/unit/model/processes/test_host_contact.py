"""If these fail, lithium is made or lost where two hosts touch, or flows against its potential."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mesode.model import contact_currents
from mesode.model.cell import Cell
from mesode.model.processes.host_contact import HostContact
from mesode.physics.heat import HeatKind
from support.moved import gradient, moving
from support.small_cell import law, small_cell, split_arrays

pytestmark = pytest.mark.mpi

SIDE = 1e-6  # [m] of the contact


@pytest.fixture(scope="module")
def cell():
    return small_cell(n=4, arrays=split_arrays(4))


def passed(cell, **sto):
    cell.reset()
    for host, value in sto.items():
        cell.sto[host].set(value)
    (contact,) = cell.contacts
    return cell.integral(contact_currents.i_ab(cell, contact) * contact.dS)


def test_lithium_passes_by_the_difference_of_the_potentials(cell):
    U = {h: cell.materials.lithium(h).ocp(sto=0.5, T=300.0) for h in ("active", "second")}
    resistance = cell.materials.host_contact_resistance
    found = passed(cell, active=0.5, second=0.5)
    assert abs(found) == pytest.approx(abs(U["active"] - U["second"]) / resistance * SIDE)
    # lithium goes to where the potential is higher: it leaves the first host if that is the second
    (contact,) = cell.contacts
    leaves_first = bool(U[contact.second] > U[contact.first])
    assert (found > 0.0) is leaves_first


def test_on_a_section_that_is_stretched_it_passes_the_area_that_the_contact_has(cell):
    across, deep = 0.7, 1.25  # along the contact, and out of the plane
    further = (moving(gradient(((1.3, 0.0), (0.0, across))), lambda_z=deep),)
    moved = small_cell(n=2, arrays=split_arrays(2), setup={"further": further})
    both = [passed(each, active=0.5, second=0.5) for each in (moved, cell)]
    assert both[0] == pytest.approx(across * deep * both[1])


def test_at_one_potential_nothing_passes(cell):
    rest = passed(cell)  # both at the potential of the state at rest
    scale = cell.current_1C * SIDE
    assert abs(rest) < 1e-6 * scale
    process = next(p for p in cell.processes if isinstance(p, HostContact))
    heat = sum(cell.integral(h.density * h.measure) for h in process.heat())
    assert abs(heat) < 1e-6 * scale


def test_lithium_takes_the_entropy_of_the_host_that_it_leaves_and_that_of_the_other_is_given():
    """T dU/dT of the one less that of the other, 0.3 and -0.2 mV/K."""
    slopes = {"active": 3e-4, "second": -2e-4}
    cell = small_cell(n=2, arrays=split_arrays(2))
    phases = dict(cell.materials.phases)
    for host, slope in slopes.items():

        def ocp(*, sto, T, ops, slope=slope):
            return 0.6 - 0.5 * sto + slope * (T - 300.0)

        lithium = replace(phases[host].lithium, ocp=law(ocp, "sto", "T"))
        phases[host] = replace(phases[host], lithium=lithium)
    cell = Cell(cell.domain, replace(cell.materials, phases=phases), cell.setup)
    through = passed(cell, active=0.5, second=0.4)
    assert abs(through) == pytest.approx(0.05 / cell.materials.host_contact_resistance * SIDE)
    heats = [h for h in cell.find(HostContact).heat() if h.kind is HeatKind.REVERSIBLE]
    found = sum(cell.integral(heat.density * heat.measure) for heat in heats)
    (contact,) = cell.contacts
    change = slopes[contact.first] - slopes[contact.second]
    assert found == pytest.approx(through * 300.0 * change, rel=1e-9)
