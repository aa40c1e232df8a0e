r"""Pores of a section that moves: what they hold, and the electrolyte that is squeezed out.

Solids and electrolyte keep their volume; what a phase loses, its pores lose. Per reference volume::

    por = eps_0 + J - 1             J in open pores, J - (1 - eps_0) in a porous matrix          [1]
    N_M = N_0 (eps_0 / eps)^1.5,    eps = por / J     (Bruggeman; 1 in open pores as before)

Electrolyte that finds no room flows to where there is some, and through the separator into a
reservoir with the salt of the beginning; where pores grow it comes back from there::

    Div Q = -d(por)/dt,     Q = -(J C^-1 / N_M) Grad phi_Q                                     [m/s]
    d(por c)/dt + Div(c Q + N) = 0                                                     [mol/m^3/s]
    at the outlet:  Q . n = h phi_Q = q,    c Q . n = max(q, 0) c + min(q, 0) c_0

N is the diffusion and migration of ``electrolyte``, all per reference area. Q takes the ways that
ions take: an assumption, which says how the flow spreads over the pores and not how much flows. The
current has no share of the flow, because the electrolyte has no charge.

Without Q . Grad c each cycle would pump salt; with both laws tested alike a constant c stays
constant, and what is in the section and what has left it are together constant.

A matrix that is pressed further than its pores allow keeps ``LEAST`` of them.

Source of the MacMullin number: Bruggeman, Ann. Phys. 416 (1935) 636, relative to the state at rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ufl

from mesode.physics.kinematics import IDENTITY, Kinematics
from mesode.physics.smooth import ROUNDED, at_least_one

if TYPE_CHECKING:
    from mesode.materials.properties import Ionic

#: Of the pores of a matrix: what is left of them under any pressure (assumed).
LEAST = 0.02
BRUGGEMAN = 1.5


def pore_volume(ionic: Ionic, kin: Kinematics) -> Any:
    """Return por, the pores per reference volume of a phase."""
    if kin is IDENTITY:
        return ionic.porosity
    volume = ionic.porosity + kin.J - 1
    if ionic.porosity == 1.0:
        return volume
    least = LEAST * ionic.porosity / (1 + ROUNDED)
    return least * at_least_one(volume / least)


def macmullin(ionic: Ionic, kin: Kinematics) -> Any:
    """Return N_M of a phase."""
    if kin is IDENTITY or ionic.porosity == 1.0:
        return ionic.macmullin
    eps = pore_volume(ionic, kin) / kin.J
    return ionic.macmullin * (ionic.porosity / eps) ** BRUGGEMAN


def flow(potential: Any, N_M: Any, kin: Kinematics) -> Any:
    """Return Q [m/s] of a potential phi_Q [m^2/s]."""
    return -kin.conducted(ufl.grad(potential)) / N_M


def carried(q: Any, c: Any, c_0: float) -> Any:
    """Return the salt that an outflow q takes with it, or an inflow brings."""
    return ufl.max_value(q, 0) * c + ufl.min_value(q, 0) * c_0
