"""If these fail, the tables of the benchmark divide one thing by another that is not its like."""

from __future__ import annotations

import numpy as np
import pytest

from mesode.bench.measure import Costs, Measured
from mesode.bench.tables import cost_table, exponents, ratios, units


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


def test_finite_mechanics_has_its_share_of_a_time_step():
    following = {"dofs": 14_000, "pieces": 40, "failed": 1, "iterations": 300, "cpu": 1.2}
    lines = cost_table([measured(), measured(mechanics="finite", following=following)])
    told = {line[: line.index("  ")]: line.split()[-2:] for line in lines if "  " in line}
    assert told["unknowns of mechanics"] == ["-", "14000"]
    assert told["per step, mechanics / ms of processor"] == ["-", "40.0"]
    assert told["per step, all else / ms of processor"] == ["-", "23.3"]
    assert not any("of mechanics" in line for line in cost_table([measured()]))
