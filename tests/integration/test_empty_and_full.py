"""If these fail, a particle that has run empty or full ends the run, or holds what it cannot."""

from __future__ import annotations

import json

from mpi4py import MPI

import numpy as np
import pytest

from mesode.analysis.run import read_timeseries
from mesode.config.load import parse_case
from mesode.materials.presets import list_presets
from mesode.study.run import run_case
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
    manifest, table, (low, high) = run_deck(
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
    assert reasons(manifest)[0].startswith("voltage") and reasons(manifest)[2].startswith("voltage")
    # what the potential gives at that voltage is taken out and in
    assert ends[2] - ends[0] > 0.6
