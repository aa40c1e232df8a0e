"""If these fail, a hysteresis is lost on the way, or costs energy that nobody counts."""

from __future__ import annotations

from mpi4py import MPI

import pytest
from dolfinx import fem

from mesode.columns import MEAN_HYSTERESIS, VOLTAGE
from mesode.fields import Group
from mesode.model.diagnostics import Diagnostics
from mesode.model.processes.hysteresis import SurfaceHysteresis
from mesode.numerics.jit import compile_forms
from mesode.numerics.literals import with_constants
from support.branches import with_hysteresis
from support.moved import gradient, moving
from support.protocols import OneCheckpoint, assert_rows, run
from support.shown import shown
from support.small_cell import coated_arrays, film_coating, small_cell

STEPS = ("Lithiate at 1C for 10 minutes", "Rest for 2 minutes", "Delithiate at 1C for 4 minutes")


def hysteretic(model="one_state", **options):
    return small_cell(n=2, lithium=with_hysteresis(model), **options)


@pytest.mark.parametrize("model", ["one_state", "instant"])
def test_the_energy_of_a_loop_is_in_balance(model):
    cell = hysteretic(model)
    diagnostics = Diagnostics(cell)
    run(cell, *STEPS, diagnostics=diagnostics, tolerance=1e-5)
    assert diagnostics.balances()["energy"] < 1e-4
    assert diagnostics.balances()["lithium"] < 1e-8


@pytest.mark.mpi
def test_the_state_has_a_map_on_bare_and_coated_surfaces():
    cell = hysteretic(arrays=coated_arrays(2), coatings={"active": film_coating()})
    _, record = run(cell, STEPS[0], tolerance=1e-3)
    assert {"h", "h_coated"} <= {unknown.key for unknown in cell.unknowns}
    h = shown(cell, Group.ACTIVE, "hysteresis").x.array
    lowest = cell.domain.comm.allreduce(h.min(initial=1.0), op=MPI.MIN)
    mean = record.points[-1].row[MEAN_HYSTERESIS]
    assert -1.0 < lowest <= mean < -0.5
    assert cell.domain.comm.allreduce(h.max(initial=-1.0), op=MPI.MAX) <= 0.0


def test_a_host_without_branches_has_no_state():
    assert small_cell(n=2).find(SurfaceHysteresis) is None
    assert hysteretic().find(SurfaceHysteresis) is not None
    assert hysteretic("none").find(SurfaceHysteresis) is None


def test_on_a_section_that_moves_the_state_and_its_heat_are_those_of_what_passes():
    """Per area that there is: two sides of the square by 1.3 x 1.25, the others by 0.7 x 1.25."""
    further = (moving(gradient(((1.3, 0.0), (0.0, 0.7))), lambda_z=1.25),)
    cell = hysteretic(setup={"further": further})
    cell.reset()
    process, i_n, h = cell.find(SurfaceHysteresis), -2.0, 0.25
    ((unknown, row),) = process.terms()
    unknown.set(h)
    for passed in cell.charge_transfer.unknowns:
        passed.set(i_n)
    (form,) = compile_forms([with_constants(row)], cell.entity_maps)
    moved = cell.domain.comm.allreduce(fem.assemble_vector(form).array.sum())
    length = 2e-6 * 1.25 * (1.3 + 0.7)
    assert moved == pytest.approx(-(i_n - abs(i_n) * h) * length, rel=1e-9)
    (heat,) = process.heat()
    model = cell.materials.lithium("active").hysteresis
    gap = model.half_gap(sto=cell.initial["active"], T=300.0)
    lost = cell.integral(heat.density * heat.measure)
    assert lost == pytest.approx(i_n * length * (h - model.initial) * gap, rel=1e-9)


@pytest.mark.mpi
def test_a_resumed_run_has_the_same_state():
    cell = hysteretic()
    checkpoint = OneCheckpoint(14)
    _, whole = run(cell, *STEPS, checkpoints=checkpoint)
    _, again = run(cell, *STEPS, snapshot=checkpoint.snapshot)
    assert_rows(again.points, whole.last(len(again.points)), (VOLTAGE, MEAN_HYSTERESIS))
