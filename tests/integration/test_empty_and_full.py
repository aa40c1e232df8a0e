"""If these fail, a particle that has run empty or full ends the run, or holds what it cannot."""

from __future__ import annotations

import json

from mpi4py import MPI

import numpy as np
import pytest

from mesode.analysis.run_data import read_timeseries
from mesode.case.execution import run_case
from mesode.config.load import parse_case
from mesode.materials.presets import list_presets
from support.tiny_case import TINY

pytestmark = pytest.mark.serial

WITHIN = 1e-6  # of 0 to 1
BALANCES = {"lithium": 1e-6, "salt": 1e-8, "charge": 1e-8}
NEVER = "the lithiation has left 0 to 1"
HOSTS = [row.name for row in list_presets() if row.kind == "active"]
# one of each kind of potential runs always: a fit, a table, one of a cathode
ALWAYS = ("silicon_Li2012", "graphite", "NMC811")


def run_deck(folder, *overrides, deck=TINY):
    """Run a deck; return its manifest, its table and the extremes of the lithiation."""
    case = parse_case(deck, "", (*overrides, "output.fields=0"))
    outcome = run_case(case, folder / "run", MPI.COMM_WORLD, fields=False, figures=False)
    manifest = json.loads((folder / "run" / "manifest.json").read_text())
    assert outcome.exit_code == 0, manifest["reason"]
    table = read_timeseries(folder / "run" / "timeseries.bdf.csv")
    low, high = (
        [values for name, values in table.items() if name.startswith(f"{end} Lithiation")]
        for end in ("Min", "Max")
    )
    for key, limit in BALANCES.items():
        assert manifest["balances"][key] < limit
    return manifest, table, (float(np.min(low)), float(np.max(high)))


def reasons(manifest):
    return [step["reason"] for step in manifest["steps"]]


@pytest.mark.parametrize(
    "host", [pytest.param(h, marks=[pytest.mark.slow] * (h not in ALWAYS)) for h in HOSTS]
)
def test_every_host_runs_empty_and_full_to_its_voltage(host, tmp_path):
    empty, full = ("4.5 V", "2.5 V") if host == "NMC811" else ("2.5 V", "1 mV")
    manifest, _, (low, high) = run_deck(
        tmp_path,
        f"materials.active={{preset: {host}, D_s: 1e-12 m^2/s, i_0_ref: 10 A/m^2}}",
        f"protocol=['Delithiate at 1 C until {empty}', 'Rest for 10 minutes', "
        f"'Lithiate at 1 C until {full}', 'Rest for 10 minutes']",
        "initial.lithiation=0.5",
    )
    assert manifest["status"] == "completed"
    ends = [step["end"]["Mean Lithiation / 1"] for step in manifest["steps"]]
    assert -WITHIN < low < ends[0] + WITHIN
    assert 1.0 + WITHIN > high > ends[2] - WITHIN
    assert all(reason.startswith("voltage") for reason in reasons(manifest)[::2])
    # what the potential gives at that voltage is taken out and in
    assert ends[2] - ends[0] > 0.6


COARSE = "mesh={size: 1 um, interface: 0.3 um}"


def test_a_front_thinner_than_the_mesh_empties_nothing_ahead_of_it(tmp_path):
    manifest, _, (low, _) = run_deck(
        tmp_path,
        COARSE,
        "materials.active.preset=silicon",
        "protocol=['Lithiate at 5 C until 5 mV']",
        "initial.lithiation=0.02",
    )
    assert reasons(manifest) == ["voltage 5 mV reached"]
    assert low > 0.02 - 1e-9
    assert any("mesh.interface" in text for text in manifest["warnings"])


def test_a_front_thinner_than_the_mesh_fills_nothing_behind_it(tmp_path):
    manifest, _, (_, high) = run_deck(
        tmp_path,
        COARSE,
        "materials.active.preset=silicon_Castelli",
        "protocol=['Delithiate at 1 C until 0.8 V']",
        "initial.lithiation=0.8",
    )
    assert reasons(manifest) == ["voltage 800 mV reached"]
    assert high < 0.8 + 1e-9


def test_a_cathode_reaches_a_cut_off_below_its_curve_and_rests_when_it_is_full(tmp_path):
    # the curve of NMC811 ends at 3.487 V; what covers it has a film
    manifest, table, (_, high) = run_deck(
        tmp_path,
        "materials.active={preset: NMC811, film_resistance: 7e-4 ohm*m^2}",
        "protocol=['Lithiate at 5 C until 2800 mV', 'Hold at 2800 mV until C/10', 'Rest for 1 h']",
        "initial.lithiation=0.5",
        "numerics.tolerance=1e-5",
    )
    assert reasons(manifest)[:2] == ["voltage 2800 mV reached", "current 0.1 C reached"]
    assert 1.0 - WITHIN < high < 1.0 + WITHIN
    assert table["Voltage / V"][-1] == pytest.approx(
        table["Open-Circuit Voltage / V"][-1], abs=1e-3
    )


def test_a_sweep_goes_on_when_the_particles_are_empty(tmp_path):
    manifest, table, (low, _) = run_deck(
        tmp_path,
        "materials.active={preset: silicon, alpha_a: 0.46}",
        "protocol=['Sweep at 1 mV/s until 100 mV', 'Sweep at 1 mV/s until 1.5 V']",
        "initial.lithiation=0.02",
        "numerics.tolerance=1e-5",
    )
    assert reasons(manifest)[1] == "voltage 1500 mV reached"
    assert -WITHIN < low < 1e-3
    assert (
        abs(table["Current Density / A.m-2"][-1])
        < 0.05 * np.abs(table["Current Density / A.m-2"]).max()
    )


def test_stress_takes_no_lithium_from_where_there_is_none(tmp_path):
    manifest, _, (low, _) = run_deck(
        tmp_path,
        "geometry.electrode.particles={fraction: 0.3, diameter: 2 um, gap: 0.3 um, "
        "inside: {kind: hollow, void: 0.3}}",
        COARSE,
        "materials.active={preset: silicon_Castelli, D_s: 5e-15 m^2/s, i_0_ref: 0.4 A/m^2}",
        "physics={mechanics: linear, stress_coupling: two_way, section: plane_stress}",
        "protocol=['Delithiate at 3 mA/cm2 until 0.8 V']",
        "initial.lithiation=0.5",
    )
    assert reasons(manifest) == ["voltage 800 mV reached"]
    assert low > -WITHIN
