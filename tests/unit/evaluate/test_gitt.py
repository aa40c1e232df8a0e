"""If these fail, GITT does not give the diffusivity, or not the bias of its formulas."""

from __future__ import annotations

import numpy as np
import pytest

from mesode.evaluate import gitt, relaxation
from mesode.evaluate.finite_diffusion import BODIES, SLAB, SPHERE
from mesode.evaluate.record import Record
from support.titration import CASES, SLOPE_CASES, TAU, L, known_to, titration


@pytest.mark.parametrize("resistance", [0.0, 0.05])
@pytest.mark.parametrize(("body", "share", "x_tau", "bias"), CASES)
def test_the_formula_is_off_by_what_it_must_be(body, share, x_tau, bias, resistance):
    record = titration(body, x_tau, resistance=resistance)
    found = gitt.pulses(record)
    D = x_tau * L**2 / TAU
    assert [p.number for p in found] == [1, 2, 3]
    for pulse in found:
        assert pulse.tau == pytest.approx(TAU)
        found = gitt.by_ends(pulse, share * L)
        assert found == pytest.approx(bias * D, rel=known_to(x_tau), abs=0)
        assert pulse.resistance == pytest.approx(resistance, abs=8e-3 * abs(pulse.dEt))


@pytest.mark.parametrize(("body", "share", "x_tau", "bias"), SLOPE_CASES)
def test_the_slope_at_the_begin_is_off_by_what_the_parabola_does_not_see(body, share, x_tau, bias):
    """Least squares over sqrt(t) of Theta, for the sphere e^x erfc(-sqrt(x)) - 1, by quadrature."""
    pulse = gitt.pulses(titration(body, x_tau))[1]
    D = x_tau * L**2 / TAU
    by_slope = gitt.by_slope(pulse, share * L)
    assert by_slope == pytest.approx(bias * D, rel=1e-3, abs=0)
    assert abs(by_slope / D - 1.0) <= abs(gitt.by_ends(pulse, share * L) / D - 1.0) + 1e-3


def test_double_layers_that_have_followed_count_to_the_jump():
    """They fill within tau/500, and what they take then is no diffusion."""
    record = titration(SLAB, 0.1)
    begins = np.where(np.diff(record.step, prepend=0.0) > 0.0, record.t, -60.0)
    since = record.t - np.maximum.accumulate(begins)
    layers = 0.02 * record.I * (1.0 - np.exp(-1000.0 * since / TAU))
    pulse = gitt.pulses(Record(record.t, record.V - layers, record.I, record.step))[1]
    assert pulse.resistance == pytest.approx(0.02, rel=1e-4)
    assert gitt.by_slope(pulse, L) == pytest.approx(0.1 * L**2 / TAU, rel=1e-3, abs=0)


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("x_tau", [0.02, 0.2, 1.0, 3.0])
def test_the_relaxation_gives_the_diffusivity_itself(body, x_tau):
    record = titration(body, x_tau, resistance=0.05)
    found = relaxation.fit(record, gitt.pulses(record)[2], L, body)
    assert pytest.approx(x_tau * L**2 / TAU, rel=2e-3, abs=0) == found.D
    assert found.dEs == pytest.approx(gitt.pulses(record)[2].dEs, rel=1e-3)
    assert found.rms < 1e-5


def test_a_relaxation_of_another_body_fits_less_well():
    record = titration(SPHERE, 0.2)
    pulse = gitt.pulses(record)[0]
    fits = {body.name: relaxation.fit(record, pulse, L, body) for body in BODIES.values()}
    assert min(fits, key=lambda name: fits[name].rms) == "sphere"


def test_noise_moves_the_relaxation_by_what_it_may():
    record = titration(SPHERE, 0.1)
    noise = 1e-4 * np.random.default_rng(3).standard_normal(len(record.t))
    noisy = Record(record.t, record.V + noise, record.I, record.step)
    found = relaxation.fit(noisy, gitt.pulses(noisy)[1], L, SPHERE)
    assert pytest.approx(0.1 * L**2 / TAU, rel=0.03, abs=0) == found.D
    assert found.rms == pytest.approx(1e-4, rel=0.2)


