"""A manufactured solution for the production equations of a cell, by a process of the tests.

Host and electrolyte with a curved interface between them, Butler-Volmer with unequal transfer
coefficients and double layer there and at the lithium metal, the contact at the collector, and the
terminal. The sources are all written here from the strong forms, with the signs of the design:
i_n > 0 is oxidation, current goes from solid to electrolyte.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
import ufl

from mesode.materials.law import Law
from mesode.materials.properties import (
    Electrolyte,
    Electronic,
    Ionic,
    Lithium,
    LithiumMetal,
    Material,
)
from mesode.model.cell import Cell, Setup
from mesode.model.materials import CellMaterials
from mesode.model.process import Process
from support.grids import grid
from support.mms import HIGH, L, interpolate, l2_error, place
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
    LEVEL,
    MACMULLIN,
    POROSITY,
    RATES,
    SIGMA,
    D_e,
    D_s,
    F,
    StrongForms,
    T,
    U,
    f,
    i_0,
    kappa,
    t_plus,
    tdf,
)

I_METAL, C_METAL = 200.0, 5e3
CONTACT = 1e-5  # [ohm m^2]
CURRENT = 40.0  # [A/m^2] at the terminal, which has no drop of its own
LAYERS = (("active", 0.5), ("separator", 0.5))
FIELDS = ("sto", "phi_s", "c_e", "phi_e")


def i_0_metal(z):
    return I_METAL * (0.3 + z)


def law(function, *variables):
    return Law(name="test", function=function, variables=variables)


def of_salt(function):
    return law(lambda *, c_e, ops: function(c_e / C_0), "c_e")


def materials():
    lithium = Lithium(
        c_max=C_MAX,
        D_s=law(lambda *, sto, ops: D_s(sto), "sto"),
        ocp=law(lambda *, sto, ops: U(sto), "sto"),
        i_0=law(lambda *, c_e, sto, ops: i_0(c_e / C_0, sto), "c_e", "sto"),
        alpha_a=ALPHA_A,
        alpha_c=ALPHA_C,
        double_layer=C_DL,
    )
    sigma = law(lambda *, sto, ops: SIGMA * (1 + sto), "sto")
    return CellMaterials(
        phases={
            "active": Material(
                name="active",
                description="",
                density=2000.0,
                lithium=lithium,
                electronic=Electronic(sigma=sigma),
            ),
            "separator": Material(
                name="separator",
                description="",
                density=900.0,
                ionic=Ionic(porosity=POROSITY, macmullin=MACMULLIN),
            ),
        },
        electrolyte=Electrolyte(
            name="electrolyte",
            description="",
            concentration=C_0,
            kappa=of_salt(kappa),
            D_e=of_salt(D_e),
            t_plus=of_salt(t_plus),
            tdf=of_salt(tdf),
        ),
        counter=LithiumMetal(
            name="lithium", description="", i_0=of_salt(i_0_metal), double_layer=C_METAL
        ),
        contact_resistance=CONTACT,
    )


# --- the exact solution


@dataclass(frozen=True)
class Exact(StrongForms):
    """Exact fields; phi_s is the difference to the level."""

    level: float = LEVEL

    def i_layer(self):
        return C_DL * (RATES["phi_s"] - RATES["phi_e"])

    def i_metal(self):
        half = 0.5 * f * self.phi_e
        return i_0_metal(self.z) * (ufl.exp(-half) - ufl.exp(half)) - C_METAL * RATES["phi_e"]

    def outflow(self):
        return CURRENT + self.phi_s / CONTACT

    def salt_rate(self):
        return POROSITY * RATES["c_e"]

    def salt_flux(self):
        return self.N_e()

    def stretch(self, _n):
        return 1


def exact_fields(domain):
    """Return the exact fields, c_e over ``C_0``."""
    X, Y, _ = place(domain)
    return [field(X, Y, ufl) for field in EXACT.values()]


class Sources(Process):
    """What the exact fields lack to be a solution of the cell, from the strong forms."""

    def __init__(self, cell, exact=Exact):
        self._cell, self.exact = cell, exact(*exact_fields(cell.domain))
        self._normal = ufl.FacetNormal(cell.domain.mesh)
        dx = cell.domain.dx(metadata=HIGH)
        self._in_host, self._in_pores = (dx(cell.domain.phases[p]) for p in ("active", "separator"))
        self._interface = cell.domain.dS(["active"], ["separator"], **HIGH)

    def _rim(self, phase, *sides):
        found = [self._cell.domain.ds(side, [phase], **HIGH) for side in sides]
        return sum(found[1:], found[0])

    def terms(self):
        yield from self._of_host()
        yield from self._of_pores()
        yield from self._of_terminal()

    def _of_host(self):
        cell, e, n, dx = self._cell, self.exact, self._normal, self._in_host
        passed = e.i_n() * e.stretch(n)
        total = passed + e.i_layer()
        sides, foot = self._rim("active", "left", "right"), self._rim("active", "collector")
        sto, phi_s = cell.sto["active"], cell.phi_s
        for unknown, flux, storage, through in (
            (sto, F * e.N_s(), F * C_MAX * RATES["sto"], passed),
            (phi_s, e.i_s(), 0.0, total),
        ):
            v = unknown.test
            yield unknown, -(storage + ufl.div(flux)) * v * dx
            jump = ufl.dot(flux, n) - through
            yield unknown, jump("+") * v("+") * self._interface
            yield unknown, ufl.dot(flux, n) * v * sides
        yield sto, F * ufl.dot(e.N_s(), n) * sto.test * foot
        yield sto, F * D_S * C_MAX / L * (sto.value - e.sto) * sto.test * (sides + foot)
        yield phi_s, (ufl.dot(e.i_s(), n) - e.outflow()) * phi_s.test * foot

    def _of_pores(self):
        cell, e, n, dx = self._cell, self.exact, self._normal, self._in_pores
        total = e.i_n() * e.stretch(n) + e.i_layer()
        sides, top = self._rim("separator", "left", "right"), self._rim("separator", "counter")
        for unknown, flux, storage in (
            (cell.c_e, F * e.salt_flux(), F * e.salt_rate()),
            (cell.phi_e, e.i_e(), 0.0),
        ):
            v = unknown.test
            yield unknown, -(storage + ufl.div(flux)) * v * dx
            # the normal of "-" points into the solid, the current comes out of it
            jump = ufl.dot(flux, n) + total
            yield unknown, jump("-") * v("-") * self._interface
            yield unknown, ufl.dot(flux, n) * v * sides
            yield unknown, (ufl.dot(flux, n) + e.i_metal()) * v * top
        level = F * D_E / L * (cell.c_e.value - C_0 * e.z)
        yield cell.c_e, level * cell.c_e.test * (sides + top)

    def _of_terminal(self):
        cell, e = self._cell, self.exact
        foot = self._rim("active", "collector")
        yield cell.level, -e.phi_s / CONTACT * cell.level.test * foot
        # at one instant nothing says what the charge is
        yield cell.Q, (cell.Q.value - cell.Q.rate + CURRENT) * cell.Q.test * cell.ds_collector


def solve(n, make=(Sources,), prepare=lambda _cell: None):
    """Solve the cell at one instant, the rates given; return the cell and its exact fields.

    ``make`` the processes of a test, ``Sources`` among them; ``prepare`` gives further rates.
    """
    domain = grid(n, LAYERS, wave=0.12)
    setup = Setup(temperature=T, lithiation=0.5, further=make)
    cell = Cell(domain, materials(), setup)
    cell.control("current", CURRENT)
    for key, exact in EXACT.items():
        unknown = cell.fields[key]
        # not the solution, but near enough for Newton's method in full steps
        interpolate(unknown.scaled, lambda X, Y, e=exact: e(X, Y, np) + 0.01 * np.sin(9 * X * Y))
        unknown.scaled_rate.x.array[:] = RATES[key] / unknown.scale
    cell.level.set(LEVEL)
    prepare(cell)
    solve_steady(cell.system)
    return cell, cell.find(Sources).exact


def errors(cell, e):
    """Return the relative error of each field, of the level and of the surface current."""
    dx, tags = cell.domain.dx(metadata=HIGH), cell.domain.phases
    host, pores = dx(tags["active"]), dx(tags["separator"])
    pairs = {
        "sto": (cell.fields["sto"].value, e.sto, host),
        "phi_s": (cell.phi_s.value, e.phi_s, host),
        "c_e": (cell.c_e.value / C_0, e.z, pores),
        "phi_e": (cell.phi_e.value, e.phi_e, pores),
    }
    found = {k: l2_error(*pair, cell.entity_maps) for k, pair in pairs.items()}
    found["level"] = abs(cell.level.number() / LEVEL - 1.0)
    (surface,) = cell.surfaces
    dS = cell.domain.dS(["active"], ["separator"], **HIGH)
    off = cell.charge_transfer.passed(surface) - _on_interface(e).i_n()
    size = cell.integral(_on_interface(e).i_n() ** 2 * dS)
    found["i_n"] = float(np.sqrt(cell.integral(off**2 * dS) / size))
    assert cell.I.number() == pytest.approx(CURRENT, rel=1e-9)
    return found


def _on_interface(e):
    return Exact(e.sto("+"), e.phi_s("+"), e.z("-"), e.phi_e("-"))
