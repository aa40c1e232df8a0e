"""One point of a material at finite strain by hand: deformations, tension, a film."""

from __future__ import annotations

from math import exp, log

import numpy as np
import pytest
import ufl
from scipy.optimize import brentq

from mesode.physics.solid.growth import Deformation
from mesode.physics.solid.law import Begin, piola
from support.ufl_numbers import values

GRADIENT = np.array([[1.3, 0.4], [-0.2, 0.9]])


def deformed(F, stretch):
    """Return the deformation of a gradient in the plane and a stretch along z."""
    return Deformation(*(ufl.as_ufl(float(v)) for v in (*np.ravel(F), stretch)))


def turned(F, angle):
    """Return a gradient that is turned in the plane."""
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, -s], [s, c]]) @ F


def vector(state):
    """Return a state as UFL."""
    return [ufl.as_ufl(float(value)) for value in state]


def full(tensor):
    """Return a tensor as a 3x3 array."""
    xx, yy, xy, zz = values(*tensor.entries)
    return np.array([[xx, xy, 0.0], [xy, yy, 0.0], [0.0, 0.0, zz]])


def updated(material, at, state, dt=1.0, before=None):
    """Return the state at the end of a step; ``before``: where it began, if not here."""
    return values(*material.new_state(at, vector(state), dt, before or Begin(material, at)))


def film_height(material, state, dt=1.0):
    """Return the height of a film that is held in its plane (x and z) and free on its top."""
    limit = solve(lambda rise: material.tau(raised(rise), vector(state), dt), log(0.5), log(6.0))
    return exp(limit)


def raised(rise):
    """Return the deformation of a film that is e^rise times as high."""
    return deformed(np.diag([1.0, exp(rise)]), 1.0)


def solve(stress, low, high):
    """Return the number at which the stress along y vanishes."""
    return brentq(lambda x: full(stress(x))[1, 1], low, high, xtol=1e-15, rtol=1e-15)


def uniaxial(material, state, stretch, dt=1.0, before=None):
    """Return stress along x, the new state and the deformation.

    The section is e^stretch times as long along x, free along y and z.
    """
    most = 1.5 * abs(stretch) + 0.1

    def at(across):
        return deformed(np.diag([exp(stretch), exp(across)]), exp(across))

    place = at(solve(lambda x: material.tau(at(x), vector(state), dt), -most, most))
    tau = material.tau(place, vector(state), dt)
    return full(tau)[0, 0], updated(material, place, state, dt, before), place


def slope_of_energy(material, state, stretch, h=1e-6):
    """Return the slopes of the energy by the gradient in the plane at GRADIENT, and by a stretch.

    By differences.
    """

    def energy(F, stretch):
        return values(material.stored(deformed(F, stretch), vector(state)))[0]

    found = np.zeros((2, 2))
    for i, j in np.ndindex(2, 2):
        d = np.zeros((2, 2))
        d[i, j] = h
        found[i, j] = (energy(GRADIENT + d, stretch) - energy(GRADIENT - d, stretch)) / (2 * h)
    axial = (energy(GRADIENT, stretch + h) - energy(GRADIENT, stretch - h)) / (2 * h)
    return found, axial


def assert_slope_of_energy(material, state, tau):
    """Assert that the stress tau(at) of a state at GRADIENT is the slope of its energy."""
    at = deformed(GRADIENT, 1.05)
    P = piola(material, at, tau(at))
    expected, axial = slope_of_energy(material, state, 1.05)
    *found, zz = values(*(P.plane[i, j] for i, j in np.ndindex(2, 2)), P.zz)
    np.testing.assert_allclose(np.reshape(found, (2, 2)), expected, rtol=1e-6)
    assert zz == pytest.approx(axial, rel=1e-6)
