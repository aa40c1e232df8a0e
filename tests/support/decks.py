"""Run a case from its YAML text to its end, without a folder."""

from __future__ import annotations

import tempfile
from pathlib import Path

from mpi4py import MPI

from mesode.case.meshing import mesh_case
from mesode.case.prepare import build_cell
from mesode.config.load import parse_case
from mesode.model.diagnostics import Diagnostics
from mesode.protocol.runner import RunnerOptions, run_protocol
from support.protocols import Record

# Some 570 unknowns: one particle, interfaces of 0.3 um.
ONE_PARTICLE = """\
geometry:
  width: 4 um
  electrode:
    thickness: 4 um
    particles: {fraction: 0.25, diameter: 2 um, gap: 0.3 um}
  separator: {thickness: 2 um}
mesh: {size: 1 um, interface: 0.3 um}
materials:
  active: {preset: SiO_coated_low_defect}
  carbon_binder: {preset: CMC_SBR_SuperP}
  electrolyte: {preset: LiPF6_EC_DMC}
  separator: {preset: Celgard_2500}
protocol: [Rest for 1 s]
output: {fields: 0, figures: false}
"""


def run_deck(*overrides, text=ONE_PARTICLE):
    """Return (result, record, balances) of a case (serial)."""
    case = parse_case(text, overrides=list(overrides))
    with tempfile.TemporaryDirectory() as folder:
        meshed = mesh_case(case, Path(folder))
    cell = build_cell(case, meshed, MPI.COMM_WORLD).cell
    diagnostics, record = Diagnostics(cell), Record()
    options = RunnerOptions(tolerance=case.numerics.tolerance, max_step=case.numerics.max_step)
    result = run_protocol(cell, case.protocol, options, [record], diagnostics)
    return result, record, diagnostics.balances()


def assert_in_balance(balances):
    """Check what every run promises of its balances."""
    assert balances["lithium"] < 1e-6
    assert balances["salt"] < 1e-8
    assert balances["charge"] < 1e-8
