"""If these fail, a run drifts, slows down or forgets over a hundred cycles."""

from __future__ import annotations

import os
import signal
import time

from mpi4py import MPI

import numpy as np
import pytest

from mesode.analysis.run_data import open_run, read_timeseries
from mesode.case.execution import run_case
from mesode.case.resume import resume_case
from mesode.columns import CURRENT_DENSITY, CYCLE, MEAN_LITHIATION, STEP, TIME, VOLTAGE
from mesode.config.load import parse_case
from mesode.constants import FARADAY
from mesode.output.manifest import ManifestObserver
from support.measured_process import memory
from support.tiny_case import TINY

pytestmark = [pytest.mark.serial, pytest.mark.slow, pytest.mark.timeout(1800)]

CYCLES, STOPPED = 100, 50
WINDOW = 0.7  # [V]
EARLY, LATE = slice(10, 20), slice(90, 100)
PROTOCOL = f"""\
initial: {{lithiation: 0.2}}
protocol:
  - repeat: {CYCLES}
    steps:
      - Lithiate at 2C until 100 mV
      - Delithiate at 2C until 0.8 V
"""
SAME = 1e-10  # of what a column spans


def case():
    text = TINY.replace("  - Lithiate at 1 C for 5 minutes or until 10 mV\n", "")
    text = text.replace("protocol:\n", PROTOCOL)
    return parse_case(text.replace("fields: 2", "fields: 0, rows: {voltage: 20 mV}"))


def watched(folder, at_step_end):
    """Run the case, and call something with the number of each step that has ended."""
    end = ManifestObserver.step_end

    def step_end(self, result):
        end(self, result)
        at_step_end(result.index)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ManifestObserver, "step_end", step_end)
        return run_case(case(), folder, MPI.COMM_SELF, live=False, figures=False)


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    """Return run, processor time [s] and memory [kB] at the ends of its steps."""
    folder, times, sizes = tmp_path_factory.mktemp("cycles") / "run", [], []

    def note(_step):
        times.append(time.process_time())
        sizes.append(memory())

    assert watched(folder, note).exit_code == 0
    return open_run(folder), np.array(times), np.array(sizes)


def test_lithium_is_what_has_passed_in_each_cycle(seen):
    """Current times time is the charge: each half cycle has one current.

    The balances are the worst of all time steps. That of lithium is relative to the net charge,
    which a cycle brings back to nothing, at least 1e-3 of the capacity: the 5e-9 of the current
    that Newton's method leaves over in a step add up to some 1e-11 of the capacity. What is
    missing in the second sum is the charge of the double layers, the same in each half cycle.
    """
    run, _, _ = seen
    balances = run.manifest["balances"]
    assert balances["lithium"] < 1e-6
    assert balances["salt"] < 1e-12
    assert balances["charge"] < 1e-8
    assert balances["energy"] < 1e-6
    t, I, sto, step = (run.column(name) for name in (TIME, CURRENT_DENSITY, MEAN_LITHIATION, STEP))
    last = np.flatnonzero(np.append(np.diff(step) > 0, True))
    assert len(last) == 2 * CYCLES
    first = np.append(0, last[:-1])
    passed = I[last] * (t[last] - t[first])
    host = run.materials["active"]
    particles = read_timeseries(run.path / "particles.csv")
    area = particles["Area / um2"][particles[STEP] == 1].sum() * 1e-12
    room = FARADAY * host["c_max"]["value"] * area / 4e-6  # width of 4 um
    missing = 1.0 - room * (sto[last] - sto[first]) / passed
    surface = particles["Interface Length / um"][particles[STEP] == 1].sum() / 4.0
    layers = host["double_layer"]["value"] * surface * WINDOW / np.abs(passed)
    assert missing[2:] == pytest.approx(layers[2:], rel=0.1)  # ohmic drops aside
    assert missing[2:] == pytest.approx(missing[2], abs=1e-10)
    assert run.column(CYCLE)[last[1::2]] == pytest.approx(np.arange(1, CYCLES + 1))


def test_late_cycles_are_like_early_ones(seen):
    run, _, _ = seen
    charge = run.cycles()["Discharging Capacity / mA.h.g-1"].to_numpy()
    assert np.ptp(charge[10:]) < 1e-4 * charge[10]


def test_a_cycle_costs_the_same_from_beginning_to_end(seen):
    _, times, sizes = seen
    spent = np.diff(times[1::2], prepend=times[0])
    assert np.median(spent[LATE]) == pytest.approx(np.median(spent[EARLY]), rel=0.1)
    assert np.median(sizes[1::2][LATE]) == pytest.approx(np.median(sizes[1::2][EARLY]), rel=0.02)


def test_a_run_that_stopped_halfway_goes_on_as_if_it_had_not(seen, tmp_path):
    whole, _, _ = seen

    def stop(step):
        if step == 2 * STOPPED:
            os.kill(os.getpid(), signal.SIGTERM)

    assert watched(tmp_path / "run", stop).exit_code == 3
    assert open_run(tmp_path / "run").column(CYCLE)[-1] <= STOPPED + 1
    assert resume_case(tmp_path / "run", MPI.COMM_SELF, live=False, figures=False).exit_code == 0
    again = open_run(tmp_path / "run")
    for name in (TIME, VOLTAGE, MEAN_LITHIATION):
        expected = whole.column(name)
        assert again.column(name) == pytest.approx(expected, abs=SAME * np.ptp(expected))
