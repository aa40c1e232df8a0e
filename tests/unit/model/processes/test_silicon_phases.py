"""If these fail, a plateau of silicon stands at another voltage, comes back, or costs energy."""

from __future__ import annotations

import numpy as np
import pytest

from mesode.columns import CRYSTALLINE_SHARE, LI15SI4_SHARE, VOLTAGE
from mesode.materials.two_phase import Crystalline, Li15Si4, crossing
from mesode.model.diagnostics import Diagnostics
from mesode.model.processes.silicon_phases import SiliconPhases
from support.branches import DELITHIATION, with_hysteresis
from support.protocols import OneCheckpoint, run
from support.small_cell import law, small_cell

EVEN = {"D_s": law(lambda *, ops: 1e-11), "i_0": law(lambda *, sto, ops: 2.0 + 0.0 * sto, "sto")}
PLATEAU = 0.2
UP, DOWN = "Lithiate at C/2 until lithiation {}", "Delithiate at C/2 until lithiation {}"
LOOP = (*map(UP.format, (0.2, 0.4, 0.9)), *map(DOWN.format, (0.6, 0.4)), UP.format(0.5))
DEEP = (UP.format(0.95), *map(DOWN.format, (0.8, 0.6, 0.3)))


def first_time():
    """Return a cell of crystalline silicon, lithium evenly in its particle: no front."""
    phase = Crystalline(plateau=PLATEAU, slowness=1.0)
    return small_cell(n=2, lithium={**EVEN, "crystalline": phase})


def ends(record, name):
    """Return a column where each step ends."""
    last = {point.step: point.row[name] for point in record.points}
    return np.array(list(last.values()))


def test_the_first_lithiation_alone_is_on_the_plateau():
    cell, other = first_time(), small_cell(n=2, lithium=EVEN)
    assert other.find(SiliconPhases) is None
    diagnostics = Diagnostics(cell)
    _, record = run(cell, *LOOP, diagnostics=diagnostics, tolerance=1e-4)
    _, amorphous = run(other, *LOOP, tolerance=1e-4)
    lower = ends(amorphous, VOLTAGE) - ends(record, VOLTAGE)
    x = np.array([0.2, 0.4])
    U = 0.6 - 0.5 * x + 0.05 * np.tanh(5.0 - 10.0 * x)
    np.testing.assert_allclose(lower[:2], U - PLATEAU, atol=1.5e-3)
    np.testing.assert_allclose(lower[2:], 0.0, atol=5e-4)
    shares = ends(record, CRYSTALLINE_SHARE)
    np.testing.assert_allclose(shares, (1.0, 1.0, 0.0, 0.0, 0.0, 0.0), atol=1e-9)
    balances = diagnostics.balances()
    assert balances["energy"] < 1e-3
    assert balances["lithium"] < 1e-8


def test_the_plateau_begins_with_the_first_lithium():
    """At the lithiation of the start a cell rests where its potential is known."""
    cell = first_time()
    cell.reset()
    (surface,) = cell.surfaces
    lower = cell.find(SiliconPhases).surface_potential(surface)
    length = 4e-6  # [m]
    assert cell.integral(lower * surface.dS) == pytest.approx(0.0, abs=1e-9 * length)
    cell.sto["active"].set(0.2)
    U = 0.6 - 0.1 + 0.05 * np.tanh(3.0)
    # but for what its corner is rounded by
    assert cell.integral(lower * surface.dS) / length == pytest.approx(PLATEAU - U, abs=5e-4)


def crystals(below=0.05):
    """Return a cell whose host forms Li15Si4."""
    phase = Li15Si4(below=below)
    changes = with_hysteresis(decay=200.0, initial=-1.0, li15si4=phase)
    return small_cell(n=2, lithium={**EVEN, **changes})


def test_what_went_below_50_mV_is_delithiated_on_its_plateau():
    cell = crystals()
    diagnostics = Diagnostics(cell)
    _, record = run(cell, *DEEP, diagnostics=diagnostics, tolerance=1e-4)
    _, without = run(crystals(below=-0.4), *DEEP, tolerance=1e-4)
    higher = ends(record, VOLTAGE) - ends(without, VOLTAGE)
    U = DELITHIATION(sto=np.array([0.8, 0.6]))
    np.testing.assert_allclose(higher, (0.0, *(0.43 - U), 0.0), atol=2e-3)
    np.testing.assert_allclose(ends(record, LI15SI4_SHARE), (1.0, 1.0, 1.0, 0.0), atol=1e-6)
    assert ends(without, LI15SI4_SHARE).max() == 0.0
    assert 0.3 < crossing(DELITHIATION, 0.43, 300.0) < 0.6
    assert diagnostics.balances()["energy"] < 1e-3


@pytest.mark.slow
def test_a_resumed_run_has_the_same_phases():
    cell, checkpoint = crystals(), OneCheckpoint(30)
    _, whole = run(cell, *DEEP, checkpoints=checkpoint)
    _, again = run(cell, *DEEP, snapshot=checkpoint.snapshot)
    rest = whole.points[len(whole.points) - len(again.points) :]
    assert again.points
    for name in (VOLTAGE, LI15SI4_SHARE):
        found, expected = ([p.row[name] for p in points] for points in (again.points, rest))
        assert found == pytest.approx(expected, rel=1e-10)
