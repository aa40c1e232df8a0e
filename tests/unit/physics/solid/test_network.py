"""If these fail, a binder that relaxes or heals bears another stress than its series says, or makes
work of nothing: electrodes with a soft binder swell by a wrong amount at a wrong time.
"""

from __future__ import annotations

import itertools
from math import exp, expm1

import numpy as np
import pytest
import ufl

from mesode.materials.properties import Relaxing
from mesode.physics.solid.law import cauchy
from mesode.physics.solid.network import Network
from support.material_point import (
    GRADIENT,
    assert_slope_of_energy,
    deformed,
    film_height,
    full,
    turned,
    uniaxial,
    updated,
    vector,
)
from support.ufl_numbers import values

E, NU = 80e9, 0.22
MU, K = E / (2 * (1 + NU)), E / (3 * (1 - 2 * NU))
SHARE, TIME = 0.75, 20.0


def network(*terms, J_g=1.0, nu=NU):
    return Network.of(E, nu, J_g, [Relaxing(share=share, time=time) for share, time in terms])


def healing():
    return network((SHARE, TIME))


def sheared(angle):
    return deformed([[1.0, angle], [0.0, 1.0]], 1.0)


# --- at once, or without a part that relaxes

V08 = [  # J, Cauchy [GPa], height of a film of neo-Hookean material
    (1.01, -0.34115, 1.00520),
    (1.05, -1.69157, 1.02570),
    (1.10, -3.34962, 1.05071),
    (1.50, -15.684, 1.23054),
]


@pytest.mark.parametrize(("J", "stress", "height"), V08)
def test_film(J, stress, height):
    material = network(J_g=J)
    found = film_height(material, material.start)
    at = deformed(np.diag([1.0, found]), 1.0)
    sigma = full(cauchy(material, at, material.tau(at, vector(material.start), 1.0)))
    assert found == pytest.approx(height, abs=6e-6)
    assert sigma[0, 0] / 1e9 == pytest.approx(stress, rel=6e-5)
    assert sigma[2, 2] == pytest.approx(sigma[0, 0], rel=1e-9)


# --- one term: bonds that come off and form anew


def test_what_a_grown_network_does_not_store_any_more_is_lost():
    material, at = network((SHARE, TIME), J_g=1.3), deformed(GRADIENT, 1.05)
    held = updated(material, at, material.start, 0.0)
    state = updated(material, at, held, 50.0)
    stored = [values(material.stored(at, vector(s)))[0] for s in (held, state)]
    lost = [values(material.lost(vector(s)))[0] for s in (held, state)]
    assert lost[1] - lost[0] == pytest.approx(stored[0] - stored[1], rel=1e-10)


@pytest.mark.parametrize("steps", [1, 7])
def test_what_is_held_relaxes_by_its_bonds(steps):
    """A step of shape alone: what bonds bear falls by exp(-t/T), whatever the steps."""
    material, t = healing(), 50.0
    at = deformed(np.diag([1.4, 1 / 1.4]), 1.0)
    first = full(material.tau(at, vector(material.start), 0.0))
    state = updated(material, at, material.start, 0.0)
    for _ in range(steps):
        state = updated(material, at, state, t / steps)
    found = full(material.held(at, vector(state)))
    b = np.diag([1.4**2, 1.4**-2, 1.0])
    permanent = (1 - SHARE) * MU * (b - np.eye(3))
    np.testing.assert_allclose(
        found - permanent, exp(-t / TIME) * (first - permanent), atol=1e-12 * MU
    )
    # and all that they do not store any more is lost
    stored = [values(material.stored(at, vector(s)))[0] for s in (material.start, state)]
    assert values(material.lost(vector(state)))[0] == pytest.approx(stored[0] - stored[1])


def sheared_for(t, rate, steps):
    """Return the stress after steady shear from rest, of a network without permanent share."""
    material = network((1.0, TIME))
    state = material.start
    for k in range(1, steps + 1):
        at = sheared(rate * t * k / steps)
        tau = full(material.tau(at, vector(state), t / steps))
        state = updated(material, at, state, t / steps)
    return tau


