"""Rest of several hosts in one electrode: one potential, each host with its own lithiation.

Lithium moves between hosts of different materials until their open-circuit potentials are equal,
so at rest a mean lithiation is shared out among them by their open-circuit curves.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from mesode.materials.law import Law

    type FloatArray = npt.NDArray[np.float64]

_POINTS = 20_001  # of each curve from lithiation 0 to 1; potentials are good to about 1e-6 V
_POINTS_OF_A_TAIL = 1_000  # towards 0 and 1, where potentials go to infinity
_HALVINGS = 60


class Equilibrium:
    """Open-circuit potential of an electrode and what its hosts hold at it.

    Args:
        ocps: Open-circuit law of each host; it falls with the lithiation.
        capacities: Charge from lithiation 0 to 1 of each host, in any unit.
        T: Temperature [K].
    """

    def __init__(self, ocps: Mapping[str, Law], capacities: Mapping[str, float], T: float) -> None:
        self._ocps, self._T = dict(ocps), T
        total = sum(capacities[host] for host in ocps)
        self._share = {host: capacities[host] / total for host in ocps}
        ends = np.logspace(-9.0, -4.0, _POINTS_OF_A_TAIL)
        self._sto = np.unique([*np.linspace(0.0, 1.0, _POINTS), *ends, *(1.0 - ends)])
        # flat or rising parts of a measured curve are taken as flat
        self._curves = {
            host: np.minimum.accumulate(np.asarray(law(sto=self._sto, T=T), dtype=np.float64))
            for host, law in ocps.items()
        }

    def potential(self, mean: float) -> float:
        """Return the potential [V] at rest for the mean lithiation of the hosts."""
        if len(self._ocps) == 1:
            law = next(iter(self._ocps.values()))
            return float(law(sto=mean, T=self._T))
        low = min(float(curve[-1]) for curve in self._curves.values())
        high = max(float(curve[0]) for curve in self._curves.values())
        for _ in range(_HALVINGS):
            middle = 0.5 * (low + high)
            held = sum(self._share[host] * sto for host, sto in self._at(middle).items())
            low, high = (middle, high) if held > mean else (low, middle)
        return 0.5 * (low + high)

    @cached_property
    def curve(self) -> tuple[FloatArray, FloatArray]:
        """Mean lithiations from 0 to 1, and the potential at rest [V] at each."""
        if len(self._curves) == 1:
            return self._sto, next(iter(self._curves.values()))
        potentials = np.unique(np.concatenate(list(self._curves.values())))[::-1]
        means = sum(
            self._share[host] * np.interp(potentials, curve[::-1], self._sto[::-1])
            for host, curve in self._curves.items()
        )
        return np.asarray(means), potentials

    @cached_property
    def _energy(self) -> FloatArray:
        """Integral of the potential along ``curve``, from its begin [V]."""
        means, potentials = self.curve
        steps = 0.5 * (potentials[1:] + potentials[:-1]) * np.diff(means)
        return np.concatenate([[0.0], np.cumsum(steps)])

    def on_curve(self, mean: float) -> tuple[float, float]:
        """Return potential [V] and its integral over the mean lithiation, of straight pieces.

        The one is exactly the slope of the other. Beyond its ends the potential stays.
        """
        means, potentials = self.curve
        U = float(np.interp(mean, means, potentials))
        k = min(max(int(np.searchsorted(means, mean)) - 1, 0), len(means) - 1)
        return U, float(self._energy[k] + 0.5 * (potentials[k] + U) * (mean - means[k]))

    def lithiations(self, mean: float) -> dict[str, float]:
        """Return the lithiation of each host at rest; their mean is ``mean``."""
        if len(self._ocps) == 1:
            return dict.fromkeys(self._ocps, mean)
        return self._at(self.potential(mean))

    def _at(self, potential: float) -> dict[str, float]:
        """Return the lithiation of each host at a potential, 0 or 1 beyond its curve."""
        return {
            host: float(np.interp(potential, curve[::-1], self._sto[::-1]))
            for host, curve in self._curves.items()
        }
