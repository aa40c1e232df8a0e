"""If these fail, energy is lost or found between the processes, or heat is not what it costs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mesode.columns import HEAT, HEATS
from mesode.constants import FARADAY
from mesode.materials.presets import get_preset
from mesode.model.diagnostics import Diagnostics
from mesode.model.elastic_energy import ElasticEnergy
from mesode.model.processes.energy import Energy
from mesode.model.processes.mechanics import MechanicsOptions
from mesode.model.residual import CurrentMeasure
from mesode.model.surroundings import surround
from mesode.numerics.newton import NewtonOptions
from mesode.numerics.trial_step import TrialStep
from mesode.physics.heat import HeatKind
from support.branches import with_hysteresis
from support.cut_sections import ALL_BEHIND, cut_off
from support.protocols import run
from support.small_cell import coated_arrays, film_coating, full_cell, law, small_cell, split_arrays

SEI = replace(get_preset("sei", "EC_Yang_2017"), i_0_sei=0.1, U_sei=0.8, crack_strain=0.02)
AHEAD = 1.0  # [s] along the rates, by which the change of the free energy is measured


def under_load(cell, *sentences):
    """Bring a cell under load and solve one more step; the functions hold it and its rates."""
    run(cell, *(sentences or ["Lithiate at 1C for 5 minutes"]), tolerance=1e-2)
    cell.control("current", 1.5 * cell.I.number())
    tight = NewtonOptions(tolerance=1e-8)  # what is left over is power that nobody accounts for
    trial = TrialStep(cell.system, CurrentMeasure(cell), 20.0, tight)
    assert trial.solve()
    return cell


def free_energy(cell):
    """Return the free energy of the loaded state [J/m]."""
    return sum(cell.find(Energy).held().values())


def rate_of_free_energy(cell):
    """Return how the free energy changes along the loaded rates [W/m] (differences, order 4)."""
    kept = [unknown.scaled.x.array.copy() for unknown in cell.unknowns]

    def at(ahead):
        for unknown, values in zip(cell.unknowns, kept, strict=True):
            unknown.scaled.x.array[:] = values + ahead * unknown.scaled_rate.x.array
        return free_energy(cell)

    slope, half = ((at(h) - at(-h)) / (2 * h) for h in (AHEAD, AHEAD / 2))
    at(0.0)
    return (4 * half - slope) / 3


def unaccounted(cell):
    """Return what the first law misses, relative to what is delivered, and the heats [W/m]."""
    energy = cell.find(Energy)
    heats, delivered = energy.heats(), energy.delivered()
    lost = sum(power for kind, power in heats.items() if kind.is_lost)
    return abs(rate_of_free_energy(cell) + delivered + lost) / abs(delivered), heats


SECTIONS = {
    "film": lambda: small_cell(film=1e-3),
    "coating": lambda: small_cell(
        arrays=coated_arrays(4), coatings={"active": film_coating()}, host_contact_resistance=1.0
    ),
    "two hosts that touch": lambda: small_cell(arrays=split_arrays(4)),
    "behind the section": lambda: small_cell(arrays=cut_off(4), behind=ALL_BEHIND),
    "full": lambda: full_cell(contact=1e-3),
    "no layer that stores charge": lambda: small_cell(
        film=1e-3, lithium={"double_layer": 0.0}, metal={"double_layer": 0.0}
    ),
    "hysteresis": lambda: small_cell(film=1e-3, lithium=with_hysteresis()),
    "sei": lambda: small_cell(film=1e-3, sei={"active": SEI}),
}
OTHERS = (HeatKind.REVERSIBLE, HeatKind.SOFTENING, HeatKind.PROJECTION, HeatKind.FLOW)
POSITIVE = [kind for kind in HeatKind if kind not in OTHERS]


@pytest.mark.parametrize("name", SECTIONS)
def test_what_is_stored_delivered_and_lost_adds_up_at_each_instant(name):
    cell = SECTIONS[name]()
    under_load(cell, *(["Discharge at 1C for 5 minutes"] if cell.is_full else []))
    missing, heats = unaccounted(cell)
    assert missing < 1e-9
    # a tenth of the smallest part is seen
    assert min(heats[kind] for kind in POSITIVE) > 1e-7 * abs(cell.find(Energy).delivered())


def test_a_spring_keeps_half_of_its_push_times_the_rise():
    cell = under_load(small_cell(n=2, mechanics=MechanicsOptions(spring=1e14)))
    assert unaccounted(cell)[0] < 2e-6  # all that it keeps is 4e-5


def test_a_membrane_loses_what_its_modulus_does_to_its_energy():
    """At a given strain: of its energy nothing else depends on the lithiation."""
    coated = {"arrays": coated_arrays(2), "coatings": {"active": film_coating()}}
    cell = under_load(small_cell(n=2, mechanics=MechanicsOptions(), **coated))
    energy, sto = ElasticEnergy(cell.mechanics), cell.sto["active"]
    (*_, membrane), (*_, heat) = energy.stored(), energy.softening()
    lost, kept = cell.integral(heat.density * heat.measure), sto.scaled.x.array.copy()

    def at(ahead):
        sto.scaled.x.array[:] = kept + ahead * sto.scaled_rate.x.array
        return cell.integral(membrane)

    assert lost == pytest.approx((at(-AHEAD) - at(AHEAD)) / (2 * AHEAD), rel=1e-6)
    assert lost > 0.0


def test_stress_acts_back_without_a_source_of_energy():
    cell = under_load(small_cell(mechanics=MechanicsOptions(pressure=1e6)))
    missing, heats = unaccounted(cell)
    assert missing < 1e-9
    # without the change of the moduli, and what the nodes take more than the elements give, it
    # would not close
    for kind in (HeatKind.SOFTENING, HeatKind.PROJECTION):
        assert abs(heats[kind]) > 20.0 * missing * abs(cell.find(Energy).delivered())


def test_the_energy_of_a_run_is_in_balance():
    cell = small_cell()
    diagnostics = Diagnostics(cell)
    _, record = run(cell, *CYCLE, diagnostics=diagnostics, tolerance=1e-4, max_step=60.0)
    assert diagnostics.balances()["energy"] < 1e-8
    row = record.points[-1].row
    assert row[HEAT] == pytest.approx(sum(row[name] for name in HEATS.values()), rel=1e-12)
    heat = [point.row[HEAT] for point in record.points]
    # at rest less comes than the free energy is off by over a step
    assert (np.diff(heat) > -1e-8 * row[HEAT]).all()


CYCLE = ("Lithiate at 1C for 10 minutes", "Rest for 10 minutes", "Delithiate at 2C for 5 minutes")


@pytest.mark.parametrize("tolerance", [1e-4, 1e-2])
def test_the_energy_of_few_steps_is_in_balance_too(tolerance):
    cell = small_cell()
    diagnostics = Diagnostics(cell)
    _, record = run(cell, *CYCLE, diagnostics=diagnostics, tolerance=tolerance)
    assert len(record.points) < 50
    # what Newton's method leaves over
    assert diagnostics.balances()["energy"] < 1e-7


def test_the_first_step_after_a_jump_shows_what_the_layers_lose():
    """A step of order one that moves the drop by d loses C d^2 / 2 beside its heat at the end."""
    cell = small_cell()
    cell.reset()
    energy = cell.find(Energy)
    before = [unknown.scaled.x.array.copy() for unknown in cell.unknowns]
    cell.control("current", cell.current_1C)
    h = 0.05
    trial = TrialStep(cell.system, CurrentMeasure(cell), h, NewtonOptions(tolerance=1e-8))
    assert trial.solve()
    (passed,) = energy.states
    passed.update(h, h)
    passed.commit()
    beside = passed.value(str(HeatKind.REACTION)) - h * energy.heats()[HeatKind.REACTION]
    for unknown, old in zip(cell.unknowns, before, strict=True):
        unknown.scaled.x.array[:] -= old  # the energy of the layers is quadratic in the drop
    assert beside == pytest.approx(energy.held()[HeatKind.REACTION], rel=1e-6, abs=0)
    assert beside > 0.0


def test_heat_in_few_steps_is_that_of_many():
    cell, heats = small_cell(), []
    for options in ({"tolerance": 1e-4}, {"tolerance": 1e-5, "max_step": 10.0}):
        _, record = run(cell, *CYCLE, **options)
        heats.append(record.points[-1].row[HEAT])
    assert heats[0] == pytest.approx(heats[1], rel=6e-3)


def test_heat_that_is_not_seen_is_missed():
    cell = small_cell()
    diagnostics, energy = Diagnostics(cell), cell.find(Energy)
    del energy._forms[0][HeatKind.REACTION]
    run(cell, "Lithiate at 1C for 10 minutes", diagnostics=diagnostics, tolerance=1e-3)
    assert diagnostics.balances()["energy"] > 3e-3


def with_entropy(sto_slope):
    """Return a cell whose host has dU/dT = 0.1 mV/K (1 + sto_slope sto)."""

    def ocp(*, sto, T, ops):
        U = 0.6 - 0.5 * sto + 0.05 * ops.tanh(5 - 10 * sto)
        return U + 1e-4 * (T - 300.0) * (1 + sto_slope * sto)

    return small_cell(lithium={"ocp": law(ocp, "sto", "T")})


def test_reversible_heat_is_the_entropy_that_lithium_takes_along():
    cell = under_load(with_entropy(5.0))
    reversible = cell.find(Energy).heats()[HeatKind.REVERSIBLE]
    sto, T = cell.sto["active"], cell.setup.temperature
    slope = 1e-4 * (1 + 5.0 * sto.value)
    c_max = cell.materials.lithium("active").c_max
    taken_up = cell.integral(slope * sto.rate * cell.dx_nodes(cell.tag("active")))
    assert reversible == pytest.approx(-FARADAY * c_max * T * taken_up, rel=1e-9)
    # the first law of the free energies knows nothing of it
    assert unaccounted(cell)[0] < 1e-9


def test_a_temperature_that_is_another_at_once_costs_nothing():
    """The free energy goes down by S dT, a hundredth of what has passed."""
    cell = with_entropy(5.0)
    diagnostics = Diagnostics(cell)
    run(cell, "Lithiate at 1C for 5 minutes", diagnostics=diagnostics, tolerance=1e-3)
    surround(cell, 320.0)
    assert diagnostics.update_balances()["energy"] < 1e-5


def test_a_constant_entropy_gives_heat_in_proportion_to_the_charge():
    cell = with_entropy(0.0)
    _, record = run(cell, "Lithiate at 1C for 5 minutes", tolerance=1e-3)
    row, Q = record.points[-1].row, cell.Q.number()
    # what the double layers hold has not passed
    expected = -1e-4 * cell.setup.temperature * Q
    assert row[HEATS["reversible"]] == pytest.approx(expected, rel=1e-3)


def test_a_resistor_makes_its_square_of_the_current():
    cell = full_cell(contact=1e-3)
    I = 0.5 * cell.current_1C
    _, record = run(cell, f"Discharge at {I!r} A/m2 for 60 s", tolerance=1e-3)
    # one contact at each collector
    expected = 2 * 1e-3 * I**2 * 60.0
    assert record.points[-1].row[HEATS["contact"]] == pytest.approx(expected, rel=1e-6)
