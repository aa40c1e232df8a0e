"""If these fail, a map of an impedance is lost or stands at another frequency."""

from __future__ import annotations

import json
from types import SimpleNamespace

from mpi4py import MPI

import numpy as np
import pytest

from mesode.analysis.run_data import open_run
from mesode.config.spectra import parse_mapping
from mesode.config.steps import StepError
from mesode.fields import Group
from mesode.model.impedance import Impedance
from mesode.output.impedance_maps import ImpedanceMaps
from mesode.output.snapshot import Snapshot
from support.small_cell import small_cell

pytestmark = pytest.mark.mpi


@pytest.fixture(scope="module")
def cell():
    return small_cell(n=2)


def measured(cell, frequency):
    impedance = Impedance(cell, frequency)
    amplitude = impedance.amplitude(frequency)
    impedance.close()
    return SimpleNamespace(map=(frequency, amplitude))


def observer(cell, folder, lost):
    folder.mkdir(exist_ok=True)
    found = ImpedanceMaps(folder, lost.append)
    found.start(cell)
    return found


def series(folder):
    (folder / "manifest.json").write_text(json.dumps({"status": "completed"}), encoding="utf-8")
    return open_run(folder).series(Group.IMPEDANCE)


def test_each_map_is_a_frame_and_what_was_kept_outlives_a_restart(cell, tmp_path):
    lost: list[str] = []
    maps = observer(cell, tmp_path / "fields", lost)
    maps.measured(0.0, 1, measured(cell, 1.0))
    maps.measured(5.0, 2, SimpleNamespace(map=None))
    snapshot = Snapshot()
    maps.save(snapshot)
    maps.measured(9.0, 3, measured(cell, 100.0))
    again = observer(cell, tmp_path / "fields", lost)
    again.restore(snapshot)
    again.measured(10.0, 3, measured(cell, 10.0))
    MPI.COMM_WORLD.barrier()
    if MPI.COMM_WORLD.rank == 0:
        shown = series(tmp_path)
        assert list(shown.times) == [0.0, 10.0]
        asked = [shown.read("map_frequency", k).magnitude.max() for k in (0, 1)]
        assert asked == [1.0, 10.0]
        passed = [shown.read("i_n_amplitude", k).magnitude for k in (0, 1)]
        # all but what the double layers take passes the surface of 4 um of a section of 2 um
        assert np.max(passed[0]) == pytest.approx(0.5, rel=0.1)
        assert np.max(passed[1]) < np.max(passed[0])
        assert lost == []


def test_the_frequency_of_a_map_is_a_key_of_the_step():
    block = {"from": "1 kHz", "to": "1 Hz", "map": "20 mHz"}
    step = parse_mapping({"impedance": block})
    assert step.map == pytest.approx(0.02)
    assert step.text.endswith("points per decade, map at 20 mHz")
    with pytest.raises(StepError, match="expected a frequency") as error:
        parse_mapping({"impedance": {**block, "map": 3}})
    assert error.value.path == ("impedance", "map")
