"""If these fail, finite mechanics makes work of nothing, or the potential of the lithium is not the
slope of its energy: what grows does another work than what is stored and lost.
"""

from __future__ import annotations

import numpy as np
import pytest

from mesode.materials.law import constant
from mesode.materials.properties import Network, Relaxing
from mesode.model.diagnostics import Diagnostics
from mesode.model.processes.finite_mechanics import FiniteOptions
from mesode.model.stress import von_mises
from mesode.model.top_load import Plate
from mesode.model.work_account import KEY
from support.flowing import FLOWS, SY, pore_arrays
from support.grids import grid_arrays
from support.small_cell import law, small_cell


def film(**solids):
    """A film on its collector that grows by J = sto + 0.9."""
    changes = {"swelling": law(lambda *, sto, ops: sto, "sto"), **solids}
    arrays = grid_arrays(2, (("active", 2.0), ("separator", 1.0)), width=1.0)
    return small_cell(arrays=arrays, mechanics=FiniteOptions(), solids={"active": changes})


def particle(arrays=None, **options):
    return small_cell(n=2, arrays=arrays, mechanics=FiniteOptions(**options), solids=FLOWS)


def missing(cell, steps):
    """Lead the host to 0.9 and back in so many steps each; return the largest error of the work."""
    cell.reset()
    diagnostics, way = Diagnostics(cell), np.linspace(0.1, 0.9, steps + 1)
    for t, sto in enumerate((*way[1:], *way[-2::-1]), start=1):
        cell.sto["active"].set(sto)
        cell.follow(float(t))
        diagnostics.update_balances()
    return diagnostics.balances()["work"]


def test_an_elastic_film_gives_back_what_it_took():
    cell = film()
    found = [missing(cell, steps) for steps in (32, 64)]
    assert found[0] < 1e-3
    assert found[1] < 0.3 * found[0]


@pytest.mark.parametrize("viscous", [{}, {"flow_rate": 1e-2, "flow_exponent": 3.0}])
def test_what_is_missing_of_a_cycle_of_flow_falls_with_the_step(viscous):
    cell = film(yield_strength=constant(SY, "Pa"), **viscous)
    found = [missing(cell, steps) for steps in (16, 32)]  # 16: pieces of 5 %, the longest
    assert found[0] < 1e-3
    assert found[1] < 0.3 * found[0]


@pytest.mark.parametrize(("stiffness", "pressure"), [(0.0, 2e6), (1e13, 0.0)])
def test_load_and_spring_are_counted(stiffness, pressure):
    cell = particle(plate=Plate(stiffness=stiffness), pressure=pressure)
    assert missing(cell, 32) < 2e-4


def test_a_binder_that_relaxes_is_counted():
    network = Network(bonds=Relaxing(share=0.8, time=10.0))
    solids = {"active": FLOWS["active"], "carbon_binder": {"network": network}}
    cell = small_cell(n=2, mechanics=FiniteOptions(), solids=solids)
    found = [missing(cell, steps) for steps in (16, 32)]
    assert found[0] < 1e-3
    assert found[1] < 0.3 * found[0]


def test_what_the_medium_takes_is_counted():
    cell = particle(pore_arrays(2))
    assert missing(cell, 32) < 2e-4


@pytest.mark.parametrize("held", [False, True])
def test_the_medium_takes_its_drag_times_the_way(held):
    """eta/dJ_g |Grad (u - u_old)|^2 over pores, solids too where held, of an even change."""
    cell = particle(pore_arrays(2))
    cell.reset()
    mechanics, growth = cell.mechanics, 0.04
    cell.sto["active"].set(0.1 + growth)
    mechanics.aim(1.0)
    mechanics.go(0.0, 1.0, held=held)
    mechanics.u.scaled.interpolate(lambda x: 1e6 * np.stack([1e-2 * x[1], 2e-2 * x[0]]))
    growth = 1 / float(mechanics.growth_path.rate.value)
    mechanics.work.update(1.0, 1.0)
    mechanics.work.commit()
    taken = mechanics.work.arrays()[KEY][2]
    eta = mechanics.options.medium.viscosity * mechanics.modulus
    phases = mechanics.domain.phases if held else mechanics.media
    expected = eta / growth * (1e-4 + 4e-4) * cell.area(phases)
    assert taken == pytest.approx(expected, rel=1e-10, abs=0.0)


def test_a_load_that_comes_on_does_half_of_the_work_of_one_that_stays():
    """- p dw over the width: from nothing to p while the plate sinks by 20 nm, then p for 30 nm."""
    cell = particle(plate=Plate(stiffness=0.0), pressure=2e6)
    cell.reset()
    mechanics = cell.mechanics
    (plate,) = mechanics.load.unknowns
    mechanics.work.reset()  # to before the load of the state at rest
    done = []
    for t, w in ((1.0, -20e-9), (2.0, -50e-9)):
        mechanics.growth_path.pressure.value = 2e6
        plate.set(w)
        mechanics.work.update(t, 1.0)
        mechanics.work.commit()
        done.append(mechanics.work.arrays()[KEY][0] / cell.width)
    expected = [1e6 * 20e-9, 1e6 * 20e-9 + 2e6 * 30e-9]
    assert done == pytest.approx(expected, rel=1e-9, abs=0.0)


def test_a_piece_that_is_rejected_leaves_no_work():
    cell = film()
    cell.reset()
    cell.sto["active"].set(0.3)
    cell.follow(1.0)
    work = cell.mechanics.work
    before = work.arrays()
    cell.mechanics.u.scaled.x.array[:] *= 1.1
    for end, is_kept in ((work.reject, False), (lambda: None, True)):
        work.update(2.0, 1.0)
        end()
        work.commit()
        same = [np.array_equal(values, before[name]) for name, values in work.arrays().items()]
        assert all(same) is not is_kept


def test_open_pores_bear_what_the_medium_takes_over_the_way():
    """eta w/J sym(Grad (u - u_0) F^T)/dJ_g of the whole way, beside g/2 (F F^T - 1)/J, by hand."""
    cell = particle(pore_arrays(2))
    cell.reset()
    mechanics, shapes = cell.mechanics, [np.array([[0, a], [b, 0]]) for a, b in ((1, 3), (2, -4))]
    first, last = (1e-2 * shape for shape in shapes)

    def move(shape):
        mechanics.u.scaled.interpolate(lambda x: 1e6 * shape @ x[:2])

    move(first)
    cell.sto["active"].set(0.3)
    length = mechanics.aim(1.0)
    for begin, end, shape in ((0.0, 0.9, 0.2 * last), (0.9, 1.0, last)):
        mechanics.go(begin, end)
        move(shape)
    medium, F = mechanics.options.medium, np.eye(2) + last
    g, J = (last - first) @ F.T, np.linalg.det(F)
    begun = np.eye(2) + first
    eta = medium.viscosity * 3 / (np.trace(begun.T @ begun) + 1)
    sigma = eta * (g + g.T) / 2 / length + medium.stiffness / 2 * (F @ F.T - np.eye(2))
    stress = mechanics.modulus / J * np.array([[sigma[0, 0], sigma[1, 1], 0.0, sigma[0, 1]]])
    in_pores = np.isin(cell.domain.cell_tag, cell.domain.tags(mechanics.media))
    found = mechanics.medium.borne.compute()[in_pores[mechanics.domain.cells]]
    assert found == pytest.approx(np.tile([1.0, *von_mises(stress)], (len(found), 1)), rel=1e-9)
    assert length > 0.05