def test_molar_quantities_are_a_length():
    pulse = gitt.pulses(titration(SLAB, 0.1))[0]
    assert gitt.by_moles(pulse, 2e-5, 1.2e-5, 1.13e-4) == pytest.approx(
        gitt.by_ends(pulse, 2e-5 * 1.2e-5 / 1.13e-4), rel=1e-12, abs=0
    )


def test_time_and_voltage_scale_as_the_formula_says():
    pulse = gitt.pulses(titration(SLAB, 0.1))[0]
    assert gitt.by_ends(pulse, L, tau=2 * TAU) == pytest.approx(
        0.5 * gitt.by_ends(pulse, L), rel=1e-12, abs=0
    )
    assert gitt.by_ends(pulse, 2 * L) == pytest.approx(4 * gitt.by_ends(pulse, L), rel=1e-12, abs=0)


def test_steps_without_numbers_are_found_by_the_current():
    record = titration(SLAB, 0.1)
    with_steps = gitt.pulses(record)
    without = gitt.pulses(Record(record.t, record.V, record.I))
    assert [p.rest for p in without] == [p.rest for p in with_steps]
    np.testing.assert_allclose([p.dEs for p in without], [p.dEs for p in with_steps])


def test_pulses_that_charge_tell_what_their_mirror_images_do():
    record = titration(SPHERE, 0.1, resistance=0.05)
    turned = Record(record.t, 1.6 - record.V, -record.I, record.step)
    for pulse, other in zip(gitt.pulses(record), gitt.pulses(turned), strict=True):
        assert pytest.approx(-pulse.I, rel=1e-12) == other.I
        assert other.dEs == pytest.approx(-pulse.dEs, rel=1e-9)
        assert other.resistance == pytest.approx(pulse.resistance, rel=1e-9)
        assert other.resistance > 0.0
        assert gitt.by_ends(other, L) == pytest.approx(gitt.by_ends(pulse, L), rel=1e-9, abs=0)


def test_a_voltage_that_does_not_move_tells_nothing():
    record = titration(SLAB, 0.1)
    flat = gitt.pulses(Record(record.t, 0.0 * record.V, record.I, record.step))[0]
    assert gitt.by_ends(flat, L) is None
    assert gitt.by_slope(flat, L) is None
    assert relaxation.fit(Record(record.t, 0.0 * record.V, record.I, record.step), flat, L) is None


def test_few_rows_leave_the_first_as_the_jump():
    record = titration(SLAB, 0.1, rows=8, resistance=0.05)
    pulse = gitt.pulses(record)[0]
    assert pulse.slope is None
    assert gitt.by_slope(pulse, L) is None
    assert pulse.E_jump == record.V[pulse.before + 1]


def cut(record, pulse, share):
    """A record that ends at a share of the rest after a pulse."""
    kept = record.t <= record.t[pulse.rest.start] + share * pulse.tau_rest
    return Record(*(each[kept] for each in (record.t, record.V, record.I, record.step)))


@pytest.mark.parametrize("body", [SLAB, SPHERE], ids=lambda body: body.name)
@pytest.mark.parametrize("x_tau", [0.01, 0.1, 0.5])
def test_a_rest_that_is_cut_off_is_no_equilibrium(body, x_tau):
    """Whatever is not told as cut off is right; what is off by more than a tenth is told."""
    record = titration(body, x_tau)
    whole = gitt.pulses(record)
    D = gitt.by_ends(whole[2], L)
    assert gitt.cut_off(record, whole) is None
    assert all(pulse.moving is None for pulse in whole)
    told = []
    for share in np.geomspace(2e-4, 0.95, 30):
        shorter = cut(record, whole[2], share)
        found = gitt.pulses(shorter)
        if len(found) < 3:  # not a row of the rest is left
            continue
        told.append(gitt.cut_off(shorter, found) is found[2])
        if not told[-1]:
            assert gitt.by_ends(found[2], L) == pytest.approx(D, rel=0.02, abs=0)
    assert told[0]
    assert not told[-1]
    assert told == sorted(told, reverse=True)


def test_a_rest_of_one_row_tells_no_drift():
    record = titration(SLAB, 0.1)
    third = gitt.pulses(record)[2]
    shorter = cut(record, third, 1e-5)
    *_, last = gitt.pulses(shorter)
    assert last.number == 3
    assert last.drift is None
    assert gitt.cut_off(shorter, gitt.pulses(shorter)) == last
