"""Electrons in a solid: Ohm's law.

Strong form: div i_s = 0, i_s = -sigma grad phi_s [A/m^2]. Natural boundary conditions: i_s . n is
the total interface current (faradaic and double layer) where charge is transferred, and the
terminal current at the collector. Rows are currents per metre of depth [A/m]. Where the section
deforms i_s is per reference area (``kinematics``).
"""

from __future__ import annotations

from typing import Any

import ufl

from mesode.physics.kinematics import IDENTITY, Kinematics


def electronic_current(phi_s: Any, sigma: Any, kin: Kinematics = IDENTITY) -> Any:
    """Return i_s [A/m^2] for phi_s [V] and conductivity sigma [S/m]."""
    return -sigma * kin.conducted(ufl.grad(phi_s))


def divergence_free(i: Any, v: Any, dx: ufl.Measure) -> ufl.Form:
    """Return the weak form of div i = 0 without its boundary terms: -i . grad v [A/m]."""
    return -ufl.inner(i, ufl.grad(v)) * dx
