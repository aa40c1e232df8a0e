"""If these fail, SiO does not come to full lithiation and back at finite strain: a triangle turns
over where pores close, salt is lost, or the medium in open pores bears what the binder should; or
it does once, and what is left of a cycle stands in the way of the next.
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

pytestmark = [pytest.mark.slow, pytest.mark.serial, pytest.mark.timeout(1500)]

DECK = """
title: SiO whose pores close
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
STEPS = ("Lithiate at 0.5C until 10 mV", "Delithiate at 0.5C until 1 V")
PORES, OUT = "Pore Volume over Initial / 1", "Electrolyte Squeezed Out / 1"


def cycled(tmp_path, *overrides, times=1):
    """Return the balances and the points of that many cycles."""
    case = parse_case(DECK, "", overrides)
    cell = build_cell(case, mesh_case(case, tmp_path), MPI.COMM_WORLD).cell
    diagnostics = Diagnostics(cell)
    result, record = run(cell, *(times * STEPS), tolerance=1e-4, diagnostics=diagnostics)
    assert result.status == "completed"
    for full, empty in zip(record.ends[::2], record.ends[1::2], strict=True):
        assert full.end["Mean Lithiation / 1"] > 0.9
        assert empty.end["Mean Lithiation / 1"] < 0.03
    return diagnostics.balances(), record


def borne(record):
    """Return the mean stress of open pores over that of the binder, at each point."""
    return [
        p.row["Mean von Mises Open Pores / Pa"] / p.row["Mean von Mises Binder / Pa"]
        for p in record.points
        if p.row["Mean von Mises Binder / Pa"] > 1e6
    ]


def test_a_free_electrode_over_three_cycles(tmp_path):
    balances, record = cycled(tmp_path, times=3)
    assert balances["salt"] < 1e-12
    # over the charge that has passed, at least a thousandth of the capacity: at its return to zero
    assert balances["lithium"] < 1e-7
    assert balances["work"] < 2e-2
    assert max(borne(record)) < 0.01
    for full in (end.end for end in record.ends[::2]):
        assert 0.0 < full["Min Volume Ratio / 1"] < 0.3
        assert 0.2 < full["Thickness Change / 1"] < 0.4
        assert full["Max von Mises Active / Pa"] < 1.05e9


def test_an_electrode_under_a_lid_that_stays(tmp_path):
    balances, record = cycled(tmp_path, "physics.top=fixed")
    assert balances["salt"] < 1e-12
    assert balances["lithium"] < 1e-6
    ratio = np.array([p.row["Min Volume Ratio / 1"] for p in record.points])
    assert 0.02 < ratio.min() < 0.2
    full = record.ends[0].end
    # what the particles take is missing from the pores, and left the section
    assert full[PORES] < 0.5
    assert full[OUT] > 0.15
    assert record.ends[1].end[OUT] == pytest.approx(0.0, abs=0.02)
