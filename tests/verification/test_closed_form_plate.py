"""If these fail, a lid or a stack presses an electrode otherwise than its springs and pads say.

A film that cannot widen, under a plate: one-dimensional, so that all of it gives way in series.
"""

from __future__ import annotations

import pytest
from dolfinx import fem

from mesode.model.processes.finite_mechanics import FiniteOptions
from mesode.model.top_load import PENETRATION, Plate
from support.growing_film import GROWTH, NU, E, T, grown
from support.solve import integral

M = E * (1 - NU) / ((1 + NU) * (1 - 2 * NU))  # held at its sides
FREE = T * GROWTH * (1 + NU) / (3 * (1 - NU))  # rise without a plate [m]
TOUCH = PENETRATION * T / E  # give of the contact [m/Pa]
STIFF = 5e14  # [Pa/m]


def pressed(plate, preload):
    """Let the film grow under a plate; return the row and the error of the work."""
    row, _, missing = grown(FiniteOptions(plate=plate, pressure=preload))
    return row, missing


@pytest.mark.parametrize(
    ("plate", "preload", "gap"),
    [
        (Plate(), 0.0, 0.0),
        (Plate(height=T + 3e-10), 0.0, 3e-10),
        (Plate(stiffness=STIFF), 0.0, 0.0),
        (Plate(stiffness=STIFF), 1e6, 0.0),
        (Plate(stiffness=STIFF, gap=3e-10), 0.0, 3e-10),
    ],
)
def test_a_film_presses_by_what_it_cannot_rise(plate, preload, gap):
    """p = p_0 + K w, and w + (T/M + 1/k) p = FREE - gap."""
    row, missing = pressed(plate, preload)
    give, pads = T / M + TOUCH, 1 / plate.stiffness
    expected = (preload * pads + FREE - gap) / (give + pads)
    assert row["Stack Pressure / Pa"] == pytest.approx(expected, rel=1e-3)
    assert row["Thickness Change / 1"] == pytest.approx((FREE - expected * T / M) / T, abs=1e-6)
    assert missing < 1e-4


def test_a_plate_that_is_not_reached_does_not_press():
    row, missing = pressed(Plate(gap=2 * FREE, stiffness=STIFF), 0.0)
    assert row["Stack Pressure / Pa"] == 0.0
    assert row["Thickness Change / 1"] == pytest.approx(FREE / T, rel=1e-3)
    assert missing < 1e-4


def test_a_pressure_does_its_work_as_it_rises():
    """Half of p times the rise; all of it is stored, most of it in the state at rest already."""
    row, missing = pressed(Plate(stiffness=0.0), 1e8)
    assert row["Thickness Change / 1"] == pytest.approx((FREE - 1e8 * T / M) / T, rel=0.02)
    assert missing < 1e-4  # the work is 4e-3


@pytest.mark.parametrize("plate", [Plate(), Plate(stiffness=STIFF)])
def test_a_plate_keeps_half_of_its_push_times_its_give(plate):
    """p^2/(2k) in the contact, p^2/(2K) in the pads, per area of a plate without a preload."""
    row, mechanics, _ = grown(FiniteOptions(plate=plate))
    width = integral(fem.Constant(mechanics.parent.mesh, 1.0) * mechanics.top)
    p, k = row["Stack Pressure / Pa"], E / (PENETRATION * T)
    kept = integral(mechanics.load.stored(), mechanics.entity_maps)
    assert kept == pytest.approx(
        p**2 / 2 * (1 / k + 1 / plate.stiffness) * width, rel=1e-4, abs=0.0
    )
