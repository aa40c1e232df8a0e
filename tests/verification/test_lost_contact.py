"""If these fail, electrons or lithium pass where bodies have come off each other, or do not pass
where they still touch, or a run goes on without any active material that electrons reach.
"""

from __future__ import annotations

from types import MappingProxyType

import pytest
from ufl import SpatialCoordinate

from mesode.columns import SPLIT_VOLTAGE
from mesode.config.protocol import parse_step
from mesode.constants import FARADAY
from mesode.materials.two_phase import Crystalline
from mesode.model import contact_currents, currents
from mesode.model.diagnostics import Diagnostics
from mesode.model.mechanics_ahead import AGAIN_VOLTAGE
from mesode.model.processes.finite_mechanics import FiniteOptions
from mesode.model.processes.lost_contact import NO_WAY, RESISTANCE, LostContact
from mesode.model.surfaces import AT_NODES
from mesode.physics.host_contact import NECK
from mesode.protocol.runner import RunnerOptions, run_protocol
from support.flowing import FLOWS
from support.grids import grid_arrays
from support.protocols import EachCheckpoint, Record, run
from support.small_cell import law, numbered, small_cell, two_halves

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


def come_off(cell, d, *, between=True, just_now=False):
    """Give a joint a damage, at the state at rest; return it: between bodies, or the collector's.

    ``just_now``: after the last step, which has not seen it.
    """
    cell.reset()
    seam = next(s for s in cell.mechanics.cohesions.seams if s.between is between)
    seam.damage.value.x.array[:] = d
    seam.damage.reject()
    follow(cell.mechanics.cohesions.derived)
    if not just_now:
        cell.mechanics.foreseen.reset()
        cell.mechanics.foreseen.accept(0.0)
        follow(cell.find(LostContact).states)
    return seam


def follow(states):
    """Let states follow what has been set."""
    for state in states:
        state.update(0.0, 0.0)
        state.commit()


@pytest.mark.mpi
@pytest.mark.parametrize("d", [0.0, 0.98])
def test_what_is_left_of_a_contact_bears_the_current(cell, d):
    seam, diagnostics = come_off(cell, d), Diagnostics(cell)
    step = [parse_step("Lithiate at 1C for 20 seconds")]
    run_protocol(cell, step, RunnerOptions(tolerance=1e-3), [Record()], diagnostics)
    # which side is "+" depends on the ranks
    drop = abs(cell.phi_s.value("+") - cell.phi_s.value("-")) * seam.measure
    # all electrons of the film come through it
    expected = cell.I.number() * cell.width * RESISTANCE / (1 - d)
    assert cell.integral(drop) == pytest.approx(abs(expected), rel=1e-6, abs=0.0)
    assert diagnostics.balances()["energy"] < 1e-5
    assert diagnostics.row()[LOST] == 0.0


@pytest.mark.mpi
@pytest.mark.parametrize("between", [True, False])
def test_the_first_step_after_bodies_came_off_closes_its_energy(cell, between):
    come_off(cell, 0.98, between=between, just_now=True)
    diagnostics, step = Diagnostics(cell), [parse_step("Lithiate at 1C for 20 seconds")]
    run_protocol(cell, step, RunnerOptions(tolerance=1e-3), [Record()], diagnostics)
    assert diagnostics.balances()["energy"] < 1e-5


@pytest.mark.mpi
def test_a_run_ends_where_electrons_reach_nothing(cell):
    come_off(cell, 0.999)
    assert Diagnostics(cell).row()[LOST] == 1.0
    result = run_protocol(cell, [parse_step("Lithiate at 1C for 20 seconds")], RunnerOptions(), [])
    assert NO_WAY in result.reason


@pytest.mark.mpi
@pytest.mark.parametrize("d", [0.0, 0.9])
def test_what_is_left_on_the_collector_bears_the_current(cell, d):
    """Per area of the contact 1 - d is left of the conductance."""
    seam, diagnostics = come_off(cell, d, between=False), Diagnostics(cell)
    phi_s = cell.phi_s.value * seam.measure
    step = [parse_step("Lithiate at 1C for 20 seconds")]
    run_protocol(cell, step, RunnerOptions(tolerance=1e-3), [Record()], diagnostics)
    # phi_s is the difference to what the electrode has where all of the contact is left
    drop = abs(cell.I.number()) * cell.materials.contact_resistance * d / (1 - d)
    assert abs(cell.integral(phi_s)) == pytest.approx(drop * cell.width, rel=1e-6, abs=1e-16)
    assert diagnostics.balances()["charge"] < 1e-9
    assert diagnostics.balances()["energy"] < 1e-5
    seam.damage.value.x.array[:] = 0.95  # what comes off after the step was there in it
    assert diagnostics.update_balances()["charge"] < 1e-9