@pytest.mark.parametrize("t", [20.0, 300.0])
def test_steady_shear(t):
    """Upper-convected Maxwell fluid: mu c T (1 - e^-x), N_1 = 2 mu (c T)^2 (1 - (1 + x) e^-x)."""
    rate = 0.1
    shear = MU * rate * TIME * (1 - exp(-t / TIME))
    normal = 2 * MU * (rate * TIME) ** 2 * (1 - (1 + t / TIME) * exp(-t / TIME))
    errors = []
    for steps in (10, 40):
        tau = sheared_for(t, rate, steps)
        found = np.array([tau[0, 1] / shear, (tau[0, 0] - tau[1, 1]) / normal])
        errors.append(abs(found - 1).max())
    assert errors[1] < 2e-2
    assert errors[1] < errors[0] / 8  # of second order


def test_what_is_slow_is_soft_and_what_is_fast_is_stiff():
    """In a step far beyond T bonds bear what the rate asks, mu_k c T, whatever is before it."""
    tau = sheared_for(1e6, 1e-7, 1)
    assert tau[0, 1] == pytest.approx(MU * 1e-7 * TIME, rel=2e-2)
    assert sheared_for(1e-3, 100.0, 1)[0, 1] == pytest.approx(MU * 0.1, rel=1e-4)


@pytest.mark.parametrize("h", [1e-5, 9e-4, 1.1e-3, 1.0])
def test_bonds_that_form_in_one_step_of_shear_bear_their_share_of_it(h):
    """Those that hold from the start bear all of it, those that form at s the part 1 - s."""
    tau = sheared_for(h * TIME, 1e-3 / (h * TIME), 1)
    assert tau[0, 1] == pytest.approx(-MU * 1e-3 * expm1(-h) / h, rel=1e-12)


def test_volume_does_not_relax():
    material = network((1.0, TIME))
    at = deformed(0.9 * np.eye(2), 0.9)
    state = updated(material, at, material.start, 1e4)
    expected = 3 * np.log(0.9) * K * np.eye(3)
    np.testing.assert_allclose(full(material.held(at, vector(state))), expected, rtol=1e-12)


# --- small strain: a bar of a Prony series

STRAIN = 1e-5


def bar_constants(g):
    """Return E at once, E after all, and the time in between, of a bar with one term."""
    soft = (1 - g) * MU
    long = 9 * K * soft / (3 * K + soft)
    return E, long, TIME * (3 * K + MU) / (3 * K + soft)


def test_a_bar_relaxes():
    first, last, time = bar_constants(SHARE)
    material = healing()
    stress, state, _ = uniaxial(material, material.start, STRAIN, 0.0)
    assert stress == pytest.approx(E * STRAIN, rel=1e-4)
    t, dt = 0.0, 2.5
    for _ in range(16):
        stress, state, _ = uniaxial(material, state, STRAIN, dt)
        t += dt
    assert stress / STRAIN == pytest.approx(last + (first - last) * exp(-t / time), rel=2e-4)


@pytest.mark.parametrize("rate", [1e-9, 1e-6, 1e-3])
def test_a_bar_is_stiffer_the_faster_it_is_pulled(rate):
    first, last, time = bar_constants(SHARE)
    material, end = healing(), STRAIN / rate
    state, steps = material.start, 10
    for k in range(1, steps + 1):
        stress, state, _ = uniaxial(material, state, STRAIN * k / steps, end / steps)
    slow = last * STRAIN + (first - last) * rate * time * (1 - exp(-end / time))
    assert stress == pytest.approx(slow, rel=1e-3)


def test_a_bar_creeps():
    """Compliance of the bar: a third of that in shear, and 1/(9 K)."""
    material, soft, pull = healing(), (1 - SHARE) * MU, 1e-5 * E
    state, strain, dt = material.start, 0.0, 0.0
    late = TIME * MU / soft
    for t in np.linspace(0.0, 2 * late, 21):
        strain = _strain_at(material, state, pull, dt)
        _, state, _ = uniaxial(material, state, strain, dt)
        dt = 2 * late / 20  # of second order: 4e-3 with steps of twice the length
        shear = 1 / soft - (1 / soft - 1 / MU) * exp(-t / late)
        assert strain / pull == pytest.approx(shear / 3 + 1 / (9 * K), rel=1e-3, abs=0)


