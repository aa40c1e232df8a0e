"""If these fail, the maps show other values, at other times or places, than were computed."""

from __future__ import annotations

from types import SimpleNamespace

from mpi4py import MPI

import numpy as np
import pytest

from mesode.analysis.xdmf import open_series
from mesode.constants import FARADAY
from mesode.errors import OutputError
from mesode.model.processes.mechanics import MechanicsOptions
from mesode.output import frames
from mesode.output.frame_plan import FramePlan
from mesode.output.frames import FrameRecorder, thin
from mesode.output.snapshot import Snapshot
from support.small_cell import small_cell

COMM = MPI.COMM_WORLD


@pytest.fixture(scope="module")
def cell():
    return small_cell(mechanics=MechanicsOptions(two_way=True, degree=2), n=4)


TIMES = np.append(np.geomspace(1e-3, 1.0, 12), np.linspace(1.2, 10.0, 23))


def set_state(cell, t):
    """Set a state that is linear in time and known at each place."""
    cell.reset()
    cell.sto["active"].set(0.1 + 0.01 * t)
    cell.V.set(0.4 - 0.02 * t)
    cell.phi_s.scaled.interpolate(lambda x: 1e3 * t * x[1])  # [V], y in m
    cell.phi_e.scaled.interpolate(lambda x: -2e3 * t * x[1])
    (i_n,) = cell.charge_transfer.i_n.values()
    i_n.scaled.interpolate(lambda x: (0.3 + 0.1 * t + 1e6 * x[1]) / i_n.scale)
    scale = cell.mechanics.u.scale
    cell.mechanics.u.scaled.interpolate(
        lambda x: np.stack([0.01 * t * x[0], -0.02 * t * x[1]]) / scale
    )
    cell.system.store([u.scaled for u in cell.unknowns], cell.system.x)


def record(cell, folder, times, count):
    recorder = FrameRecorder(folder, FramePlan(count))
    set_state(cell, 0.0)
    recorder.start(cell)
    for t in map(float, times):
        set_state(cell, t)
        recorder.point(SimpleNamespace(t=t, row={}))
    recorder.step_end(SimpleNamespace(index=1))
    return recorder


@pytest.fixture(scope="module")
def folder(cell, tmp_path_factory):
    path = tmp_path_factory.mktemp("fields")
    recorder = record(cell, path, TIMES, 4)
    recorder.finish()
    COMM.barrier()
    return path


@pytest.mark.mpi
def test_frames_are_points_near_equal_times(folder):
    points = np.append(0.0, TIMES)
    for name in ("active", "electronic", "ionic", "mechanical"):
        times = np.array(open_series(folder / f"{name}.xdmf").times)
        assert times[[0, -1]] == pytest.approx((0.0, 10.0))
        assert np.abs(times[:, None] - points).min(axis=1).max() < 1e-12
        assert times == pytest.approx((0, 2.5, 5, 7.5, 10), abs=0.5 * np.diff(TIMES).max())


@pytest.mark.mpi
def test_the_state_is_that_of_the_last_point_afterwards(cell, folder):
    assert cell.V.number() == pytest.approx(0.2)


@pytest.mark.mpi
def test_values_are_those_of_the_time(folder):
    series = open_series(folder / "active.xdmf")
    expected = 0.1 + 0.01 * series.times[2]
    assert series.read("sto", 2).data == pytest.approx(expected, abs=1e-12)
    assert series.read("c_s", 2).data == pytest.approx(8e4 * expected)


@pytest.mark.mpi
def test_coordinates_and_displacement_are_micrometres(folder):
    series = open_series(folder / "mechanical.xdmf")
    assert series.points.max(axis=0) == pytest.approx((2.0, 2.0))
    expected = 0.1 * series.points * (1.0, -2.0)
    assert series.read("u").data[:, :2] == pytest.approx(expected, abs=1e-12)


