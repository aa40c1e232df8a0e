r"""Tensors of a section: symmetric, with no shear along z, in components.

The part in the plane is A = m 1 + D, m half of its trace and D its deviator, D^2 = y 1. So
functions of A are linear in D, with coefficients that are smooth in
y = ((A_xx - A_yy) / 2)^2 + A_xy^2::

    ln A = 1/2 ln(det A) 1 + a(y) D,   a = (2 ln(m + sqrt y) - ln det A) / (2 sqrt y)
    exp A = e^m (cosh(sqrt y) 1 + sinh(sqrt y) / sqrt y D)

Where the eigenvalues nearly meet the coefficients come from their series, so that they and their
derivatives are as good as rounding allows.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import factorial
from typing import Any

import ufl

NEAR = 1e-2  # y over m^2, or y, below which the series is taken
TERMS = 9  # of a series: the next is below rounding


@dataclass(frozen=True, slots=True)
class Planar:
    """A symmetric tensor by its entries xx, yy, xy and zz, scalars of UFL."""

    xx: Any
    yy: Any
    xy: Any
    zz: Any

    @property
    def entries(self) -> tuple[Any, Any, Any, Any]:
        """All entries in order."""
        return self.xx, self.yy, self.xy, self.zz

    @property
    def trace(self) -> Any:
        """Sum of the normal entries."""
        return self.xx + self.yy + self.zz

    @property
    def square(self) -> Any:
        """The tensor contracted with itself."""
        return self.dot(self)

    def times(self, factor: Any) -> Planar:
        """Return a multiple."""
        return Planar(*(factor * entry for entry in self.entries))

    def plus(self, number: Any) -> Planar:
        """Return the tensor with a multiple of the identity added."""
        return Planar(self.xx + number, self.yy + number, self.xy, self.zz + number)

    def sum(self, other: Planar) -> Planar:
        """Return the sum of two tensors."""
        return Planar(*(a + b for a, b in zip(self.entries, other.entries, strict=True)))

    def dot(self, other: Planar) -> Any:
        """Return the double contraction with another tensor."""
        xy = 2 * self.xy * other.xy
        return self.xx * other.xx + self.yy * other.yy + xy + self.zz * other.zz

    @property
    def det(self) -> Any:
        """Determinant."""
        return (self.xx * self.yy - self.xy**2) * self.zz

    def inverse(self) -> Planar:
        """Return the inverse."""
        d = self.xx * self.yy - self.xy**2
        return Planar(self.yy / d, self.xx / d, -self.xy / d, 1 / self.zz)

    def deviator(self) -> Planar:
        """Return the tensor without its mean."""
        return self.plus(-self.trace / 3)


def logarithm(tensor: Planar) -> Planar:
    """Return the logarithm of a positive tensor."""
    m, half, y = _split(tensor)
    log_det = ufl.ln(tensor.xx * tensor.yy - tensor.xy**2)
    near = ufl.lt(y, NEAR * m**2)
    root = ufl.sqrt(ufl.conditional(near, NEAR * m**2, y))
    series = _series(y / m**2, [1.0 / (2 * k + 1) for k in range(TERMS)]) / m
    a = ufl.conditional(near, series, (2 * ufl.ln(m + root) - log_det) / (2 * root))
    mean = log_det / 2
    return Planar(mean + a * half, mean - a * half, a * tensor.xy, ufl.ln(tensor.zz))


def exponential(tensor: Planar) -> Planar:
    """Return the exponential of a tensor."""
    m, half, y = _split(tensor)
    near = ufl.lt(y, NEAR)
    root = ufl.sqrt(ufl.conditional(near, NEAR, y))
    even = [1.0 / factorial(2 * k) for k in range(TERMS)]
    odd = [1.0 / factorial(2 * k + 1) for k in range(TERMS)]
    cosh = ufl.exp(m) * ufl.conditional(near, _series(y, even), ufl.cosh(root))
    sinh = ufl.exp(m) * ufl.conditional(near, _series(y, odd), ufl.sinh(root) / root)
    return Planar(cosh + sinh * half, cosh - sinh * half, sinh * tensor.xy, ufl.exp(tensor.zz))


def _split(tensor: Planar) -> tuple[Any, Any, Any]:
    """Return m, D_xx and y of the part in the plane."""
    half = (tensor.xx - tensor.yy) / 2
    return (tensor.xx + tensor.yy) / 2, half, half**2 + tensor.xy**2


def _series(x: Any, coefficients: list[float]) -> Any:
    """Return a polynomial, the constant first (Horner)."""
    value: Any = coefficients[-1]
    for coefficient in coefficients[-2::-1]:
        value = value * x + coefficient
    return value
