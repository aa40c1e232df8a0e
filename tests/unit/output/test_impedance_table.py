"""If this fails, spectra within a step are not written, or flood the screen with one warning."""

from __future__ import annotations

from types import SimpleNamespace

from mpi4py import MPI

import pytest

from mesode.columns import FREQUENCY, IMPEDANCE, IMPEDANCE_PHASE, IMPEDANCE_VALUE
from mesode.output.impedance import ImpedanceTable

pytestmark = pytest.mark.serial


def test_a_step_that_is_not_at_rest_is_told_once(tmp_path):
    told = []
    table = ImpedanceTable(tmp_path / "impedance.csv", told.append)
    table.start(SimpleNamespace(domain=SimpleNamespace(comm=MPI.COMM_SELF)))
    row = {FREQUENCY: 1.0, IMPEDANCE["real"]: 2.0, IMPEDANCE["imaginary"]: 0.0,
           IMPEDANCE_VALUE: 2.0, IMPEDANCE_PHASE: 0.0}  # fmt: skip
    for t, step in ((0.0, 1), (1.0, 1), (2.0, 3)):
        table.measured(t, step, SimpleNamespace(rows=[row], warnings=["not at rest"]))
    table.finish()
    assert told == ["step 1: not at rest", "step 3: not at rest"]
    assert len((tmp_path / "impedance.csv").read_text().splitlines()) == 1 + 3
