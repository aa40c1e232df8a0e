"""If these fail, what a run tells of its mesh is not what a finer mesh shows, or layers are none.

A disc of SiO with a small D_s, so that the mesh is what limits the voltage: by 70 to 100 mV in the
first seconds, by some along the curve. The reference has a half to a quarter of the edges, and
layers. The largest estimate is up to three times too large, where lithium has come less far than
half a triangle and the potential falls too far in the outermost nodes to be taken as straight.

Where stress acts back a square particle, which each mesh draws alike, is compared with the same of
half the edges; it is off by a third more than they differ.
"""

from __future__ import annotations

from mpi4py import MPI

import numpy as np
import pandas as pd
import pytest

from mesode.case.case_section import build_case_section
from mesode.case.execution import run_case
from mesode.case.plan import make_plan
from mesode.case.resolution import worst_jump
from mesode.columns import TIME, VOLTAGE
from mesode.config.load import parse_case
from mesode.config.resolve import resolve_materials
from mesode.model.processes.finite_mechanics import FiniteOptions
from mesode.model.processes.mechanics import MechanicsOptions
from support.flowing import FLOWS
from support.mesh_errors import MeshErrors
from support.protocols import run
from support.small_cell import law, small_cell

pytestmark = pytest.mark.serial

CASE = """
title: disc
geometry:
  width: 4 um
  electrode:
    thickness: 4 um
    particles: {fraction: 0.442, diameter: 3 um, gap: 0.1 um}
  separator: {thickness: 2 um}
mesh: {MESH}
materials:
  active: {preset: SiO_coated_low_defect, D_s: 2e-16 m^2/s}
  carbon_binder: {preset: CMC_SBR_SuperP}
  electrolyte: {preset: LiPF6_EC_DMC}
  separator: {preset: Celgard_2500}
protocol: [Lithiate at 1 C for 10 minutes]
numerics: {tolerance: 1e-5}
output: {fields: 0, figures: false, rows: {voltage: 1 mV}}
"""
MESHES = {
    "coarse": "size: 0.8 um, interface: 0.4 um",
    "usual": "size: 0.8 um, interface: 0.2 um",
    "layers": "size: 0.8 um, interface: 0.2 um, surface: 0.01 um",
    "reference": "size: 0.1 um, interface: 0.1 um, surface: 0.004 um",
}
SECONDS = np.geomspace(0.05, 600.0, 2000)


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Voltage [V] at SECONDS, and the estimate, on each of the meshes."""
    folder, found = tmp_path_factory.mktemp("meshes"), {}
    for name, mesh in MESHES.items():
        case = parse_case(CASE.replace("MESH", mesh))
        outcome = run_case(case, folder / name, MPI.COMM_SELF)
        table = pd.read_csv(outcome.folder / "timeseries.bdf.csv")
        voltage = np.interp(SECONDS, table[TIME], table[VOLTAGE])
        found[name] = (voltage, outcome.manifest)
    return found


def _true(runs, name):
    """Return the deviation from the reference: over the charge (the time) in the mean, at most."""
    off = np.abs(runs[name][0] - runs["reference"][0])
    return float(np.trapezoid(off, SECONDS) / 600.0), float(off.max())


@pytest.mark.parametrize("name", ["coarse", "usual", "layers"])
def test_the_estimate_is_the_error(runs, name):
    mean, largest = _true(runs, name)
    told = runs[name][1]["mesh"]["voltage_error"]
    assert 0.7 < told["mean"] / mean < 2.2
    assert 0.8 < told["largest"] / largest < 3.5


@pytest.mark.parametrize("name", ["coarse", "usual", "layers"])
def test_the_jump_that_a_check_foresees_is_the_error(runs, name):
    case = parse_case(CASE.replace("MESH", MESHES[name]))
    section = build_case_section(case).section
    jump = worst_jump(case, resolve_materials(case), section, "active", "")
    assert 0.6 < jump.error / _true(runs, name)[1] < 1.8
    told = [text for text in make_plan(case).notes if "begins the voltage is off" in text]
    assert "mesh.surface: " in told[0]


def test_layers_make_the_first_seconds_right(runs):
    early = (SECONDS > 0.5) & (SECONDS < 20.0)
    off = {n: np.abs(runs[n][0] - runs["reference"][0])[early].max() for n in MESHES}
    assert off["usual"] > 0.05
    assert off["layers"] < 0.003
    dofs = {name: manifest["mesh"]["dofs"] for name, (_, manifest) in runs.items()}
    assert dofs["layers"] < 1.5 * dofs["usual"]


def test_a_mesh_that_moves_the_voltage_is_warned_of(runs):
    warned = {n: [t for t in m["warnings"] if "moves the voltage" in t] for n, (_, m) in
              runs.items()}  # fmt: skip
    assert "half of mesh.size" in warned["coarse"][0]
    assert warned["reference"] == []


SLOW = law(lambda *, sto, ops: 1e-16 * (1 + 2 * sto), "sto")
ACTING_BACK = {
    "linear": {"mechanics": MechanicsOptions()},
    "finite": {"mechanics": FiniteOptions(two_way=True), "solids": FLOWS},
}


def _after_twenty_minutes(n, options):
    """Return voltage and estimate [V] with edges of 1/n of the square's side."""
    cell = small_cell(n=n, lithium={"D_s": SLOW}, comm=MPI.COMM_SELF, **options)
    mesh = MeshErrors()
    result, record = run(cell, "Lithiate at 2C for 20 minutes", tolerance=1e-4, further=(mesh,))
    assert result.status == "completed"
    return record.points[-1].row[VOLTAGE], sum(mesh.last)


@pytest.mark.parametrize("name", ACTING_BACK)
def test_the_estimate_is_the_error_where_stress_acts_back(name):
    (V, told), (finer, _) = (_after_twenty_minutes(n, ACTING_BACK[name]) for n in (4, 8))
    off = 4.0 / 3.0 * (V - finer)  # of order two
    assert off > 2e-3
    assert 0.7 < told / off < 1.5
