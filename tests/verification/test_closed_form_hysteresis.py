"""If these fail, the state between two branches moves by something else than the charge.

h = s - (s - h_0) exp(-gamma |x - x_0|), s = 1 on delithiation and -1 on lithiation, x the
lithiation of the particle, whatever its profile. The loop between the branches is heat.
"""

from __future__ import annotations

from dataclasses import replace
from math import exp

import numpy as np
import pytest

from mesode.columns import HEATS, MEAN_HYSTERESIS, MEAN_LITHIATION, VOLTAGE
from mesode.materials.ends import potential
from mesode.model.cell import Cell
from support.branches import DELITHIATION, LITHIATION, with_hysteresis
from support.layer_cells import layer_cell
from support.protocols import run
from support.small_cell import law, numbered, small_cell, split_arrays

DECAY, START = 12.0, 0.1


def moved(h_0, x_0, x, s):
    return s - (s - h_0) * np.exp(-DECAY * abs(x - x_0))


def test_the_state_follows_the_charge_and_rests_with_it():
    cell = small_cell(n=2, lithium=with_hysteresis(decay=DECAY, initial=0.5))
    steps = ("Lithiate at 1C for 15 minutes", "Delithiate at C/2 for 10 minutes", "Rest for 1 hour")
    _, record = run(cell, *steps, tolerance=1e-5)
    h, x = 0.5, START
    for k, s in enumerate((-1.0, 1.0, 1.0), start=1):
        states, lithiations = (
            np.array(record.column(name, k)) for name in (MEAN_HYSTERESIS, MEAN_LITHIATION)
        )
        # what the double layers hold for a while has not passed yet: 1e-4 of the lithiation
        np.testing.assert_allclose(states, moved(h, x, lithiations, s), atol=1e-3)
        h, x = states[-1], lithiations[-1]
    assert -0.9 < h < 0.5
    assert h == pytest.approx(record.column(MEAN_HYSTERESIS, 3)[0], abs=1e-3)


def test_each_particle_has_its_own_lithiation():
    """A quarter and three quarters of a square, that exchange no lithium.

    They are 0.17 and 0.3 um thick for their surface, so that one current density moves them apart.
    """
    arrays = numbered(split_arrays(4, x=0.75))
    cell = small_cell(
        arrays=arrays, lithium=with_hysteresis(decay=DECAY), host_contact_resistance=1e4
    )
    second = cell.materials.phases["second"]
    lithium = replace(second.lithium, **with_hysteresis(decay=DECAY))
    phases = {**cell.materials.phases, "second": replace(second, lithium=lithium)}
    cell = Cell(cell.domain, replace(cell.materials, phases=phases), cell.setup)
    _, record = run(cell, "Lithiate at 1C for 6 minutes", tolerance=1e-4)
    row = record.points[-1].row
    for surface in cell.surfaces:
        h = cell.fields[f"h_{surface.host}"]
        ends = cell.domain.comm.allgather([h.owned().min(initial=1.0), h.owned().max(initial=-1.0)])
        found = 0.5 * (min(low for low, _ in ends) + max(high for _, high in ends))
        x = row[f"Mean Lithiation {surface.host} / 1"]
        assert found == pytest.approx(moved(0.0, cell.initial[surface.host], x, -1.0), abs=3e-3)


@pytest.mark.parametrize("resolved", [False, True])
def test_each_point_of_a_layer_has_a_state_that_follows_its_particle(resolved):
    host = with_hysteresis(decay=DECAY, initial=0.5)
    layers = {"active": 20.0, "separator": 10.0}
    cell = layer_cell(layers, (START,), size=5.0, resolved=resolved, **host)
    run(cell, "Lithiate at C/2 for 15 minutes", tolerance=1e-5)
    h, x = cell.fields["h"].owned(), cell.fields["sto"].owned()
    np.testing.assert_allclose(h, moved(0.5, START, x, -1.0), atol=2e-4)


EVEN = {"i_0": law(lambda *, sto, ops: 2.0 + 0.0 * sto, "sto")}
HALF_GAP = 0.1


def parallel():
    """Return a host whose branches are 0.2 V apart everywhere, and one of their mean."""

    def shifted(by):
        return potential(law(lambda *, sto, ops: 0.6 - 0.5 * sto + by, "sto"))

    hysteresis = replace(
        with_hysteresis(decay=DECAY)["hysteresis"],
        lithiation=shifted(-HALF_GAP),
        delithiation=shifted(HALF_GAP),
    )
    both = {"ocp": hysteresis.at_start(), "hysteresis": hysteresis}
    return {**EVEN, **both}, {**EVEN, "ocp": shifted(0.0)}


def test_the_loop_between_the_branches_is_heat():
    """F c (h - h_0) G dx over half a loop: the kinetics lose the same with and without it."""
    found = []
    for lithium in parallel():
        cell = small_cell(n=2, lithium=lithium)
        _, record = run(cell, "Lithiate at 1C for 15 minutes", tolerance=1e-5)
        found.append(record.points[-1].row)
    (with_it, without), reaction = found, HEATS["reaction"]
    X = with_it[MEAN_LITHIATION] - START
    expected = cell.charge_capacity * HALF_GAP * (X - (1 - exp(-DECAY * X)) / DECAY)
    assert with_it[reaction] - without[reaction] == pytest.approx(expected, rel=1e-3)
    drop = without[VOLTAGE] - with_it[VOLTAGE]
    assert drop == pytest.approx(HALF_GAP * (1 - exp(-DECAY * X)), abs=5e-5)


def test_an_instant_hysteresis_is_on_the_branch_of_the_current():
    steps = ("Lithiate at 1C for 5 minutes", "Delithiate at 1C for 2 minutes")
    cell = small_cell(n=2, lithium=with_hysteresis("instant"))
    _, record = run(cell, *steps, tolerance=1e-5)
    for k, branch in ((1, LITHIATION), (2, DELITHIATION)):
        _, alone = run(small_cell(n=2, lithium={"ocp": branch}), *steps, tolerance=1e-5)
        found, expected = (r.column(VOLTAGE, k)[-1] for r in (record, alone))
        assert found == pytest.approx(expected, abs=2e-5)
