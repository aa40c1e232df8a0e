"""Laws of a host and an electrolyte, and their fluxes of exact fields, written from strong forms.

What is manufactured from them does not know how the product writes its equations: i_n > 0 is
oxidation, current goes from solid to electrolyte, ``z`` is c_e over ``C_0``.
"""

from __future__ import annotations

from dataclasses import dataclass

import ufl

from support.mms import L

F, R, T = 96485.33212, 8.314462618, 300.0
f = F / (R * T)
C_MAX, D_S, SIGMA = 5e4, 2e-13, 0.05
C_0, D_E, KAPPA, POROSITY, MACMULLIN = 1000.0, 2e-11, 0.05, 0.5, 2.0
I_0, ALPHA_A, ALPHA_C, C_DL = 300.0, 0.6, 0.4, 1e4
TAU = L**2 / D_S  # [s], 5 s
LEVEL = 0.15  # [V], which phi_s of an electrode is counted from

# Fields that bend in space, at one instant, of X and Y in units of ``L``; c_e over ``C_0``.
EXACT = {
    "sto": lambda X, Y, m: 0.5 + 0.2 * m.cos(2 * X) * m.sin(2 * Y + 0.3),
    "phi_s": lambda X, Y, m: 0.25 + 0.05 * m.sin(2 * X + Y),
    "c_e": lambda X, Y, m: 1.0 + 0.3 * m.sin(2 * X) * m.cos(2 * Y),
    "phi_e": lambda X, Y, m: 0.04 * m.cos(X - 2 * Y),
}
RATES = {"sto": 0.1 / TAU, "phi_s": 0.02 / TAU, "c_e": -0.1 * C_0 / TAU, "phi_e": -0.01 / TAU}


def D_s(sto):
    return D_S * (0.5 + sto)


def U(sto):
    return 0.6 - 0.4 * sto + 0.1 * sto**3


def i_0(z, sto):
    return I_0 * (0.5 + z) * sto * (1.2 - sto)


def kappa(z):
    return KAPPA * (0.4 + 0.6 * z)


def D_e(z):
    return D_E * (1.5 - 0.5 * z)


def t_plus(z):
    return 0.25 + 0.1 * z


def tdf(z):
    return 1 + 0.5 * z


@dataclass(frozen=True)
class StrongForms:
    """Exact fields and what follows from them, as UFL on the mesh; ``level`` is added to phi_s."""

    sto: object
    phi_s: object
    z: object
    phi_e: object
    level: float = 0.0

    def grad(self, value):
        return ufl.grad(value)

    def macmullin(self):
        return MACMULLIN

    def N_s(self):
        return -D_s(self.sto) * C_MAX * self.grad(self.sto)

    def i_s(self):
        return -SIGMA * (1 + self.sto) * self.grad(self.phi_s)

    def i_e(self):
        z = self.z
        drive = 2 / f * (1 - t_plus(z)) * tdf(z) * self.grad(z) / z - self.grad(self.phi_e)
        return kappa(z) / self.macmullin() * drive

    def N_e(self):
        diffusion = D_e(self.z) / self.macmullin() * C_0 * self.grad(self.z)
        return t_plus(self.z) * self.i_e() / F - diffusion

    def i_n(self):
        eta = self.level + self.phi_s - self.phi_e - U(self.sto)
        oxidation, reduction = ufl.exp(ALPHA_A * f * eta), ufl.exp(-ALPHA_C * f * eta)
        return i_0(self.z, self.sto) * (oxidation - reduction)
