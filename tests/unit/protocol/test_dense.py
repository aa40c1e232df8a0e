"""If these fail, rows between the time steps are off, too far apart, or not those of the state."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

from mpi4py import MPI

import numpy as np
import pytest

from mesode.materials.presets import get_preset
from mesode.model.diagnostics import Diagnostics
from mesode.model.processes.mechanics import MechanicsOptions
from mesode.model.terminal_state import SMALL, Surfaces, TerminalState
from mesode.numerics.bdf import lagrange
from mesode.protocol.dense import Spacing, _Inner, _Node
from support.protocols import EachCheckpoint, Record, run
from support.small_cell import full_cell, small_cell

V, I, Q = "Voltage / V", "Current Density / A.m-2", "Specific Capacity / mA.h.g-1"
SOC, OCV = "Mean Lithiation / 1", "Open-Circuit Voltage / V"
SPACING = Spacing(voltage=2e-3, charge=0.005)
CURRENT = ("Lithiate at 2C until lithiation 0.7", "Delithiate at 1C for 10 minutes")
SETTLED = 20.0  # [s] after which the double layer has no say: its transients are not resolved


@pytest.fixture(scope="module")
def half():
    return small_cell(n=2)


@pytest.fixture(scope="module")
def full():
    return full_cell(n=2)


def rows_of(record):
    """Return all rows as (step, t, row), and which of them are accepted steps."""
    rows, accepted = [], []
    for point in record.points:
        inner = [(point.step, t, row) for t, row in point.between]
        rows += [*inner, (point.step, point.t, point.row)]
        accepted += [False] * len(inner) + [True]
    return rows, np.array(accepted)


def column(rows, name, step):
    """Return time since the begin of a step and a column there."""
    begin = max((t for s, t, _ in rows if s < step), default=0.0)
    found = [(t - begin, row[name]) for s, t, row in rows if s == step and t > begin]
    return np.array(found).T


def exact(cell, sentences, period=4.0):
    """Return the rows of a run whose steps are so short that straight lines join them."""
    _, record = run(cell, *sentences, tolerance=1e-5, max_step=period)
    return rows_of(record)[0]


def error(rows, reference, name, step):
    """Return the largest distance of straight lines between rows from the reference."""
    t, values = column(rows, name, step)
    t_ref, expected = column(reference, name, step)
    there = (t_ref > SETTLED) & (t_ref < t[-1])
    return np.abs(np.interp(t_ref[there], t, values) - expected[there]).max()


@pytest.fixture(scope="module")
def lithiated(half):
    _, record = run(half, *CURRENT, tolerance=1e-4, rows=SPACING)
    rows, accepted = rows_of(record)
    return half, rows, accepted, exact(half, CURRENT)


def test_the_voltage_is_that_of_a_run_with_short_steps(lithiated):
    _, rows, accepted, reference = lithiated
    steps = [row for row, mine in zip(rows, accepted, strict=True) if mine]
    assert error(rows, reference, V, 1) < 0.05e-3
    assert error(rows, reference, V, 2) < 0.05e-3
    # which straight lines between the accepted steps are not
    assert error(steps, reference, V, 1) > 10e-3
    assert error(steps, reference, V, 2) > 0.5e-3


def test_the_other_columns_belong_to_the_same_state(lithiated):
    cell, rows, _, reference = lithiated
    for name in (SOC, "Max Lithiation / 1", "Min Lithiation / 1"):
        assert error(rows, reference, name, 1) < 1e-4
    for _, _, row in rows:
        assert row[OCV] == pytest.approx(cell.equilibrium_voltage(row[SOC]), abs=1e-12)
        assert row["Min Lithiation / 1"] <= row[SOC] + 1e-9
        assert row[SOC] <= row["Max Lithiation / 1"] + 1e-9


def test_rows_are_no_farther_apart_than_asked(lithiated):
    cell, rows, _, _ = lithiated
    full = cell.charge_capacity / cell.active_mass / 3600.0
    assert 100 < len(rows) < 1000
    for step in (1, 2):
        _, volts = column(rows, V, step)
        _, charge = column(rows, Q, step)
        assert np.abs(np.diff(volts)).max() < 2.001e-3
        assert np.abs(np.diff(charge)).max() < 0.005001 * full
    times = [t for _, t, _ in rows]
    assert np.all(np.diff(times) > 0.0)


def test_no_row_lies_inside_a_jump_of_the_current(lithiated):
    _, rows, accepted, _ = lithiated
    for step in (1, 2):
        of_step = [k for k, (s, t, _) in enumerate(rows) if s == step and t > 0.0]
        assert accepted[of_step[0]]


def test_accepted_steps_are_what_they_are_without_rows_between(half):
    sentences = ("Lithiate at 2C for 100 s", "Rest for 10 s")
    _, with_rows = run(half, *sentences, rows=SPACING)
    _, without = run(half, *sentences)
    assert any(point.between for point in with_rows.points)
    assert not any(point.between for point in without.points)
    assert [p.t for p in with_rows.points] == [p.t for p in without.points]
    assert [p.row for p in with_rows.points] == [p.row for p in without.points]


POWERS = {"table": [[0, 0.2], [600, 0.8]], "unit": "mW/cm2"}  # 2 to 8 W/m2
HELD = {  # what is held, with the longest step of the reference and what stays one
    "voltage": ("Sweep at 2 mV/s until 400 mV", 0.5, None),
    "power": ("Discharge at 0.05 mW/cm2 until 300 mV", 8.0, lambda t, U, i: U * i / 0.5),
    "resistance": ("Discharge at 600 ohm cm2 until 300 mV", 8.0, lambda t, U, i: U / i / 0.06),
    "moving power": (
        {"profile": POWERS, "until": "300 mV"}, 4.0, lambda t, U, i: U * i / (2.0 + 0.01 * t),
    ),
}  # fmt: skip


@pytest.mark.parametrize("held", HELD)
def test_other_controls(half, held):
    item, period, law = HELD[held]
    rows = as_good_as_the_steps(half, item, period)
    if law is not None:
        kept = [law(t, row[V], row[I]) for _, t, row in rows if t > 0.0]
        assert kept == pytest.approx([1.0] * len(kept), rel=1e-6)


@pytest.mark.parametrize(
    ("sentence", "period"),
    [("Discharge at 1C for 20 minutes", 5.0), ("Sweep at 1 mV/s until 3.5 V", 2.0)],
)
def test_a_full_section(full, sentence, period):
    as_good_as_the_steps(full, sentence, period)


def as_good_as_the_steps(cell, item, period):
    """Check that rows between the steps are as near to a run with short steps as those are."""
    _, record = run(cell, item, tolerance=1e-4, rows=SPACING)
    rows, accepted = rows_of(record)
    steps = [row for row, mine in zip(rows, accepted, strict=True) if mine]
    assert len(rows) > len(steps) + 30
    reference = exact(cell, (item,), period)
    largest = max(abs(row[I]) for _, _, row in reference)
    for name, allowed in ((V, 0.2e-3), (I, 2e-3 * largest)):
        t, values = column(steps, name, 1)
        t_ref, expected = column(reference, name, 1)
        late = (t > SETTLED) & (t < t_ref[-1])
        of_steps = np.abs(np.interp(t, t_ref, expected) - values)[late].max()
        assert error(rows, reference, name, 1) < of_steps + allowed
    return rows


def test_stress_between_the_steps():
    cell = small_cell(n=2, mechanics=MechanicsOptions(two_way=False, degree=2))
    sentence = "Lithiate at 2C for 10 minutes"
    _, record = run(cell, sentence, tolerance=1e-4, rows=SPACING)
    rows, _ = rows_of(record)
    _, short = run(cell, sentence, tolerance=1e-4, max_step=20.0)
    reference = rows_of(short)[0]
    for name in ("Max von Mises Active / Pa", "Thickness Change / 1"):
        largest = max(abs(row[name]) for _, _, row in reference)
        assert error(rows, reference, name, 1) < 0.01 * largest


def test_what_a_film_resists_that_cracks_on_the_way():
    """Its largest area so far is that at the begin of a step, or the present one."""
    film = replace(
        get_preset("sei", "EC_Yang_2017"),
        i_0_sei=0.1, U_sei=0.8, D_solvent=1e-16, kappa_sei=4e-6, crack_strain=0.0,
    )  # fmt: skip
    cell, sentence = small_cell(n=2, sei={"active": film}), "Lithiate at 1C for 20 minutes"
    _, record = run(cell, sentence, tolerance=1e-4, rows=SPACING)
    rows, accepted = rows_of(record)
    assert not accepted.all()
    assert error(rows, exact(cell, [sentence]), V, 1) < 5e-5


@pytest.mark.parametrize("key", ["V", "phi_e"])
def test_a_state_in_balance_is_found_again(full, key):
    diagnostics = Diagnostics(full)
    run(full, "Discharge at 1C for 5 minutes", diagnostics=diagnostics)
    surfaces = Surfaces(full, diagnostics)
    state, shift = TerminalState(full.V.number(), full.I.number(), surfaces.through()), 0.02
    {"V": full.level, "phi_e": full.phi_e}[key].scaled.x.array[:] += shift
    guess = TerminalState(state.V + shift * (key == "V"), state.I, state.through)
    found = surfaces.balanced(guess, lambda _: state.I, {})
    assert pytest.approx(state.V, abs=2 * SMALL) == found.V
    assert found.I == state.I


@pytest.mark.mpi
def test_a_resumed_run_has_the_same_rows(half):
    steps, memory = ("Lithiate at 2C for 5 minutes", "Rest for 60 s"), EachCheckpoint()
    _, whole = run(half, *steps, rows=SPACING, checkpoints=memory)
    for at in (1, 4, 7):
        _, again = run(half, *steps, rows=SPACING, snapshot=memory.snapshots[at])
        rest = whole.points[1 + at :]
        assert any(point.between for point in rest)
        for found, expected in zip(rows_of(again)[0], rows_of_points(rest), strict=True):
            assert found[1] == pytest.approx(expected[1], rel=1e-10)
            for name, value in expected[2].items():
                assert found[2][name] == pytest.approx(value, rel=1e-9, abs=1e-10), (at, name)


def rows_of_points(points):
    record = Record()
    record.points = points
    return rows_of(record)[0]


def test_what_is_damaged_never_falls_and_what_is_lost_is_so_at_the_end_of_a_step():
    rows = [
        {
            "Damaged Share At Collector / 1": d,
            "Lost Active Area / 1": lost,
            "Particles above Toughness / 1": lost,
            "Voltage / V": V,
        }
        for d, lost, V in ((0.1, 0.0, 1.0), (0.6, 0.0, 0.9), (0.6, 0.3, 0.8))
    ]
    nodes = [_Node(t, row, ()) for t, row in enumerate(rows)]
    history = SimpleNamespace(weights=lambda t, times: lagrange(np.array(times) - t))
    inner = _Inner(nodes, [], "current", history, 0.0)
    found = inner.row(inner.weights(1.5))
    assert found["Damaged Share At Collector / 1"] == 0.6  # the parabola rises to 0.66
    assert found["Lost Active Area / 1"] == found["Particles above Toughness / 1"] == 0.0
    assert found["Voltage / V"] == pytest.approx(0.85)


@pytest.mark.mpi
@pytest.mark.ranks
def test_any_number_of_ranks_gives_the_same_rows(half):
    alone = small_cell(n=2, comm=MPI.COMM_SELF)
    sentence = "Lithiate at 2C for 10 minutes"
    ours, theirs = (run(cell, sentence, rows=SPACING)[1] for cell in (half, alone))
    for found, expected in zip(rows_of(ours)[0], rows_of(theirs)[0], strict=True):
        for name in (V, I, Q, SOC):
            assert found[2][name] == pytest.approx(expected[2][name], rel=1e-8, abs=1e-10), name
