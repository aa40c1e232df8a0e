"""Solids that flow, and a section whose pore they close."""

from __future__ import annotations

from mesode.materials.law import constant
from support.grids import grid_arrays
from support.small_cell import BLOCK

SY = 1e9  # [Pa] yield strength of the host
FLOWS = {
    "active": {"yield_strength": constant(SY, "Pa")},
    "carbon_binder": {"yield_strength": constant(2e7, "Pa"), "hardening": 1e7},
}


def pore_arrays(n):
    """Return the mesh of a particle on its binder, under a pore that closes."""
    layers = (("carbon_binder", 1.0), ("pore", 1.5), ("separator", 0.5))
    return grid_arrays(n, layers, width=2.0, block=BLOCK)
