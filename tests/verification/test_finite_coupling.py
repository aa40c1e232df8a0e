"""If these fail, finite mechanics acts back on transport and voltage otherwise than it should.

At small strain it must act as linear mechanics does, which is solved together with the rest; with
the tolerance its splitting error must fall, and be told; at rest there must be no current; and
neither salt nor a checkpoint may lose anything.
"""

from __future__ import annotations

from mpi4py import MPI

import numpy as np
import pytest
import ufl

from mesode.columns import SPLIT_SHAPE, SPLIT_VOLTAGE
from mesode.materials.law import constant
from mesode.model.diagnostics import Diagnostics
from mesode.model.finite_coupling import AGAIN_SHAPE
from mesode.model.impedance import Impedance
from mesode.model.mechanics_ahead import AGAIN_VOLTAGE
from mesode.model.processes.finite_mechanics import FiniteOptions
from mesode.model.processes.mechanics import MechanicsOptions
from mesode.model.processes.moving_pores import MovingPores
from mesode.physics.elasticity import SectionKind
from mesode.protocol.dense import Spacing
from support.flowing import FLOWS, pore_arrays
from support.protocols import EachCheckpoint, Record, run
from support.small_cell import law, small_cell
from support.surface_currents import largest_current

V, SALT_OUT = "Voltage / V", "Salt Squeezed Out / 1"
STEPS = ("Lithiate at 1C for 30 minutes", "Delithiate at 1C for 10 minutes")
PLANE, GENERALISED = SectionKind.PLANE_STRAIN, SectionKind.GENERALISED_PLANE_STRAIN


def acting_back(*, comm=MPI.COMM_WORLD, arrays=None, **options):
    options = FiniteOptions(two_way=True, **options)
    return small_cell(mechanics=options, solids=FLOWS, comm=comm, n=2, arrays=arrays)


def course(cell, *steps, **options):
    result, record = run(cell, *steps, **options)
    assert result.status == "completed"
    return record


def ends(record):
    return np.array([end.end[V] for end in record.ends])


# --- small strain


def little(E, growth):
    """Solids that are stiff and swell so little that strain is small and stress counts."""
    swelling = law(lambda *, sto, ops: growth * sto, "sto")
    moduli = {"E": constant(E, "Pa"), "nu": constant(0.2, "1")}
    return {"active": {**moduli, "swelling": swelling}, "carbon_binder": moduli}


@pytest.mark.parametrize("kind", [PLANE, GENERALISED])
def test_at_small_strain_it_acts_as_linear_mechanics_does(kind):
    solids, found = little(8e15, 1e-3), []  # 0.03 % of length
    for options in (
        MechanicsOptions(kind=kind),
        FiniteOptions(kind=kind, two_way=True),
        None,
    ):
        cell = small_cell(mechanics=options, solids=solids, n=2)
        steps = ("Lithiate at 2C for 10 minutes", "Delithiate at 2C for 4 minutes")
        found.append(ends(course(cell, *steps, tolerance=1e-5, max_step=20.0)))
    linear, finite, without = found
    effect = np.abs(linear - without).max()
    assert effect > 0.02
    # the second order of the strain, and what transport has of the shape
    assert np.abs(finite - linear).max() < 1e-3 * effect


@pytest.mark.parametrize("kind", [PLANE, pytest.param(GENERALISED, marks=pytest.mark.slow)])
def test_at_small_strain_it_has_the_impedance_of_linear_mechanics(kind):
    """From where charge transfer counts to where the host stores evenly."""
    solids, frequencies, found = little(8e15, 1e-3), (1e3, 1.0, 1e-2, 1e-4), []
    for options in (MechanicsOptions(kind=kind), FiniteOptions(kind=kind, two_way=True), None):
        cell = small_cell(mechanics=options, solids=solids, n=2)
        course(cell, "Lithiate at 2C for 5 minutes", "Rest for 300 hours", tolerance=1e-3)
        impedance = Impedance(cell, max(frequencies))
        assert abs(impedance.drift(1e4)) < 1e-6
        found.append(np.array([impedance.at(f) for f in frequencies]))
        Z, parts = impedance.shared(frequencies[-1])
        impedance.close()
        assert pytest.approx(found[-1][-1], rel=1e-9) == Z
        assert sum(parts.values()) == pytest.approx(Z.real, rel=1e-3)
    linear, finite, without = found
    assert (np.abs(linear - without)[2:] > 0.2 * np.abs(without)[2:]).all()
    np.testing.assert_allclose(finite, linear, rtol=1e-3)