def _strain_at(material, state, pull, dt):
    """Return the strain at which a bar bears a stress (secant: it is nearly linear)."""
    a, b = 0.0, 2e-5
    low, high = (uniaxial(material, state, x, dt)[0] for x in (a, b))
    return a + (pull - low) / (high - low) * (b - a)


def test_terms_add_up():
    terms = [(0.3, 1.0), (0.2, 30.0), (0.4, 1e3)]
    material, t = network(*terms), 20.0
    at = sheared(1e-5)
    state = updated(material, at, material.start, 0.0)
    state = updated(material, at, state, t)
    series = 0.1 + sum(share * exp(-t / time) for share, time in terms)
    found = full(material.held(at, vector(state)))[0, 1]
    assert found == pytest.approx(series * MU * 1e-5, rel=1e-9)


# --- invariance, work and slopes


def used(material):
    """Return a state after two steps that turn and stretch."""
    state = updated(material, deformed(GRADIENT, 1.05), material.start, 5.0)
    return updated(material, deformed(GRADIENT @ np.diag([1.1, 0.9]), 1.0), state, 9.0)


@pytest.mark.parametrize("terms", [(), ((SHARE, TIME),), ((0.3, 1.0), (0.6, 50.0))])
def test_a_rigid_rotation_changes_no_state_and_turns_the_stress(terms):
    material = network(*terms, J_g=1.3)
    state, F, angle = used(material), GRADIENT @ np.diag([1.05, 0.97]), 1.1
    stresses, states = [], []
    for gradient in (F, turned(F, angle)):
        at = deformed(gradient, 1.02)
        stresses.append(full(cauchy(material, at, material.tau(at, vector(state), 3.0))))
        states.append(updated(material, at, state, 3.0))
    Q = np.eye(3)
    Q[:2, :2] = turned(np.eye(2), angle)
    scale = np.abs(stresses[0]).max()
    np.testing.assert_allclose(stresses[1], Q @ stresses[0] @ Q.T, atol=1e-10 * scale)
    np.testing.assert_allclose(states[1][:-1], states[0][:-1], rtol=1e-10, atol=1e-10)


def test_stress_is_the_slope_of_the_energy():
    material = network((SHARE, TIME), J_g=1.2)
    state = used(material)
    assert_slope_of_energy(material, state, lambda at: material.held(at, vector(state)))


def test_the_stress_of_the_potential_is_the_slope_of_the_energy_by_the_growth():
    state = used(healing())
    at = deformed([[1.2, 0.1], [-0.05, 1.3]], 1.02)

    def energy(J_g):
        return values(network((SHARE, TIME), J_g=J_g).stored(at, vector(state)))[0]

    material = network((SHARE, TIME), J_g=1.5)
    expected = -(energy(1.5 + 1e-6) - energy(1.5 - 1e-6)) / 2e-6
    x = ufl.as_ufl(1.0)
    found = ufl.algorithms.apply_derivatives.apply_derivatives(
        material.chemical_stress(at, vector(state)) * x
    )
    assert values(found)[0] == pytest.approx(expected, rel=1e-7)


def loop(steps):
    """Return work, stored and lost of a pure shear to and fro, in as many steps each way."""
    material, state, work, last = healing(), healing().start, 0.0, 0.0
    path = np.concatenate([np.linspace(0, 1, steps + 1), np.linspace(1, -1, 2 * steps + 1)[1:]])
    for a, b in itertools.pairwise(path):
        at = deformed(np.diag([exp(b), exp(-b)]), 1.0)
        tau = full(material.tau(at, vector(state), 30.0 / steps))
        state = updated(material, at, state, 30.0 / steps)
        stress = tau[0, 0] - tau[1, 1]
        work, last = work + (stress + last) / 2 * (b - a), stress
    lost = values(material.lost(vector(state)))[0]
    return work, values(material.stored(at, vector(state)))[0], lost


def test_work_is_what_is_stored_and_lost():
    errors = []
    for steps in (5, 20):
        work, stored, lost = loop(steps)
        assert lost > 0.1 * work
        errors.append(abs(work - stored - lost) / work)
    assert errors[1] < 3e-3
    assert errors[1] < errors[0] / 8  # of second order
