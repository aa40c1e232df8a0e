"""V10. If this fails, the current through an interface answers the overpotential wrongly, rates
follow the temperature wrongly, or a film's resistance is not what was asked for.

Butler-Volmer at alpha 0.5: eta = (2 R T / F) asinh(i / 2 i_0), charge-transfer resistance
R T / (F i_0). Behind a film eta + R_film i_n(eta) = drop is solved inside the form; the same root
is found by bracketing here. Arrhenius ratios: activation energies of Zhang et al. 2024.
"""

from __future__ import annotations

from itertools import product

from mpi4py import MPI

import numpy as np
import pytest
import ufl
from dolfinx import fem, mesh
from scipy.optimize import brentq

from mesode.constants import FARADAY, GAS_CONSTANT, T_REF
from mesode.materials.presets import get_preset
from mesode.physics import kinetics

SCALED_CURRENT = {
    0.1: 2.5682,
    0.5: 12.716,
    1.0: 24.727,
    2.0: 45.290,
    5.0: 84.643,
    10.0: 118.825,
}  # i/i_0: eta [mV]
RESISTANCE = {0.1: 2569.3, 0.294: 873.9, 1.0: 256.93, 2.2: 116.78, 10.0: 25.69}  # ohm cm^2
ARRHENIUS = {  # R(T)/R(25 C) at 0, 40, 60 C
    "low": (1.561, 0.792, 0.600),
    "medium": (1.776, 0.740, 0.517),
    "high": (2.474, 0.623, 0.354),
}
CELSIUS = (0.0, 40.0, 60.0)

I_0 = np.logspace(-6, 4, 6)  # [A/m^2]
FILM = np.logspace(-6, 2, 5)  # [ohm m^2]
DROP = np.concatenate(([0.0], np.logspace(-6, 0.3, 8)))  # [V]


class Points:
    """A form compiler for tables of numbers: one cell a row, on each rank alone."""

    def __init__(self, *columns):
        self.mesh = mesh.create_interval(MPI.COMM_SELF, len(columns[0]), [0.0, 1.0])
        self.space = fem.functionspace(self.mesh, ("DG", 0))
        self.columns = [self._function(column) for column in columns]

    def _function(self, column):
        function = fem.Function(self.space)
        function.x.array[:] = column
        return function

    def evaluate(self, expression):
        function = fem.Function(self.space)
        points = self.space.element.interpolation_points
        function.interpolate(fem.Expression(expression, points))
        return function.x.array.copy()


def test_overpotential_of_a_current():
    eta = np.array(list(SCALED_CURRENT.values())) * 1e-3
    points = Points(np.concatenate((eta, -eta)))
    ratio = points.evaluate(kinetics.butler_volmer(points.columns[0], 1.0, T_REF))
    expected = np.array(list(SCALED_CURRENT))
    np.testing.assert_allclose(ratio, np.concatenate((expected, -expected)), rtol=3e-5)


def test_charge_transfer_resistance():
    i_0 = np.array(list(RESISTANCE))
    points = Points(i_0)
    eta = ufl.variable(fem.Constant(points.mesh, 0.0))
    conductance = ufl.diff(kinetics.butler_volmer(eta, points.columns[0], T_REF), eta)
    found = 1e4 / points.evaluate(conductance)  # ohm cm^2
    np.testing.assert_allclose(found, list(RESISTANCE.values()), rtol=3e-4)


@pytest.mark.parametrize(("alpha_a", "alpha_c"), [(0.5, 0.5), (0.3, 0.7)])
def test_tafel_slopes(alpha_a, alpha_c):
    points = Points(np.array([0.5, 0.6, -0.5, -0.6]))
    i_n = points.evaluate(
        kinetics.butler_volmer(points.columns[0], 1.0, T_REF, alpha_a=alpha_a, alpha_c=alpha_c)
    )
    decades = 0.1 * FARADAY / (GAS_CONSTANT * T_REF)
    assert np.log(i_n[1] / i_n[0]) == pytest.approx(alpha_a * decades, rel=1e-4)
    assert np.log(i_n[3] / i_n[2]) == pytest.approx(alpha_c * decades, rel=1e-4)


@pytest.mark.parametrize("level", ARRHENIUS)
def test_resistance_falls_with_temperature(level):
    i_0 = get_preset("active", f"SiO_coated_{level}_defect").lithium.i_0
    at = lambda T: float(i_0(sto=0.5, c_e=1000.0, T=T))  # noqa: E731
    ratios = [at(T_REF) / at(273.15 + celsius) for celsius in CELSIUS]
    assert ratios == pytest.approx(ARRHENIUS[level], abs=5e-4)  # three decimals are given


def bracketed(drop, i_0, film, alpha_a, alpha_c):
    """Overpotential behind the film by bisection and secants."""
    f = FARADAY / (GAS_CONSTANT * T_REF)

    def excess(eta):
        # far up, the exponential only has to be large
        rise, fall = min(alpha_a * f * eta, 200.0), min(-alpha_c * f * eta, 200.0)
        return eta + film * i_0 * (np.exp(rise) - np.exp(fall)) - drop

    if drop == 0.0:
        return 0.0
    low, high = min(drop, 0.0), max(drop, 0.0)
    return brentq(excess, low, high, xtol=1e-16, rtol=1e-14, maxiter=500)


@pytest.mark.parametrize(("alpha_a", "alpha_c"), [(0.5, 0.5), (0.3, 0.7), (0.8, 0.2)])
def test_overpotential_behind_a_film(alpha_a, alpha_c):
    alphas = {"alpha_a": alpha_a, "alpha_c": alpha_c}
    drops = np.concatenate((DROP, -DROP[1:]))
    table = np.array(list(product(drops, I_0, FILM)))
    points = Points(*table.T)
    drop, i_0, film = points.columns
    eta = kinetics.overpotential_behind_film(drop, i_0, T_REF, film, **alphas)
    expected = np.array([bracketed(*row, alpha_a, alpha_c) for row in table])
    found = points.evaluate(eta)
    np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-16)
    # what counts is the current; both exponentials are close to one where it is small against i_0
    current = points.evaluate(kinetics.butler_volmer(eta, i_0, T_REF, **alphas))
    through_film = (table[:, 0] - expected) / table[:, 2]
    carried = np.abs(table[:, 0] - expected) > 1e-3 * np.abs(table[:, 0])
    error = np.abs(current - through_film)[carried]
    assert np.all(error <= 1e-9 * np.abs(through_film[carried]) + 1e-15 * table[carried, 1])
