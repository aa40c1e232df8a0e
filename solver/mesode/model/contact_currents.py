"""Lithium that passes as atoms where hosts touch, and through the necks of particles of one host.

See ``mesode.physics.host_contact``; all per reference area.
"""

from __future__ import annotations

from math import prod
from operator import methodcaller
from typing import TYPE_CHECKING, Any

from mesode.constants import FARADAY
from mesode.materials.ops import ufl_ops
from mesode.model import currents
from mesode.physics import host_contact, stressed_diffusion

if TYPE_CHECKING:
    from mesode.model.cell import Cell
    from mesode.model.process import HostStress
    from mesode.model.surfaces import Contact


def i_ab(cell: Cell, contact: Contact) -> Any:
    """Lithium current density from the first to the second side of a contact [A/m^2]."""
    passed = _through_neck if contact.is_neck else _between_hosts
    left = prod(process.touching(contact) for process in cell.processes)
    return left * passed(cell, contact) * currents.stretch(cell, contact.first)


def _between_hosts(cell: Cell, contact: Contact) -> Any:
    U_a, U_b = (currents.U_eq(cell, *end) for end in contact.ends)
    return host_contact.lithium_current(U_a, U_b, cell.materials.host_contact_resistance)


def _through_neck(cell: Cell, contact: Contact) -> Any:
    host = contact.first
    lithium, stress = cell.materials.lithium(host), currents.stress_of(cell, host)
    sides = [methodcaller("__call__", side) for side in "+-"]
    a, b = (at(cell.sto[host].value) for at in sides)
    if stress is None:
        from_a, from_b = currents.passable(cell, host, sides) or (a, b)
        drive = from_b - from_a
    else:
        drive = _under_stress(cell, host, stress)
    D_s = lithium.D_s(sto=(a + b) / 2, T=cell.temperature("+"), ops=ufl_ops())
    return host_contact.neck_current(drive, lithium.c_max * D_s)


def _under_stress(cell: Cell, host: str, stress: HostStress) -> Any:
    """Return the difference of lithiation that drives lithium to "+" from "-"."""
    lithium, T, sto = cell.materials.lithium(host), cell.temperature("+"), cell.sto[host].value
    pressed = [stress.stress_at(host, methodcaller("__call__", side)) for side in "+-"]
    mean = (sto("+") + sto("-")) / 2
    return stressed_diffusion.drive(
        (sto("+"), sto("-")),
        (pressed[0] / FARADAY, pressed[1] / FARADAY),
        lambda s: lithium.ocp(sto=s, T=T, ops=ufl_ops()),
        lambda s: stress.Omega(host, s),
        stiffness=lithium.c_max / FARADAY * stress.layer_stiffness(host, mean),
    )
