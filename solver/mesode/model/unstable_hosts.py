"""How far stress makes a host unstable, node by node: the coherent spinodal.

A small part of a host that takes in more lithium changes its potential P = U + Omega sigma_h / F by

    dP/ds = U' + B - K,    B = sigma_h Omega' / F,    K = kappa Omega^2 c_max / F       [V]

with kappa the stiffness of a layer (``elasticity.layer_stiffness``). Where that is above zero the
part draws in the more lithium the more it has (Cahn, Acta Metall. 9 (1961) 795).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mesode.constants import FARADAY
from mesode.physics import elasticity

if TYPE_CHECKING:
    from mesode.materials.properties import Lithium, Mechanical
    from mesode.model.process import FloatArray
    from mesode.physics.elasticity import SectionKind

_STEP = 1e-4  # of the lithiation, for slopes


def rise(
    lithium: Lithium,
    mechanical: Mechanical,
    sto: FloatArray,
    sigma_h: FloatArray,
    kind: SectionKind,
) -> FloatArray:
    """Return dP/ds [V] of lithiations under stresses sigma_h [Pa], at 298.15 K."""
    s = np.clip(sto, 2 * _STEP, 1 - 2 * _STEP)
    around = (s - _STEP, s, s + _STEP)
    U = [lithium.ocp(sto=x) for x in around]
    V = [mechanical.swelling(sto=x) for x in around]
    Omega = (V[2] - V[0]) / (2 * _STEP * lithium.c_max)
    slope = (V[2] - 2 * V[1] + V[0]) / (_STEP**2 * lithium.c_max)
    kappa = elasticity.layer_stiffness(mechanical.E(sto=s), mechanical.nu(sto=s), kind)
    stress = sigma_h * slope - kappa * Omega**2 * lithium.c_max
    found: FloatArray = (U[2] - U[0]) / (2 * _STEP) + stress / FARADAY
    return found
