"""If these fail, what leaks out of a section has the wrong size or sign (checked by hand)."""

from __future__ import annotations

import math

import pytest

from mesode.physics.electrolyte import Transport
from mesode.physics.third_dimension import electron_leak, ion_leak
from support.ufl_numbers import number

F, R, T = 96485.33212, 8.314462618, 298.15
BULK = Transport(kappa=1.0, D_e=3e-10, t_plus=0.3, tdf=1.4, macmullin=4.0)
WAY = 1 / (2e-6) ** 2  # [1/m^2]


def leak(c_e, phi_e, c_b, phi_eb):
    return [number(part) for part in ion_leak((c_e, phi_e), (c_b, phi_eb), BULK, T, WAY)]


def test_electrons_leave_a_higher_potential():
    assert electron_leak(0.3, 0.1, 5.0) == pytest.approx(1.0)


def test_ions_follow_the_potential_and_carry_salt_with_them():
    j_e, n_e = leak(1000.0, 0.03, 1000.0, 0.01)
    assert j_e == pytest.approx(1.0 / 4.0 * WAY * 0.02)
    assert n_e == pytest.approx(0.3 * j_e / F)


def test_salt_diffuses_and_pulls_charge_the_other_way():
    j_e, n_e = leak(1100.0, 0.0, 1000.0, 0.0)
    # as i_e of the electrolyte: + 2 kappa R T / F (1 - t+) tdf grad ln c
    expected = -0.25 * WAY * 2 * R * T / F * 0.7 * 1.4 * math.log(1.1)
    assert j_e == pytest.approx(expected, rel=1e-6)
    assert n_e == pytest.approx(0.25 * WAY * 3e-10 * 100.0 + 0.3 * j_e / F)


def test_at_the_potential_of_diffusion_no_current_passes():
    phi = 2 * R * T / F * 0.7 * 1.4 * math.log(1.1)
    j_e, n_e = leak(1100.0, phi, 1000.0, 0.0)
    assert abs(j_e) < 1e-6 * 0.25 * WAY * phi
    assert n_e == pytest.approx(0.25 * WAY * 3e-10 * 100.0, rel=1e-6)
