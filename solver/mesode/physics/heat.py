r"""Energy and heat of a section: what is stored, what is delivered, what becomes heat.

All powers are per metre of depth [W/m]; w is the width of the section. V I w goes to the outside,
positive on discharge. The first law of a section at constant temperature, with free energies::

    dG/dt + V I w + Q_irr = 0,         heat to the surroundings  Q = Q_irr + Q_rev

Stored free energy G [J/m], each part integrated as its storage is in the rows:

- hosts: -F c_max int_{sto_0}^{sto} U ds, at the nodes;
- SEI: -U_sei z F/V v, at the nodes of the surface;
- double layers: C (phi_s - phi_e)^2 / 2, at the nodes of the surface (metal: phi_s = 0);
- salt: eps int_{c_0}^{c} mu dc = 2 R T eps int_{c_0}^{c} (c - c') tdf(c') / c' dc', at the nodes;
- in two-way mechanics: elastic energy of phases and coatings, spring and weight on the top.

Irreversible heat [W/m^3] and [W/m^2]. Each row, tested with its own potential, gives a part:

- electrons: -i_s . grad phi_s, and the same along coatings                              (ohmic)
- ions: i_e^2 / kappa_eff                                                                (ohmic)
- salt: (2 R T tdf / c_e) D_eff |grad c_e|^2                                         (diffusion)
- lithium in hosts: F N_s . grad U_total                                             (diffusion)
- charge transfer: i_n (phi_s - phi_e - U_total), the film included; metal: -i phi_e  (reaction)
- growth of an SEI: i_sei (phi_s - phi_e - U_sei)                                      (reaction)
- flow of solids, in finite mechanics that acts back: J_g (q - H p) dp/dt                  (flow)
- contacts of two hosts: i_ab (U_b - U_a); collector: i (R_c I + phi_s)                (contact)

U_total = U + Omega sigma_h / F. The two parts of the electrolyte are -i_e . grad phi_e less what
the salt takes up, with N_- = N_e - i_e / F the flux of anions and mu that of the salt::

    -i_e . grad phi_e - N_- . grad mu = i_e^2 / kappa_eff + (2 R T tdf / c_e) D_eff |grad c_e|^2

grad U_total is the gradient of the linear interpolant of the nodal potentials: storage and surface
currents are at the nodes, so lithium and charge obey the first law to rounding. Salt and
stress do so up to the square of the mesh width: the storage of salt is spread over the elements,
and so are the weights that bring sigma_h of linear mechanics to the nodes (docs/heat.md).

Reversible heat, of a host whose law of U names the temperature::

    Q_rev = i_n T dU/dT at surfaces,   -F N_s . grad(T dU/dT) inside

With U, U = H - T S, the lithium that enters takes the entropy with it. Salt and stress have no such
term: their free energy counts as energy. (The heat of mixing of the salt is not known.)

E(sto) leaves a term (1/2) eps : C'(sto) : eps dsto/dt of the elastic energy that the chemical
potential -F U_total does not hold (*softening*, see ``elasticity``). It is no heat; it is counted
for itself so that the balance closes. So is what the work of stress on lithium differs by between
the elements, where it is elastic energy, and the nodes, where it is the potential of lithium
(*projection*, an error of the mesh)::

    int Omega sigma_h dc_s/dt dx  -  sum_i m_i (Omega sigma_h dc_s/dt)_i

Where the temperature changes, G does so too at a given state, by -S dT, S = -dG/dT. Then ::

    dG/dt + S dT/dt + V I w + Q_irr = 0
    C w dT/dt + h w (T - T_ambient) = Q

with the heat capacity C [J/m^2/K] and the convection h [W/m^2/K] per area of the electrode: one
temperature for all of the section, which conducts heat far better than it exchanges it.

Source: Bernardi, Pawlikowski, Newman, J. Electrochem. Soc. 132 (1985) 5; Rao and Newman, J.
Electrochem. Soc. 144 (1997) 2697.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np
import ufl

from mesode.constants import FARADAY, GAS_CONSTANT
from mesode.physics.electrolyte import positive
from mesode.physics.kinematics import IDENTITY, Kinematics

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    from mesode.physics.electrolyte import Transport

    type FloatArray = npt.NDArray[np.float64]

_GAUSS = 6  # points of the integral over the salt, good to 1e-9 unless a pore is nearly empty
_EMPTY = 1e-6  # of c_0: where the salt counts as gone


class HeatKind(StrEnum):
    """What makes a heat; ``SOFTENING`` and ``PROJECTION`` are none, but close the balance."""

    OHMIC = "ohmic"
    REACTION = "reaction"
    DIFFUSION = "diffusion"
    CONTACT = "contact"
    REVERSIBLE = "reversible"
    FLOW = "flow"
    SOFTENING = "softening"
    PROJECTION = "projection"

    @property
    def is_heat(self) -> bool:
        """Whether it warms the section."""
        return self not in (HeatKind.SOFTENING, HeatKind.PROJECTION)

    @property
    def is_lost(self) -> bool:
        """Whether the free energy loses it."""
        return self is not HeatKind.REVERSIBLE


class Carrier(StrEnum):
    """Where free energy is lost: what resists an oscillating current, see ``model.shares``."""

    ELECTRONS = "Electrons"
    IONS = "Ions"
    SALT = "Salt"
    LITHIUM = "Lithium"
    TRANSFER = "Charge Transfer"
    FILM = "Film"
    METAL = "Metal"
    CONTACT = "Contact"
    OTHER = "Other"


def joule(i: Any, conductivity: Any, kin: Kinematics = IDENTITY) -> Any:
    """Return i^2 / conductivity [W/m^3], per reference volume."""
    return kin.square(i) / conductivity


def salt_diffusion(c_e: Any, bulk: Transport, T: Any, kin: Kinematics = IDENTITY) -> Any:
    """Return the heat of the salt's diffusion [W/m^3], per reference volume."""
    slope = 2 * GAS_CONSTANT * T * bulk.tdf / positive(c_e)  # dmu/dc
    square = ufl.inner(kin.conducted(ufl.grad(c_e)), ufl.grad(c_e))
    return slope * bulk.D_e / bulk.macmullin * square


