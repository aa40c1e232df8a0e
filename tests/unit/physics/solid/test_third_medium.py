"""If these fail, open pores hold the particles apart, or closed ones let them pass through."""

from __future__ import annotations

import numpy as np
import pytest
import ufl
from dolfinx import fem

from mesode.physics.solid import third_medium
from mesode.physics.solid.growth import Deformation
from mesode.physics.solid.third_medium import ThirdMedium
from support.grids import grid
from support.solve import integral
from support.ufl_numbers import number, values

MEDIUM = ThirdMedium()


def state(F, stretch=1.0):
    """A deformation of numbers."""
    return Deformation(*(ufl.as_ufl(float(v)) for v in (*np.ravel(F), stretch)))


def energy(F, stretch=1.0):
    at = state(F, stretch)
    return values(third_medium.energy(MEDIUM, at) + third_medium.barrier(MEDIUM, at))[0]


def squeezed(ratio):
    return energy(np.diag([1.0, ratio]))


def pressure(ratio, h=1e-6):
    """Pressure over the modulus of the softest solid, on a pore of this height."""
    return -(squeezed(ratio + h) - squeezed(ratio - h)) / (2 * h)


def test_at_rest_there_is_no_stress():
    assert squeezed(1.0) == 0.0
    assert pressure(1.0) == pytest.approx(0.0, abs=1e-12)


def test_open_pores_are_soft():
    assert pressure(0.5) < MEDIUM.stiffness
    # by hand: g / 2 (1 / r - r)
    assert pressure(0.5) == pytest.approx(MEDIUM.stiffness / 2 * (2.0 - 0.5), rel=1e-6)


def test_closed_pores_are_stiff():
    # the barrier carries a stress like the yield stress of the binder, E_b / 100
    ratios = np.array([0.25, 0.2, 0.1, 0.05])
    found = np.array([pressure(r) for r in ratios])
    by_hand = MEDIUM.stiffness / 2 * (1 / ratios - ratios)
    by_hand -= MEDIUM.barrier * np.log(ratios / MEDIUM.closed) / ratios
    assert found == pytest.approx(by_hand, rel=1e-5)
    assert found[-1] > 0.2


def test_a_rotation_costs_nothing():
    turn = np.array([[0.0, -1.0], [1.0, 0.0]])
    assert energy(turn) == pytest.approx(0.0, abs=1e-18)


def test_stretch_along_z_counts():
    assert energy(np.eye(2), 1.2) == pytest.approx(
        MEDIUM.stiffness / 4 * (1.2**2 - 1 - 2 * np.log(1.2)), rel=1e-12
    )


@pytest.mark.parametrize("closed", [0.3, 1.5])
def test_the_stress_that_is_shown_is_the_slope_of_the_energy(closed):
    """Cauchy stress dW/dF F^T / J, the barrier summed over its rules: open and nearly closed."""
    medium, E_b, h = ThirdMedium(closed=closed), 3e9, 1e-6
    F = np.array([[0.9, 0.3, 0.0], [-0.1, 0.8, 0.0], [0.0, 0.0, 1.1]])

    def density(F):
        at = state(F[:2, :2], F[2, 2])
        barrier = third_medium.RULES * third_medium.barrier(medium, at)
        return E_b * values(third_medium.energy(medium, at) + barrier)[0], at

    P = np.zeros((3, 3))
    for i, j in [*np.ndindex(2, 2), (2, 2)]:
        step = np.zeros((3, 3))
        step[i, j] = h
        P[i, j] = (density(F + step)[0] - density(F - step)[0]) / (2 * h)
    sigma = P @ F.T / np.linalg.det(F)
    xx, yy, zz, xy = values(*third_medium.cauchy(medium, density(F)[1], E_b))
    assert (np.linalg.det(F) < closed) == (closed > 1)
    found = [[xx, xy, 0.0], [xy, yy, 0.0], [0.0, 0.0, zz]]
    np.testing.assert_allclose(found, sigma, rtol=1e-6, atol=1e-6 * abs(sigma).max())


def test_folding_and_viscosity_take_what_their_laws_say():
    """Of u = (x^2, x y) / um in a square of 1 um, by hand."""
    domain, um = grid(2), 1e-6
    u = fem.Function(fem.functionspace(domain.mesh, ("Lagrange", 2, (2,))))
    u.interpolate(lambda x: np.stack([x[0] ** 2, x[0] * x[1]]) / um)
    length, growth = 3e-7, 1 / 0.02
    # Grad Grad u has the entries 2, 1, 1 over um; |Grad u|^2 is (4 x^2 + y^2 + x^2) / um^2
    folding = third_medium.folding_energy(MEDIUM, u, length) * domain.dx
    by_hand = MEDIUM.folding / 2 * length**2 * 6 / um**2 * um**2
    assert integral(folding, []) == pytest.approx(by_hand, rel=1e-10, abs=0.0)
    friction = third_medium.friction(MEDIUM, state(np.eye(2)), ufl.grad(u), growth) * domain.dx
    assert integral(friction, []) == pytest.approx(
        MEDIUM.viscosity / 2 * growth * 2 * um**2, rel=1e-10, abs=0.0
    )


@pytest.mark.parametrize(
    ("F", "stretch", "share"),
    [
        (np.eye(2), 1.0, 1.0),
        # wider in all: tr C = 3 * 1.44
        (1.2 * np.eye(2), 1.2, 1 / 1.44),
        # a gap that closes: tr C is less than 3
        (np.diag([1.0, 0.4]), 1.0, 1.0),
        # drawn out along walls that press on each other: (64 + 0.0025 + 1) / 3
        (np.diag([8.0, 0.05]), 1.0, 3 / 65.0025),
        # sheared, and turned by a right angle: (1 + 1 + 9 + 1) / 3
        (np.array([[0.0, -1.0], [1.0, 3.0]]), 1.0, 0.25),
    ],
)
def test_viscosity_falls_where_the_medium_is_drawn_out(F, stretch, share):
    g = ufl.as_matrix(((0.01, 0.0), (0.03, 0.0)))
    found = number(third_medium.friction(MEDIUM, state(F, stretch), g, 20.0))
    assert found == pytest.approx(share * MEDIUM.viscosity / 2 * 20.0 * 1e-3, rel=1e-9)


def test_viscosity_is_the_slope_of_its_potential_pushed_forward():
    """By hand, of a strip that is twice as long: P = eta w E_b Grad du / dJ_g, P F^T / J."""
    at, before = state([[2.0, 0.0], [0.0, 0.8]], 1.25), state([[1.9, 0.0], [0.0, 0.9]], 1.25)
    g = ufl.as_matrix(((0.01, 0.0), (0.03, 0.0)))
    found = [number(entry) for entry in third_medium.drag(MEDIUM, at, before, g, 20.0, 1e9)]
    w = 3 / (1.9**2 + 0.9**2 + 1.25**2)
    unit = MEDIUM.viscosity * w * 20.0 * 1e9
    assert found == pytest.approx([unit * 0.01, 0.0, 0.0, unit * 0.03 / 2], rel=1e-12)
