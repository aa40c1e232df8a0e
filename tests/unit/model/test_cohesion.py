"""If these fail, bodies come off where they are held, stay together where they are not, or a run
that is resumed forgets what has come off.
"""

from __future__ import annotations

from mpi4py import MPI

import numpy as np
import pytest
from dolfinx import fem

from mesode.materials.law import constant
from mesode.model.diagnostics import Diagnostics
from mesode.model.field_groups import FieldGroups
from mesode.model.processes.finite_mechanics import FiniteOptions
from mesode.model.stretched_foil import Foil
from mesode.numerics.jit import compile_forms
from mesode.numerics.literals import with_constants
from mesode.physics.solid import cohesive
from support.grids import grid_arrays
from support.protocols import OneCheckpoint, run
from support.small_cell import BLOCK, law, small_cell

PORES = (("carbon_binder", 1.0), ("pore", 1.5), ("separator", 0.5))
SHARES = [
    f"Damaged Share {kind} / 1"
    for kind in ("Between Particles", "Particle to Binder", "At Collector")
]
WORK = "Debonding Work / J.m-2"


def sticks(toughness):
    return {"adhesion_strength": 2e7, "adhesion_toughness": toughness}


def film(*below, toughness=0.2):
    """A film on what is below it, under a lid that stays; it grows by J = 0.9 + sto."""
    host = {"swelling": law(lambda *, sto, ops: sto, "sto"), **sticks(toughness)}
    arrays = grid_arrays(2, (*below, ("active", 1.0), ("separator", 1.0)), width=1.0)
    options = FiniteOptions(fixed=True, two_way=False)
    return small_cell(arrays=arrays, mechanics=options, solids={"active": host})


def particle(toughness=0.2, foil=None):
    """A particle in binder, under pores, that meets both."""
    arrays = grid_arrays(2, PORES, width=2.0, block=BLOCK)
    flows = {"yield_strength": constant(2e7, "Pa"), "hardening": 1e7}
    solids = {
        "active": {"yield_strength": constant(1e9, "Pa")},
        "carbon_binder": {**flows, **sticks(toughness)},
    }
    options = FiniteOptions(two_way=False, foil=foil)
    return small_cell(arrays=arrays, mechanics=options, solids=solids)


def go(cell, *way):
    for sto in way:
        cell.sto["active"].set(sto)
        cell.follow(cell.follower.memory.t + 1.0)
    return Diagnostics(cell).row()


@pytest.mark.parametrize(("below", "joint"), [((("carbon_binder", 1.0),), 1), ((), 2)])
def test_a_film_that_shrinks_comes_off_what_is_below_it(below, joint):
    cell = film(*below)
    row = go(cell, 0.0, -0.2)  # lower by more than the 20 nm at which all is lost
    expected = [float(k == joint) for k in range(3)]
    assert [row[name] for name in SHARES] == pytest.approx(expected, abs=1e-12)
    assert row[WORK] == pytest.approx(0.2, rel=1e-12)
    # the viscosity alone, r dln(delta)/dJ of the strength: it opens by a third in the last piece
    assert abs(cell.mechanics.stress.compute()[:, 1]).max() < cohesive.RELAXATION * 2e7 / 0.1
    # it bears on what it has come off, as one that never has
    whole = film(*below, toughness=200.0)
    pressed = [go(each, 0.11)["Max von Mises Active / Pa"] for each in (cell, whole)]
    assert pressed[0] == pytest.approx(pressed[1], rel=1e-2)


FOIL = Foil(thickness=1e-7, E=1e9, nu=0.3)  # soft, so that it stretches by some per cent


