r"""Lithium that passes from one host to another where they touch.

It passes as neutral atoms, driven by the difference of its chemical potential mu = mu_Li - F U,
against a resistance of the contact::

    i_ab = (U_b - U_a) / R_contact

i_ab [A/m^2] > 0 is lithium that leaves a and enters b, counted as its charge: from the host with
the lower open-circuit potential, where lithium is bound less, to the one with the higher. In two-
way coupling U is the potential under stress, U(sto, T) + Omega sigma_h / F. No charge passes: the
electrons' potential does not know of it, and phi_s is continuous across the contact.

Natural boundary conditions: F N_s . n = i_ab on the surface of a, -i_ab on that of b (n out of
each). At rest U_a = U_b, and the lithium in both together is constant.

**The neck of two particles of one host** that may come apart (``model.cohesion``) is no contact of
two materials but a part of one. Lithium diffuses there as through a layer of its thickness l, by
the law of the host (d of ``stressed_diffusion``, without stress s_b - s_a, or what that is of the
integral of D/D_a in crystalline silicon), so thin that it is not felt while the neck is whole::

    i_ab / F = -c_max D_s d / l

Of a neck and of a contact alike the share is left that has not come apart.
"""

from __future__ import annotations

from typing import Any

from mesode.constants import FARADAY

NECK = 1e-9  # l [m] (assumed: some layers of atoms)


def lithium_current(U_a: Any, U_b: Any, resistance: float) -> Any:
    """Return i_ab [A/m^2], the lithium current from a to b, for potentials [V] and ohm m^2."""
    return (U_b - U_a) / resistance


def neck_current(drive: Any, conductance: Any) -> Any:
    """Return i_ab [A/m^2] through a neck, for d [1] and c_max D_s [mol/m/s]."""
    return -FARADAY * conductance * drive / NECK