# --- splitting


@pytest.fixture(scope="module")
def cell():
    return acting_back()


class Spreads(Record):
    """Keeps how far lithium is from the middle of the host where each step ends [um^2]."""

    def start(self, cell):
        super().start(cell)
        sto, x = cell.sto["active"].value, ufl.SpatialCoordinate(cell.domain.mesh)
        dx, middle = cell.dx(cell.tag("active")), ufl.as_vector((1e-6, 1e-6))
        self._forms = [sto * ufl.dot(x - middle, x - middle) * dx, sto * dx]
        self.spread = []

    def step_end(self, result):
        super().step_end(result)
        far, all_of_it = (self.cell.integral(form) for form in self._forms)
        self.spread.append(1e12 * far / all_of_it)


def test_the_splitting_error_follows_the_tolerance_and_is_told(cell):
    """Through a jump of the current, the begin of flow, a rest and a reversal."""
    there, rest, back = "Lithiate at 1C for 10 minutes", "Rest for 2 minutes", "Delithiate at 1C"
    steps = (there, rest, f"{back} for 3 minutes")
    runs = [course(cell, *steps, tolerance=t, observer=Spreads) for t in (1e-4, 1e-5, 1e-6)]
    volts, spread = np.array([(ends(run), run.spread) for run in runs]).swapaxes(0, 1)
    for found, most in ((volts, 5e-5), (spread / spread[-1], 1e-4)):
        off = np.abs(found[:2] - found[2]).max(axis=1)
        # two and seven times as much where the limits of the splitting do not follow
        assert off[1] < 0.3 * off[0] < 0.3 * most
    # a jump is passed in some steps that mechanics sees as one, up to the first row
    told = [max(max(run.column(SPLIT_VOLTAGE, k)[1:]) for k in (1, 2, 3)) for run in runs]
    assert told[2] < 0.15 * told[0]
    assert np.abs(volts[0] - volts[2]).max() < told[0]


def test_what_flows_costs_no_more_than_the_limits_say(cell):
    already = cell.follower.counts.again
    record = course(cell, *STEPS, tolerance=1e-4)
    for step in (1, 2):
        # 1.8 mV where no step is solved again
        assert max(record.column(SPLIT_VOLTAGE, step)) < AGAIN_VOLTAGE
        assert max(record.column(SPLIT_SHAPE, step)) < AGAIN_SHAPE
    assert max(record.column("Max Plastic Strain Active / 1", 2)) > 0.05
    # most steps do not need that
    assert 0 < cell.follower.counts.again - already < 0.5 * len(record.points)


def test_mechanics_that_is_taken_back_leaves_nothing_behind(cell):
    """In the middle of flow: all states are those before, and come again as they were."""
    course(cell, "Lithiate at 1C for 10 minutes", tolerance=1e-2)
    follower, states = cell.follower, [s for s in cell.states if s not in cell.leading_states]

    def kept():
        x = {"x": follower.system.x.getArray(readonly=True).copy()}
        return x | {name: v for state in states for name, v in state.arrays().items()}

    before, t = kept(), cell.mechanics.coupling.last
    cell.sto["active"].scaled.x.array[:] += 0.05
    found = []
    for end in (t + 60.0, t + 60.0, t + 30.0):
        follower.follow(end)
        found.append(kept())
        follower.go_back()
        for name, values in kept().items():
            # how long a piece may be is what it has learnt
            places = [0, 2] if name == "finite mechanics" else slice(None)
            np.testing.assert_array_equal(values[places], before[name][places], name)
    plastic = "flow active"
    assert np.abs(found[0][plastic] - before[plastic]).max() > 1e-3
    for name in ("x", plastic, "finite mechanics work"):
        scale = np.abs(found[0][name]).max()
        for again in found[1:]:
            assert again[name] == pytest.approx(found[0][name], abs=1e-8 * scale)


