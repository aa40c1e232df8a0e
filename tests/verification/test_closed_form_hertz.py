"""If these fail, bodies that meet through a pore press on each other as no bodies in contact do.

Two discs in plane strain, pressed together by a layer that grows under a fixed top. Hertz's line
contact, force F per depth::

    p_0 = sqrt(F E' / (pi R)),   1/R = 1/R_1 + 1/R_2,   1/E' = (1 - nu_1^2)/E_1 + (1 - nu_2^2)/E_2

The medium keeps the share J of the gap where it bears, so that only (1 - J) x^2 / 2R is closed: the
peak is that of the radius R / (1 - J), lower by sqrt(1 - J). F is read from the grown layer, the
peak from the medium. With J_c = 0.1 what is left falls from 2.7 % to 1 % with half of the
indentation, and to -3 % with a quarter, where the contact is narrow for this mesh; finer meshes and
gaps move the peak by 0.3 %. Discs of unlike size and moduli lie 3 to 6 % above, less at smaller
loads, and are not in this test.
"""

from __future__ import annotations

from dataclasses import replace
from math import pi, sqrt

import numpy as np
import pytest

from mesode.materials.law import constant
from mesode.model.processes.finite_mechanics import FiniteOptions
from mesode.physics.solid.third_medium import ThirdMedium
from support.grids import grid_arrays
from support.small_cell import law, numbered, small_cell

BASE, WIDTH = 0.2, 0.7  # [um] height of what grows; width of half the section
R_1, R_2 = 1.0, 1.0  # [um]
E_1, E_2, NU = 1e10, 1e10, 0.3
PRESSED = 0.05  # [um]


def graded(t):
    """Return 0 to 1, with the finest steps at 0."""
    return np.sinh(5 * t) / np.sinh(5)


def discs(nx, ny, gap):
    """Return half of two discs, cut at the width and at their centres, over a layer that grows."""
    layers = (("active", 1), ("carbon_binder", ny), ("pore", 1), ("second", ny), ("separator", 1))
    arrays = numbered(grid_arrays(1, layers, width=nx))
    i, j = arrays.points.T
    x = WIDTH * graded(i / nx)
    high = BASE + R_1 + gap + R_2
    low_line = np.sqrt(R_1**2 - x**2)  # over the centre
    high_line = np.sqrt(R_2**2 - x**2)  # under it
    below = BASE + low_line * (1 - graded(np.clip((ny + 1 - j) / ny, 0, 1)))
    above = high - high_line * (1 - graded(np.clip((j - ny - 2) / ny, 0, 1)))
    y = np.where(j <= ny + 1, below, above)
    y = np.where(j == 0, 0.0, np.where(j > 2 * ny + 2, high + 0.2, y))
    top = arrays.facet_tag == arrays.boundaries["top"]
    kept = ~top | (arrays.points[arrays.facets][:, :, 1] == 2 * ny + 2).all(axis=1)
    return replace(
        arrays,
        points=np.column_stack([x, y]),
        facets=arrays.facets[kept],
        facet_tag=arrays.facet_tag[kept],
    )


def elastic(E):
    return {"E": constant(E, "Pa"), "nu": constant(NU, "1"), "swelling": constant(0.0, "1")}


def peak(nx, ny, gap, **medium):
    """Return the peak pressure over Hertz's, and the share of the gap that is left there."""
    grows = elastic(E_1) | {"swelling": law(lambda *, sto, ops: sto, "sto")}
    cell = small_cell(
        arrays=discs(nx, ny, gap),
        solids={"active": grows, "carbon_binder": elastic(E_1), "second": elastic(E_2)},
        mechanics=FiniteOptions(fixed=True, medium=ThirdMedium(**medium)),
    )
    cell.sto["active"].set(cell.initial["active"] + (PRESSED + gap) / BASE)
    cell.follow(1.0)
    mechanics = cell.mechanics
    tags = cell.domain.cell_tag[mechanics.domain.cells]
    s_yy, J = mechanics.stress.compute()[:, 1], mechanics.local.compute()[:, 0]
    base, pore = tags == cell.tag("active"), tags == cell.tag("pore")
    F = -2 * (mechanics.stress.sizes[base] @ s_yy[base]) / (BASE * 1e-6)
    E = 1 / ((1 - NU**2) / E_1 + (1 - NU**2) / E_2)
    R = 1e-6 / (1 / R_1 + 1 / R_2)
    return -s_yy[pore].min() / sqrt(F * E / (pi * R)), float(J[pore].min())


@pytest.mark.parametrize("closed", [0.3, 0.03])
def test_two_discs_press_as_hertz_says(closed):
    found, left = peak(36, 18, 1e-3, closed=closed, stiffness=1e-5, folding=1e-6)
    assert left < closed
    assert found == pytest.approx(sqrt(1 - left), rel=0.04)
