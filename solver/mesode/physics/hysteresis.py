r"""Hysteresis of a host: where its surface stands between the branches of its potential.

h = 1 on the branch of delithiation, -1 on that of lithiation, see ``mesode.materials.hysteresis``.
With the signs of ``kinetics`` (i_n > 0 takes lithium out) and x the lithium that the surface has
passed over what its particle holds, dx/dt = -i_n/(F c_max l), l the volume of the particle over its
surface::

    one state:   dh/dt = gamma (i_n - |i_n| h) / (F c_max l)
    instant:     h = i_n / sqrt(i_n^2 + w^2)

The first is dh/dx = -gamma (1 + h) where lithium enters and -gamma (1 - h) where it leaves: with s
= 1 on delithiation, -1 on lithiation, and the charge that has passed since h was h_0, ::

    h = s - (s - h_0) exp(-gamma |x - x_0|)

so that nothing but charge moves it: at rest it stays. PyBaMM's one-state model is this with the
decay rate 2 gamma.

The current into the potential at h does the work i_n (h - h_0) G on what the host does not store:
it is heat, and over a cycle the area of the loop. Right after a reversal it is negative, since the
host goes on for a while on the branch that it came from.

Sources: Plett, J. Power Sources 134 (2004) 262 (the state); Axen et al., J. Energy Storage 48
(2022) 103985 (of NiMH; PyBaMM's model follows it). A state of its own at each point, without memory
of earlier loops, is an assumption.
"""

from __future__ import annotations

from typing import Any

import ufl


def state_rate(h: Any, i_n: Any) -> Any:
    """Return i_n - |i_n| h [A/m^2], what the state moves by times F c_max l / gamma."""
    return i_n - abs(i_n) * h


def instant_state(i_n: Any, width: float) -> Any:
    """Return the state that follows the current at once, within ``width`` [A/m^2] of none."""
    return i_n / ufl.sqrt(i_n**2 + width**2)