def test_rows_between_the_steps_have_the_stress_of_their_time(cell):
    record = course(cell, STEPS[0], tolerance=1e-4, rows=Spacing(voltage=2e-3, charge=5e-3))
    volts = [
        (t, row[V])
        for point in record.points[12:]  # from where the double layers are full
        for t, row in (*point.between, (point.t, point.row))
    ]
    t, found = np.array(volts).T
    assert len(t) > 2 * len(record.points)
    # no row is off the line through its neighbours
    off = np.abs(
        found[1:-1]
        - np.array(
            [
                np.interp(t[k], t[[k - 1, k + 1]], found[[k - 1, k + 1]])
                for k in range(1, len(t) - 1)
            ]
        )
    )
    assert off.max() < 3e-3


# --- balances, rest, ranks, checkpoints


@pytest.mark.parametrize("kind", [PLANE, GENERALISED])
def test_salt_and_lithium_are_kept_while_pores_move(kind):
    cell = acting_back(arrays=pore_arrays(3), kind=kind)
    diagnostics = Diagnostics(cell)
    record = course(cell, *STEPS, diagnostics=diagnostics)
    balances = diagnostics.balances()
    assert balances["salt"] < 1e-12
    assert balances["lithium"] < 1e-10
    assert max(np.abs(record.column(SALT_OUT, 1))) > 1e-3
    pores = cell.find(MovingPores)
    # what is in the pores is what the motion says, that has just been extrapolated
    left = [p.row["Electrolyte Squeezed Out / 1"] for p in record.points]
    assert left[0] == pytest.approx(0.0, abs=1e-12)
    assert pores.por.scaled.x.array.min() > 0.0


class Currents(Record):
    """Keeps the largest current of the surface where each step ends."""

    def start(self, cell):
        super().start(cell)
        self.largest = []

    def step_end(self, result):
        super().step_end(result)
        self.largest.append(largest_current(self.cell))


def test_at_rest_there_is_no_current_where_it_is_stressed_and_deformed(cell):
    record = course(cell, STEPS[0], "Rest for 300 hours", observer=Currents)
    at_load, at_rest = record.largest
    assert at_rest < 1e-6 * at_load
    row = record.points[-1].row
    assert row["Max von Mises Active / Pa"] > 1e8
    assert row["Thickness Change / 1"] > 0.03
    volts = record.column(V, 2)
    assert abs(volts[-1] - volts[-2]) < 1e-6


@pytest.mark.mpi
@pytest.mark.ranks
def test_all_ranks_together_find_what_one_finds():
    found = []
    for comm in (MPI.COMM_WORLD, MPI.COMM_SELF):
        cell = acting_back(comm=comm)
        record = course(cell, *STEPS, tolerance=1e-3)
        assert cell.follower.counts.again > 0
        found.append(record.points[-1].row)
    for name, value in found[1].items():
        assert found[0][name] == pytest.approx(value, rel=1e-8, abs=1e-8 * max(abs(value), 1e-4))


@pytest.mark.mpi
@pytest.mark.ranks
@pytest.mark.slow  # derives all equations again
def test_all_ranks_together_find_the_impedance_that_one_finds():
    found = []
    for comm in (MPI.COMM_WORLD, MPI.COMM_SELF):
        cell = acting_back(comm=comm)
        course(cell, STEPS[0], tolerance=1e-2)
        impedance = Impedance(cell, 1.0)
        found.append([impedance.at(f) for f in (1.0, 1e-3)])
        impedance.close()
    assert found[0] == pytest.approx(found[1], rel=1e-8)


def test_a_resumed_run_goes_on_in_the_middle_of_flow(cell):
    memory = EachCheckpoint()
    whole = course(cell, *STEPS, tolerance=1e-4, checkpoints=memory)
    flown = [point.row["Max Plastic Strain Active / 1"] > 1e-2 for point in whole.points]
    at = flown.index(True)
    other = acting_back()
    again = course(other, *STEPS, tolerance=1e-4, snapshot=memory.snapshots[at])
    assert other.follower.counts.again > 0
    assert len(again.points) >= 3
    for point, expected in zip(again.points, whole.last(len(again.points)), strict=True):
        assert point.t == pytest.approx(expected.t, rel=1e-10)
        for name, value in expected.row.items():
            # squares and small differences feel that Newton's method begins with another Jacobian:
            # it is factored again where it was, with the shape that is known now
            small = "Heat" in name or "Splitting" in name
            assert point.row[name] == pytest.approx(value, rel=1e-8 if small else 1e-10, abs=1e-10)
