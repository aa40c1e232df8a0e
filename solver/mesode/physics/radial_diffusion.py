r"""Lithium inside of a particle that is not drawn: a sphere or a cylinder with a radial coordinate.

Strong form for the lithiation s(r, t) of a particle of radius R in d dimensions (2: cylinder, 3:
sphere) [1/s]::

    ds/dt = r^(1-d) d/dr (r^(d-1) D_s ds/dr),    -D_s ds/dr = i_n / (F c_max) at r = R

i_n > 0 takes lithium out. With x = r/R, s is its mean and N functions of x that have none, each of
powers of x up to its own::

    s = sto + sum_k w_k phi_k(x),    phi_k in span(1, x^p_1, ... x^p_k),    p_k = 2, 4, 6, 10 ...

The powers are twice the numbers of Fibonacci: even, so that the centre is smooth, and ever higher,
so that a profile at the surface, of a thickness R/p, has functions of its thickness, whatever that
is. phi_k are the polynomials of Muentz and Legendre: orthogonal over the volume of the particle,
and 1 at its surface, so that the lithiation there is sto + sum_k w_k. Galerkin's method gives, with
<.> the mean over the volume, m_k = <phi_k^2> = d / (2 p_k + d),

    m_k dw_k/dt + sum_j k_kj w_j = -(d/R) i_n / (F c_max),
    k_kj = <D_s phi_k' phi_j'> / R^2

and for the mean itself d sto/dt = -(d/R) i_n / (F c_max), whatever D_s and N are: no lithium is
lost. The rows here are that times F c_max and the share of the particles, currents per volume
[A/m^3], for which (d/R) times the share is the surface per volume.

A D_s that depends on s is taken at N points x_g, as by Gauss: those where the matrices <phi_k'
phi_j'> and <x^2 phi_k' phi_j'> are diagonal together. The sum over them is <D_s phi_k' phi_j'>
where D_s is linear in x^2, and never leaves what the least and the largest D_s would give.

Sources: Doyle, Fuller, Newman, J. Electrochem. Soc. 140 (1993) 1526 for the equation; Borwein,
Erdelyi, Zhang, Trans. Am. Math. Soc. 342 (1994) 523 for the polynomials; Harris, Engerholm, Gwinn,
J. Chem. Phys. 43 (1965) 1515 for the points.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import prod
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy.linalg import eigh

from mesode.constants import FARADAY

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    type FloatArray = npt.NDArray[np.float64]
    type Exact = list[list[Fraction]]

#: Functions of a profile. After a jump of the current the surface is off by 5 % of its distance
#: from the mean at 1e-6 R^2/D_s, by 0.08 % at 1e-5, by 7e-5 at 1e-4, by 7e-6 at 1e-3. Under a
#: current that oscillates it is off by 3e-5 at an angular frequency of 1e3 D_s/R^2, by 0.01 % at
#: 1e4, by 0.1 % at 1e5, by 0.8 % at 3e5.
COUNT: Final = 12


@dataclass(frozen=True)
class RadialBasis:
    """Functions phi_1 ... phi_N of a particle.

    Attributes:
        dimensions: 2 of a cylinder, 3 of a sphere.
        count: N.
    """

    dimensions: int
    count: int

    @cached_property
    def powers(self) -> list[int]:
        """0 and p_k, N + 1 in all."""
        found = [0, 2, 4]
        while len(found) <= self.count:
            found.append(found[-1] + found[-2])
        return found[: self.count + 1]

    @property
    def masses(self) -> FloatArray:
        """<phi_k^2>, shape (N,)."""
        return np.array([self.dimensions / (2.0 * p + self.dimensions) for p in self.powers[1:]])

    @cached_property
    def _coefficients(self) -> Exact:
        """Of each power (columns) in phi_k (rows)."""
        p, d = self.powers, self.dimensions

        def of(power: int, k: int) -> Fraction:
            above = prod(power + other + d for other in p[:k])
            return Fraction(above, prod(power - other for other in p[: k + 1] if other != power))

        return [[of(power, k) for power in p[: k + 1]] for k in range(1, self.count + 1)]

    def values(self, x: FloatArray) -> FloatArray:
        """Return phi_k at x = r/R (n,), shape (n, N)."""
        rows = [[*row, *[0] * (self.count + 1 - len(row))] for row in self._coefficients]
        return np.asarray(np.asarray(x)[:, None] ** self.powers @ np.array(rows, dtype=float).T)

    def _slopes(self, weight: int) -> FloatArray:
        """<x^weight phi_k' phi_j'>, shape (N, N), from exact sums whose terms nearly cancel."""
        p, d = self.powers, self.dimensions
        each = [[Fraction(a * b * d, max(a + b + d - 2 + weight, 1)) for b in p] for a in p]
        half = [
            [sum(c * row[j] for c, row in zip(own, each, strict=False)) for j in range(len(p))]
            for own in self._coefficients
        ]
        exact = [
            [sum(c * h for c, h in zip(own, row, strict=False)) for own in self._coefficients]
            for row in half
        ]
        return np.array(exact, dtype=float)

    @cached_property
    def stiffness(self) -> FloatArray:
        """<phi_k' phi_j'> over x, shape (N, N)."""
        return self._slopes(0)

    @cached_property
    def _points(self) -> tuple[FloatArray, FloatArray]:
        """Points x_g (N,) and b_kg (N, N), so that the sum of b_kg b_jg is the stiffness.

        b_kg are the slopes of phi_k there times the root of the weight.
        """
        x_2, modes = eigh(self._slopes(2), self.stiffness)
        return np.sqrt(x_2), self.stiffness @ modes

    def transport(
        self, sto: Any, w: Sequence[Any], D_s: Callable[[Any], Any], *, depends: bool
    ) -> list[Any]:
        """Return sum_j <D_s phi_k' phi_j'> w_j of each k, in units of D_s.

        Args:
            sto: Mean lithiation.
            w: Coefficients.
            D_s: Diffusion coefficient at a lithiation.
            depends: Whether it depends on that; if not it is asked once.
        """
        if not depends:
            D = D_s(sto)
            return [D * _dot(row, w) for row in self.stiffness.tolist()]
        x, slopes = self._points
        flux = [
            D_s(sto + _dot(values, w)) * _dot(slope, w)
            for values, slope in zip(self.values(x).tolist(), slopes.T.tolist(), strict=True)
        ]
        return [_dot(row, flux) for row in slopes.tolist()]


def _dot(factors: Sequence[float], values: Sequence[Any]) -> Any:
    return sum(factor * value for factor, value in zip(factors, values, strict=True))


def rows(
    basis: RadialBasis,
    *,
    c_max: float,
    radius: float,
    rates: Sequence[Any],
    transport: Sequence[Any],
    i_n: Any,
    surface: float,
) -> list[Any]:
    """Return the row of each coefficient [A/m^3].

    Args:
        basis: Of the particles.
        c_max: Of the particles times their share of the volume [mol/m^3].
        radius: Of the particles [m].
        rates: dw_k/dt [1/s].
        transport: As of ``RadialBasis.transport`` [m^2/s].
        i_n: Current density out of the particles [A/m^2].
        surface: Of the particles per volume [1/m].
    """
    return [
        FARADAY * c_max * (mass * rate + flux / radius**2) + surface * i_n
        for mass, rate, flux in zip(basis.masses.tolist(), rates, transport, strict=True)
    ]
