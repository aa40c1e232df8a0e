"""If these fail, a protocol that a cell can carry out does not end at its cut-off, or a run that
cannot continue gives another reason than the real one."""

from __future__ import annotations

import re

import numpy as np
import pytest

from support.decks import assert_in_balance, run_deck

pytestmark = pytest.mark.serial

V, I = "Voltage / V", "Current Density / A.m-2"


def ends_of(record):
    return [end.reason for end in record.ends]


def contact(resistance, *overrides):
    """Return the end of five minutes at 1C through a contact resistance."""
    result, record, balances = run_deck(
        f"materials.collector.contact_resistance={resistance}",
        'protocol=["Lithiate at 1 C for 5 minutes or until 10 mV"]',
        *overrides,
    )
    assert result.status == "completed"
    assert result.counts["failures"] == 0
    assert_in_balance(balances)
    return record.ends[0].end


FOIL = ("geometry.electrode.collector=5 um", "materials.foil.preset=copper")


@pytest.mark.parametrize("foil", [(), FOIL], ids=["no foil", "foil of copper"])
def test_a_contact_takes_its_resistance_and_nothing_else(foil):
    ideal, good, poor = (
        contact(value, *foil) for value in ("0 ohm*m^2", "1e-5 ohm*m^2", "1e-3 ohm*m^2")
    )
    assert ideal[V] - good[V] == pytest.approx(1e-5 * ideal[I], rel=1e-3)
    assert ideal[V] - poor[V] == pytest.approx(1e-3 * ideal[I], rel=1e-4)
    assert poor["Max Lithiation / 1"] == pytest.approx(ideal["Max Lithiation / 1"], abs=1e-6)


def test_conductors_that_lose_nothing():
    """Who wants to leave out a resistance gives a conductivity that is far too large."""
    result, record, balances = run_deck(
        "materials.carbon_binder.sigma=1e8 S/m",
        "materials.electrolyte={preset: LiPF6_EC_DMC, kappa: 5e3 S/m, D_e: 1e-5 m^2/s}",
        "materials.active={preset: SiO_coated_low_defect, film_resistance: 0.1 ohm*m^2}",
        'protocol=["Lithiate at 1 C for 20 s", "Rest for 20 s"]',
    )
    assert result.status == "completed"
    assert ends_of(record) == 2 * ["duration reached"]
    assert result.counts["failures"] == 0
    assert_in_balance(balances)


@pytest.mark.parametrize("modulus", ["0.5 MPa", "10 kPa"])
def test_a_binder_that_is_far_softer_than_the_particle_in_finite_mechanics(modulus):
    """The forces of the particle round by more than the binder's are solved to."""
    result, record, balances = run_deck(
        f"materials.carbon_binder={{preset: CMC_SBR_SuperP, E: {modulus}, network: {{}}}}",
        "physics.mechanics=finite",
        'protocol=["Lithiate at C/2 for 2 minutes"]',
    )
    assert ends_of(record) == ["duration reached"], result.reason
    assert_in_balance(balances)
    assert balances["work"] < 1e-4
    end = record.ends[0].end
    # a particle that nothing holds has the stress of its profile of lithium alone
    assert end["Max von Mises Binder / Pa"] < 1e-3 * end["Max von Mises Active / Pa"]
    assert end["Thickness Change / 1"] > 1e-3


def test_a_current_starts_without_a_double_layer():
    # some sixty times the exchange current: the linear response to it overflows
    result, record, balances = run_deck(
        "materials.active={preset: silicon_delithiation, double_layer: 0 F/m^2}",
        "initial.lithiation=0.1",
        'protocol=["Lithiate at 3 C for 60 s or until 10 mV", "Rest for 60 s", '
        '"Hold at 150 mV for 10 s", "Discharge at 0.1 mW/cm2 for 10 s"]',
    )
    assert result.status == "completed"
    assert ends_of(record) == 4 * ["duration reached"]
    assert result.counts["failures"] == 0
    assert_in_balance(balances)


@pytest.mark.parametrize("exchange", [1e-4, 1e-9])
def test_a_current_far_above_the_exchange_current_starts_without_a_double_layer(exchange):
    """A hundred thousand times and more: the linear response is thousands of volts and more."""
    active = f"preset: silicon_average, double_layer: 0 F/m^2, i_0_ref: {exchange:.0e} A/m^2"
    result, record, balances = run_deck(
        f"materials.active={{{active}}}",
        "initial.lithiation=0.1",
        'protocol=["Lithiate at 3 C for 2 s"]',
    )
    assert result.status == "completed", result.reason
    assert ends_of(record) == ["duration reached"]
    end = record.ends[0].end
    # alpha 0.5: what drives the current is its logarithm, 2 R T/F ln(i/i_0)
    surface = end[I] * 4.0 / (2.0 * np.pi)
    assert surface > 1e5 * exchange
    lost = 2.0 * 0.02569 * np.log(surface / exchange)
    assert end["Open-Circuit Voltage / V"] - end[V] == pytest.approx(lost, abs=0.08)
    assert_in_balance(balances)


def test_a_rest_and_a_hold_at_a_tight_tolerance():
    result, _, balances = run_deck(
        "materials.active.preset=silicon_average",
        "initial.lithiation=0.3",
        'protocol=["Lithiate at 3 C for 20 s", "Rest for 60 s", "Hold at 10 mV for 30 s"]',
        "numerics.tolerance=1e-6",
    )
    assert result.status == "completed"
    assert result.counts["failures"] <= 0.01 * result.counts["time_steps"]
    assert_in_balance(balances)


