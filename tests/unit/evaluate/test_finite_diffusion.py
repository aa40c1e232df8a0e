"""If these fail, diffusion into slabs, cylinders and spheres has not its closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special

from mesode.evaluate.finite_diffusion import (
    BODIES,
    CYLINDER,
    SLAB,
    SPHERE,
    held_impedance,
    impedance,
    relaxing,
    surface_rise,
)

IMPEDANCES = {
    SLAB: (0.333312 - 10.002222j, 0.331238 - 1.022013j, 0.070711 - 0.070711j),
    CYLINDER: (0.249993 - 20.001042j, 0.249352 - 2.010373j, 0.070405 - 0.075972j),
    SPHERE: (0.199997 - 30.000571j, 0.199747 - 3.005702j, 0.069897 - 0.081410j),
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_impedances_are_those_of_the_table(body):
    np.testing.assert_allclose(impedance(body, [0.1, 1.0, 100.0]), IMPEDANCES[body], atol=6e-7)


def test_a_held_slab_is_a_resistor_at_low_frequency():
    expected = (0.998669 - 0.033279j, 0.885451 - 0.286978j, 0.070711 - 0.070711j)
    np.testing.assert_allclose(held_impedance([0.1, 1.0, 100.0]), expected, atol=6e-7)


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_at_high_frequency_all_are_a_half_space_and_nothing_overflows(body):
    x = 1e10
    np.testing.assert_allclose(impedance(body, x), 1.0 / np.sqrt(1j * x), rtol=3e-5)


def test_the_series_of_the_sphere_meets_its_closed_form():
    below, above = impedance(SPHERE, [0.1**2 * 0.9999, 0.1**2 * 1.0001])
    assert below == pytest.approx(above, rel=3e-4)
    s = np.sqrt(1j * 0.1**2 * 0.9999)  # where that still has nine digits
    assert below == pytest.approx(np.tanh(s) / (s - np.tanh(s)), rel=1e-9)
    assert above.real == pytest.approx(0.2, abs=2e-6)


@pytest.mark.parametrize("x", [1e-6, 1e-5, 0.9e-4, 1.1e-4, 1e-2])
def test_early_answers_of_a_sphere_and_a_slab(x):
    """Of the half space and, for the sphere, e^x erfc(-sqrt(x)) - 1."""
    assert surface_rise(SLAB, x) == pytest.approx(2.0 * np.sqrt(x / np.pi), rel=1e-6)
    sphere = special.erfcx(-np.sqrt(x)) - 1.0
    assert surface_rise(SPHERE, x) == pytest.approx(sphere, rel=1e-4)


LAPLACE = {
    SLAB: lambda s: 1.0 / (s * np.tanh(s)),
    CYLINDER: lambda s: special.i0(s) / (s * special.i1(s)),
    SPHERE: lambda s: np.tanh(s) / (s - np.tanh(s)),
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_the_answer_to_a_flux_is_that_of_the_impedance(body):
    """The Laplace transform of dTheta/dx is the impedance at s^2 = p, here by parts."""
    p, u = 3.0, np.linspace(0.0, 3.5, 4001)  # x = u^2: Theta has a root at 0
    found = p * np.trapezoid(surface_rise(body, u**2) * np.exp(-p * u**2) * 2.0 * u, u)
    assert found == pytest.approx(LAPLACE[body](np.sqrt(p)), rel=2e-6)


def test_what_is_left_of_a_pulse_falls_to_what_it_brought():
    x = np.array([0.0, 0.01, 0.1, 3.0])
    left = relaxing(SLAB, x, 0.5)
    assert left[0] == pytest.approx(surface_rise(SLAB, 0.5) / 0.5)
    assert (np.diff(left) < 0.0).all()
    assert left[-1] == pytest.approx(1.0, abs=1e-9)
