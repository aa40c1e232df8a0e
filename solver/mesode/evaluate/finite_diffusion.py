"""Diffusion in a body whose surface takes up lithium: its answer in time and in frequency.

A slab of thickness L that is sealed on one side, a cylinder or a sphere of radius L. Time in L^2/D,
x = D t/L^2. A constant flux j through the surface since x = 0 raises the concentration there by

    (j L/D) Theta(x),    Theta(x) = m x + kappa - 2 sum_n exp(-l_n^2 x)/l_n^2

             m   kappa   l_n > 0
    slab     1   1/3     n pi
    cylinder 2   1/4     J_1(l) = 0
    sphere   3   1/5     tan(l) = l

m is surface times L over volume. For x -> 0 all three are 2 sqrt(x/pi). The impedance of the
surface, in units of (-dU/dc) L/(F D) with s = sqrt(i omega L^2/D), is

    slab coth(s)/s,   cylinder I_0(s)/(s I_1(s)),   sphere tanh(s)/(s - tanh(s))

and tanh(s)/s for a slab whose other side keeps its concentration.

Sources: J. Crank, The Mathematics of Diffusion (1975), eqs. 4.55, 5.45, 6.45; T. Jacobsen and
K. West, Electrochim. Acta 40, 255 (1995).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import optimize, special

if TYPE_CHECKING:
    import numpy.typing as npt

    type FloatArray = npt.NDArray[np.float64]
    type ComplexArray = npt.NDArray[np.complex128]

_TERMS = 400  # the series is good to 1e-6 from x = 1e-5 on
_EARLY = 1e-4  # below it the body is a half space, and a correction of its curvature


@dataclass(frozen=True, slots=True)
class Body:
    """A body: name, m and kappa of its answer to a flux."""

    name: str
    m: int
    kappa: float


SLAB: Final = Body("slab", 1, 1.0 / 3.0)
CYLINDER: Final = Body("cylinder", 2, 1.0 / 4.0)
SPHERE: Final = Body("sphere", 3, 1.0 / 5.0)
BODIES: Final = {body.name: body for body in (SLAB, CYLINDER, SPHERE)}


@cache
def eigenvalues(body: Body) -> FloatArray:
    """Return the l_n > 0 of a body."""
    n = np.arange(1, _TERMS + 1)
    if body is SLAB:
        return np.asarray(n * np.pi)
    if body is CYLINDER:
        return np.asarray(special.jn_zeros(1, _TERMS))
    # between n pi and (n + 1/2) pi the tangent passes through l once
    ends = zip(n * np.pi, (n + 0.5) * np.pi, strict=True)
    return np.array([optimize.brentq(lambda x: np.sin(x) - x * np.cos(x), *e) for e in ends])


def surface_rise(body: Body, x: npt.ArrayLike) -> FloatArray:
    """Return Theta(x), the rise at the surface under a constant flux, in units of j L/D."""
    x = np.asarray(x, dtype=np.float64)
    late = body.m * x + body.kappa - decaying(body, x)
    early = 2.0 * np.sqrt(x / np.pi) + 0.5 * (body.m - 1) * x
    return np.where(x < _EARLY, early, late)


def decaying(body: Body, x: npt.ArrayLike) -> FloatArray:
    """Return 2 sum_n exp(-l_n^2 x)/l_n^2, the part of Theta that dies away."""
    l2 = eigenvalues(body) ** 2
    return np.asarray(2.0 * np.sum(np.exp(-np.multiply.outer(np.asarray(x), l2)) / l2, axis=-1))


def relaxing(body: Body, x: npt.ArrayLike, x_pulse: float) -> FloatArray:
    """Return the rise at the surface at x after a pulse of the length ``x_pulse`` has ended.

    In units of the rise that is left for good, m x_pulse: it falls to 1.
    """
    x = np.asarray(x, dtype=np.float64)
    rise = surface_rise(body, x + x_pulse) - surface_rise(body, x)
    return np.asarray(rise / (body.m * x_pulse))


def impedance(body: Body, x: npt.ArrayLike) -> ComplexArray:
    """Return the impedance of the surface at x = omega L^2/D, in units of (-dU/dc) L/(F D)."""
    s = np.sqrt(1j * np.asarray(x, dtype=np.float64))
    if body is SLAB:
        return np.asarray(1.0 / (s * np.tanh(s)))
    if body is SPHERE:
        return np.asarray(_sphere(s))
    # scaled functions: their ratio is the same, and neither overflows
    return np.asarray(special.ive(0, s) / (s * special.ive(1, s)))


def _sphere(s: ComplexArray) -> ComplexArray:
    """Return tanh(s)/(s - tanh(s)), by its series where the difference would cancel."""
    small = np.abs(s) < 0.1
    t = np.tanh(np.where(small, 1.0, s))
    far = t / (np.where(small, 2.0, s) - t)
    s2 = np.where(small, s * s, 1.0)
    near = 3.0 / s2 + 1.0 / 5.0 - s2 / 175.0
    return np.where(small, near, far)


def held_impedance(x: npt.ArrayLike) -> ComplexArray:
    """Return tanh(s)/s, of a slab whose other side keeps its concentration."""
    s = np.sqrt(1j * np.asarray(x, dtype=np.float64))
    return np.asarray(np.tanh(s) / s)
