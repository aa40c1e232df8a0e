"""If these fail, the cell that a run solves has other equations on a section that deforms.

The manufactured solution of ``support.mms_cell`` on a section that is bent, stretched and
breathing. The strong forms are those of the present section, pulled back by Piola's rule, with the
salt of the pores that move and the flow that leaves them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import pytest
import ufl

from mesode.model.processes.moving_pores import EASE, MovingPores
from support.mms import HIGH, L, assert_order, interpolate, l2_error, place
from support.mms_cell import FIELDS, Exact, Sources, errors, solve
from support.moved import moving
from support.strong_forms import C_0, D_E, MACMULLIN, POROSITY, RATES, TAU, D_e, F, t_plus

DEEP = 1.15
FLOW = 0.5 * D_E / MACMULLIN  # [m^2/s]
OUTLET = EASE / L  # [1/m], the section is ``L`` high


def displacement(X, Y, _t=0.0):
    return 0.1 * X + 0.15 * X * Y, -0.1 * Y + 0.12 * X * Y - 0.08 * X * X


def deformation(X, Y):
    return [[1.1 + 0.15 * Y, 0.15 * X], [0.12 * Y - 0.16 * X, 0.9 + 0.12 * X]]


def volume(X, Y):
    (a, b), (c, d) = deformation(X, Y)
    return DEEP * (a * d - b * c)


def pores(X, Y):
    return volume(X, Y) - (1 - POROSITY)


def breathing(X, Y):
    """Rate of the pore volume [1/s]."""
    return 0.3 / TAU * (1 + X * Y)


def potential(X, Y, m):
    """Potential of the flow over FLOW; electrolyte leaves at the top."""
    return 0.4 + 0.3 * m.cos(X) * (1.5 - Y * Y)


@dataclass(frozen=True)
class Moved(Exact):
    """Laws of the present section, pulled back."""

    X: object = None
    Y: object = None

    def piola(self, flux):
        inverse = ufl.inv(ufl.as_matrix(deformation(self.X, self.Y)))
        return volume(self.X, self.Y) * ufl.dot(inverse, flux)

    def grad(self, value):
        inverse = ufl.inv(ufl.as_matrix(deformation(self.X, self.Y)))
        return ufl.dot(ufl.transpose(inverse), ufl.grad(value))

    def macmullin(self):
        eps = pores(self.X, self.Y) / volume(self.X, self.Y)
        return MACMULLIN * (POROSITY / eps) ** 1.5

    def N_s(self):
        return self.piola(super().N_s() / volume(self.X, self.Y))  # of c_max / J sites

    def i_s(self):
        return self.piola(super().i_s())

    def i_e(self):
        return self.piola(super().i_e())

    def N_e(self):
        diffusion = D_e(self.z) / self.macmullin() * C_0 * self.grad(self.z)
        return t_plus(self.z) * self.i_e() / F - self.piola(diffusion)

    def Q(self):
        velocity = -FLOW * self.grad(potential(self.X, self.Y, ufl)) / self.macmullin()
        return self.piola(velocity)

    def outflow_of_pores(self):
        return OUTLET * FLOW * potential(self.X, self.Y, ufl)

    def salt_rate(self):
        X, Y = self.X, self.Y
        return pores(X, Y) * RATES["c_e"] + breathing(X, Y) * C_0 * self.z

    def salt_flux(self):
        return self.N_e() + C_0 * self.z * self.Q()

    def stretch(self, n):
        inverse = ufl.inv(ufl.as_matrix(deformation(self.X, self.Y)))
        turned = ufl.dot(ufl.transpose(inverse), n)
        return volume(self.X, self.Y) * ufl.sqrt(ufl.inner(turned, turned))


class MovingSources(Sources):
    """With those of the flow."""

    def __init__(self, cell):
        X, Y, _ = place(cell.domain)
        super().__init__(cell, partial(Moved, X=X, Y=Y))

    def terms(self):
        yield from super().terms()
        cell, e, n = self._cell, self.exact, self._normal
        phi_Q, left, unit = cell.fields["phi_Q"], cell.fields["salt_left"], F * C_0
        sides, top = self._rim("separator", "left", "right"), self._rim("separator", "counter")
        v, out = phi_Q.test, e.outflow_of_pores()
        through = unit * ufl.dot(e.Q(), n)
        yield phi_Q, -unit * (breathing(e.X, e.Y) + ufl.div(e.Q())) * v * self._in_pores
        yield phi_Q, through("-") * v("-") * self._interface
        yield phi_Q, through * v * sides + (through - unit * out) * v * top
        yield cell.c_e, -unit * e.z * out * cell.c_e.test * top
        # at one instant nothing says what has left: take the rate of it
        yield left, F * left.value * left.test * cell.ds_collector


def prepare(cell):
    """Give the pores and their salt the exact rates; begin near the solution."""

    def salt(X, Y):
        of_c_e = pores(X, Y) * RATES["c_e"] / C_0
        return of_c_e + breathing(X, Y) * (1 + 0.3 * np.sin(2 * X) * np.cos(2 * Y))

    interpolate(cell.fields["por"].scaled_rate, breathing)
    interpolate(cell.fields["salt"].scaled_rate, salt)
    phi_Q = cell.find(MovingPores).phi_Q
    near = lambda X, Y: FLOW * (potential(X, Y, np) + 0.01 * X * Y)  # noqa: E731
    interpolate(phi_Q.scaled, lambda X, Y: near(X, Y) / phi_Q.scale)


def all_errors(n):
    cell, e = solve(n, (moving(displacement, lambda_z=DEEP), MovingSources), prepare)
    found = errors(cell, e)
    pore = cell.domain.dx(metadata=HIGH)(cell.domain.phases["separator"])
    exact = FLOW * potential(e.X, e.Y, ufl)
    found["phi_Q"] = l2_error(cell.fields["phi_Q"].value, exact, pore, cell.entity_maps)
    top = cell.domain.ds("counter", ["separator"], **HIGH)
    left = cell.integral(C_0 * e.z * e.outflow_of_pores() * top) / cell.width
    found["salt_left"] = abs(cell.fields["salt_left"].number() / left - 1.0)
    return found


@pytest.fixture(scope="module")
def errors_in_space():
    return {n: all_errors(n) for n in (8, 16, 32)}


@pytest.mark.parametrize("key", [*FIELDS, "level", "i_n", "phi_Q", "salt_left"])
def test_the_equations_of_a_moving_cell_have_the_exact_solution(errors_in_space, key):
    found = [values[key] for values in errors_in_space.values()]
    assert_order(1 / np.array(list(errors_in_space)), found, 2, slack=0.3)
