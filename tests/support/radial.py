"""Bodies that flow at small strain after a radius alone: a sphere, or a cylinder free along z.

An independent solution of V07: linear elements over the radius, J2 flow without hardening by radial
return, Newton's method with the exact tangent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass
class Radial:
    """A body of radius 1: ``sphere`` or cylinder, E, nu, sY; free linear strain by the radius."""

    E: float
    nu: float
    sY: float
    sphere: bool
    n: int = 200

    def __post_init__(self):
        r = np.linspace(0.0, 1.0, self.n + 1)
        self.r, h = (r[1:] + r[:-1]) / 2, r[1] - r[0]
        self.weight = h * self.r ** (2 if self.sphere else 1)
        self.B = np.zeros((self.n, 3, self.n + 2))  # strains r, t, z of u at nodes and of eps_z
        k = np.arange(self.n)
        self.B[k, 0, k], self.B[k, 0, k + 1] = -1 / h, 1 / h
        around = (1, 2) if self.sphere else (1,)
        for row in around:
            self.B[k, row, k] = self.B[k, row, k + 1] = 0.5 / self.r
        if not self.sphere:
            self.B[:, 2, -1] = 1.0
        free = np.ones(self.n + 2, dtype=bool)
        free[0], free[-1] = False, not self.sphere
        self.free = np.flatnonzero(free)
        self.x, self.flowed = np.zeros(self.n + 2), np.zeros((self.n, 3))

    def respond(self, x, growth):
        """Return stress, tangent and the plastic strain at an elastic strain."""
        mu, K = self.E / (2 * (1 + self.nu)), self.E / (3 * (1 - 2 * self.nu))
        elastic = self.B @ x - growth(self.r)[:, None] - self.flowed
        mean = elastic.mean(axis=1, keepdims=True)
        s = 2 * mu * (elastic - mean)
        q = np.sqrt(1.5 * (s**2).sum(axis=1))
        part = np.where(q > self.sY, self.sY / np.maximum(q, 1e-300), 1.0)[:, None]
        dev = np.eye(3) - 1 / 3
        n = s * np.sqrt(1.5) / np.maximum(q, 1e-300)[:, None]
        bend = np.where(q > self.sY, 1.0, 0.0)[:, None, None] * n[:, :, None] * n[:, None, :]
        tangent = K * np.ones((3, 3)) + 2 * mu * part[:, :, None] * (dev - bend)
        return 3 * K * mean + part * s, tangent, self.flowed + (1 - part) * s / (2 * mu)

    def step(self, growth: Any):
        """Go on to a free strain, a function of the radius; return the stress r, t, z."""
        for _ in range(50):
            stress, tangent, flowed = self.respond(self.x, growth)
            flat = self.B.reshape(-1, self.n + 2)
            force = (flat.T @ (self.weight[:, None] * stress).ravel())[self.free]
            if np.abs(force).max() < 1e-11 * self.sY:
                self.flowed = flowed
                return stress
            pulled = np.matmul(self.weight[:, None, None] * tangent, self.B)
            slope = flat.T @ pulled.reshape(flat.shape)
            self.x[self.free] -= np.linalg.solve(slope[np.ix_(self.free, self.free)], force)
        raise AssertionError

    def plastic_radius(self, stress):
        """Return from where on the body flows."""
        s = stress - stress.mean(axis=1, keepdims=True)
        flows = 1.5 * (s**2).sum(axis=1) > self.sY**2 * (1 - 1e-9)
        return self.r[flows].min() - 0.5 / self.n
