"""If these fail, bodies that meet through a pore press on each other as no bodies in contact do.

Two discs in plane strain, pressed together by a layer that grows under a fixed top. Hertz's line
contact, force F per depth::

    p_0 = sqrt(F E' / (pi R)),  b = sqrt(4 F R / (pi E')),  p = p_0 sqrt(1 - x^2/b^2)
    1/R = 1/R_1 + 1/R_2,   1/E' = (1 - nu_1^2)/E_1 + (1 - nu_2^2)/E_2

The medium keeps the share J of the gap where it bears, so that only (1 - J) x^2 / 2R is closed:
peak and half-width are those of the radius R / (1 - J). F is read from the grown layer; the peak
and the half-width, twice the root of the mean of x^2, from the triangles at both surfaces. The
viscosity of the medium bears a load beside the contact, the larger a part the less the discs are
pressed: it is next to nothing here. What is left of the peak of unlike discs is the size of the
bodies: 2.3, 1.4, 0.6 % for b of 0.11, 0.07, 0.05 of the width, at twice and half the load. A mesh
that is half as fine again, or a third of the gap, moves it by 0.1 %, and the half-width by 0.3 %.

In the medium of unlike discs, which shears as they spread unlike, the pressure is that of contact
in the mean of the two triangles across the gap alone: each is up to 10 % above or below.
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
NU = 0.3
PRESSED = 0.0125  # [um]
NX, NY, GAP = 24, 12, 1e-3  # triangles along x and y; the gap [um]


def graded(t):
    """Return 0 to 1, with the finest steps at 0."""
    return np.sinh(5 * t) / np.sinh(5)


def discs(R):
    """Return half of two discs, cut at the width and at their centres, over a layer that grows."""
    layers = (("active", 1), ("carbon_binder", NY), ("pore", 1), ("second", NY), ("separator", 1))
    arrays = numbered(grid_arrays(1, layers, width=NX))
    i, j = arrays.points.T
    x = WIDTH * graded(i / NX)
    high = BASE + R[0] + GAP + R[1]
    low_line, high_line = (np.sqrt(r**2 - x**2) for r in R)  # over the one centre, under the other
    below = BASE + low_line * (1 - graded(np.clip((NY + 1 - j) / NY, 0, 1)))
    above = high - high_line * (1 - graded(np.clip((j - NY - 2) / NY, 0, 1)))
    y = np.where(j <= NY + 1, below, above)
    y = np.where(j == 0, 0.0, np.where(j > 2 * NY + 2, high + 0.2, y))
    top = arrays.facet_tag == arrays.boundaries["top"]
    kept = ~top | (arrays.points[arrays.facets][:, :, 1] == 2 * NY + 2).all(axis=1)
    return replace(
        arrays,
        points=np.column_stack([x, y]),
        facets=arrays.facets[kept],
        facet_tag=arrays.facet_tag[kept],
    )


def elastic(E):
    return {"E": constant(E, "Pa"), "nu": constant(NU, "1"), "swelling": constant(0.0, "1")}


class Pressed:
    """Two discs after they have been pressed together: force ``F`` [N/m], share of the gap left."""

    def __init__(self, R, E, closed):
        grows = elastic(E[0]) | {"swelling": law(lambda *, sto, ops: sto, "sto")}
        medium = ThirdMedium(closed=closed, stiffness=1e-5, folding=1e-6, viscosity=1e-7)
        cell = small_cell(
            arrays=discs(R),
            solids={"active": grows, "carbon_binder": elastic(E[0]), "second": elastic(E[1])},
            mechanics=FiniteOptions(fixed=True, medium=medium),
        )
        cell.sto["active"].set(cell.initial["active"] + (PRESSED + GAP) / BASE)
        cell.follow(1.0)
        mechanics = cell.mechanics
        self._cell, self._tags = cell, cell.domain.cell_tag[mechanics.domain.cells]
        geometry = mechanics.domain.mesh.geometry
        self._corners = 1e6 * geometry.x[geometry.dofmaps[0]][:, :, :2]
        self._s_yy = mechanics.stress.compute()[:, 1]
        base = self._tags == cell.tag("active")
        self.F = -2 * (mechanics.stress.sizes[base] @ self._s_yy[base]) / (BASE * 1e-6)
        self.left = mechanics.local.compute()[self._in("pore"), 0].min()

    def _in(self, phase):
        return self._tags == self._cell.tag(phase)

    def pressure(self, phase, R=None, centre=None):
        """Return x and width [m] and pressure of triangles, of those with a side on a disc."""
        chosen = self._in(phase)
        if R is not None:
            off = np.hypot(self._corners[:, :, 0], self._corners[:, :, 1] - centre) - R
            chosen &= (abs(off) < 1e-6).sum(axis=1) == 2
        x = 1e-6 * self._corners[chosen][:, :, 0]
        return x.mean(axis=1), np.ptp(x, axis=1), -self._s_yy[chosen]


@pytest.mark.parametrize(
    ("R", "E", "closed", "wider"),
    [
        ((1.0, 1.0), (1e10, 1e10), 0.3, 0.05),  # at its edge more of the gap is left
        ((1.0, 2.0), (1e10, 3e10), 0.03, 0.01),
    ],
)
def test_two_discs_press_as_hertz_says(R, E, closed, wider):
    pressed = Pressed(R, E, closed)
    F, left = pressed.F, pressed.left
    assert 0.6 * closed < left < closed
    modulus = 1 / sum((1 - NU**2) / e for e in E)
    radius = 1e-6 / sum(1 / r for r in R) / (1 - left)
    p_0, b = sqrt(F * modulus / (pi * radius)), sqrt(4 * F * radius / (pi * modulus))
    widths = []
    for phase, r, centre in (
        ("carbon_binder", R[0], BASE),
        ("second", R[1], BASE + R[0] + GAP + R[1]),
    ):
        x, dx, p = pressed.pressure(phase, r, centre)
        near = x < 1.3 * b  # beyond is what else the discs bear
        widths.append(2 * sqrt((p * x**2 * dx)[near].sum() / (p * dx)[near].sum()))
        assert p.max() == pytest.approx(p_0, rel=0.02)
    assert np.mean(widths) == pytest.approx(b, rel=wider)
    _, dx, p = pressed.pressure("pore")
    assert (p * dx).sum() == pytest.approx(F, rel=0.015)  # two triangles across the gap, half of F
