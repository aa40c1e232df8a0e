"""If these fail, a section gets warm by another heat than its own, or its laws do not follow."""

from __future__ import annotations

from math import exp

import numpy as np
import pytest
from scipy.optimize import brentq

from mesode.columns import HEAT, HEATS, TEMPERATURE, VOLTAGE
from mesode.constants import FARADAY, GAS_CONSTANT, ZERO_CELSIUS
from mesode.materials.law import constant
from mesode.model.diagnostics import Diagnostics
from mesode.model.processes.energy import Energy
from mesode.model.processes.finite_mechanics import FiniteOptions
from mesode.model.processes.mechanics import MechanicsOptions
from mesode.model.processes.thermal import Thermal, ThermalOptions
from mesode.model.residual import CurrentMeasure
from mesode.numerics.trial_step import TrialStep
from mesode.physics.heat import HeatKind
from support.cut_sections import ALL_BEHIND, cut_off
from support.protocols import OneCheckpoint, assert_rows, run
from support.small_cell import coated_arrays, film_coating, law, small_cell, split_arrays

START = 300.0  # [K], of the small cell
I_0, CURRENT = 2.0, 0.8  # [A/m^2]
#: A host whose overpotential stays: flat potential, fast diffusion, kinetics of one number.
EVEN = {
    "ocp": law(lambda *, sto, ops: 0.5 - 1e-3 * sto, "sto"),
    "D_s": law(lambda *, sto, ops: 1e-11 + 0.0 * sto, "sto"),
    "i_0": law(lambda *, sto, ops: I_0 + 0.0 * sto, "sto"),
}


def warm(*, convection=0.0, ambient=START, heat_capacity=5.0, n=2, **lithium):
    """Return the small cell with a temperature of its own (collective)."""
    options = ThermalOptions(convection=convection, ambient=ambient, heat_capacity=heat_capacity)
    return small_cell(n=n, setup={"thermal": options}, lithium=lithium)


def overpotential():
    """Return what the current takes at the host and at the metal [V], by Butler-Volmer."""
    f = FARADAY / (GAS_CONSTANT * START)

    def at(i, i_0, alpha_a, alpha_c):
        return brentq(lambda e: i_0 * (exp(alpha_a * f * e) - exp(-alpha_c * f * e)) - i, -1.0, 1.0)

    # the surface of the host is twice as long as the section is wide
    host = at(-CURRENT / 2, I_0, 0.55, 0.45)
    metal = at(CURRENT, 50.0 * 1000.0 / 1500.0, 0.45, 0.55)
    return abs(host) + abs(metal)


def rise(record):
    return record.points[-1].row[TEMPERATURE] + ZERO_CELSIUS - START


def test_an_insulated_section_warms_by_its_overpotential():
    cell = warm(**EVEN)
    _, record = run(cell, f"Lithiate at {CURRENT} A/m2 for 200 s", tolerance=1e-4)
    # ohmic losses are a thousandth of it
    assert rise(record) == pytest.approx(overpotential() * CURRENT * 200.0 / 5.0, rel=5e-3)
    assert rise(record) == pytest.approx(record.points[-1].row[HEAT] / 5.0, rel=1e-3)


@pytest.mark.parametrize("heat_capacity", [5.0, 5e5])
def test_the_temperature_is_that_of_the_heat_however_little_it_rises(heat_capacity):
    # an overpotential that falls as the host fills; steps fit for its lithium alone miss some per
    # cent of the heat
    i_0 = law(lambda *, sto, ops: 0.02 + 8.0 * sto, "sto")
    cell = warm(heat_capacity=heat_capacity, **(EVEN | {"i_0": i_0}))
    _, record = run(cell, "Lithiate at 1C for 10 minutes", tolerance=1e-4)
    heat = record.points[-1].row[HEAT]
    assert rise(record) * heat_capacity == pytest.approx(heat, rel=3e-3)


def flowing():
    """An insulated section in which flow makes most of the heat."""
    options = ThermalOptions(convection=0.0, ambient=START, heat_capacity=5.0)
    solids = {"active": {"yield_strength": constant(1e9, "Pa")}}
    return small_cell(
        n=2,
        setup={"thermal": options},
        mechanics=FiniteOptions(two_way=True),
        solids=solids,
        lithium={"i_0": law(lambda *, sto, ops: 500.0 + 0.0 * sto, "sto")},
    )


def test_what_flows_warms_the_section():
    steps = ("Lithiate at 1C for 20 minutes", "Rest for 2 minutes")
    _, record = run(flowing(), *steps, tolerance=1e-4)
    row = record.points[-1].row
    assert row[HEATS["flow"]] == row["Plastic Work / J.m-2"] > 0.3 * row[HEAT]
    # at each row, not in the end alone: what flows has warmed the section when it has flowed
    rises = np.array([p.row[TEMPERATURE] for p in record.points]) + ZERO_CELSIUS - START
    heats = np.array([p.row[HEAT] for p in record.points]) / 5.0
    assert np.abs(rises - heats).max() < 1.5e-3 * rises[-1]
    assert rise(record) == pytest.approx(row[HEAT] / 5.0, rel=3e-4)


def test_cooling_balances_the_heat_in_the_end():
    cell = warm(convection=0.005, heat_capacity=0.05, **EVEN)
    # fifteen times C/h
    _, record = run(cell, f"Lithiate at {CURRENT} A/m2 for 150 s", tolerance=1e-4)
    assert rise(record) == pytest.approx(overpotential() * CURRENT / 0.005, rel=0.01)


def test_at_rest_nothing_gets_warm():
    _, record = run(warm(convection=0.5), "Rest for 10 minutes")
    assert abs(rise(record)) < 1e-9
    _, record = run(warm(convection=0.5, ambient=310.0), "Rest for 10 s", tolerance=1e-5)
    # C dT/dt = -h (T - T_ambient)
    assert rise(record) == pytest.approx(10.0 * (1 - exp(-1.0)), rel=2e-3)


