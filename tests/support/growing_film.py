"""A film on the collector that cannot widen and grows, in four steps of the lithiation."""

from __future__ import annotations

import numpy as np

from mesode.materials.law import constant
from mesode.model.diagnostics import Diagnostics
from support.grids import grid_arrays
from support.small_cell import law, small_cell

E, NU, T, GROWTH = 1e10, 0.25, 2e-6, 1e-3  # [Pa], thickness [m], volumetric strain


def grown(options):
    """Let it grow; return the row at the end, its mechanics and the error of the work."""
    moduli = {"E": constant(E, "Pa"), "nu": constant(NU, "1")}
    changes = {"swelling": law(lambda *, sto, ops: sto, "sto"), **moduli}
    arrays = grid_arrays(2, (("active", 1e6 * T), ("separator", 1.0)), width=1.0)
    cell = small_cell(arrays=arrays, mechanics=options, solids={"active": changes})
    diagnostics = Diagnostics(cell)
    for t, sto in enumerate(np.linspace(0.1, 0.1 + GROWTH, 5)[1:], start=1):
        cell.sto["active"].set(sto)
        cell.follow(float(t))
        diagnostics.update_balances()
    return diagnostics.row(), cell.mechanics, diagnostics.balances()["work"]