def lithium_diffusion(N_s: Any, corners: Sequence[Any], mesh: Any) -> Any:
    """Return F N_s . grad U [W/m^3] for the potentials U at the corners of a triangle [V]."""
    rise = ufl.as_vector([corners[1] - corners[0], corners[2] - corners[0]])
    gradient = ufl.dot(ufl.transpose(ufl.JacobianInverse(mesh)), rise)
    return FARADAY * ufl.inner(N_s, gradient)


def entropic(U: Callable[[Any], Any], T: Any) -> Any:
    """Return T dU/dT [V] of a potential as a function of the temperature."""
    at = ufl.variable(T)
    return T * ufl.diff(U(at), at)


def salt_energy(c_e: FloatArray, rest: float, tdf: Callable[[FloatArray], Any]) -> FloatArray:
    """Return the free energy of the salt over that at rest, per volume and R T [mol/m^3].

    Args:
        c_e: Concentration [mol/m^3].
        rest: That at rest.
        tdf: Thermodynamic factor of a concentration.
    """
    to, between, factor, weights = _from_rest(c_e, rest, tdf)
    energy: FloatArray = to * (((c_e[:, None] - between) * factor) @ weights)
    return energy


def salt_potential(c_e: FloatArray, rest: float, tdf: Callable[[FloatArray], Any]) -> FloatArray:
    """Return the potential of the salt over that at rest, per R T: the slope of its energy."""
    to, _, factor, weights = _from_rest(c_e, rest, tdf)
    potential: FloatArray = to * (factor @ weights)
    return potential


def _from_rest(
    c_e: FloatArray, rest: float, tdf: Callable[[FloatArray], Any]
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Return ln(c / c_0), concentrations between c_0 and c, tdf there, and their weights.

    Even in ln c, so that an empty pore is no pole.
    """
    x, weights = np.polynomial.legendre.leggauss(_GAUSS)
    to = np.log(np.maximum(c_e, _EMPTY * rest) / rest)
    between = rest * np.exp(0.5 * (1.0 + x) * to[:, None])
    return to, between, np.broadcast_to(tdf(between), between.shape), weights
