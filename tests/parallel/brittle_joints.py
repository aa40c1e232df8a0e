"""Lithiate SiO whose binder snaps off, and print its scalars as JSON.

``test_brittle_joints`` runs it on several ranks, and from a start that is off by a rounding error.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from mpi4py import MPI

from mesode.case.meshing import mesh_case
from mesode.case.prepare import build_cell
from mesode.config.load import parse_case
from support.protocols import OneCheckpoint, run
from support.sio_bridges import DECK

WEAK = (
    "mesh={size: 1.2 um, interface: 0.5 um}",
    "materials.carbon_binder={preset: CMC_SBR_SuperP, adhesion_strength: 3 MPa,"
    " adhesion_toughness: 0.03 J/m^2}",
)
STEPS = ("Lithiate at 2C for 9 minutes",)  # until most has come off
MIDDLE = 20  # accepted time steps: some has come off
COLUMNS = (
    "Voltage / V", "Specific Capacity / mA.h.g-1", "Thickness Change / 1",
    "Damaged Share Particle to Binder / 1", "Damaged Share At Collector / 1",
    "Debonding Work / J.m-2", "Lost Active Area / 1",
)  # fmt: skip


def lithiated(lithiation):
    """Return times and columns of a run from a lithiation, and of one resumed in its middle."""
    case, comm = parse_case(DECK, "", (*WEAK, f"initial.lithiation={lithiation}")), MPI.COMM_WORLD
    with TemporaryDirectory() as folder:
        meshed = mesh_case(case, Path(folder)) if comm.rank == 0 else None
    cell = build_cell(case, meshed, comm).cell
    checkpoint = OneCheckpoint(MIDDLE)
    whole = run(cell, *STEPS, tolerance=1e-4, checkpoints=checkpoint)
    pieces = cell.follower.counts.pieces
    again = run(cell, *STEPS, tolerance=1e-4, snapshot=checkpoint.snapshot)
    return {
        "pieces": pieces,
        "whole": [[p.t, *(p.row[name] for name in COLUMNS)] for p in whole[1].points],
        "resumed": [[p.t, *(p.row[name] for name in COLUMNS)] for p in again[1].points],
        "status": [result.status for result, _ in (whole, again)],
    }


if __name__ == "__main__":
    found = lithiated(sys.argv[1])
    if MPI.COMM_WORLD.rank == 0:
        sys.stdout.write(json.dumps(found))
