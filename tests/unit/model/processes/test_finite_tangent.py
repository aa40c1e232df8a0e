"""If this fails, finite mechanics iterates with a stiffness that is not the slope of its forces.

The matrix that Newton's method factors is compared with central differences of the residual, in a
piece of the way in which host and binder flow, the binder or relaxes, and a pore closes.
"""

from __future__ import annotations

import numpy as np
import pytest

from mesode.materials.law import constant
from mesode.materials.properties import Network, Relaxing
from mesode.model.processes.finite_mechanics import FiniteOptions
from mesode.model.stretched_foil import Foil
from mesode.model.top_load import Plate
from mesode.physics.elasticity import SectionKind
from support.grids import grid_arrays
from support.small_cell import BLOCK, small_cell

pytestmark = pytest.mark.serial

STEP = 1e-6  # in scaled unknowns
HEALS = Network(bonds=Relaxing(share=0.7, time=2.0))
YIELD = constant(2e7, "Pa")
SLOW = pytest.mark.slow  # the same but for one phase; most of the time is the compiler's
BINDERS = [
    pytest.param({"network": HEALS}, id="relaxes"),
    pytest.param({"yield_strength": YIELD, "hardening": 1e7}, id="hardens", marks=SLOW),
    pytest.param(
        {"yield_strength": YIELD, "flow_rate": 1e-2, "flow_exponent": 4.0}, id="viscous", marks=SLOW
    ),
]


def loaded(binder, *, held=False, **options):
    """Return a cell whose host is in the midst of a piece of its way, and its mechanics' system.

    ``held``: all is held back; ``options`` are those of ``FiniteOptions``.
    """
    layers = (("carbon_binder", 1.0), ("pore", 1.5), ("separator", 0.5))
    solids = {"active": {"yield_strength": constant(1e9, "Pa")}, "carbon_binder": binder}
    own = FiniteOptions(kind=SectionKind.GENERALISED_PLANE_STRAIN, **options)
    arrays = grid_arrays(2, layers, width=2.0, block=BLOCK)
    cell = small_cell(arrays=arrays, mechanics=own, solids=solids)
    cell.reset()
    for t, sto in enumerate((0.3, 0.5), start=1):
        cell.sto["active"].set(sto)
        cell.follow(float(t))
    cell.sto["active"].set(0.56)
    cell.mechanics.aim(3.0)
    cell.mechanics.go(0.0, 1.0, held=held)
    return cell, cell.follower.system


def symmetric(A):
    """Tell whether a matrix is its own transpose to rounding."""
    difference = A.copy()
    difference.transpose()
    difference.axpy(-1.0, A)
    return difference.norm() < 1e-13 * A.norm()


def residual(system, x):
    system.x.setArray(x)
    system.load(system.x, system.unknowns)
    out = system.x.duplicate()
    system.assemble_residual(out)
    return out.getArray().copy()


def assert_slope_of_forces(system):
    """Assert that the matrix is the slope of the residual near the loaded state, and symmetric."""
    rng = np.random.default_rng(2)
    system.store(system.unknowns, system.x)
    x = system.x.getArray().copy()
    held = np.concatenate([bc.dof_indices()[0] for bc in system.bcs])
    free = np.setdiff1d(np.arange(len(x)), held)
    x += 2e-3 * _free(rng, len(x), held)  # so that much flows
    residual(system, x)
    system.assemble_jacobian(system.A)
    for _ in range(3):
        v = _free(rng, len(x), held)
        ahead, behind = (residual(system, x + sign * STEP * v) for sign in (1, -1))
        slope = (ahead - behind) / (2 * STEP)
        system.x.setArray(v)
        out = system.x.duplicate()
        system.A.mult(system.x, out)
        found = out.getArray().copy()
        assert np.abs(found - slope)[free].max() < 1e-6 * np.abs(slope).max()
    # all forces come of an energy: the solver takes it for granted
    assert symmetric(system.A)


@pytest.mark.parametrize("binder", BINDERS)
def test_the_stiffness_is_the_slope_of_the_forces(binder):
    _, system = loaded(binder)
    assert_slope_of_forces(system)


@pytest.mark.parametrize(
    "held",
    [
        pytest.param({"plate": Plate(stiffness=1e15), "pressure": 1e6}, id="plate", marks=SLOW),
        pytest.param({"plate": Plate()}, id="lid", marks=SLOW),
        pytest.param({"foil": Foil(thickness=1e-6, E=5e10, nu=0.3)}, id="foil", marks=SLOW),
        pytest.param({"sticks": True}, id="comes off"),
        pytest.param({"sticks": True, "held": True}, id="held back", marks=SLOW),
    ],
)
def test_it_is_so_however_the_section_is_held(held):
    sticks = {"adhesion_strength": 2e7, "adhesion_toughness": 0.2} if "sticks" in held else {}
    options = {key: value for key, value in held.items() if key != "sticks"}
    cell, system = loaded({"yield_strength": YIELD, **sticks}, **options)
    assert_slope_of_forces(system)
    for seam in cell.mechanics.cohesions.seams:
        assert seam.damage.value.x.array.max() > 0.0  # some has come off, and some is pressed
        assert not seam.between or cell.integral(seam.opening.pressed * seam.measure) < 0.0
    if not {"foil", "sticks"} & set(held):
        assert (
            abs(cell.integral(cell.mechanics.load.integrals()["push"])) > 1.0
        )  # N/m that it bears


def _free(rng, n, held):
    """Return a direction that leaves alone what is held."""
    v = 2 * rng.random(n) - 1
    v[held] = 0.0
    return v


def test_the_last_instant_of_a_way_is_gone():
    # the viscosity of the pores divides a change of displacement that is next to rounding by it
    cell, _ = loaded({"network": HEALS})
    cell.sto["active"].set(0.5 + 1e-11)
    cell.follow(3.0)
    assert cell.follower.counts.failed == 0
