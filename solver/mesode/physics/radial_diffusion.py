r"""Lithium inside of a particle that is not drawn: a sphere or a cylinder with a radial coordinate.

Strong form for the lithiation s(r, t) of a particle of radius R in d dimensions (2: cylinder, 3:
sphere) [1/s]::

    ds/dt = r^(1-d) d/dr (r^(d-1) D_s ds/dr),    -D_s ds/dr = i_n / (F c_max) at r = R

i_n > 0 takes lithium out. With x = r/R, s is its mean and N polynomials in x^2 that have none::

    s = sto + sum_k w_k phi_k(x),    phi_k(x) = P_k(2 x^2 - 1),  k = 1 ... N

P_k are the Jacobi polynomials with alpha = 0, beta = (d-2)/2: orthogonal over the volume of the
particle, and 1 at its surface, so that the lithiation there is sto + sum_k w_k. Galerkin's method
gives, with <.> the mean over the volume, m_k = <phi_k^2> = d / (4 k + d),

    m_k dw_k/dt + sum_j k_kj w_j = -(d/R) i_n / (F c_max),
    k_kj = <D_s phi_k' phi_j'> / R^2

and for the mean itself d sto/dt = -(d/R) i_n / (F c_max), whatever D_s and N are: no lithium is
lost. The rows here are that times F c_max and the share of the particles, currents per volume
[A/m^3], for which (d/R) times the share is the surface per volume. The integral over x is of Gauss
and Jacobi, exact where D_s does not depend on s.

Source: Doyle, Fuller, Newman, J. Electrochem. Soc. 140 (1993) 1526 for the equation; Funaro,
Polynomial Approximation of Differential Equations (1992) for the polynomials.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy.special import eval_jacobi, roots_jacobi

from mesode.constants import FARADAY

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    type FloatArray = npt.NDArray[np.float64]

#: Polynomials of a profile. After a jump of the current the surface of a sphere is off by 0.4 % of
#: its distance from the mean at 1e-4 R^2/D_s, by 0.04 % at 3e-4, by 2e-5 at 1e-3. Under a current
#: that oscillates it is off by 0.01 % at an angular frequency of 4e3 D_s/R^2, by 0.8 % at 1.4e4.
COUNT: Final = 14
#: Points of the integrals over a particle beyond those that a constant D_s needs.
MORE_POINTS: Final = 2


@dataclass(frozen=True)
class RadialBasis:
    """Polynomials phi_1 ... phi_N of a particle.

    Attributes:
        dimensions: 2 of a cylinder, 3 of a sphere.
        count: N.
    """

    dimensions: int
    count: int

    @property
    def masses(self) -> FloatArray:
        """<phi_k^2>, shape (N,)."""
        k = np.arange(1, self.count + 1)
        return np.asarray(self.dimensions / (4.0 * k + self.dimensions))

    def values(self, x: FloatArray) -> FloatArray:
        """Return phi_k at x = r/R (n,), shape (n, N)."""
        k, beta = np.arange(1, self.count + 1), self._beta
        return np.asarray(eval_jacobi(k, 0.0, beta, 2.0 * np.asarray(x)[:, None] ** 2 - 1.0))

    @property
    def _beta(self) -> float:
        return 0.5 * (self.dimensions - 2)

    @cached_property
    def _points(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Points x, weights and dP_k/dz of the integrals of phi_k' phi_j' times a function.

        With z = 2 x^2 - 1 that is phi_k' = 4 x P_k'(z), and d x^(d-1) dx = d 2^(-d/2) / 2
        (1 + z)^beta dz, so that x^2 goes to the weight of the rule.
        """
        beta, k = self._beta, np.arange(1, self.count + 1)
        z, weights = roots_jacobi(self.count + MORE_POINTS, 0.0, beta + 1.0)
        slopes = 0.5 * (k + beta + 1.0) * eval_jacobi(k - 1, 1.0, beta + 1.0, z[:, None])
        volume = 0.5 * self.dimensions * 2.0 ** (-0.5 * self.dimensions)
        return np.sqrt(0.5 * (z + 1.0)), 8.0 * volume * weights, slopes

    @cached_property
    def stiffness(self) -> FloatArray:
        """<phi_k' phi_j'> over x, shape (N, N)."""
        _, weights, slopes = self._points
        return np.asarray(np.einsum("g,gk,gj->kj", weights, slopes, slopes))

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
        x, weights, slopes = self._points
        flux = [
            weight * D_s(sto + _dot(values, w)) * _dot(slope, w)
            for weight, values, slope in zip(
                weights.tolist(), self.values(x).tolist(), slopes.tolist(), strict=True
            )
        ]
        return [_dot(column, flux) for column in slopes.T.tolist()]


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