@pytest.mark.mpi
def test_the_solid_potential_is_the_real_one(folder):
    series = open_series(folder / "electronic.xdmf")
    expected = 0.2 + 1e4 * 1e-6 * series.points[:, 1]
    assert series.read("phi_s").data == pytest.approx(expected)


@pytest.mark.mpi
def test_currents_are_those_of_the_gradients(cell, folder):
    series = open_series(folder / "ionic.xdmf")
    i_e = series.read("i_e")
    assert i_e.on_cells
    above = series.points[series.triangles].mean(axis=1)[:, 1] > 2.0
    kappa, macmullin = 1.1, 4.0  # at the concentration at rest, in the separator
    assert i_e.data[above, 1] == pytest.approx(kappa / macmullin * 2e4)
    assert i_e.data[above, 0] == pytest.approx(0.0, abs=1e-6)
    # without a gradient of the concentration the salt moves with the ions alone
    assert series.read("N_e").data[above, 1] == pytest.approx(
        0.25 * kappa / macmullin * 2e4 / FARADAY
    )
    solid = open_series(folder / "electronic.xdmf")
    i_s = solid.read("i_s").data[:, 1]
    assert i_s.min() == pytest.approx(-50.0 * 1e4)
    assert i_s.max() == pytest.approx(-10.0 * 1.2 * 1e4)


@pytest.mark.mpi
def test_each_triangle_knows_its_phase_and_particle(cell, folder):
    for name in ("active", "electronic", "ionic", "mechanical"):
        series = open_series(folder / f"{name}.xdmf")
        x, y = series.points[series.triangles].mean(axis=1).T
        host = (np.abs(x - 1.0) < 0.5) & (np.abs(y - 1.0) < 0.5)
        between = np.where(y < 2.0, "carbon_binder", "separator")
        expected = [cell.domain.phases[p] for p in np.where(host, "active", between)]
        for frame in (0, -1):
            assert series.read("phase", frame).data.tolist() == expected
            assert series.read("particle", frame).data.tolist() == np.where(host, 0, -1).tolist()


@pytest.mark.mpi
@pytest.mark.parametrize("frame", [0, 2])
def test_the_surface_current_lives_on_the_surface_only_and_is_what_passes(folder, frame):
    series = open_series(folder / "active.xdmf")
    i_n = series.read("i_n", frame).data
    corners = series.points[series.triangles]
    # of a cell with one edge on the surface: the mean over that edge
    ends = np.isclose(corners, 0.5) | np.isclose(corners, 1.5)
    on_surface = (ends.sum(axis=1) >= 2).any(axis=1)
    assert np.all(i_n[~on_surface] == 0.0)
    one_edge = ends.any(axis=2).sum(axis=1) == 2
    assert np.count_nonzero(one_edge & on_surface) > 4
    for k in np.flatnonzero(one_edge & on_surface):
        y = corners[k][ends[k].any(axis=1), 1].mean()
        assert i_n[k] == pytest.approx(0.3 + 0.1 * series.times[frame] + y)


@pytest.mark.mpi
def test_a_second_step_adds_its_frames(cell, tmp_path):
    recorder = record(cell, tmp_path, [1.0, 2.0], 0)
    set_state(cell, 5.0)
    recorder.point(SimpleNamespace(t=5.0, row={}))
    recorder.step_end(SimpleNamespace(index=2))
    recorder.finish()
    COMM.barrier()
    assert open_series(tmp_path / "ionic.xdmf").times == pytest.approx((0, 2, 5))


STRESS, SWELLING = "Max von Mises Binder / Pa", "Max Swelling / 1"


def feed(recorder, cell, times, stress, swelling=0.0):
    for t, value in zip(map(float, times), stress, strict=True):
        set_state(cell, t)
        recorder.point(SimpleNamespace(t=t, row={STRESS: value, SWELLING: swelling}))