def test_a_foil_that_stretches_turns_the_joints():
    """Rows are slopes of the energy at a given damage, where joints are pressed and slide."""
    cell = particle(foil=FOIL)
    mechanics = cell.mechanics
    (seam,) = (seam for seam in mechanics.cohesions.seams if seam.between)
    u, kappa = mechanics.u.scaled, mechanics.foil.widening
    block = cell.domain.cell_tag[mechanics.domain.cells] == cell.domain.phases["active"]
    u.interpolate(lambda x: 1e5 * np.stack([-x[1], 2 * x[0]]))  # turned and sheared, in um
    moved = lambda x: np.stack([0.01 - 1e5 * x[1], 2e5 * x[0] - 0.02])  # noqa: E731
    u.interpolate(moved, cells0=np.flatnonzero(block).astype(np.int32))
    seam.damage.value.x.array[:] = 0.5

    def energy(value):
        kappa.set(value)
        return cell.integral(seam.energy)

    step, at = 1e-5, 0.03
    slope = (energy(at + step) - energy(at - step)) / (2 * step)
    kappa.set(at)
    # of the row the test function is 1
    (form,) = compile_forms([with_constants(seam.widening_row(friction=False))], cell.entity_maps)
    row = fem.assemble_vector(form).array.sum()
    assert abs(slope) > 1e-6
    assert row == pytest.approx(slope, rel=1e-6)
    # so is that of the displacement, which an impedance asks for: by a change of it
    change, before = np.sin(np.arange(len(u.x.array))), u.x.array.copy()

    def moved_by(amount):
        u.x.array[:] = before + amount * change
        return cell.integral(seam.energy)

    slope = (moved_by(step) - moved_by(-step)) / (2 * step)
    u.x.array[:] = before
    (form,) = compile_forms([with_constants(seam.held_row)], cell.entity_maps)
    row = mechanics.u.scale * (fem.assemble_vector(form).array @ change)
    assert abs(slope) > 1e-6
    assert row == pytest.approx(slope, rel=1e-6)


@pytest.mark.parametrize("foil", [None, FOIL])
def test_work_is_neither_made_nor_lost_and_damage_is_shown(foil):
    cell = particle(foil=foil)
    cell.reset()
    diagnostics = Diagnostics(cell)
    for t, sto in enumerate((*np.linspace(0.1, 0.5, 9)[1:], *np.linspace(0.5, 0.1, 9)[1:])):
        cell.sto["active"].set(sto)
        cell.follow(t + 1.0)
        diagnostics.update_balances()
    assert diagnostics.row()[SHARES[1]] > 0.3
    assert diagnostics.balances()["work"] < 5e-3
    group = next(g for g in FieldGroups(cell).all() if "damage" in [f.name for f in g.functions])
    group.update()
    damage = next(f for f in group.functions if f.name == "damage").x.array
    assert 0.3 < cell.domain.comm.allreduce(damage.max(initial=0.0), op=MPI.MAX) <= 1.0
    pores = cell.domain.cell_tag[group.domain.cells] == cell.domain.phases["pore"]
    assert not damage[pores].any()


def test_a_particle_that_has_come_off_all_others_stays_near():
    """In a matrix without pores nothing else holds it: it rattles in its hole over two cycles."""
    flows = {"yield_strength": constant(2e7, "Pa"), "hardening": 1e7}
    host = {"swelling": law(lambda *, sto, ops: sto, "sto"), "yield_strength": constant(1e9, "Pa")}
    solids = {"active": host, "carbon_binder": {**flows, **sticks(0.01)}}
    cell = small_cell(n=2, mechanics=FiniteOptions(two_way=False), solids=solids)
    cell.reset()
    (seam,) = (seam for seam in cell.mechanics.cohesions.seams if seam.between)
    seam.damage.value.x.array[:] = 1.0
    seam.damage.reject()
    go(cell, 0.0, -0.2, -0.1, 0.1, 0.2, 0.0, -0.2)
    # of 1 um, and smaller than its hole by a tenth
    assert abs(cell.mechanics.u.scaled.x.array).max() < 0.2


def test_what_hardly_grows_finds_its_balance():
    """The first time steps after a current has turned are that short."""
    cell = particle()
    go(cell, 0.5)
    failed = cell.follower.counts.failed
    for growth in (1e-8, 1e-10, 1e-12):
        go(cell, 0.5 - growth)
    assert cell.follower.counts.failed == failed


# the last one begins another cycle
STEPS = (
    "Lithiate at 2C for 4 minutes",
    "Delithiate at 2C for 1 minute",
    "Lithiate at 2C for 1 minute",
)


@pytest.mark.mpi
def test_a_resumed_run_goes_on_in_the_middle_of_damage():
    _, whole = run(particle(0.01), *STEPS, tolerance=1e-2)
    damage = [point.row[SHARES[1]] for point in whole.points]
    checkpoint = OneCheckpoint(next(k for k, d in enumerate(damage) if d > 0.0))
    run(particle(0.01), *STEPS, tolerance=1e-2, checkpoints=checkpoint)
    _, again = run(particle(0.01), *STEPS, tolerance=1e-2, snapshot=checkpoint.snapshot)
    rest = whole.points[len(whole.points) - len(again.points) :]
    assert len(again.points) >= 3
    assert 0.0 < again.points[0].row[SHARES[1]] < rest[-1].row[SHARES[1]] < 1.0
    for point, expected in zip(again.points, rest, strict=True):
        for name, value in expected.row.items():
            assert point.row[name] == pytest.approx(value, rel=1e-9, abs=1e-13)
