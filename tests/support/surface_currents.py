"""Currents that the law of charge transfer gives on the surface of a cell's host."""

from __future__ import annotations

from mpi4py import MPI

import numpy as np
from dolfinx import fem

from mesode.model import currents
from mesode.numerics.jit import compile_form


def surface_currents(cell):
    """Return i_n at the nodes of the host's surface [A/m^2]."""
    (surface,) = cell.surfaces
    v, one = cell.sto[surface.host].test("+"), fem.Constant(cell.domain.mesh, 1.0)
    passed, length = (
        fem.assemble_vector(compile_form(what * v * surface.dS, cell.entity_maps)).array
        for what in (currents.i_n(cell, surface), one)
    )
    return passed[length > 0.0] / length[length > 0.0]


def largest_current(cell):
    """Return the largest |i_n| of all ranks [A/m^2] (collective)."""
    mine = np.abs(surface_currents(cell)).max(initial=0.0)
    return cell.domain.comm.allreduce(mine, op=MPI.MAX)