@pytest.mark.mpi
@pytest.mark.parametrize("d", [0.0, 0.75])
def test_charge_transfer_passes_what_is_left_of_a_surface(cell, d):
    """Below the film is what it may come off, above it the separator."""
    come_off(cell, d)
    cell.level.scaled.x.array[:] += 0.05
    (surface,) = cell.surfaces
    i_n = currents.i_n(cell, surface)
    above, below = (
        cell.integral(i_n * cell.domain.dS(("active",), (phase,), **AT_NODES))
        for phase in ("separator", "carbon_binder")
    )
    assert above > 0.0
    assert below == pytest.approx((1 - d) * above, rel=1e-10)


@pytest.mark.mpi
def test_what_has_come_off_the_collector_is_lost(cell):
    seam = come_off(cell, 0.999, between=False)
    assert Diagnostics(cell).row()[LOST] == 1.0
    x = seam.damage.space.mesh.geometry.x  # one facet of two holds again
    dofs = seam.damage.space.dofmap.list
    left = x[seam.damage.space.mesh.geometry.dofmaps[0]].mean(axis=1)[:, 0] < 0.5e-6
    seam.damage.value.x.array[dofs[left]] = 0.0
    assert Diagnostics(cell).row()[LOST] == 0.0


# --- what comes apart within a step


@pytest.fixture(scope="module", params=[True, False], ids=["two_way", "one_way"])
def growing(request):
    """A particle that flows, in porous binder that it comes off as it grows and shrinks."""
    weak = {"adhesion_strength": 5e6, "adhesion_toughness": 0.01}
    solids = {**FLOWS, "carbon_binder": {**FLOWS["carbon_binder"], **weak}}
    return small_cell(mechanics=FiniteOptions(two_way=request.param), solids=solids, n=2)


def test_the_voltage_does_not_lag_behind_what_comes_apart(growing):
    """With the damage of the step before it is 0.19 and 0.8 mV off."""
    steps = [f"Lithiate at 1C for {minutes} minutes" for minutes in (4, 6)]
    (_, coarse), (_, fine) = (run(growing, *steps, tolerance=t) for t in (1e-4, 1e-5))
    for at, (one, other) in enumerate(zip(coarse.ends, fine.ends, strict=True)):
        assert one.end["Damaged Share Particle to Binder / 1"] > 0.1
        assert one.end["Voltage / V"] == pytest.approx(other.end["Voltage / V"], abs=2e-5)
        assert max(coarse.column(SPLIT_VOLTAGE, at + 1)[1:]) < AGAIN_VOLTAGE


@pytest.mark.mpi
def test_a_resumed_run_goes_on_in_the_middle_of_coming_apart(growing):
    step, memory = "Lithiate at 1C for 10 minutes", EachCheckpoint()
    _, whole = run(growing, step, tolerance=1e-4, checkpoints=memory)
    damage = "Damaged Share Particle to Binder / 1"
    at = next(k for k, point in enumerate(whole.points) if point.row[damage] > 1e-3)
    _, again = run(growing, step, tolerance=1e-4, snapshot=memory.snapshots[at])
    assert len(again.points) >= 3
    for point, expected in zip(again.points, whole.last(len(again.points)), strict=True):
        assert point.t == pytest.approx(expected.t, rel=1e-10)
        for name in ("Voltage / V", damage):
            assert point.row[name] == pytest.approx(expected.row[name], rel=1e-9)


# --- a blend: a host on another


@pytest.fixture(scope="module")
def blend():
    """A film on one of another host, of which it may come off; they do not swell."""
    still = {"swelling": law(lambda *, sto, ops: 0 * sto, "sto")}
    layers = (("second", 1.0), ("active", 1.0), ("separator", 1.0))
    return small_cell(
        arrays=numbered(grid_arrays(2, layers, width=1.0)),
        mechanics=FiniteOptions(two_way=False),
        solids={"active": {**still, **STICKS}, "second": still},
    )


@pytest.mark.parametrize("d", [0.0, 0.98])
def test_what_is_left_between_two_hosts_bears_electrons_and_lithium(blend, d):
    cell = blend
    seam, diagnostics = come_off(cell, d), Diagnostics(cell)
    step = [parse_step("Lithiate at 1C for 20 seconds")]
    run_protocol(cell, step, RunnerOptions(tolerance=1e-3), [Record()], diagnostics)
    drop = abs(cell.phi_s.value("+") - cell.phi_s.value("-")) * seam.measure
    # the upper host alone meets the electrolyte: all electrons come through the lower one
    expected = abs(cell.I.number()) * cell.width * RESISTANCE / (1 - d)
    assert cell.integral(drop) == pytest.approx(expected, rel=1e-6, abs=0.0)
    assert diagnostics.balances()["energy"] < 1e-5
    for host in cell.hosts:
        cell.sto[host].set(0.4)
    (contact,) = cell.contacts
    U_a, U_b = (cell.materials.lithium(host).ocp(sto=0.4, T=300.0) for host, _ in contact.ends)
    whole = (U_b - U_a) / cell.materials.host_contact_resistance * cell.width
    passed = cell.integral(contact_currents.i_ab(cell, contact) * contact.dS)
    assert abs(whole) > 0.0
    assert passed == pytest.approx((1 - d) * whole, rel=1e-10)


