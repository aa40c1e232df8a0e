"""If these fail, voltage and capacity of a run do not converge with the square of the mesh size.

The surface is curved, and the meshes follow it with straight edges. The order is that of the two
differences of three meshes, 2.04 and 2.17 here; what the time steps are off by hardly depends on
the mesh and drops out.
"""

from __future__ import annotations

import numpy as np
import pytest

from support.grids import grid_arrays
from support.protocols import run
from support.small_cell import small_cell

LAYERS = (("active", 1.0), ("separator", 1.0))
MESHES = (8, 16, 32)  # edges per micrometre
STEPS = ("Lithiate at 10C for 1 minute", "Lithiate at 10C until 0.25 V")


def measured(n):
    """Return the voltage after a minute and the charge at the cut-off."""
    cell = small_cell(arrays=grid_arrays(n, LAYERS, wave=0.12))
    result, _ = run(cell, *STEPS, tolerance=1e-5)
    return result.results[0].end["Voltage / V"], cell.Q.number()


def test_voltage_at_a_charge_and_capacity_to_a_cut_off_are_of_order_two():
    differences = np.diff([measured(n) for n in MESHES], axis=0)
    assert np.log2(differences[0] / differences[1]) == pytest.approx(2.0, abs=0.2)
