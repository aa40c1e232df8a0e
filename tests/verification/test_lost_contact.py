"""If these fail, electrons or lithium pass where bodies have come off each other, or do not pass
where they still touch.
"""

from __future__ import annotations

import pytest

from mesode.config.protocol import parse_step
from mesode.model.diagnostics import Diagnostics
from mesode.model.processes.finite_mechanics import FiniteOptions
from mesode.model.processes.lost_contact import RESISTANCE
from mesode.protocol.runner import RunnerOptions, run_protocol
from support.grids import grid_arrays
from support.protocols import Record
from support.small_cell import law, small_cell

pytestmark = pytest.mark.mpi

LAYERS = (("carbon_binder", 1.0), ("active", 1.0), ("separator", 1.0))
STICKS = {"adhesion_strength": 2e7, "adhesion_toughness": 0.2}
LOST = "Lost Active Area / 1"


@pytest.fixture(scope="module")
def cell():
    """A film between porous binder, by which electrons come, and a separator; it does not swell."""
    host = {"swelling": law(lambda *, sto, ops: 0 * sto, "sto")}
    options = FiniteOptions(two_way=False)
    solids = {"active": host, "carbon_binder": STICKS}
    arrays = grid_arrays(2, LAYERS, width=1.0)
    return small_cell(arrays=arrays, mechanics=options, solids=solids)


def come_off(cell, d):
    """Give the whole joint a damage, at the state at rest; return it."""
    cell.reset()
    seam = next(s for s in cell.mechanics.cohesions.seams if s.between)
    seam.damage.value.x.array[:] = d
    seam.damage.reject()
    for state in cell.mechanics.cohesions.derived:
        state.commit()
    return seam


@pytest.mark.parametrize("d", [0.0, 0.999])
def test_what_is_left_of_a_contact_bears_the_current(cell, d):
    seam, diagnostics = come_off(cell, d), Diagnostics(cell)
    step = [parse_step("Lithiate at 1C for 20 seconds")]
    run_protocol(cell, step, RunnerOptions(tolerance=1e-3), [Record()], diagnostics)
    drop = (cell.phi_s.value("+") - cell.phi_s.value("-")) * seam.measure
    # all electrons of the film come through it
    expected = cell.I.number() * cell.width * RESISTANCE / (1 - d)
    assert abs(cell.integral(drop)) == pytest.approx(abs(expected), rel=1e-6)
    assert diagnostics.balances()["energy"] < 1e-5
    assert diagnostics.row()[LOST] == (0.0 if d == 0.0 else 1.0)


def test_charge_transfer_is_lost_with_the_damage(cell):
    found = []
    for d in (0.0, 0.75):
        come_off(cell, d)
        cell.phi_s.set(-0.05)
        (form,) = cell.charge_transfer.by_law().values()
        found.append(cell.integral(form))
    # one of two sides of the film is on the joint
    assert found[0] > 0.0
    assert found[1] == pytest.approx(found[0] * (1 + 0.25) / 2, rel=1e-12)
