"""Phases of silicon that have a plateau of their own: what is crystalline, and Li15Si4.

**Crystalline silicon**, which is lithiated for the first time, turns into amorphous LixSi behind a
front at a plateau U_c. On both sides of the front the potential is the same, so that the amorphous
phase begins with the lithiation x_f at which its own curve has fallen to U_c: all that has to be
known is U_c. With m, the most lithium that a point has ever had, ::

    U = U_a(x) - (1 - a) r (U_a(x) - U_c)_+          a: 0 below x_f, 1 from x_f + ``SOFT`` of m on
    D = D_a (k + (1 - k) d)                          d: 0 below x_f - SOFT/2, 1 from x_f + SOFT/2

k << 1 holds the lithium back where the silicon is crystalline, which makes the front: a jump from
the lithiation of the start to x_f, ``SOFT`` wide. r rises from 0 to 1 within ``SOFT`` of the start,
where the cell is at rest at U_a. What has turned amorphous stays so.

**Li15Si4** forms in silicon whose potential against the electrolyte falls below a limit, and is
delithiated on a plateau U_p: U = (U_p) where the curve of delithiation is below it. Where that has
risen to U_p the crystals are used up. So there is a share z of the surface that has them ::

    U_delithiation + z (U_p - U_delithiation(x))_+

Both are monotone: no gradient of a concentration and no barrier is in them, and the front is as
wide as the mesh and ``SOFT`` make it.

Sources: Li and Dahn, J. Electrochem. Soc. 154, A156 (2007) (the plateau of the first lithiation,
amorphous LixSi beside crystalline silicon); Obrovac and Christensen, Electrochem. Solid-State
Lett. 7, A93 (2004) (Li15Si4 below 50 mV, its plateau near 0.43 V). That the front is held up by
diffusion behind it and not by a reaction at it is assumed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mesode.materials.ops import NUMPY, Ops

if TYPE_CHECKING:
    from mesode.materials.law import Law

SOFT = 0.02  # of the lithiation
ROUND = 5e-4  # [V] within which a plateau is left
NEAR = 5e-3  # [V] on both sides of the potential at which Li15Si4 forms
SLOWNESS = 1e-3
_POINTS = 20_001


@dataclass(frozen=True, slots=True, kw_only=True)
class Crystalline:
    """Silicon that has not been lithiated: ``plateau`` U_c [V], ``slowness`` k."""

    plateau: float = 0.1
    slowness: float = SLOWNESS


@dataclass(frozen=True, slots=True, kw_only=True)
class Li15Si4:
    """Forms ``below`` a potential [V]; is delithiated on a ``plateau`` U_p [V]."""

    below: float = 0.05
    plateau: float = 0.43


def crossing(law: Law, potential: float, T: float) -> float:
    """Return the lithiation at which a falling potential has a value, 0 or 1 beyond its curve."""
    sto = np.linspace(0.0, 1.0, _POINTS)
    falling = np.minimum.accumulate(np.asarray(law(sto=sto, T=T), dtype=np.float64))
    return float(np.interp(potential, falling[::-1], sto[::-1]))


def step_up(x: Any, first: float, width: float, ops: Ops = NUMPY) -> Any:
    """Return what rises smoothly from 0 at ``first`` to 1 within ``width``."""
    t = ops.clip((x - first) / width, 0.0, 1.0)
    return t * t * (3.0 - 2.0 * t)


def passable(sto: Any, most: Any, front: float, slowness: float, ops: Ops = NUMPY) -> Any:
    """Return the integral of D/D_a from 0 to a lithiation, where there have been ``most`` once.

    Below the most that there has been D is what it was there. What is taken at the corners of a
    triangle gives the flux of a front that lies somewhere between them, as the mean of D along its
    sides; D at some points between them would not see it.
    """
    last = front + 0.5 * SOFT
    t = ops.clip((most - last) / SOFT + 1.0, 0.0, 1.0)
    behind = ops.where(last, most, most - last, 0.0 * most)
    whole = slowness * most + (1.0 - slowness) * (SOFT * t**3 * (1.0 - 0.5 * t) + behind)
    return whole - (most - sto) * (slowness + (1.0 - slowness) * t * t * (3.0 - 2.0 * t))


def positive(gap: Any, ops: Ops = NUMPY) -> Any:
    """Return a gap [V] where it is above zero, else nothing, rounded within ``ROUND``."""
    return 0.5 * (gap + ops.sqrt(gap * gap + ROUND * ROUND) - ROUND)
