"""If these fail, lithium is made or lost where two hosts touch, or flows against its potential."""

from __future__ import annotations

import pytest

from mesode.model import contact_currents
from mesode.model.processes.host_contact import HostContact
from support.moved import gradient, moving
from support.small_cell import small_cell, split_arrays

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
