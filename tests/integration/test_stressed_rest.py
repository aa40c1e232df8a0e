"""If these fail, a stressed electrode that is left alone keeps currents for ever, or its voltage
drifts: flux and voltage do not share one chemical potential.
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
from support.surface_currents import largest_current

pytestmark = pytest.mark.serial

DECK = """
title: stressed and at rest
geometry:
  width: 2.4 um
  electrode:
    thickness: 2.4 um
    particles: {fraction: 0.4, diameter: 1.6 um, gap: 0.3 um, seed: 1}
    carbon_binder: {kind: matrix}
  separator: {thickness: 1 um}
mesh: {size: 0.8 um, interface: 0.5 um}
materials:
  active: {preset: silicon}
  carbon_binder: {preset: CMC_SBR_SuperP, E: 10 GPa}
  electrolyte: {preset: LiPF6_EC_DMC}
  separator: {preset: Celgard_2500}
physics: {mechanics: linear, stress_coupling: two_way}
protocol: [Rest for 1 s]
"""
STILL = 1e-6  # of the current at C/5


def cell_of(tmp_path, *overrides):
    case = parse_case(DECK, "", overrides)
    return build_cell(case, mesh_case(case, tmp_path), MPI.COMM_WORLD).cell


def loaded_and_rested(cell, word, end, rest="1000 hours"):
    """Return the largest |i_n| at the end of C/5 and after a rest."""
    load = f"{word} at C/5 until lithiation {end}"
    run(cell, load)
    at_load = largest_current(cell)
    result, _ = run(cell, load, f"Rest for {rest}")
    assert result.status == "completed"
    return at_load, largest_current(cell)


# to 0.8 graphite ends on a plateau
@pytest.mark.parametrize(
    ("preset", "start", "word", "end", "spread"),
    [
        ("silicon", 0.3, "Lithiate", 0.5, 0.01),
        ("SiO_coated_low_defect", 0.6, "Delithiate", 0.4, 0.01),
        ("graphite", 0.5, "Lithiate", 0.8, 1e-3),
        ("NMC811", 0.4, "Lithiate", 0.7, 2e-4),
    ],
)
def test_a_stressed_section_at_rest_has_no_current(tmp_path, preset, start, word, end, spread):
    cell = cell_of(
        tmp_path,
        f"materials.active.preset={preset}",
        f"initial.lithiation={start}",
    )
    at_load, at_rest = loaded_and_rested(cell, word, end)
    assert at_rest < STILL * at_load
    # it is stress that keeps the lithiation uneven
    sto = cell.sto["active"].scaled.x.array
    assert np.ptp(sto) > spread
    assert sto.mean() == pytest.approx(end, abs=0.05)


def test_the_ideal_solution_that_one_may_ask_for_has_currents_at_rest(tmp_path):
    cell = cell_of(tmp_path, "initial.lithiation=0.3", "physics.stress_flux=ideal_solution")
    at_load, at_rest = loaded_and_rested(cell, "Lithiate", 0.5, "10 hours")
    assert at_rest > 1e-3 * at_load


@pytest.mark.parametrize("flux", ["chemical_potential", "ideal_solution"])
def test_what_the_mesh_makes_of_the_work_of_stress_is_told_for_itself(tmp_path, flux):
    """On any mesh the balance of energy finds what is missing; only this falls with the mesh."""
    change = (f"physics.stress_flux={flux}", "initial.lithiation=0.1")
    told = []
    for width in (0.5, 0.2):
        mesh = f"mesh.interface={width} um"
        cell = cell_of(tmp_path, mesh, "materials.active.D_s=1e-15 m^2/s", *change)
        diagnostics = Diagnostics(cell)
        run(cell, "Lithiate at 1C for 10 minutes", diagnostics=diagnostics)
        balances = diagnostics.balances()
        assert balances["energy"] < 1e-6
        told.append(balances["stress work"])
    coarse, fine = told
    assert 1e-4 < fine < 0.6 * coarse
