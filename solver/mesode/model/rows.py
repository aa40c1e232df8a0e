"""The equations of a half cell in weak form: one row per unknown, currents per depth [A/m]."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesode.model import currents
from mesode.physics import conduction, diffusion

if TYPE_CHECKING:
    import ufl

    from mesode.model.half_cell import HalfCell


def electrochemical_rows(cell: HalfCell) -> list[ufl.Form]:
    """Return the rows of sto, phi_s, c_e, phi_e, V, I, Q."""
    return [_lithium(cell), _electrons(cell), _salt(cell), _ions(cell), *cell.terminal.rows(cell)]


def _lithium(cell: HalfCell) -> ufl.Form:
    """F dc_s/dt + F div N_s = 0 in the hosts, F N_s . n = i_n on their surface."""
    v = cell.sto.test
    row = 0
    for host in cell.hosts:
        dx, c_max = cell.dx(cell.tag(host)), cell.materials.lithium(host).c_max
        row += diffusion.storage(c_max * cell.sto.rate, v, dx)
        row += diffusion.transport(currents.N_s(cell, host), v, dx)
        row += currents.i_n(cell, host) * v("+") * cell.dS[host]
    return row


def _electrons(cell: HalfCell) -> ufl.Form:
    """Div i_s = 0 in the conductors; i_s . n is i_total on hosts, the outflow at the collector."""
    v = cell.phi_s.test
    row = currents.outflow(cell) * v * cell.ds_contact
    for phase in cell.conductors:
        row += conduction.divergence_free(currents.i_s(cell, phase), v, cell.dx(cell.tag(phase)))
    for host in cell.hosts:
        row += currents.i_total(cell, host) * v("+") * cell.dS[host]
    return row


def _salt(cell: HalfCell) -> ufl.Form:
    """F eps dc_e/dt + F div N_e = 0 in the pores; all current at their surface is of lithium."""
    v = cell.c_e.test
    row = -currents.i_counter(cell) * v * cell.ds_counter
    for phase in cell.pores:
        dx, porosity = cell.dx(cell.tag(phase)), cell.materials.ionic(phase).porosity
        row += diffusion.storage(porosity * cell.c_e.rate, v, dx)
        row += diffusion.transport(currents.N_e(cell, phase), v, dx)
    for host in cell.hosts:
        row -= currents.i_total(cell, host) * v("-") * cell.dS[host]
    return row


def _ions(cell: HalfCell) -> ufl.Form:
    """Div i_e = 0 in the pores, between the hosts and the counter electrode."""
    v = cell.phi_e.test
    row = -currents.i_counter(cell) * v * cell.ds_counter
    for phase in cell.pores:
        row += conduction.divergence_free(currents.i_e(cell, phase), v, cell.dx(cell.tag(phase)))
    for host in cell.hosts:
        row -= currents.i_total(cell, host) * v("-") * cell.dS[host]
    return row
