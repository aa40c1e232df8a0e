"""If these fail, an impedance in a protocol is not that of its state, or moves the state."""

from __future__ import annotations

import numpy as np
import pytest

from mesode.analysis.run_data import read_timeseries
from mesode.columns import FREQUENCY, IMPEDANCE, STEP, TIME, VOLTAGE
from mesode.config.protocol import parse_step
from mesode.model.impedance import Impedance
from mesode.output.impedance import ImpedanceTable
from mesode.protocol.impedance import frequencies
from support.protocols import OneCheckpoint, Spectra, run
from support.small_cell import small_cell

pytestmark = pytest.mark.mpi
SPECTRUM = "Impedance from 10 kHz to 10 mHz with 1 points per decade"
BEFORE, AFTER = "Lithiate at 1C for 60 s", "Rest for 1 minute"


@pytest.fixture(scope="module")
def cell():
    return small_cell(n=2)


def impedances(found):
    real, imaginary = (np.array([row[name] for row in found.rows]) for name in IMPEDANCE.values())
    return real + 1j * imaginary


def test_frequencies_are_even_in_their_logarithm_with_both_ends():
    step = parse_step("Impedance from 100 kHz to 10 mHz with 10 points per decade")
    found = frequencies(step)
    assert len(found) == 71
    assert (found[0], found[-1]) == (pytest.approx(1e5), pytest.approx(1e-2))
    assert np.diff(np.log10(found)) == pytest.approx(-0.1)
    assert frequencies(parse_step("Impedance from 1 Hz to 2 Hz")) == pytest.approx(
        [1.0, 2 ** (1 / 3), 2 ** (2 / 3), 2.0]
    )


def test_a_spectrum_is_that_of_its_state(cell):
    result, record = run(cell, SPECTRUM, AFTER, observer=Spectra)
    ((t, step, found),) = record.found
    assert (t, step, found.warnings) == (0.0, 1, [])
    assert [row[FREQUENCY] for row in found.rows] == pytest.approx(
        [10.0**k for k in range(4, -3, -1)]
    )
    cell.reset()
    impedance = Impedance(cell, 1e4)
    assert impedances(found)[3] == pytest.approx(impedance.at(10.0), rel=1e-9)
    impedance.close()
    assert [row[VOLTAGE] for row in found.rows] == [pytest.approx(cell.V.number())] * 7
    assert result.results[0].reason == "impedance at 7 frequencies"
    assert result.results[0].t_end == 0.0


def test_the_run_goes_on_as_if_nothing_had_been_measured(cell):
    _, without = run(cell, BEFORE, AFTER)
    _, with_it = run(cell, BEFORE, SPECTRUM, AFTER)
    assert [p.t for p in with_it.points] == pytest.approx([p.t for p in without.points], rel=1e-10)
    for column in (VOLTAGE, "Max Lithiation / 1"):
        a, b = ([p.row[column] for p in record.points] for record in (with_it, without))
        assert a == pytest.approx(b, rel=1e-10)


def test_a_state_that_is_not_at_rest_is_told(cell):
    _, record = run(cell, BEFORE, SPECTRUM, observer=Spectra)
    ((_, _, found),) = record.found
    (text,) = found.warnings
    assert "not at rest: within 100 s" in text
    # by how much, a constant current tells
    _, further = run(cell, "Lithiate at 1C for 60 s", "Lithiate at 1C for 100 s")
    fell = further.points[-1].row[VOLTAGE] - record.points[-1].row[VOLTAGE]
    told = float(text.partition("would move by ")[2].split()[0])
    assert told == pytest.approx(1e3 * fell, rel=0.1)


def test_a_request_to_stop_is_heard_between_two_frequencies(cell):
    asked = iter([None] * 3 + ["enough"] * 9)
    result, record = run(
        cell, SPECTRUM, AFTER, observer=Spectra, stop_requested=lambda: next(asked)
    )
    assert (result.status, record.found) == ("stopped", [])
    assert result.reason == f"step 1 ({SPECTRUM}): enough"


class AtEnd(OneCheckpoint):
    """Keeps the first snapshot that is taken without being due."""

    def __init__(self):
        super().__init__(1)

    def due(self):
        return False

    def write(self):
        self.seen += 1
        super().write()


def test_a_run_that_was_stopped_within_a_spectrum_measures_it_anew(cell):
    memory, asked = AtEnd(), iter([None] * 2 + ["enough"] * 9)
    run(cell, SPECTRUM, AFTER, stop_requested=lambda: next(asked), checkpoints=memory)
    result, record = run(cell, SPECTRUM, AFTER, observer=Spectra, snapshot=memory.snapshot)
    assert [r.reason for r in result.results] == [
        "impedance at 7 frequencies", "duration reached"
    ]  # fmt: skip
    assert [(t, step) for t, step, _ in record.found] == [(0.0, 1)]


def test_spectra_are_kept_on_resume(cell, tmp_path):
    def measured(name, **options):
        path, told = tmp_path / name, []
        table = ImpedanceTable(path, told.append)
        run(cell, SPECTRUM, BEFORE, SPECTRUM, AFTER, further=[table], **options)
        table.finish()
        cell.domain.comm.barrier()
        return read_timeseries(path), told

    memory = OneCheckpoint(4)
    whole, told = measured("whole.csv", checkpoints=memory)
    assert whole[STEP].tolist() == [1] * 7 + [3] * 7
    assert whole[TIME].tolist() == [0.0] * 7 + [60.0] * 7
    assert len(told) == 1
    assert told[0].startswith("step 3: the impedance is that of a state")
    again, _ = measured("again.csv", snapshot=memory.snapshot)
    assert list(again) == list(whole)
    for name in whole:
        assert again[name] == pytest.approx(whole[name], rel=1e-8, abs=1e-12, nan_ok=True)
