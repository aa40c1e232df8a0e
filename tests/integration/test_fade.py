"""If these fail, a run in which bodies come off each other over cycles ends early, heals what has
come off, or charges as much as if nothing had been lost.
"""

from __future__ import annotations

from mpi4py import MPI

import numpy as np
import pytest

from mesode.case.meshing import mesh_case
from mesode.case.prepare import build_cell
from mesode.config.load import parse_case
from mesode.model.diagnostics import Diagnostics
from support.protocols import run

pytestmark = [pytest.mark.serial, pytest.mark.slow, pytest.mark.timeout(600)]

DECK = """
title: SiO in binder that lets go of it
geometry:
  width: 8 um
  electrode:
    thickness: 8 um
    particles: {fraction: 0.45, diameter: {median: 3 um, spread: 0.1}, gap: 0.25 um, seed: 3}
    carbon_binder: {kind: bridges, fraction: 0.15}
  separator: {thickness: 10 um}
mesh: {size: 1.2 um, interface: 0.5 um}
materials:
  active: {preset: SiO_coated_low_defect}
  carbon_binder: {preset: CMC_SBR_SuperP, adhesion_strength: 3 MPa, adhesion_toughness: 0.03 J/m^2}
  electrolyte: {preset: LiPF6_EC_DMC, concentration: 1 mol/l}
  separator: {preset: Celgard_2500}
physics: {mechanics: finite}
initial: {lithiation: 0.02}
protocol: [Rest for 1 s]
"""
STEPS = 2 * ("Lithiate at 2C until 50 mV", "Delithiate at 2C until 1 V")
DAMAGE, LOST = "Damaged Share Particle to Binder / 1", "Lost Active Area / 1"
CHARGED, THICKNESS = "Specific Capacity / mA.h.g-1", "Thickness Change / 1"


def cycled(tmp_path):
    """Return the balances and the record of two cycles."""
    case = parse_case(DECK, "")
    cell = build_cell(case, mesh_case(case, tmp_path), MPI.COMM_WORLD).cell
    diagnostics = Diagnostics(cell)
    result, record = run(cell, *STEPS, tolerance=1e-4, diagnostics=diagnostics)
    assert result.status == "completed"
    return diagnostics.balances(), record


def test_what_comes_off_is_lost_from_then_on(tmp_path):
    balances, record = cycled(tmp_path)
    lost, damage = ([p.row[name] for p in record.points] for name in (LOST, DAMAGE))
    assert (np.diff(lost) >= 0.0).all()
    assert (np.diff(damage) >= -1e-12).all()
    # whole particles, which leaves some
    assert len(set(lost)) < 6
    assert 0.2 < lost[-1] < 0.9
    ends = [end.end for end in record.ends]
    taken = [ends[0][CHARGED], ends[2][CHARGED] - ends[1][CHARGED]]
    assert taken[1] < (1.0 - 0.5 * lost[-1]) * taken[0]
    # what is lost keeps its lithium, and the thickness that goes with it
    assert ends[3]["Max Lithiation / 1"] > 0.2
    assert ends[3][THICKNESS] > 0.05
    assert max(balances[name] for name in ("lithium", "salt", "charge")) < 1e-8
    assert balances["work"] < 1e-3
