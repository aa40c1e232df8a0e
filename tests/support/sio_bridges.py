"""A small section of SiO in bridges of binder at finite strain, taken through a protocol."""

from __future__ import annotations

from mpi4py import MPI

from mesode.case.meshing import mesh_case
from mesode.case.prepare import build_cell
from mesode.config.load import parse_case
from mesode.model.diagnostics import Diagnostics
from support.protocols import run

DECK = """
title: SiO in bridges of binder
geometry:
  width: 8 um
  electrode:
    thickness: 8 um
    particles: {fraction: 0.45, diameter: {median: 3 um, spread: 0.1}, gap: 0.25 um, seed: 3}
    carbon_binder: {kind: bridges, fraction: 0.15}
  separator: {thickness: 10 um}
mesh: {size: 1 um, interface: 0.35 um}
materials:
  active: {preset: SiO_coated_low_defect}
  carbon_binder: {preset: CMC_SBR_SuperP}
  electrolyte: {preset: LiPF6_EC_DMC}
  separator: {preset: Celgard_2500}
physics: {mechanics: finite}
protocol: [Rest for 1 s]
"""


def taken_through(tmp_path, steps, *overrides):
    """Return the balances and the record of steps, which have to come to their ends."""
    case = parse_case(DECK, "", overrides)
    cell = build_cell(case, mesh_case(case, tmp_path), MPI.COMM_WORLD).cell
    diagnostics = Diagnostics(cell)
    result, record = run(cell, *steps, tolerance=1e-4, diagnostics=diagnostics)
    assert result.status == "completed"
    return diagnostics.balances(), record