# --- lithium between particles of one host


def necked(two_way=False, lithium=MappingProxyType({}), **solids):
    """Two particles of one host side by side in porous binder, which may come apart."""
    still = {"swelling": law(lambda *, sto, ops: 0 * sto, "sto")}
    options = FiniteOptions(two_way=two_way)
    sticks = {"active": {**({} if two_way else still), **solids}}
    return small_cell(arrays=two_halves(4), mechanics=options, solids=sticks, lithium=lithium)


def split(cell, left, right):
    """Give the particles to the left and right of the middle a lithiation."""
    sto = cell.sto["active"]
    domain = cell.host_domains["active"]
    is_left = cell.domain.particle[domain.cells] == 0
    dofs = sto.scaled.function_space.dofmap.list
    sto.scaled.x.array[dofs[is_left]] = left
    sto.scaled.x.array[dofs[~is_left]] = right


@pytest.mark.parametrize("d", [0.0, 0.75, 1.0])
def test_lithium_passes_what_is_left_of_a_neck(d):
    cell = necked(**STICKS)
    come_off(cell, d)
    split(cell, 0.2, 0.4)
    (contact,) = cell.contacts
    assert contact.is_neck
    passed = abs(cell.integral(contact_currents.i_ab(cell, contact) * contact.dS))
    D_s = 2e-14 * (1 + 2 * 0.3)  # of the mean
    expected = FARADAY * 8e4 * D_s * 0.2 / NECK * 1e-6
    assert passed == pytest.approx((1 - d) * expected, rel=1e-10, abs=1e-12 * expected)


def test_lithium_passes_a_neck_of_crystalline_silicon_as_it_does_its_particles():
    """Beyond the front from one side to the other D is that of what is crystalline, k D_a."""
    phase, D_a, k = Crystalline(plateau=0.2, slowness=1e-3), 1e-14, 1e-3
    amorphous = {"D_s": law(lambda *, ops: D_a), "crystalline": phase}
    cell = necked(lithium=amorphous, **STICKS)
    come_off(cell, 0.75)
    split(cell, 0.2, 0.4)  # the front is at the lithiation of 0.2 V, above 0.7
    (contact,) = cell.contacts
    passed = abs(cell.integral(contact_currents.i_ab(cell, contact) * contact.dS))
    assert passed == pytest.approx(0.25 * FARADAY * 8e4 * k * D_a * 0.2 / NECK * 1e-6, rel=1e-10)


def spread(cell, d=0.0):
    """Let lithium spread from the right third of the host for 5 s at rest.

    Return how far the middle of the lithium has come [um], and the balances.
    """
    if d:
        come_off(cell, d)
    cell.sto["active"].scaled.interpolate(lambda x: 0.2 + 0.4 * (x[0] > 1.1e-6))
    cell.system.store(cell.system.unknowns, cell.system.x)
    sto, x = cell.sto["active"].value, SpatialCoordinate(cell.domain.mesh)[0]
    dx = cell.dx(cell.tag("active"))
    begin, diagnostics = cell.integral(sto * x * dx), Diagnostics(cell)
    step = [parse_step("Rest for 5 seconds")]
    # a neck of 1 nm takes 8e-4 of the way, the splitting of stress and lithium 2e-3 at 1e-4
    run_protocol(cell, step, RunnerOptions(tolerance=1e-5), [Record()], diagnostics)
    moved = (begin - cell.integral(sto * x * dx)) / cell.integral(sto * dx)
    return 1e6 * moved, diagnostics.balances()


@pytest.mark.parametrize("two_way", [False, True])
def test_a_whole_neck_is_not_felt(two_way):
    one, _ = spread(necked(two_way))
    cell = necked(two_way, adhesion_strength=1e9, adhesion_toughness=2e3)
    two, balances = spread(cell)
    assert one > 0.1
    assert two == pytest.approx(one, rel=1e-3)
    assert balances["lithium"] < 1e-9
    if not two_way:
        assert balances["energy"] < 1e-7
        less, _ = spread(cell, 1.0)
        assert less < 0.3 * one
