"""A GITT pulse of silicon in closed form: a constant flux into a body, its potential and reaction.

The potential is that of ``si_verbrugge_average``; the drop of the charge transfer is
2 R T/F asinh(i/(2 i_0)) with i_0 = ``i_0`` sqrt(4 x (1 - x)) of the lithiation x at the surface.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mesode.constants import FARADAY, GAS_CONSTANT
from mesode.evaluate import gitt
from mesode.evaluate.finite_diffusion import CYLINDER, Body, surface_rise
from mesode.evaluate.record import Record
from mesode.materials.ocp import si_verbrugge_average

C_MAX, T = 311_000.0, 298.15  # [mol/m^3], [K]
REST = 3600.0  # [s]


@dataclass(frozen=True, kw_only=True)
class SiliconPulse:
    """D [m^2/s], volume over surface [m], length [s] and what it fills; i_0 at x = 0.5 [A/m^2]."""

    D: float = 1e-15
    volume_over_surface: float = 0.5e-6
    tau: float = 240.0
    start: float = 0.3
    filled: float = 1.0 / 150.0
    i_0: float = 2.0

    def biases(self, body: Body = CYLINDER, *, straight: bool = False, kinetics: bool = True):
        """Return D by ends and by slope, both over D, with or without a bend and a reaction."""
        (pulse,) = gitt.pulses(self.record(body, straight=straight, kinetics=kinetics))
        L = self.volume_over_surface
        return gitt.by_ends(pulse, L) / self.D, gitt.by_slope(pulse, L) / self.D

    def record(self, body: Body, *, straight: bool, kinetics: bool) -> Record:
        """Return a rest, the pulse and a rest."""
        t = np.linspace(0.0, self.tau, 2001)[1:]
        L = body.m * self.volume_over_surface  # the thickness or the radius
        rise = surface_rise(body, self.D * t / L**2) / (body.m * self.D * self.tau / L**2)
        sto = self.start + self.filled * rise
        U = (lambda x: -x) if straight else si_verbrugge_average
        drop = np.zeros_like(t)
        if kinetics:
            i = FARADAY * C_MAX * self.filled * self.volume_over_surface / self.tau
            i_0 = self.i_0 * np.sqrt(4.0 * sto * (1.0 - sto))
            drop = 2.0 * GAS_CONSTANT * T / FARADAY * np.arcsinh(i / (2.0 * i_0))
        before, after = U(self.start), U(self.start + self.filled)
        V = np.concatenate(([before, before], U(sto) - drop, [after, after]))
        times = np.concatenate(([-1.0, 0.0], t, self.tau + np.array([1.0, REST])))
        I = np.concatenate(([0.0, 0.0], np.ones_like(t), [0.0, 0.0]))
        return Record(times, V, I, np.repeat([1.0, 2.0, 3.0], (2, len(t), 2)))
