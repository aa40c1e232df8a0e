"""If these fail, logarithm or exponential of a section's tensor is off: every strain is wrong."""

from __future__ import annotations

import numpy as np
import pytest
import ufl

from mesode.physics.solid.planar import Planar, exponential, logarithm
from support.ufl_numbers import values

ZZ = 1.7
# from eigenvalues that meet, over the change from series to formula, to large strain
SPREADS = (0.0, 1e-9, 1e-5, 1e-3, 0.05, 0.099, 0.101, 0.5, 3.0)


def tensor(array):
    return Planar(*(ufl.as_ufl(float(v)) for v in (*np.diag(array), array[0, 1], ZZ)))


def entries(found):
    """Return the part in the plane as an array, and the entry along z."""
    xx, yy, xy, zz = values(*found.entries)
    return np.array([[xx, xy], [xy, yy]]), zz


def symmetric(spread, mean=0.2, angle=0.4):
    """Return an array with the eigenvalues mean -+ spread, whose axes are turned."""
    c, s = np.cos(angle), np.sin(angle)
    turn = np.array([[c, -s], [s, c]])
    return turn @ np.diag([mean + spread, mean - spread]) @ turn.T


def exactly(array, function):
    """Return a function of a symmetric array, by its eigenvalues."""
    eigenvalues, axes = np.linalg.eigh(array)
    return axes @ np.diag(function(eigenvalues)) @ axes.T


@pytest.mark.parametrize("spread", SPREADS)
def test_exponential(spread):
    array = symmetric(spread)
    plane, zz = entries(exponential(tensor(array)))
    expected = exactly(array, np.exp)
    np.testing.assert_allclose(plane, expected, atol=1e-15 * np.exp(1 + spread))
    assert zz == pytest.approx(np.exp(ZZ), rel=1e-14)


@pytest.mark.parametrize("spread", SPREADS)
def test_logarithm_undoes_the_exponential(spread):
    array = symmetric(spread)
    plane, zz = entries(logarithm(tensor(exactly(array, np.exp))))
    np.testing.assert_allclose(plane, array, atol=2e-15 * np.exp(2 * spread))
    assert zz == pytest.approx(np.log(ZZ), rel=1e-14)


@pytest.mark.parametrize("spread", SPREADS)
@pytest.mark.parametrize("function", [logarithm, exponential])
def test_slope(function, spread):
    """The derivative that Newton's method takes is that of finite differences, at any spread."""
    array, h = exactly(symmetric(spread), np.exp), 1e-5
    direction = np.array([[0.3, 0.8], [0.8, -0.5]])
    moved = [entries(function(tensor(array + step * direction)))[0] for step in (h, -h)]
    along = ufl.variable(ufl.as_ufl(0.0))
    line = tensor(array)
    line = Planar(
        line.xx + along * direction[0, 0],
        line.yy + along * direction[1, 1],
        line.xy + along * direction[0, 1],
        line.zz,
    )
    slopes = [ufl.diff(entry, along) for entry in function(line).entries[:3]]
    xx, yy, xy = values(*(ufl.algorithms.expand_derivatives(slope) for slope in slopes))
    expected = (moved[0] - moved[1]) / (2 * h)
    scale = np.abs(expected).max()
    np.testing.assert_allclose([[xx, xy], [xy, yy]], expected, atol=1e-7 * scale)


def test_deviator_and_square():
    s = tensor(symmetric(0.3)).deviator()
    trace, square = values(s.trace, s.square)
    assert trace == pytest.approx(0.0, abs=1e-15)
    whole = np.zeros((3, 3))
    whole[:2, :2], whole[2, 2] = symmetric(0.3), ZZ
    whole -= np.trace(whole) / 3 * np.eye(3)
    assert square == pytest.approx((whole**2).sum(), rel=1e-14)
