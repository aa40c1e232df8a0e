"""A sweep of the voltage over a body in which lithium diffuses, and nothing else resists.

The surface of a slab, cylinder or sphere follows the voltage E at once, by the potential of an
ideal solution,

    c = c_max/(1 + exp(e)),   e = F (E - E_0)/(R T)

and E falls at the rate v, from far above E_0 to far below. With the volume V and the surface S of
the body, the current density i at its surface is a function of one number,

    W  = F v (V/S)^2/(R T D),   i* = i (V/S)/(F D c_max) = (1/m) sum_n 2 psi_n
    psi_n' = -l_n^2 psi_n + d(c/c_max)/dt,   t in L^2/D, L = m V/S

with l_n where the body that is held at its surface has its modes: (n - 1/2) pi of the slab, J_0(l)
= 0 of the cylinder, n pi of the sphere (m = 1, 2, 3). Slow sweeps keep the body full of what the
surface has, i* = W/4 at the peak; of fast ones the peak is 0.4463 sqrt(W). So the exponent b of
i ~ v^b falls from 1 to 0.5 by diffusion alone.

Sources: K. Aoki, K. Tokuda, H. Matsuda, J. Electroanal. Chem. 146, 417 (1983) for the slab;
J. Crank, The Mathematics of Diffusion (1975), ch. 4 to 6 for the modes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import signal, special

from mesode.evaluate.finite_diffusion import CYLINDER, SLAB

if TYPE_CHECKING:
    import numpy.typing as npt

    from mesode.evaluate.finite_diffusion import Body

    type FloatArray = npt.NDArray[np.float64]

_TERMS = 400
_END: Final = 14.0  # of e, at both ends: 1e-6 of the lithium is beyond
_POINTS: Final = 6000
_APART: Final = 1.05  # of two W that give an exponent


def held_modes(body: Body) -> FloatArray:
    """Return the l_n > 0 of a body whose surface is held."""
    n = np.arange(1, _TERMS + 1)
    if body is SLAB:
        return np.asarray((n - 0.5) * np.pi)
    return np.asarray(special.jn_zeros(0, _TERMS) if body is CYLINDER else n * np.pi)


def sweep(body: Body, W: float) -> tuple[FloatArray, FloatArray]:
    """Return e and i* of a sweep that lithiates a body."""
    e = np.linspace(_END, -_END, _POINTS)
    dt = (e[0] - e[1]) / (body.m**2 * W)
    rate = np.diff(special.expit(-e)) / dt
    l2 = held_modes(body) ** 2
    keep, add = np.exp(-l2 * dt), -np.expm1(-l2 * dt) / l2  # exact for c straight between points
    modes = sum(signal.lfilter([2.0 * a], [1.0, -k], rate) for k, a in zip(keep, add, strict=True))
    beyond = 1.0 / body.m - float(np.sum(2.0 / l2))  # modes that follow at once
    return e, np.concatenate([[0.0], (modes + beyond * rate) / body.m])


def peak(body: Body, W: float) -> float:
    """Return the largest i* of a sweep."""
    return float(sweep(body, W)[1].max())


def exponent(body: Body, W: float) -> float:
    """Return b at a rate: the slope of ln i* over ln W at the peak."""
    fast, slow = peak(body, W * _APART), peak(body, W / _APART)
    return float(np.log(fast / slow) / (2.0 * np.log(_APART)))