@pytest.mark.mpi
def test_the_moment_of_the_largest_stress_of_the_run_has_a_frame(cell, tmp_path):
    recorder = FrameRecorder(tmp_path, FramePlan(1))
    set_state(cell, 0.0)
    recorder.start(cell)
    feed(recorder, cell, np.arange(1.0, 9.0), [1, 2, 7, 3, 2, 1, 0, 0])
    recorder.step_end(SimpleNamespace(index=1))
    # smaller than before, then larger
    feed(recorder, cell, np.arange(9.0, 15.0), [0, 6, 0, 8, 0, 0])
    recorder.step_end(SimpleNamespace(index=2))
    feed(recorder, cell, np.arange(15.0, 18.0), [0, 8, 0])
    recorder.step_end(SimpleNamespace(index=3))
    recorder.finish()
    COMM.barrier()
    series = open_series(tmp_path / "active.xdmf")
    assert series.times == pytest.approx((0, 3, 8, 12, 14, 17))
    assert series.read("sto", 3).data == pytest.approx(0.1 + 0.01 * 12.0)


@pytest.mark.mpi
def test_of_a_long_protocol_some_steps_have_frames(cell, tmp_path):
    recorder = FrameRecorder(tmp_path, FramePlan(1, every=3, steps=7))
    set_state(cell, 0.0)
    recorder.start(cell)
    for step in range(1, 8):
        # the largest stress of the run is in the first step, which has no frames
        feed(recorder, cell, [2.0 * step, 2.0 * step + 1.0], [9.0 - step, 0.0])
        recorder.step_end(SimpleNamespace(index=step))
    recorder.finish()
    COMM.barrier()
    # both ends of the steps 3, 6 and 7; the end of 6 is the beginning of 7
    assert open_series(tmp_path / "active.xdmf").times == pytest.approx((2, 5, 7, 11, 13, 15))
    assert len({path.name for path in tmp_path.glob("step_*.h5")}) == 3


@pytest.mark.mpi
def test_the_largest_stress_outlives_a_restart(cell, tmp_path):
    recorder = FrameRecorder(tmp_path, FramePlan(1))
    set_state(cell, 0.0)
    recorder.start(cell)
    times = np.arange(1.0, 9.0)
    feed(recorder, cell, times, [1, 9, 7, 3, 2, 1, 0, 0])
    snapshot = Snapshot()
    recorder.save(snapshot)
    resumed = FrameRecorder(tmp_path, FramePlan(1))
    resumed.start(cell)
    resumed.restore(snapshot)
    feed(resumed, cell, [9.0, 10.0], [8, 0])
    resumed.step_end(SimpleNamespace(index=1))
    resumed.finish()
    COMM.barrier()
    series = open_series(tmp_path / "active.xdmf")
    assert series.times == pytest.approx((0, 2, 10))
    assert series.read("sto", 1).data == pytest.approx(0.12)


@pytest.mark.mpi
def test_too_little_space_is_said_before_a_file_is_broken(cell, tmp_path, monkeypatch):
    recorder = FrameRecorder(tmp_path, FramePlan(2))
    set_state(cell, 0.0)
    recorder.start(cell)
    monkeypatch.setattr(frames.shutil, "disk_usage", lambda _path: SimpleNamespace(free=1000))
    with pytest.raises(OutputError, match=r"no space left.*MB needed"):
        recorder.finish()


@pytest.mark.parametrize("noise", [0.0, 1e-13, -1e-13])
def test_rounding_decides_no_tie(noise):
    times = [0.0, 1.0 + noise, 2.0, 3.0 - noise, 4.0 + noise, 5.0]
    assert thin(times) == 1
    assert frames.spread(times, 3) == [0, 2, 5]


def test_few_points_give_few_frames():
    assert frames.spread([0.0, 0.1, 10.0], 5) == [0, 1, 2]
    assert frames.spread([3.0], 5) == [0]


def test_thinning_keeps_the_gaps_small():
    rng = np.random.default_rng(1)
    times = []
    for t in np.sort(rng.uniform(0.0, 1.0, 400)):
        times.append(float(t))
        if len(times) > 42:
            del times[thin(times)]
    assert np.diff(times).max() < 2.5 / 40