def test_all_laws_follow_the_temperature():
    def arrhenius(function, names):
        def followed(*, T, ops, **state):
            return function(**state, ops=ops) * ops.exp(3000.0 * (1 / 300.0 - 1 / T))

        return law(followed, *names, "T")

    lithium = {
        "D_s": arrhenius(lambda *, sto, ops: 2e-14 * (1 + 2 * sto), ["sto"]),
        "i_0": arrhenius(
            lambda *, c_e, sto, ops: 0.02 * c_e * (0.05 + sto) * (1.05 - sto), ["c_e", "sto"]
        ),
    }
    steps = "Lithiate at 1C for 100 s"
    held = warm(convection=1e4, ambient=325.0, heat_capacity=1.0, **lithium)
    _, found = run(held, steps, tolerance=1e-4)
    _, expected = run(
        small_cell(n=2, setup={"temperature": 325.0}, lithium=lithium), steps, tolerance=1e-4
    )
    _, cold = run(small_cell(n=2, lithium=lithium), steps, tolerance=1e-4)
    V, at_325, at_300 = (r.points[-1].row[VOLTAGE] for r in (found, expected, cold))
    assert at_325 - at_300 > 1e-3
    assert pytest.approx(at_325, abs=1e-5) == V


def with_entropy():
    def ocp(*, sto, T, ops):
        U = 0.6 - 0.5 * sto + 0.05 * ops.tanh(5 - 10 * sto)
        return U + 1e-4 * (T - START) * (1 + 5 * sto)

    return {"ocp": law(ocp, "sto", "T")}


def test_free_energy_and_entropy_are_those_of_a_potential_that_bends_with_the_temperature():
    def ocp(*, sto, T, ops):
        warm = T - START
        return 0.6 - 0.5 * sto + (1e-4 * warm + 2e-6 * warm**2) * (1 + 5 * sto)

    cell = warm(ocp=law(ocp, "sto", "T"))
    cell.reset()
    cell.sto["active"].set(0.3)
    cell.find(Thermal).rise.set(10.0)

    def G(T):
        mine = sum(process.nodal_energy(T) for process in cell.processes)
        return cell.domain.comm.allreduce(mine)

    energy = cell.find(Energy)
    assert energy.held()[HeatKind.DIFFUSION] == pytest.approx(G(START + 10.0), rel=1e-9)
    slope = G(START + 10.5) - G(START + 9.5)
    assert energy._entropy() == pytest.approx(-slope, rel=1e-6)


STEPS = ("Lithiate at 1C for 5 minutes", "Delithiate at 1C for 3 minutes")


def test_the_energy_is_in_balance_while_the_potential_follows_the_temperature():
    cell = warm(convection=0.02, **with_entropy())
    diagnostics = Diagnostics(cell)
    _, record = run(cell, *STEPS, diagnostics=diagnostics, tolerance=1e-4, max_step=30.0)
    assert diagnostics.balances()["energy"] < 5e-5
    assert min(p.row[TEMPERATURE] for p in record.points) < START - ZERO_CELSIUS - 0.5


def test_a_resumed_run_has_the_same_temperature():
    cell = warm(convection=0.02, **with_entropy())
    checkpoint = OneCheckpoint(7)
    _, whole = run(cell, *STEPS, checkpoints=checkpoint)
    _, again = run(cell, *STEPS, snapshot=checkpoint.snapshot)
    assert_rows(again.points, whole.last(len(again.points)), (TEMPERATURE, HEAT, VOLTAGE))


LUMPED = {"thermal": ThermalOptions(convection=0.5, ambient=310.0, heat_capacity=5.0)}
SECTIONS = {
    "stress, a coating, two hosts that touch": lambda: small_cell(
        mechanics=MechanicsOptions(),
        arrays=coated_arrays(2, arrays=split_arrays(2)),
        coatings={"active": film_coating()},
        setup=LUMPED,
    ),
    "behind the section": lambda: small_cell(arrays=cut_off(2), behind=ALL_BEHIND, setup=LUMPED),
}


@pytest.mark.parametrize("name", SECTIONS)
def test_the_heat_of_all_processes_warms_the_section(name):
    cell = SECTIONS[name]()
    run(cell, "Lithiate at 1C for 30 s", tolerance=1e-3)
    trial = TrialStep(cell.system, CurrentMeasure(cell), 5.0)
    assert trial.solve()
    heat = sum(v for kind, v in cell.find(Energy).heats().items() if kind.is_heat) / cell.width
    rise = cell.find(Thermal).rise
    rate = rise.scale * rise.scaled_rate.x.array[0]
    assert heat > 1e-3
    assert 5.0 * rate == pytest.approx(heat + 0.5 * (310.0 - cell.kelvins), rel=1e-6)


def test_the_heat_capacity_is_that_of_the_phases():
    cell = warm(heat_capacity=None)
    area = 1e-12  # [m^2], of a micrometre squared
    solids = 1000.0 * area * (1 * 2000.0 + 3 * 1500.0 + 2 * 900.0)
    liquid = 1.9e6 * area * (3 * 0.6 + 2 * 0.5)
    assert cell.find(Thermal).heat_capacity == pytest.approx((solids + liquid) / cell.width)


def test_a_section_that_runs_hot_ends_the_run():
    cell = warm(heat_capacity=0.01, **EVEN)
    result, record = run(cell, f"Lithiate at {CURRENT} A/m2 for 200 s")
    assert result.status == "stopped"
    assert "the temperature has left 240 to 360 K" in result.reason
    assert rise(record) == pytest.approx(60.0, abs=0.2)
