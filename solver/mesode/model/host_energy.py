"""The free energy of lithium in a host: the integral of its open-circuit potential, as a table.

The table is exact at its points and has the right slope there, so that between them it is off by
less than 1e-9 V, also in the tails towards empty and full.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.interpolate import CubicHermiteSpline

if TYPE_CHECKING:
    import numpy.typing as npt

    from mesode.materials.law import Law

    type FloatArray = npt.NDArray[np.float64]

_POINTS = 4001  # from 0 to 1
_NEAREST, _TAIL = 1e-9, 400  # points of a tail, from this distance to 0 and 1
_BEYOND = 1e-4  # of what lithiation the table knows outside 0 to 1
_GAUSS = 5  # points of the integral between two points of the table


class HostEnergy:
    """Integral of U over the lithiation [V], from a start.

    Args:
        ocp: Open-circuit law.
        start: Lithiation from which it counts.
    """

    def __init__(self, ocp: Law, start: float) -> None:
        self._ocp, self._start = ocp, start
        tail = np.logspace(np.log10(_NEAREST), -2.0, _TAIL)
        even = np.linspace(0.0, 1.0, _POINTS)
        self._sto = np.unique([-_BEYOND, *even, *tail, *(1.0 - tail), start, 1.0 + _BEYOND])
        self._tables: dict[float, CubicHermiteSpline] = {}

    def integral(self, sto: FloatArray, T: float) -> FloatArray:
        """Return the integral of U(., T) from the start to each lithiation [V]."""
        if T not in self._tables:
            self._tables[T] = self._table(T)
        values: FloatArray = self._tables[T](sto)
        return values

    def potential(self, sto: FloatArray, T: float) -> FloatArray:
        """Return U [V], the slope of the integral."""
        return np.broadcast_to(np.asarray(self._ocp(sto=sto, T=T), dtype=np.float64), sto.shape)

    def _table(self, T: float) -> CubicHermiteSpline:
        points, (x, weights) = self._sto, np.polynomial.legendre.leggauss(_GAUSS)
        length = np.diff(points)
        inner = points[:-1, None] + 0.5 * (1.0 + x) * length[:, None]
        parts = 0.5 * length * (self.potential(inner, T) @ weights)
        total = np.concatenate([[0.0], np.cumsum(parts)])
        total -= total[np.searchsorted(points, self._start)]
        return CubicHermiteSpline(points, total, self.potential(points, T))
