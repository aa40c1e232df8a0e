"""If these fail, the b-value that diffusion alone has is told wrongly."""

from __future__ import annotations

import numpy as np
import pytest

from mesode.evaluate import ideal_sweep
from mesode.evaluate.finite_diffusion import BODIES, CYLINDER, SLAB, SPHERE
from support.voltammetry import aoki, uptake

ALL = pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)


def test_the_slab_is_that_of_the_recursion_and_of_the_literature():
    for W, known in {0.01: 0.0025, 1.0: 0.24161, 1000.0: 14.1130}.items():
        e, i = uptake(W)
        ours = ideal_sweep.sweep(SLAB, W)
        half = len(e) // 2 + 1
        np.testing.assert_allclose(ours[1], i[:half], atol=1e-9 * i.max())
        assert ideal_sweep.peak(SLAB, W) == pytest.approx(known, rel=2e-3)
        assert ideal_sweep.peak(SLAB, W) == pytest.approx(aoki(W), rel=0.02)


@ALL
def test_all_that_goes_in_fills_the_body(body):
    """The charge of a sweep is that of the body: int i* de/W = 1."""
    for W in (0.01, 1.0):
        e, i = ideal_sweep.sweep(body, W)
        charge = np.trapezoid(i, -e) / W
        assert charge == pytest.approx(1.0, abs=2e-3)


@ALL
def test_slow_sweeps_find_it_in_balance_and_fast_ones_a_half_space(body):
    assert ideal_sweep.peak(body, 1e-3) == pytest.approx(0.25e-3, rel=2e-3)
    assert ideal_sweep.exponent(body, 1e-3) == pytest.approx(1.0, abs=2e-3)
    assert ideal_sweep.peak(body, 3e4) == pytest.approx(0.4463 * 3e4**0.5, rel=0.02)
    assert ideal_sweep.exponent(body, 3e4) == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize(("body", "wave"), [(CYLINDER, 3.0), (SPHERE, 3.0)])
def test_a_curved_body_follows_finite_differences(body, wave):
    """Radial diffusion by finite volumes and small implicit steps, another way to the same."""
    n, steps = 400, 4000
    r = np.linspace(0.0, 1.0, n + 1)
    middle, area = 0.5 * (r[1:] + r[:-1]), r ** (body.m - 1)
    volume = np.diff(r**body.m) / body.m
    between = area[1:-1] / np.diff(middle)
    edge = 1.0 / (1.0 - middle[-1])
    K = np.zeros((n, n))
    for k, g in enumerate(between):
        K[k : k + 2, k : k + 2] += g * np.array([[1.0, -1.0], [-1.0, 1.0]])
    K[-1, -1] += edge
    e = np.linspace(14.0, -14.0, steps + 1)
    dt = (e[0] - e[1]) / (body.m**2 * wave)
    inverse = np.linalg.inv(np.diag(volume) + dt * K)
    c, flux = np.full(n, 1.0 / (1.0 + np.exp(14.0))), []
    for each in e[1:]:
        held = 1.0 / (1.0 + np.exp(each))
        load = volume * c
        load[-1] += dt * edge * held
        c = inverse @ load
        flux.append(edge * (held - c[-1]))
    assert ideal_sweep.peak(body, wave) == pytest.approx(max(flux) / body.m, rel=5e-3)
