"""If these fail, a particle and the electrolyte around it are coupled by other equations.

Host and electrolyte on one mesh with a curved interface between them: lithiation and electron
potential on one side, salt and ion potential on the other, nonlinear Butler-Volmer with unequal
transfer coefficients and double layer in between, all unknowns at once. All sources are written
here from the strong forms, with the signs of the design: i_n > 0 is oxidation, current goes from
solid to electrolyte.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pytest
import ufl
from dolfinx import fem

from mesode.model.unknowns import make_unknown
from mesode.numerics.system import BlockSystem
from mesode.physics import conduction, diffusion, electrolyte, kinetics
from support.grids import grid
from support.mms import (
    HIGH,
    L,
    assert_order,
    assert_order_in_time,
    fixed_steps,
    interpolate,
    l2_error,
    place,
    run_to,
)
from support.solve import solve_steady
from support.strong_forms import (
    ALPHA_A,
    ALPHA_C,
    C_0,
    C_DL,
    C_MAX,
    D_E,
    D_S,
    EXACT,
    KAPPA,
    LEVEL,
    MACMULLIN,
    POROSITY,
    RATES,
    SIGMA,
    TAU,
    D_e,
    D_s,
    F,
    StrongForms,
    T,
    U,
    i_0,
    kappa,
    t_plus,
    tdf,
)

LAYERS = (("active", 0.5), ("electrolyte", 0.5))
KEYS = ("sto", "phi_s", "c_e", "phi_e")


class Setup(NamedTuple):
    """Exact lithiation, potentials [V] and concentration over ``C_0``."""

    sto: object
    phi_s: object
    z: object
    phi_e: object


def setup():
    """The fields that bend in space, and go with their rates."""

    def moving(key, level=0.0):
        field, rate = EXACT[key], RATES[key] / (C_0 if key == "c_e" else 1.0)
        return lambda X, Y, t, m: level + field(X, Y, m) + rate * t

    return Setup(moving("sto"), moving("phi_s", LEVEL), moving("c_e"), moving("phi_e"))


def setup_in_time():
    """Fields that the elements represent exactly."""
    return Setup(
        lambda X, Y, t, m: 0.5 + 0.2 * (X - Y) * m.cos(2 * t / TAU) + 0.1 * m.sin(t / TAU),
        lambda X, Y, t, m: 0.4 + 0.05 * (X + Y) * m.cos(3 * t / TAU),
        lambda X, Y, t, m: 1.0 + 0.2 * (Y - X) * m.cos(t / TAU) + 0.1 * m.sin(2 * t / TAU),
        lambda X, Y, t, m: 0.04 * (X - 2 * Y) * m.cos(2 * t / TAU),
    )


def bulk(z):
    """Return the laws as the product takes them."""
    return electrolyte.Transport(
        kappa=kappa(z), D_e=D_e(z), t_plus=t_plus(z), tdf=tdf(z), macmullin=MACMULLIN
    )


@dataclass(frozen=True)
class Exact(StrongForms):
    """Exact fields at a time."""

    t: object = None

    def i_total(self):
        return self.i_n() + C_DL * ufl.diff(self.phi_s - self.phi_e, self.t)


class Problem:
    """All four equations; at the outer rim exchange with the exact fields."""

    def __init__(self, exact, n):
        self.domain = grid(n, LAYERS, wave=0.12)
        mesh, d = self.domain.mesh, self.domain
        self.solid, self.pore = d.subdomain(["active"]), d.subdomain(["electrolyte"])
        host = fem.functionspace(self.solid.mesh, ("Lagrange", 1))
        pores = fem.functionspace(self.pore.mesh, ("Lagrange", 1))
        self.sto, self.phi_s = make_unknown("sto", host), make_unknown("phi_s", host)
        self.c_e, self.phi_e = make_unknown("c_e", pores, scale=C_0), make_unknown("phi_e", pores)
        self.unknowns = [self.sto, self.phi_s, self.c_e, self.phi_e]
        self.time = fem.Constant(mesh, 0.0)
        X, Y, self.normal = place(d)
        t = ufl.variable(self.time)
        self.exact = Exact(*(field(X, Y, t, ufl) for field in exact), t=t)
        self.dx = d.dx(metadata=HIGH)
        self.dS = d.dS(["active"], ["electrolyte"], **HIGH)
        self.maps = [self.solid.entity_map, self.pore.entity_map]
        self.system = BlockSystem(
            mesh,
            [self.row_sto(), self.row_phi_s(), self.row_c_e(), self.row_phi_e()],
            [u.scaled for u in self.unknowns],
            [u.scaled_rate for u in self.unknowns],
            entity_maps=self.maps,
            time=self.time,
        )

    def rim(self, phase):
        """Boundary measure of a phase, without the interface."""
        sides = ("left", "right", "collector" if phase == "active" else "counter")
        facets = np.concatenate([self.domain.side(name, [phase]) for name in sides])
        data = {"domain": self.domain.mesh, "subdomain_data": [(1, facets)], "metadata": HIGH}
        return ufl.Measure("ds", **data)(1)

    def outside(self, phase, flux, difference, v):
        """Row terms at the outer rim: the exact flux and an exchange that pins the level."""
        return (ufl.dot(flux, self.normal) + difference) * v * self.rim(phase)

    # --- what the product computes

    def i_n(self):
        sto, z = self.sto.value("+"), self.c_e.value("-") / C_0
        U_eq = kinetics.equilibrium_potential(U(sto))
        eta = self.phi_s.value("+") - self.phi_e.value("-") - U_eq
        return kinetics.butler_volmer(eta, i_0(z, sto), T, alpha_a=ALPHA_A, alpha_c=ALPHA_C)

    def i_total(self):
        charging = kinetics.double_layer(self.phi_s.rate("+"), self.phi_e.rate("-"), C_DL)
        return self.i_n() + charging

    def i_e(self):
        state = bulk(self.c_e.value / C_0)
        return electrolyte.ionic_current(self.c_e.value, self.phi_e.value, state, T)

    # --- rows: the product's forms, minus sources of the exact fields

    def row_sto(self):
        e, v, dx = self.exact, self.sto.test, self.dx(self.domain.phases["active"])
        flux = diffusion.lithium_flux(C_MAX * self.sto.value, D_s(self.sto.value))
        row = diffusion.storage(C_MAX * self.sto.rate, v, dx) + diffusion.transport(flux, v, dx)
        row -= F * (C_MAX * ufl.diff(e.sto, e.t) + ufl.div(e.N_s())) * v * dx
        jump = F * ufl.dot(e.N_s(), self.normal) - e.i_n()
        row += (self.i_n() + jump("+")) * v("+") * self.dS
        exchange = F * D_S * C_MAX / L * (self.sto.value - e.sto)
        return row + self.outside("active", F * e.N_s(), exchange, v)

    def row_phi_s(self):
        e, v, dx = self.exact, self.phi_s.test, self.dx(self.domain.phases["active"])
        i_s = conduction.electronic_current(self.phi_s.value, SIGMA * (1 + self.sto.value))
        row = conduction.divergence_free(i_s, v, dx) - ufl.div(e.i_s()) * v * dx
        jump = ufl.dot(e.i_s(), self.normal) - e.i_total()
        row += (self.i_total() + jump("+")) * v("+") * self.dS
        return row + self.outside("active", e.i_s(), SIGMA / L * (self.phi_s.value - e.phi_s), v)

    def row_c_e(self):
        e, v, dx = self.exact, self.c_e.test, self.dx(self.domain.phases["electrolyte"])
        flux = electrolyte.ion_flux(self.c_e.value, self.i_e(), bulk(self.c_e.value / C_0))
        row = diffusion.storage(POROSITY * self.c_e.rate, v, dx)
        row += diffusion.transport(flux, v, dx)
        row -= F * (POROSITY * C_0 * ufl.diff(e.z, e.t) + ufl.div(e.N_e())) * v * dx
        # the normal of "-" points into the solid, the current comes out of it
        jump = F * ufl.dot(e.N_e(), self.normal) + e.i_total()
        row += (jump("-") - self.i_total()) * v("-") * self.dS
        exchange = F * D_E / L * (self.c_e.value - C_0 * e.z)
        return row + self.outside("electrolyte", F * e.N_e(), exchange, v)

    def row_phi_e(self):
        e, v, dx = self.exact, self.phi_e.test, self.dx(self.domain.phases["electrolyte"])
        row = conduction.divergence_free(self.i_e(), v, dx) - ufl.div(e.i_e()) * v * dx
        jump = ufl.dot(e.i_e(), self.normal) + e.i_total()
        row += (jump("-") - self.i_total()) * v("-") * self.dS
        exchange = KAPPA / L * (self.phi_e.value - e.phi_e)
        return row + self.outside("electrolyte", e.i_e(), exchange, v)

    def errors(self):
        e, tags = self.exact, self.domain.phases
        fields = [(self.sto.value, e.sto), (self.phi_s.value, e.phi_s)]
        fields += [(self.c_e.value / C_0, e.z), (self.phi_e.value, e.phi_e)]
        phases = ["active", "active", "electrolyte", "electrolyte"]
        return [
            l2_error(value, exact, self.dx(tags[phase]), self.maps)
            for (value, exact), phase in zip(fields, phases, strict=True)
        ]


def run(exact, n):
    """Solve at one instant, the rates given; return the error of each field."""
    problem = Problem(exact, n)
    for unknown, value in zip(problem.unknowns, (0.5, 0.4, C_0, 0.0), strict=True):
        unknown.set(value)
        unknown.scaled_rate.x.array[:] = RATES[unknown.key] / unknown.scale
    solve_steady(problem.system)
    return problem.errors()


def run_in_time(exact, count):
    """Integrate to tau / 2 in equal steps; return the error of each field."""
    problem = Problem(exact, 4)
    for unknown, field in zip(problem.unknowns, exact, strict=True):
        interpolate(unknown.scaled, lambda X, Y, field=field: field(X, Y, 0.0, np))
    weights = [1.0, np.inf, 1.0, np.inf]
    run_to(fixed_steps(problem.system, weights, 0.5 * TAU / count, KAPPA), 0.5 * TAU)
    problem.time.value = 0.5 * TAU
    return problem.errors()


@pytest.fixture(scope="module")
def errors_in_space():
    return {n: run(setup(), n) for n in (8, 16, 32)}


@pytest.fixture(scope="module")
def errors_in_time():
    return {count: run_in_time(setup_in_time(), count) for count in (20, 40, 80)}


@pytest.mark.parametrize("key", KEYS)
def test_order_in_space(errors_in_space, key):
    errors = [values[KEYS.index(key)] for values in errors_in_space.values()]
    assert_order(1 / np.array(list(errors_in_space)), errors, 2)


@pytest.mark.parametrize("key", KEYS)
def test_order_in_time(errors_in_time, key):
    errors = [values[KEYS.index(key)] for values in errors_in_time.values()]
    assert_order_in_time(list(errors_in_time), errors)