@pytest.mark.parametrize(
    ("limit", "reason", "seconds"),
    [("1 A/m2", "duration reached", 5.0), ("5 A/m2", "current 5 A/m2 reached", 0.01)],
)
def test_a_hold_ends_by_its_current_not_by_that_of_the_double_layers(limit, reason, seconds):
    # the jump of 60 mV asks for hundreds of A/m2; then it is 1.6 A/m2, of which the layers take a
    # tenth of the limit more where it ends by that
    _, record, balances = run_deck(
        "materials.active.preset=graphite_Mohtat",
        "initial.lithiation=0.3",
        f'protocol=["Hold at 60 mV until {limit} or for 5 s"]',
        "numerics.tolerance=1e-5",
    )
    (end,) = record.ends
    assert end.reason == reason
    assert end.t_end <= seconds
    assert 1.0 < end.end[I] < 2.1
    assert_in_balance(balances)


def test_a_failed_solve_is_an_exception_in_cycling():
    # fast diffusion: nothing but the ends of the half cycles keeps the steps short
    half_cycles = 2 * ["Lithiate at 2 C until 50 mV", "Delithiate at 2 C until 1 V"]
    result, record, balances = run_deck(
        "materials.active={preset: silicon_average, D_s: 1e-14 m^2/s, i_0_ref: 2 A/m^2}",
        "initial.lithiation=0.05",
        f"protocol={half_cycles}",
    )
    assert result.status == "completed"
    assert ends_of(record) == 2 * ["voltage 50 mV reached", "voltage 1000 mV reached"]
    assert result.counts["time_steps"] > 80
    assert result.counts["failures"] <= 0.01 * result.counts["time_steps"]
    assert result.counts["jacobians"] < 1.3 * result.counts["time_steps"]
    assert_in_balance(balances)


@pytest.mark.parametrize("layer", ["0.2 F/m^2", "0 F/m^2"])
def test_a_power_ends_at_its_maximum_and_the_protocol_goes_on(layer):
    result, record, balances = run_deck(
        f"materials.active={{preset: SiO_coated_low_defect, double_layer: {layer}}}",
        "initial.lithiation=0.1",
        'protocol=["Lithiate at 0.15 mW/cm2 until 10 mV", "Rest for 10 s"]',
    )
    assert result.status == "completed"
    end = record.ends[0]
    assert end.reason.startswith("the power is the most that the section gives: 1.5 W/m2 at 2")
    assert end.end[I] == pytest.approx(24.8, rel=0.03)
    assert end.end[V] * end.end[I] == pytest.approx(1.5, rel=1e-6)
    assert 0.05 < end.end[V] < 0.07
    assert_in_balance(balances)


# steps grow shorter before the maximum: beyond it there is no solution
@pytest.mark.parametrize("layer", ["0.2 F/m^2", "0 F/m^2"])
def test_a_failed_solve_is_an_exception_before_the_maximum_of_power(layer):
    result, record, balances = run_deck(
        f"materials.active={{preset: SiO_coated_low_defect, double_layer: {layer}}}",
        "initial.lithiation=0.1",
        'protocol=["Lithiate at 0.12 mW/cm2 until 10 mV"]',
    )
    assert record.ends[0].reason.startswith("the power is the most that the section gives")
    assert result.counts["time_steps"] > 20
    assert result.counts["failures"] <= 1
    assert_in_balance(balances)


def power_step(layer, power):
    """Return the result of a step at a power [W/m2]."""
    result, _, _ = run_deck(
        f"materials.active={{preset: SiO_coated_low_defect, double_layer: {layer}}}",
        "initial.lithiation=0.1",
        f'protocol=["Lithiate at {power / 10:.5g} mW/cm2 for 2 s"]',
    )
    return result


# without double layers there is not even a transient: the step has no solution at any length
@pytest.mark.parametrize("layer", ["0.2 F/m^2", "0 F/m^2"])
def test_a_power_beyond_the_maximum_from_the_begin_is_told(layer):
    result = power_step(layer, 15.0)
    assert result.status == "stopped"
    assert "does not give this power" in result.reason
    assert result.counts["failures"] == 0
    most = float(re.search(r"is (\S+) W/m2 at most", result.reason)[1])
    below, above = power_step(layer, 0.97 * most), power_step(layer, 1.03 * most)
    assert below.status == "completed"
    assert "does not give this power" in above.reason


def test_salt_runs_out_when_it_does_on_a_fine_mesh():
    # edges of 0.4 um and interfaces of 0.15 um: 0.60724 s; with lumped storage of the salt 0.60824.
    # In time 0.6078 at a tolerance of 1e-5, 0.6072 at 1e-6, 0.6071 at 1e-7
    result, record, balances = run_deck(
        "materials.active={preset: SiO_coated_low_defect, i_0_ref: 5 A/m^2}",
        "materials.electrolyte.concentration=0.2 mol/l",
        "geometry.separator.thickness=30 um",
        "geometry.electrode={thickness: 12 um, carbon_binder: {kind: matrix}, "
        "particles: {fraction: 0.4, diameter: 2 um, gap: 0.3 um}}",
        "mesh.size=1.5 um",
        "initial.lithiation=0.2",
        "numerics.tolerance=1e-6",
        'protocol=["Lithiate at 60 mA/cm2 for 20 s or until -0.9 V"]',
    )
    assert "the electrolyte is exhausted" in result.reason
    assert record.ends[0].t_end == pytest.approx(0.60724, rel=6e-4)
    least = record.column("Min Salt Concentration / mol.m-3", 1)
    # it falls, but for what storage that is not lumped lets a node overshoot in the first steps
    assert np.diff(least).max() < 1e-4 * 200.0
    assert least[-1] > 0.0
    assert_in_balance(balances)
