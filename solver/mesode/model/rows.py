"""The equations of a half cell in weak form: one row per unknown, currents per depth [A/m]."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ufl

from mesode.materials.ops import ufl_ops
from mesode.model import currents
from mesode.physics import coating, conduction, diffusion

if TYPE_CHECKING:
    from mesode.model.cell import Cell


def electrochemical_rows(cell: Cell) -> list[ufl.Form]:
    """Return the rows of sto of each host, phi_s, c_e, phi_e, V, I, Q, and of the backbones."""
    lithium = [_lithium(cell, host) for host in cell.hosts]
    rows = [*lithium, _electrons(cell), _salt(cell), _ions(cell), *cell.terminal.rows(cell)]
    place = {unknown.key: number for number, unknown in enumerate(cell.unknowns)}
    for backbone in cell.backbones:
        for unknown, leak in backbone.leaks():
            rows[place[unknown.key]] += leak
        rows += backbone.rows()
    return rows


def _lithium(cell: Cell, host: str) -> ufl.Form:
    """F dc_s/dt + F div N_s = 0 in a host; F N_s . n is i_n to pores, i_ab to another host."""
    sto, v = cell.sto[host], cell.sto[host].test
    tag, c_max = cell.tag(host), cell.materials.lithium(host).c_max
    row = diffusion.storage(c_max * sto.rate, v, cell.dx_nodes(tag))
    row += diffusion.transport(currents.N_s(cell, host), v, cell.dx(tag))
    for surface in cell.surfaces:
        if surface.host == host:
            row += currents.i_n(cell, surface) * v("+") * surface.dS
    for contact in cell.contacts:
        if contact.first == host:
            row += currents.i_ab(cell, contact) * v("+") * contact.dS
        if contact.second == host:
            row -= currents.i_ab(cell, contact) * v("-") * contact.dS
    return row


def _electrons(cell: Cell) -> ufl.Form:
    """Div i_s = 0 in the conductors; i_s . n is i_total on hosts, the outflow at the collector.

    Coatings conduct along the surfaces that they cover.
    """
    v = cell.phi_s.test
    row = currents.outflow(cell) * v * cell.ds_contact
    if cell.is_full:
        row += currents.outflow(cell, counter=True) * v * cell.ds_counter
    for phase in cell.conductors:
        row += conduction.divergence_free(currents.i_s(cell, phase), v, cell.dx(cell.tag(phase)))
    for surface in cell.surfaces:
        row += currents.i_total(cell, surface) * v("+") * surface.dS
    n = ufl.FacetNormal(cell.domain.mesh)("+")
    for host, film, dS in cell.coated:
        sto = cell.sto[host].value("+")
        sheet = film.thickness * film.sigma(sto=sto, T=cell.T, ops=ufl_ops())
        row += coating.tangential_conduction(cell.phi_s.value("+"), v("+"), sheet, n, dS)
    return row


def _salt(cell: Cell) -> ufl.Form:
    """F eps dc_e/dt + F div N_e = 0 in the pores; all current at their surface is of lithium."""
    v = cell.c_e.test
    row = _from_metal(cell, v)
    for phase in cell.pores:
        dx, porosity = cell.dx(cell.tag(phase)), cell.materials.ionic(phase).porosity
        row += diffusion.storage(porosity * cell.c_e.rate, v, dx)
        row += diffusion.transport(currents.N_e(cell, phase), v, dx)
    for surface in cell.surfaces:
        row -= currents.i_total(cell, surface) * v("-") * surface.dS
    return row


def _ions(cell: Cell) -> ufl.Form:
    """Div i_e = 0 in the pores, between the hosts and the counter electrode."""
    v = cell.phi_e.test
    row = _from_metal(cell, v)
    for phase in cell.pores:
        row += conduction.divergence_free(currents.i_e(cell, phase), v, cell.dx(cell.tag(phase)))
    for surface in cell.surfaces:
        row -= currents.i_total(cell, surface) * v("-") * surface.dS
    return row


def _from_metal(cell: Cell, v: Any) -> Any:
    """Current from the lithium metal into the pores; a counter electrode of hosts has none."""
    return 0 if cell.is_full else -currents.i_counter(cell) * v * cell.ds_counter
