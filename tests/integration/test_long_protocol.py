"""If these fail, each step of a long protocol takes longer, or more memory, than the one before."""

from __future__ import annotations

import time

from mpi4py import MPI

import numpy as np
import pytest

from mesode.analysis.xdmf import open_series
from mesode.case.execution import run_case
from mesode.config.load import parse_case
from mesode.inputs import read_json
from mesode.output.manifest import ManifestObserver
from support.measured_process import memory
from support.tiny_case import TINY

pytestmark = [pytest.mark.serial, pytest.mark.slow]

STEPS = 1000
CYCLE = ["Lithiate at C/2 for 20 seconds", "Delithiate at C/2 for 20 seconds"]
WINDOW = 200  # steps
EARLY, LATE = slice(200, 200 + WINDOW), slice(STEPS - WINDOW, STEPS)


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    """Return folder, processor times [s] and memory [kB] at the ends of the steps of a run."""
    folder, times, sizes = tmp_path_factory.mktemp("long") / "run", [], []
    end = ManifestObserver.step_end

    def step_end(self, result):
        end(self, result)
        times.append(time.process_time())
        sizes.append(memory())

    text = TINY.replace("  - Lithiate at 1 C for 5 minutes or until 10 mV\n", "")
    steps = "".join(f"  - {sentence}\n" for sentence in CYCLE * (STEPS // 2))
    text = text.replace("protocol:\n", f"initial: {{lithiation: 0.3}}\nprotocol:\n{steps}")
    case = parse_case(text.replace("fields: 2, ", ""))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ManifestObserver, "step_end", step_end)
        outcome = run_case(case, folder, MPI.COMM_SELF, live=False)
    assert outcome.exit_code == 0
    return folder, np.array(times), np.array(sizes)


@pytest.mark.timeout(1200)
def test_a_step_takes_the_same_time_from_beginning_to_end(seen):
    _, times, _ = seen
    # two by two: lithiation and delithiation
    spent = np.diff(times[1::2])
    early, late = (
        np.median(spent[window.start // 2 : window.stop // 2 - 1]) for window in (EARLY, LATE)
    )
    assert late == pytest.approx(early, rel=0.05)


def test_the_memory_stays_the_same(seen):
    _, _, sizes = seen
    early, late = (np.median(sizes[window]) for window in (EARLY, LATE))
    assert late == pytest.approx(early, rel=0.05)


def test_all_steps_are_told_and_the_fields_are_bounded(seen):
    folder, _, _ = seen
    manifest = read_json(folder / "manifest.json")
    assert [step["index"] for step in manifest["steps"]] == list(range(1, STEPS + 1))
    times = open_series(folder / "fields" / "active.xdmf").times
    assert len(times) == STEPS + 1
    assert times == pytest.approx(20.0 * np.arange(STEPS + 1))
