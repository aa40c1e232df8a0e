"""If this fails, factors in single precision change what a run finds, or are not used at all."""

from __future__ import annotations

import numpy as np
import pytest

from mesode.config.petsc import PetscOptions
from mesode.numerics.linear import petsc_options
from support.protocols import run
from support.small_cell import small_cell

pytestmark = pytest.mark.mpi
PROTOCOL = ("Lithiate at 1C for 5 minutes", "Rest for 5 minutes", "Delithiate at 2C for 1 minute")


def test_a_run_is_the_same_within_its_tolerance():
    cell, found = small_cell(), {}
    for precision in ("double", "single"):
        asked = PetscOptions(pc_precision=precision).model_dump(exclude_none=True)
        with petsc_options(asked):
            result, record = run(cell, *PROTOCOL)
        found[precision] = np.array(
            [(point.t, point.row["Voltage / V"]) for point in record.points if point.t > 0.0]
        )
        assert result.counts["failures"] == 0
    assert len(record.ends) == len(PROTOCOL)
    double, single = found["double"], found["single"]
    assert double.shape == single.shape
    assert np.abs(single - double)[:, 1].max() < 1e-7  # [V]; 8e-10 were seen
    assert np.any(single != double)
