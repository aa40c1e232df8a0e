"""If these fail, the front in crystalline silicon is at another place than lithium takes it.

A slab whose surface is held at a potential, amorphous behind the front, x_0 before it, x_f at it:
the one-phase Stefan problem. With X = 2 l sqrt(D t)::

    (x_s - x_f)/(x_f - x_0) = sqrt(pi) l exp(l^2) erf(l)
    uptake = 2 (x_s - x_f)/erf(l) sqrt(D t/pi)

Source: Crank, Free and Moving Boundary Problems (1984), 1.3.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import erf

from mesode.columns import CRYSTALLINE_SHARE, MEAN_LITHIATION
from mesode.materials.two_phase import SOFT, Crystalline, passable, step_up
from support.grids import grid_arrays
from support.protocols import run
from support.small_cell import law, small_cell

pytestmark = pytest.mark.serial
D, LENGTH, START = 1e-15, 1e-6, 0.02
FRONT, HELD = (0.5 - 0.14) / 0.45, 0.06  # lithiation, potential [V]


def slab(n):
    """Return a slab of 1 um of crystalline silicon, U = 0.5 - 0.45 x, with fast kinetics."""
    lithium = {
        "D_s": law(lambda *, ops: D),
        "ocp": law(lambda *, sto, ops: 0.5 - 0.45 * sto, "sto"),
        "i_0": law(lambda *, ops: 200.0),
        "crystalline": Crystalline(plateau=0.14),
        "double_layer": 0.0,
    }
    metal = {"i_0": law(lambda *, ops: 1e5), "double_layer": 0.0}
    arrays = grid_arrays(n, (("active", 1.0), ("separator", 0.25)), width=1.0 / n)
    return small_cell(arrays=arrays, lithium=lithium, metal=metal, setup={"lithiation": START})


def test_the_front_is_where_stefan_has_it():
    _, record = run(slab(16), "Hold at 60 mV for 100 s", tolerance=1e-4)
    surface = (0.5 - HELD) / 0.45
    driven = (surface - FRONT) / (FRONT - START)
    half = brentq(lambda x: np.sqrt(np.pi) * x * np.exp(x * x) * erf(x) - driven, 1e-6, 3.0)
    t = np.array([point.t for point in record.points])
    taken, crystalline = (
        np.array([point.row[name] for point in record.points])
        for name in (MEAN_LITHIATION, CRYSTALLINE_SHARE)
    )
    later = t > 30.0  # several elements have been passed
    expected = 2.0 * (surface - FRONT) / erf(half) * np.sqrt(D * t / np.pi) / LENGTH
    # one element of a sixteenth is between the phases: it fills in steps
    assert (taken - START)[later] == pytest.approx(expected[later], rel=0.025)
    passed = 2.0 * half * np.sqrt(D * t) / LENGTH
    assert 1.0 - crystalline[later] == pytest.approx(passed[later], abs=1.5 / 16)


def test_what_can_pass_is_the_integral_of_the_diffusivity():
    sto, k = np.linspace(0.0, 1.0, 40_001), 0.01
    whole = passable(sto, sto, FRONT, k)
    d = k + (1.0 - k) * step_up(sto, FRONT - 0.5 * SOFT, SOFT)
    integral = np.concatenate([[0.0], np.cumsum(0.5 * (d[1:] + d[:-1]) * np.diff(sto))])
    np.testing.assert_allclose(whole, integral, atol=1e-8)
    # what has turned amorphous stays so, at one level with what lies behind the front
    assert np.gradient(passable(sto, np.maximum(sto, 0.95), FRONT, k), sto) == pytest.approx(1.0)
    assert passable(0.9, 1.0, FRONT, k) == pytest.approx(passable(0.9, 0.9, FRONT, k))
