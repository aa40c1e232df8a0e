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


def loaded(binder):
    """Return a cell whose host is in the midst of a piece of its way, and its mechanics' system."""
    layers = (("carbon_binder", 1.0), ("pore", 1.5), ("separator", 0.5))
    solids = {"active": {"yield_strength": constant(1e9, "Pa")}, "carbon_binder": binder}
    options = FiniteOptions(kind=SectionKind.GENERALISED_PLANE_STRAIN)
    arrays = grid_arrays(2, layers, width=2.0, block=BLOCK)
    cell = small_cell(arrays=arrays, mechanics=options, solids=solids)
    cell.reset()
    for t, sto in enumerate((0.3, 0.5), start=1):
        cell.sto["active"].set(sto)
        cell.follow(float(t))
    cell.sto["active"].set(0.56)
    cell.mechanics.aim(3.0)
    cell.mechanics.go(0.0, 1.0)
    return cell, cell.follower.system


def residual(system, x):
    system.x.setArray(x)
    system.load(system.x, system.unknowns)
    out = system.x.duplicate()
    system.assemble_residual(out)
    return out.getArray().copy()


@pytest.mark.parametrize("binder", BINDERS)
def test_the_stiffness_is_the_slope_of_the_forces(binder):
    _, system = loaded(binder)
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


def _free(rng, n, held):
    """Return a direction that leaves alone what is held."""
    v = 2 * rng.random(n) - 1
    v[held] = 0.0
    return v
