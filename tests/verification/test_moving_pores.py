"""If these fail, a section that breathes pumps salt, or loses count of it.

The motion is prescribed. In the reference section the salt of a resting electrolyte is carried past
the points; what this must come to is known where the flow is: nothing happens to a concentration
that is the same everywhere, and a resting electrolyte keeps its profile in space.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import ufl

from mesode.materials.law import scaled
from mesode.model.cell import Cell
from mesode.model.diagnostics import Diagnostics
from mesode.model.process import Process
from mesode.numerics.newton import NewtonOptions
from support.grids import grid
from support.mms import HIGH, L, assert_order, l2_error, place
from support.moved import moving
from support.protocols import run
from support.small_cell import small_cell

PERIOD, WIDTH, HEIGHT = 400.0, 2.0, 3.0
OUT, SALT_OUT = "Electrolyte Squeezed Out / 1", "Salt Squeezed Out / 1"
LEAST, MOST = "Min Salt Concentration / mol.m-3", "Max Salt Concentration / mol.m-3"


def breath(X, Y, t):
    """Pores shrink by a third and more here and there, and come back; the ends stay."""
    s = 0.5 * (1 - np.cos(2 * np.pi * t / PERIOD))
    bulge = np.sin(np.pi * X / WIDTH) * np.sin(np.pi * Y / HEIGHT)
    return 0.12 * s * bulge, -s * (0.12 * Y + 0.18 * bulge)


@pytest.fixture(scope="module")
def breathing():
    return small_cell(n=2, setup={"further": (moving(breath, lambda_z=1.1),)})


def test_a_constant_concentration_stays_and_no_current_flows(breathing):
    tight = NewtonOptions(tolerance=1e-7)  # what is left over is salt that moves
    period = f"Rest for {2 * PERIOD} s"
    result, record = run(breathing, period, max_step=PERIOD / 20, newton=tight)
    assert result.status == "completed"
    rows = [point.row for point in record.points]
    for name in (LEAST, MOST):
        assert [row[name] for row in rows] == pytest.approx(np.full(len(rows), 1000.0), rel=1e-12)
    voltages = [row["Voltage / V"] for row in rows]
    assert voltages == pytest.approx(np.full(len(rows), voltages[0]), abs=1e-9)
    assert np.ptp([row[OUT] for row in rows]) > 0.1


def test_salt_inside_and_outside_is_constant_over_cycles_of_charge_and_motion(breathing):
    diagnostics = Diagnostics(breathing)
    half = [f"Lithiate at 4C for {PERIOD / 2} s", f"Delithiate at 4C for {PERIOD / 2} s"]
    result, record = run(breathing, *(3 * half), diagnostics=diagnostics)
    assert result.status == "completed"
    balances = diagnostics.balances()
    assert balances["salt"] < 1e-8
    assert balances["lithium"] < 1e-9
    assert balances["charge"] < 1e-9
    ends = [end.end for end in record.ends]
    assert min(row[SALT_OUT] for row in ends[::2]) > 0.1
    # it comes back, and no cycle takes more with it than the one before
    left = np.array([row[SALT_OUT] for row in ends[1::2]])
    assert np.abs(left).max() < 2e-3
    assert np.abs(np.diff(left, 2)).max() < 2e-4


def test_what_leaves_is_the_volume_that_pores_lose(breathing):
    _, record = run(breathing, f"Rest for {PERIOD / 2} s")
    grid_of = np.linspace(0.0, 1.0, 401)[1:] - 0.5 / 400
    X, Y = np.meshgrid(WIDTH * grid_of, HEIGHT * grid_of)
    host = (abs(X - 1) < 0.5) & (abs(Y - 1) < 0.5)
    rest = np.where(Y < 2.0, 0.6, 0.5)
    lost = np.where(host, 0.0, 1.0 - 1.1 * _volume(X, Y))
    expected = lost.sum() / rest[~host].sum()
    # displacements of degree two on a mesh of 0.5 um
    assert record.points[-1].row[OUT] == pytest.approx(expected, rel=0.01)


def _volume(X, Y, step=1e-5):
    """Return det F of the deepest breath."""
    ends = [
        np.subtract(breath(X + a, Y + b, PERIOD / 2), breath(X - a, Y - b, PERIOD / 2)) / (2 * step)
        for a, b in ((step, 0.0), (0.0, step))
    ]
    return (1 + ends[0][0]) * (1 + ends[1][1]) - ends[0][1] * ends[1][0]


# --- a piston over an open pore: the electrolyte stays where it is

TOP, STROKE = 2.0, 0.3
START, LENGTH = 0.5, 1.5  # where the pore begins, and how high it is


def piston(X, Y, t):
    """The top of the pore comes down, at an even speed, on a host that stays."""
    return 0.0 * X, -STROKE * (t / PERIOD) * np.maximum(Y - START, 0.0)


def profile(y):
    """Salt over that at rest, flat at the bottom and at the top of the pore."""
    return 1.0 + 0.2 * np.cos(np.pi * (y - START) / LENGTH)


class Profile(Process):
    """Gives the salt its profile at the start."""

    def __init__(self, cell):
        self._c_e = cell.c_e

    def reset(self):
        self._c_e.scaled.interpolate(lambda x: profile(x[1] / L))


def pushed(n):
    """Push the piston down; return the error of the profile, and the salt that has left."""
    template = small_cell(n=2)
    bulk = template.materials.electrolyte
    # nothing but the motion moves salt
    still = replace(bulk, D_e=scaled(bulk.D_e, 1e-9), kappa=scaled(bulk.kappa, 1e-9))
    materials = replace(template.materials, electrolyte=still)
    domain = grid(n, (("active", START), ("pore", LENGTH)), width=0.5)
    setup = replace(template.setup, further=(moving(piston), Profile))
    cell = Cell(domain, materials, setup)
    result, record = run(cell, f"Rest for {PERIOD} s", tolerance=1e-6, max_step=PERIOD / 80)
    assert result.status == "completed"
    _, Y, _ = place(cell.domain)
    exact = 1.0 + 0.2 * ufl.cos(np.pi * (1.0 - STROKE) * (Y - START) / LENGTH)
    pore = cell.domain.dx(metadata=HIGH)(cell.domain.phases["pore"])
    error = l2_error(cell.c_e.value / 1000.0, exact, pore, cell.entity_maps)
    return error, record.points[-1].row[SALT_OUT]


def test_a_resting_electrolyte_stays_where_it_is_while_its_pore_is_pushed_together():
    errors, left = zip(*(pushed(n) for n in (8, 16)), strict=True)
    assert errors[0] < 5e-3
    # with no diffusion at all linear elements are between first and second order: 1.74, then 1.60
    assert_order([8, 16], errors, -1.75, slack=0.3)
    pushed_out = STROKE - 0.2 / np.pi * np.sin(np.pi * (1 - STROKE))
    assert left[1] == pytest.approx(pushed_out, rel=1e-3)
