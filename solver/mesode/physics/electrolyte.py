r"""Salt and charge in a binary electrolyte: concentrated-solution theory in a porous phase.

Strong form::

    eps dc_e/dt = -div N_e,     N_e = -D_eff grad c_e + t_plus i_e / F          [mol/m^2/s]
    div i_e = 0,   i_e = -kappa_eff grad phi_e
                         + (2 kappa_eff R T / F) (1 - t_plus) tdf grad ln c_e  [A/m^2]

with D_eff = D_e / N_M, kappa_eff = kappa / N_M, N_M the MacMullin number of the phase (1 in open
electrolyte), tdf = 1 + dlnf/dlnc. phi_e is measured by a lithium reference electrode. N_e is the
flux of lithium ions, so at an interface that exchanges lithium ions alone N_e . n = i_e . n / F,
and the salt in the cell is constant. Rows are currents per metre of depth [A/m]. Where the section
deforms both fluxes are per reference area (``kinematics``).

Source: Newman and Thomas-Alyea, Electrochemical Systems, 3rd ed. (2004), ch. 12.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import ufl

from mesode.constants import FARADAY, GAS_CONSTANT
from mesode.physics.kinematics import IDENTITY, Kinematics


@dataclass(frozen=True, slots=True, kw_only=True)
class Transport:
    """Transport of a phase: bulk laws evaluated at the state, and the phase's MacMullin number."""

    kappa: Any
    D_e: Any
    t_plus: Any
    tdf: Any
    macmullin: Any = 1.0


# Below this concentration [mol/m^3] the gradient of ln c_e is rounded off; at 10 mol/m^3 the
# rounding is 2.5e-5 of it, at 1000 mol/m^3 2.5e-9.
DEPLETED = 0.1


def positive(c_e: Any) -> Any:
    """Return a smooth bound of c_e that stays positive when a Newton iterate overshoots zero."""
    return (c_e + ufl.sqrt(c_e**2 + DEPLETED**2)) / 2


def ionic_current(c_e: Any, phi_e: Any, bulk: Transport, T: Any, kin: Kinematics = IDENTITY) -> Any:
    """Return i_e [A/m^2]."""
    kappa = bulk.kappa / bulk.macmullin
    diffusion = 2 * kappa * GAS_CONSTANT * T / FARADAY * (1 - bulk.t_plus) * bulk.tdf
    ohmic, salt = kin.conducted(ufl.grad(phi_e)), kin.conducted(ufl.grad(c_e))
    return -kappa * ohmic + diffusion * salt / positive(c_e)


def ion_flux(c_e: Any, i_e: Any, bulk: Transport, kin: Kinematics = IDENTITY) -> Any:
    """Return N_e [mol/m^2/s], the flux of lithium ions."""
    salt = kin.conducted(ufl.grad(c_e))
    return -bulk.D_e / bulk.macmullin * salt + bulk.t_plus * i_e / FARADAY
