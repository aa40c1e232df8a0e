"""If this fails, the curves of a section that swells lie on straight lines between far solutions.

Where mechanics does not act back, slow lithiation alone would take time steps of a third of its
lithium: the thickness of particles that press on each other was off by 1 point of 13 in between.
"""

import csv

from mpi4py import MPI

import numpy as np
import pytest

from mesode.case.execution import run_case
from mesode.config.load import load_case
from mesode.numerics.path_follower import MOST_IN_A_STEP
from support.tiny_case import TINY

SLOW = (
    "physics={mechanics: finite, stress_coupling: one_way}",
    "protocol=[Lithiate at C/20 until lithiation 0.5]",
)


@pytest.mark.serial
def test_slow_lithiation_takes_steps_that_mechanics_can_follow(tmp_path):
    path = tmp_path / "tiny.yaml"
    path.write_text(TINY)
    out = tmp_path / "out"
    assert run_case(load_case(path, SLOW), out, MPI.COMM_WORLD, figures=False).exit_code == 0
    with (out / "timeseries.bdf.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    swelling = {row["Time Step Count / 1"]: float(row["Max Swelling / 1"]) for row in rows}
    steps = np.diff(list(swelling.values()))
    assert sum(steps) > 3 * MOST_IN_A_STEP
    assert 0.5 * MOST_IN_A_STEP < steps.max() < 1.2 * MOST_IN_A_STEP
