"""If these fail, the benchmark measures another case than it says, or its table misleads."""

from __future__ import annotations

import time

from mpi4py import MPI

import numpy as np
import pytest

from mesode.bench.measure import Costs, Measured, bench_case, estimated_dofs, measure
from mesode.bench.tables import cost_table, exponents, ratios, units
from mesode.cli.main import main
from mesode.geometry.request import section_request
from mesode.geometry.section import build_section

pytestmark = pytest.mark.serial


def measured(**changes):
    values = {
        "dofs": 1000,
        "cells": 800,
        "ranks": 1,
        "mechanics": "none",
        "geometry": 0.5,
        "model": 1.0,
        "first_step": 0.1,
        "costs": Costs(
            residual=0.004, jacobian=0.02, lu_first=0.2, lu=0.05, solve=0.006, unit_cpu=0.0095
        ),
        "loop": 2.0,
        "loop_cpu": 1.9,
        "counts": {"time_steps": 30, "iterations": 150, "residuals": 200, "jacobians": 12},
        "memory": 0.3,
    }
    return Measured(**(values | changes))


def test_the_case_has_about_the_unknowns_asked_for():
    case = bench_case(40_000)
    section = build_section(section_request(case))
    edge = 1e6 * case.mesh.interface
    assert estimated_dofs(section, edge) == pytest.approx(40_000, rel=0.03)
    assert edge < 0.2


def test_mechanics_leaves_the_mesh_as_it_is():
    alone, coupled = bench_case(5_000), bench_case(5_000, "two_way", 2)
    assert (coupled.mesh, coupled.geometry) == (alone.mesh, alone.geometry)
    assert coupled.physics.stress_coupling == "two_way"
    assert coupled.numerics.displacement_degree == 2


def test_a_measurement_of_the_start_is_complete():
    began = time.time()
    found = measure(bench_case(2_000), MPI.COMM_SELF, began, startup=True)
    assert found.counts["time_steps"] == 1
    assert found.costs is None
    assert 0.0 < found.first_step < found.to_first_step < time.time() - began + 1e-3
    assert Measured.from_dict(found.to_dict()) == found
    assert any("unknowns" in line for line in cost_table([found]))


def test_units_are_the_loop_over_residual_and_solve():
    assert units(measured()) == pytest.approx(200.0)
    line = next(text for text in cost_table([measured()]) if "time loop / units" in text)
    assert line.split()[-1] == "200"
    line = next(text for text in cost_table([measured()]) if "by processor time" in text)
    assert line.split()[-1] == "200"


def test_ratios_compare_like_with_like():
    columns = [
        measured(),
        measured(ranks=2, loop=1.25),
        measured(mechanics="two_way P1", loop=5.0, loop_cpu=3.8),
    ]
    lines = ratios(columns)
    assert len(lines) == 2
    assert "1.60 in wall time" in lines[0]
    assert "2.50 in wall time, 2.00 in processor time" in lines[1]


def test_the_exponent_is_that_of_the_cost():
    columns = [measured(dofs=n, loop=1e-5 * n**1.25) for n in (10_000, 100_000, 1_000_000)]
    assert exponents(columns)[0] == "time loop: proportional to unknowns^1.25"
    assert np.isfinite([m.loop for m in columns]).all()


def test_a_number_that_makes_no_sense(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["bench", "--dofs", "-5"])
    assert stop.value.code == 2
    assert "--dofs" in capsys.readouterr().err
